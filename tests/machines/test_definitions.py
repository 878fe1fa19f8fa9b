"""The state machines themselves, run by the interpreter of the local stack, with functions that break off."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ministack.services import stepfunctions

from tests.conftest import ROOT

MACHINES = sorted((ROOT / "infrastructure" / "statemachines").glob("*.asl.json"))
RUN = {"tenant": "acme", "run_id": "run_1", "flow": "employee_export"}
# What the functions of a run answer that goes well, and has one page and one batch.
ANSWERS: dict[str, dict[str, Any]] = {
    "OpenRun": {"status": "list"},
    "ListPages": {"status": "done", "pages": [{"index": 0}]},
    "NextBatch": {"status": "plan", "page": {"index": 0}},
    "PlanPage": {"status": "done", "writes": 1, "batch": {"index": 0}},
    "ReviewPlan": {"status": "apply", "batches": [{"index": 0}]},
    "ApplyPage": {"status": "done"},
    "CloseRun": {"status": "failed"},
}
STEPS = [
    pytest.param(path, step, id=f"{path.name.split('.')[0]}-{step}")
    for path in MACHINES
    for step in ANSWERS
    if f"${{{step}Function}}" in path.read_text() and step != "CloseRun"
]

Execute = Callable[[Path, str], tuple[dict[str, Any], list[dict[str, Any]]]]


@pytest.fixture
def execute(monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Execute a machine in which one function breaks off whenever it is called.

    It answers how that ended, and what CloseRun was given.
    """

    def run(path: Path, broken: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        definition = path.read_text()
        here = f"{stepfunctions.get_region()}:{stepfunctions.get_account_id()}"
        for step in ANSWERS:
            arn = f"arn:aws:lambda:{here}:function:{step}:1"
            definition = definition.replace(f"${{{step}Function}}", arn)
        closed: list[dict[str, Any]] = []

        def call(function: Any, event: dict[str, Any]) -> dict[str, Any]:
            step = str(function).split("function:")[1].split(":")[0]
            if step == broken:
                raise stepfunctions._ExecutionError("Runtime.ExitError", "{}")
            if step == "CloseRun":
                closed.append(event)
            return ANSWERS[step]

        monkeypatch.setattr(stepfunctions, "_call_lambda", call)
        monkeypatch.setattr(stepfunctions, "_SFN_WAIT_SCALE", 0)
        machine = f"arn:aws:states:{here}:stateMachine:{path.stem}-{broken}"
        made = {"name": f"{path.stem}-{broken}", "definition": definition, "roleArn": "role"}
        stepfunctions._state_machines[machine] = made
        answer = stepfunctions._start_sync_execution(
            {"stateMachineArn": machine, "input": json.dumps({"run": RUN})}
        )
        ended: dict[str, Any] = json.loads(answer[2])
        return ended, closed

    return run


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(("path", "step"), STEPS)
def test_whatever_breaks_off_the_run_is_closed_and_its_cause_is_kept(
    execute: Execute, path: Path, step: str
) -> None:
    """(aws 16) When OpenRun broke off, CloseRun was given no run, and broke off as well.

    Of a page the step was lost, "PlanPages: PageNotPlanned"; of a batch everything.
    """
    ended, closed = execute(path, step)
    assert ended["status"] == "SUCCEEDED", ended
    (given,) = closed
    assert given["run"] == RUN
    if (path.name, step) == ("sync.asl.json", "ApplyPage"):
        assert given["problem"] is None, "its batch alone is left; CloseRun accounts for it"
        assert given["left"] == "ApplyPage: Runtime.ExitError"
    else:
        assert given["problem"] == f"{step}: Runtime.ExitError"
