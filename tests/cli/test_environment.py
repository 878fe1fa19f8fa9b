"""What a shell needs so that the runbook's commands can be typed as they stand (oncall OC-1, faults H11)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cli.environment import OUTPUTS, machines, of_aws, of_local
from tests.cli.conftest import Tool
from tests.conftest import ROOT
from tests.docs.documents import blocks

TOPIC = "arn:aws:sns:eu-west-1:000000000000:payrelay-Alarms-1"
FACTS = {
    "api_url": "http://127.0.0.1:4566/x",
    "aws_endpoint_url": "http://127.0.0.1:4566",
    "aws_region": "eu-west-1",
    "tokens": {"admin": "adm", "operator": "ope", "viewer": "vie"},
    "outputs": {**{name: f"of-{name}" for name in OUTPUTS.values()}, "AlarmsTopic": TOPIC},
}
NAMES = {*OUTPUTS, "MACHINES", "QUEUES", "PAYRELAY_API"}


@pytest.fixture
def nowhere(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """The tool where nothing is set."""
    for name in ("PAYRELAY_API", "PAYRELAY_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return tool


@pytest.fixture
def local(nowhere: Tool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tool:
    """The tool beside a running local stack."""
    stack = tmp_path / "running.json"
    stack.write_text(json.dumps(FACTS))
    monkeypatch.setattr("cli.commands.environment.STACK", stack)
    return nowhere


def evaluated(shell: str, names: set[str], **more: str) -> dict[str, str]:
    """What a shell has after these lines."""
    told = "".join(f'printf "{name}=%s\\n" "${name}"\n' for name in sorted(names))
    env = {"PATH": "/usr/bin:/bin", **more}
    done = subprocess.run(
        ["bash", "-euc", f"{shell}\n{told}"], env=env, capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_of_the_local_stack_it_is_all_that_the_runbook_needs(local: Tool) -> None:
    found = evaluated("\n".join(local.shows("env --as admin")), {*NAMES, "AWS_ENDPOINT_URL", "PAYRELAY_AS"})
    assert found["AWS_ENDPOINT_URL"] == found["QUEUES"] == "http://127.0.0.1:4566"
    assert found["MACHINES"] == "arn:aws:states:eu-west-1:000000000000:stateMachine:payrelay"
    assert (found["TABLE"], found["PAYRELAY_AS"]) == ("of-TableName", "admin")
    assert local("env", "--json").json == of_local(FACTS, None)


def test_a_token_is_never_among_it(local: Tool) -> None:
    assert not {"adm", "ope", "vie"} & set(local("env", "--as", "admin").out.replace('"', " ").split())


def test_elsewhere_a_region_is_needed_first(nowhere: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    told = nowhere("env")
    assert (told.status, told.out) == (2, "")
    assert "AWS_REGION" in told.err
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert nowhere("env").status == 0


def stand_in(answers: str) -> str:
    return f"aws() {{ {answers}; }}\n"


def test_elsewhere_it_asks_aws_once(nowhere: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    outputs = {**FACTS["outputs"], "ApiUrl": "https://api.example"}  # type: ignore[dict-item]
    table = "".join(f"{name}\\t{value}\\n" for name, value in outputs.items())
    shell = stand_in(f"printf '{table}'") + "\n".join(nowhere.shows("env"))

    found = evaluated(shell, NAMES)

    assert found["PAYRELAY_API"] == "https://api.example"
    assert found["MACHINES"] == machines(TOPIC)
    assert found["QUEUES"] == "https://sqs.eu-north-1.amazonaws.com"
    assert evaluated(shell, {"PAYRELAY_API"}, PAYRELAY_API="https://mine")["PAYRELAY_API"] == "https://mine"


@pytest.mark.parametrize(
    ("answers", "says"),
    [("return 255", "AWS can't be asked"), ("printf 'TableName\\tt\\n'", "no output LogGroup")],
)
def test_what_is_not_there_ends_the_runbooks_first_block_loudly(
    answers: str, says: str, tmp_path: Path
) -> None:
    """Every `output` failed, and left a wrong ARN without an error."""
    preamble = next(iter(blocks(ROOT / "docs" / "runbook.md", "bash")))
    (tmp_path / "lines").write_text(f"export AWS_REGION=eu-west-1\n{of_aws(None)}")
    (tmp_path / "payrelay").write_text("#!/bin/sh\ncat lines\n")
    (tmp_path / "payrelay").chmod(0o755)
    done = subprocess.run(
        ["bash", "-euc", f"{stand_in(answers)}{preamble}\necho goes on"],
        env={"PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert says in done.stderr
    assert "goes on" not in done.stdout
