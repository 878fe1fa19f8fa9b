"""The template by cfn-lint, which sees its state machines only when they are written into it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.template.stack_template import MACHINES, state_machine, states


def lint(template: Path) -> tuple[int, str]:
    """cfn-lint's exit status and words."""
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), template], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_cfn_lint_has_nothing_to_say() -> None:
    assert lint(ROOT / "template.yaml") == (0, "")


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_cfn_lint_has_nothing_to_say_of_a_state_machine(path: Path, tmp_path: Path) -> None:
    definition = state_machine(path)
    names = {state["Arguments"]["FunctionName"] for _, state in states(definition) if state["Type"] == "Task"}
    arn = "arn:aws:lambda:eu-north-1:123456789012:function:step"
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::123456789012:role/steps",
            "DefinitionSubstitutions": {name.strip("${}"): arn for name in sorted(names)},
            "Definition": definition,
        },
    }
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"Machine": machine}}))
    assert lint(template) == (0, "")
