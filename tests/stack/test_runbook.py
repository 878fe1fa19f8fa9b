"""The runbook's commands, expanded by the shell itself and run against the stack."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError

from cli.environment import of_local
from local.gameday.aws_command import AwsCommand
from local.stack.stack import Stack
from tests.conftest import ROOT
from tests.docs.documents import blocks

pytestmark = pytest.mark.stack

RUNBOOK = ROOT / "docs" / "runbook.md"
# What it would do to the stack, other tests of this session would notice; a client of an app there is none.
NOT_HERE = (
    *("restore-table-to-point-in-time", "put-function-concurrency", "delete-function-concurrency"),
    "delete-user-pool-client",
)
# MiniStack makes a password for a new user that is too short for the template's own rule.
HERE_ONLY = {"admin-create-user": {"TemporaryPassword": "Aa1!-only-for-this-test"}}
NAMED = ("StartRun", "CloseDeadRun", "DeadExecutions", "Watch", "EveryQuarter", "Key")
# Stand-ins that write down what they were called with, and answer what the script itself needs.
STAND_INS = """
record() { printf '%s\\x1f' "$@" >> "$CALLED"; printf '\\x1e' >> "$CALLED"; }
aws() {
  record aws "$@"
  words="$*"
  case "$words" in
    *describe-stack-resource*)
      name=${words##*--logical-resource-id }; eval "printf '%s' \\"\\$IS_${name%% *}\\"" ;;
    *lambda\\ invoke*) printf '{}' > answer.json ;;
  esac
}
"""


@pytest.fixture(scope="module")
def calls(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What the runbook calls, word by word, about a run of our own."""
    connection = stack.facts["connections"]["simployer_xledger"]
    run = finished_run(stack, f"{stack.api_url}/connections/{connection}")
    queue = stack.client("sqs")
    queue.send_message(QueueUrl=stack.outputs["DeadLetterQueueUrl"], MessageBody="{}")
    letters = queue.receive_message(QueueUrl=stack.outputs["DeadLetterQueueUrl"])["Messages"]
    of = stack.facts["connections"]
    values = {
        "CONNECTION": connection,
        "BOOKS": of["autovu_xero"],
        "LEAVE": of["attache_express_leave"],
        "PAYROLL": of["synergy_payroll_plus"],
        "RUN": run,
        "FLOW": "employee_export",
        "SYSTEM": "xledger",
        "SINCE": "2026-11-22T05:00:00Z",
        "TENANT": "demo",
        "HANDLE": letters[0]["ReceiptHandle"],
        "FUNCTION": physical(stack, "StartRun"),
    }
    named = {f"IS_{name}": physical(stack, name) for name in NAMED}
    return expanded(stack, tmp_path_factory.mktemp("runbook"), values, named)


def headers(stack: Stack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.facts['tokens']['admin']}"}


def physical(stack: Stack, name: str) -> str:
    resource = {"StackName": "payrelay", "LogicalResourceId": name}
    detail = stack.client("cloudformation").describe_stack_resource(**resource)["StackResourceDetail"]
    return str(detail["PhysicalResourceId"])


def finished_run(stack: Stack, connection_url: str) -> str:
    order = {"flow": "employee_export", "mode": "preview"}
    run = requests.post(f"{connection_url}/runs", headers=headers(stack), json=order, timeout=60).json()
    until = time.monotonic() + 120
    while not run["finished_at"]:
        assert time.monotonic() < until, run
        time.sleep(0.2)
        run = requests.get(f"{stack.api_url}/runs/{run['run_id']}", headers=headers(stack), timeout=60).json()
    assert run["status"] in ("succeeded", "partial"), run
    return str(run["run_id"])


def expanded(
    stack: Stack, folder: Path, values: Mapping[str, str], more: Mapping[str, str]
) -> list[list[str]]:
    """The words of every call of `aws`, after the shell has filled in its variables."""
    script = "\n".join(blocks(RUNBOOK, "bash"))
    for name, value in values.items():
        script, count = re.subn(rf"^{name}=\.\.\..*$", f"{name}='{value}'", script, flags=re.MULTILINE)
        assert count == 1, name
    # What the tool does has tests of its own, and game day runs every block of an incident.
    known = of_local(stack.facts, None)
    shell = "".join(f"export {name}='{value}'\n" for name, value in known.items())
    (folder / "environment").write_text(shell)
    (folder / "payrelay").write_text('#!/bin/sh\n[ "$1" != env ] || cat environment\n')
    (folder / "payrelay").chmod(0o755)
    facts = {"CALLED": str(folder / "record"), **more}
    done = subprocess.run(
        ["bash", "-euc", STAND_INS + script],
        env={"PATH": "/usr/bin:/bin", **facts},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    record = (folder / "record").read_text()
    return [call.split("\x1f")[:-1] for call in record.split("\x1e")[:-1]]


def test_the_stack_understands_every_aws_command_of_the_runbook(stack: Stack, calls: list[list[str]]) -> None:
    asked = [AwsCommand.read(call[1:]) for call in calls if call[0] == "aws"]
    assert len(asked) > 15
    for command in asked:
        if command.operation not in NOT_HERE:
            do = getattr(stack.client(command.service), command.operation.replace("-", "_"))
            try:
                do(**{**HERE_ONLY.get(command.operation, {}), **command.arguments()})
            except ClientError as error:
                assert "is not running" in str(error), command  # noqa: PT017  (nothing else is too late)
