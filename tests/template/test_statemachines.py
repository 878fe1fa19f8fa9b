"""State machines as code: named, explained, bounded in time, and mended only where a repeat can help."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonata
import pytest

from tests.template.stack_template import MACHINES, called_by, resources, seconds, state_machine, states

NAME = re.compile(r"([A-Z][a-z]+)+")
VERBS = (
    "Apply",
    "Check",
    "Choose",
    "Close",
    "Continue",
    "Decide",
    "Fail",
    "Finish",
    "Leave",
    "List",
    "Next",
    "Open",
    "Plan",
    "Review",
)
WAITS = "Wait"

LAMBDA_TROUBLE = {
    "ErrorEquals": [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Runtime.ExitError",
        "Sandbox.Timedout",
        "States.Timeout",
        # The table throttles, and was waited for within the step.
        "TableBusy",
    ],
    "IntervalSeconds": 2,
    "MaxAttempts": 4,
    "BackoffRate": 2.0,
    "JitterStrategy": "FULL",
}
A_CRASH = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}

ALL = [
    pytest.param(name, state, id=f"{path.name.split('.')[0]}-{name}")
    for path in MACHINES
    for name, state in states(state_machine(path))
]
TASKS = [case for case in ALL if case.values[1]["Type"] == "Task"]


def expressions(value: Any) -> Iterator[str]:
    """Every JSONata expression in a definition."""
    if isinstance(value, str) and value.startswith("{%"):
        yield value.removeprefix("{%").removesuffix("%}")
    elif isinstance(value, dict):
        for inner in value.values():
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_the_definition_is_right_by_the_language(path: Path) -> None:
    statelint = Path(sys.executable).with_name("statelint")
    done = subprocess.run([statelint, "--eval-jsonata", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_every_expression_can_be_read(path: Path) -> None:
    found = list(expressions(state_machine(path)))
    assert found
    for expression in found:
        jsonata.Jsonata(expression)


@pytest.mark.parametrize(("name", "state"), ALL)
def test_a_state_is_named_by_a_verb_and_explained(name: str, state: dict[str, Any]) -> None:
    assert NAME.fullmatch(name)
    assert name.startswith(WAITS if state["Type"] == "Wait" else VERBS)
    assert state["Comment"].endswith(".")


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_a_task_is_bounded_mended_and_caught(name: str, state: dict[str, Any]) -> None:
    assert isinstance(state["TimeoutSeconds"], int)
    assert state["Retry"] == [LAMBDA_TROUBLE, A_CRASH]
    (caught,) = state["Catch"]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert name in caught["Output"]["problem"], "the catch says where it happened"
    assert "$states.errorOutput.Error" in caught["Output"]["problem"]


@pytest.mark.parametrize(("name", "state"), ALL)
def test_nothing_is_repeated_whatever_went_wrong(name: str, state: dict[str, Any]) -> None:
    assert not any("States.ALL" in retry["ErrorEquals"] for retry in state.get("Retry", ()))


@pytest.mark.parametrize("machine", sorted(resources("AWS::Serverless::StateMachine")))
def test_a_function_ends_before_its_task_gives_it_up(machine: str) -> None:
    # Otherwise a repeat could meet the first try, still at work.
    properties = resources("AWS::Serverless::StateMachine")[machine]
    path = next(path for path in MACHINES if str(path).endswith(properties["DefinitionUri"]))
    substitutions = {f"${{{name}}}": function for name, function in called_by(machine).items()}
    called = set()
    for name, state in states(state_machine(path)):
        if state["Type"] == "Task":
            function = substitutions[state["Arguments"]["FunctionName"]]
            called.add(function)
            assert seconds(function) < state["TimeoutSeconds"], name
    assert called == set(substitutions.values()), "every substitution is used"
