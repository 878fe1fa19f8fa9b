"""The template by cfn-lint, which sees its state machines only when they are written into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.template.stack_template import MACHINES, state_machine, states
from tests.template.transformed import whole


def lint(template: Path) -> list[str]:
    """What cfn-lint says; only this one worker has it imported."""
    import cfnlint

    return [str(match) for match in cfnlint.lint_file(template)]


def test_cfn_lint_has_nothing_to_say() -> None:
    assert not lint(ROOT / "template.yaml")


def test_cfn_lint_has_nothing_to_say_of_what_cloudformation_gets(tmp_path: Path) -> None:
    """(aws 1) What SAM makes of the template: cycles, references and values of what it adds."""
    transformed = tmp_path / "transformed.json"
    transformed.write_text(json.dumps(whole()))
    assert not lint(transformed)


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_cfn_lint_has_nothing_to_say_of_a_state_machine(path: Path, tmp_path: Path) -> None:
    definition = state_machine(path)
    for _, state in states(definition):
        # The service takes an expression here, too; cfn-lint does not know that.
        if str(state.get("MaxConcurrency", "")).startswith("{%"):
            state["MaxConcurrency"] = 1
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
    assert not lint(template)
