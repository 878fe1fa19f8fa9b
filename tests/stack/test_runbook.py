"""The runbook's commands, expanded by the shell itself and run against the stack."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local.gameday.aws_command import AwsCommand
from local.stack.clients import REGION
from local.stack.seed import CREDENTIALS
from local.stack.stack import Stack
from tests.conftest import ROOT
from tests.docs.documents import blocks

pytestmark = pytest.mark.stack

RUNBOOK = ROOT / "docs" / "runbook.md"
# What it would do to the stack, other tests of this session would notice.
NOT_HERE = ("restore-table-to-point-in-time", "put-function-concurrency", "delete-function-concurrency")
# MiniStack makes a password for a new user that is too short for the template's own rule.
HERE_ONLY = {"admin-create-user": {"TemporaryPassword": "Aa1!-only-for-this-test"}}
# Right commands whose moment is not now: the run that they name has ended, and well, or one that an earlier
# command began goes on; the account is linked.
TOO_LATE = {
    "RUN_IN_PROGRESS",
    "RUN_FINISHED",
    "NOTHING_TO_REPLAY",
    "NOTHING_TO_APPLY",
    "CREDENTIALS_REFUSED",
    "NOT_CONNECTED",
    "CONSENT_UNKNOWN",
    "ALREADY_LINKED",
    "ACCOUNT_EXISTS",
}
FUNCTIONS_AND_RULES = ("StartRun", "CloseDeadRun", "DeadExecutions", "Watch", "EveryQuarter")
# Stand-ins that write down what they were called with, and answer what the script itself needs.
STAND_INS = """
record() { printf '%s\\x1f' "$@" >> "$CALLED"; printf '\\x1e' >> "$CALLED"; }
curl() { record curl "$@"; }
aws() {
  record aws "$@"
  words="$*"
  case "$words" in
    *describe-execution*detail:*) printf '{}' ;;
    *OutputKey==*) key=${words##*OutputKey==\\'}; key=${key%%\\'*}; eval "printf '%s' \\"\\$OUT_$key\\"" ;;
    *get-caller-identity*) printf '%s' "$ACCOUNT_ID" ;;
    *describe-stack-resource*)
      name=${words##*--logical-resource-id }; eval "printf '%s' \\"\\$IS_${name%% *}\\"" ;;
  esac
}
"""


@pytest.fixture(scope="module")
def calls(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What the runbook calls, word by word, about a connection and a run of our own."""
    connection = requests.post(
        f"{stack.api_url}/connections",
        headers=headers(stack),
        json={
            "name": "Of the runbook",
            "kind": "simployer_xledger",
            "settings": {name: {"base_url": stack.facts["sandboxes"][name]} for name in CREDENTIALS},
            "credentials": CREDENTIALS,
        },
        timeout=60,
    ).json()["connection_id"]
    ours = f"{stack.api_url}/connections/{connection}"
    requests.post(f"{ours}/connect", headers=headers(stack), timeout=60).raise_for_status()
    schedule = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}
    scheduled = requests.put(
        f"{ours}/schedules/employee_export", headers=headers(stack), json=schedule, timeout=60
    )
    scheduled.raise_for_status()
    run = finished_run(stack, ours)
    queue = stack.client("sqs")
    queue.send_message(QueueUrl=stack.outputs["DeadLetterQueueUrl"], MessageBody="{}")
    letters = queue.receive_message(QueueUrl=stack.outputs["DeadLetterQueueUrl"])["Messages"]
    books = stack.facts["connections"]["autovu_xero"]
    token = stack.facts["tokens"]["admin"]
    leave = stack.facts["connections"]["attache_express_leave"]
    values = {"CONNECTION": connection, "BOOKS": books, "LEAVE": leave, "RUN": run, "TOKEN": token}
    values |= {"PAYROLL": stack.facts["connections"]["synergy_payroll_plus"], "FLOW": "employee_export"}
    values |= {"RECORD": "employee:1042", "SYSTEM": "xledger"}
    named = {f"IS_{name}": physical(stack, name) for name in FUNCTIONS_AND_RULES}
    more = {"HANDLE": letters[0]["ReceiptHandle"], **named}
    return expanded(stack, tmp_path_factory.mktemp("runbook"), values, more)


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
    """The words of every call of `curl` and `aws`, after the shell has filled in its variables."""
    script = "\n".join(blocks(RUNBOOK, "bash"))
    for name, value in values.items():
        script, count = re.subn(rf"^{name}=\.\.\..*$", f"{name}='{value}'", script, flags=re.MULTILINE)
        assert count == 1, name
    # What the tool does has tests of its own, and game day runs every command of an incident.
    (folder / "payrelay").write_text("#!/bin/sh\n")
    (folder / "payrelay").chmod(0o755)
    account = stack.outputs["DeadLetterQueueUrl"].split("/")[-2]
    facts = {"CALLED": str(folder / "record"), "AWS_REGION": REGION, "ACCOUNT_ID": account, **more}
    outputs = {f"OUT_{name}": value for name, value in stack.outputs.items()}
    outputs["OUT_ApiUrl"] = stack.api_url
    done = subprocess.run(
        ["bash", "-euc", STAND_INS + script],
        env={"PATH": "/usr/bin:/bin", **facts, **outputs},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    record = (folder / "record").read_text()
    return [call.split("\x1f")[:-1] for call in record.split("\x1e")[:-1]]


@pytest.mark.requirement("TRG-4")
def test_the_api_understands_every_call_of_the_runbook(stack: Stack, calls: list[list[str]]) -> None:
    asked = [call for call in calls if call[0] == "curl"]
    assert len(asked) > 15
    for words in asked:
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        url = next(word for word in words if word.startswith("http"))
        body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
        # A run that an earlier call has started may change the connection at this very moment.
        for _ in range(3):
            answer = requests.request(method, url, headers=headers(stack), json=body, timeout=60)
            told: dict[str, Any] = answer.json()
            if told.get("code") != "CONFLICT":
                break
        assert answer.ok or told["code"] in TOO_LATE, f"{method} {url}: {told}"


def test_the_stack_understands_every_aws_command_of_the_runbook(stack: Stack, calls: list[list[str]]) -> None:
    asked = [AwsCommand.read(call[1:]) for call in calls if call[0] == "aws"]
    assert len(asked) > 20
    for command in asked:
        if command.operation not in NOT_HERE:
            do = getattr(stack.client(command.service), command.operation.replace("-", "_"))
            try:
                do(**{**HERE_ONLY.get(command.operation, {}), **command.arguments()})
            except ClientError as error:
                assert "is not running" in str(error), command  # noqa: PT017  (nothing else is too late)
