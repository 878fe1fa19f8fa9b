"""State machines are named after the stack and their flow, and dead letters tell of them by these names."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.engine import GONE
from payrelay.runtime.dead_letters import dead_letter_of
from payrelay.runtime.executions import Executions, flow_of

STACKS = ("payrelay", "payrelay-prod", "pay-relay-eu-2", "employee_export", "x-auto")
PREFIX = "arn:aws:states:eu-north-1:123456789012:stateMachine:{}-"
FLOWS = [(name, mode) for kind in KINDS.values() for name, row in kind.flows.items() for mode in row.modes]


def machine_of(stack: str, flow: str, mode: str) -> str:
    """The ARN of the machine that a run is started on."""
    started: list[dict[str, Any]] = []
    client: Any = SimpleNamespace(start_execution=lambda **call: started.append(call))
    Executions(client, PREFIX.format(stack)).start(a_run(flow, mode))
    return str(started[0]["stateMachineArn"])


def a_run(flow: str, mode: str) -> Run:
    return Run(
        tenant="demo",
        connection_id="con_1",
        run_id="run_1",
        flow=flow,
        trigger=Trigger.MANUAL,
        mode=Mode(mode),
        status=Status.QUEUED,
        requested_by="tester",
        queued_at="2026-11-25T03:00:00.000Z",
    )


@pytest.mark.requirement("OPS-3")
@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(("flow", "mode"), FLOWS)
def test_a_dead_run_names_its_flow_whatever_the_stack_is_called(stack: str, flow: str, mode: str) -> None:
    run = {"tenant": "demo", "connection_id": "con_1", "run_id": "run_1"}
    detail = {"input": json.dumps({"run": run}), "stateMachineArn": machine_of(stack, flow, mode)}
    message = {"MessageId": "m-1", "ReceiptHandle": "r-1", "Body": json.dumps({"detail": detail})}
    found = dead_letter_of(message, PREFIX.format(stack))
    assert (found.kind, found.run_id, found.flow) == ("close", "run_1", flow)


OTHERS = [
    ("another stack", machine_of("other", "employee_export", "sync"), "payrelay"),
    ("a stack whose name goes on", machine_of("payrelay-prod", "employee_export", "sync"), "payrelay"),
    ("a stack whose name is shorter", machine_of("payrelay", "employee_export", "sync"), "payrelay-prod"),
    ("a machine that no flow has", PREFIX.format("payrelay") + "something", "payrelay"),
    ("nothing", "", "payrelay"),
]


@pytest.mark.parametrize(("arn", "stack"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_the_machine_of_another_stack_names_no_flow(arn: str, stack: str) -> None:
    assert flow_of(arn, PREFIX.format(stack)) is None


class NoSuchExecutionError(Exception):
    """What Step Functions raises."""


ENDINGS = [
    ("RUNNING", None),
    ("PENDING_REDRIVE", None),
    ("SUCCEEDED", "SUCCEEDED"),
    ("FAILED", "FAILED"),
    ("TIMED_OUT", "TIMED_OUT"),
    ("ABORTED", "ABORTED"),
    (None, GONE),
]


@pytest.mark.requirement("RUN-1")
@pytest.mark.parametrize(("status", "ended"), ENDINGS)
@pytest.mark.parametrize(("mode", "machine"), [("sync", "invoice_sync"), ("auto", "invoice_sync-auto")])
def test_whether_an_execution_has_ended(
    status: str | None, ended: str | None, mode: str, machine: str
) -> None:
    """(oncall OC-13)"""
    asked: list[str] = []

    def describe(**call: str) -> dict[str, str]:
        asked.append(call["executionArn"])
        if status is None:
            raise NoSuchExecutionError
        return {"status": status}

    known = SimpleNamespace(ExecutionDoesNotExist=NoSuchExecutionError)
    client: Any = SimpleNamespace(describe_execution=describe, exceptions=known)
    assert Executions(client, PREFIX.format("payrelay")).ended(a_run("invoice_sync", mode)) == ended
    assert asked == [f"arn:aws:states:eu-north-1:123456789012:execution:payrelay-{machine}:run_1"]
