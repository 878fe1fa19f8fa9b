"""What the runbook's commands need to know of the stack (faults H11)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cli.place import environment
from tests.cli.conftest import Tool
from tests.conftest import ROOT
from tests.docs.documents import blocks

FACTS = {
    "api_url": "http://127.0.0.1:4566/x",
    "aws_endpoint_url": "http://127.0.0.1:4566",
    "aws_region": "eu-west-1",
}


def test_it_is_what_the_running_local_stack_says_of_itself(tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    assert environment(stack) == {}
    stack.write_text(json.dumps(FACTS))
    assert environment(stack) == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "PAYRELAY_API": "http://127.0.0.1:4566/x",
    }


def test_of_a_stack_elsewhere_only_a_missing_region_is_told(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    told = tool("env")
    assert (told.status, told.out) == (2, "")
    assert "AWS_REGION" in told.err
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert tool("env").status == 0


@pytest.mark.parametrize("answer", ["", "exit 255"])
def test_an_output_of_the_runbook_that_is_not_there_ends_it_loudly(answer: str, tmp_path: Path) -> None:
    """Every `output` failed, and left a wrong ARN without an error."""
    preamble = next(iter(blocks(ROOT / "docs" / "runbook.md", "bash")))
    says = answer if answer.startswith("exit") else f"printf '%s' '{answer}'"
    (tmp_path / "payrelay").write_text("#!/bin/sh\n")
    (tmp_path / "payrelay").chmod(0o755)
    done = subprocess.run(
        ["bash", "-euc", f"aws() {{ {says}; }}\n{preamble}"],
        env={"PATH": "/usr/bin:/bin", "AWS_REGION": "eu-west-1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "no output ApiUrl" in done.stderr
