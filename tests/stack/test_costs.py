"""The calls of whole runs on the stack, as the emulator records them, beside the model of what they cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import requests

from local.costs import flows
from local.costs.cases import SECRETS_A_STEP, opened, our_lines
from local.costs.flows import SHAPES, Size
from local.costs.machines import sync
from local.stack.stack import Stack
from tests.worlds.user import FLOW, User

pytestmark = pytest.mark.stack

TABLE = (
    "GetItem",
    "BatchGetItem",
    "Query",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "TransactWriteItems",
)
OTHERS = ("PutObject", "GetObject", "GetSecretValue", "PutEvents")
# What the API, StartWaiting and signs of life ask for beside the run itself.
SHARE, BESIDE = 0.1, 10
AT_ONCE = 50
# What CloudWatch adds to each line; lines are longer by the names in them.
BESIDE_A_LINE, LINES_SHARE = 26, 0.25


@contextmanager
def recorded(stack: Stack) -> Iterator[Counter[str]]:
    """What is called within the block, by operation, once it has ended."""
    trail, found = stack.client("cloudtrail"), Counter[str]()
    trail.lookup_events(MaxResults=1)
    began = time.time()
    _record(stack, on=True)
    try:
        yield found
    finally:
        _record(stack, on=False)
    for name in (*TABLE, *OTHERS):
        found[name] = len(_events(trail, name, began))


def _record(stack: Stack, *, on: bool) -> None:
    knob = {"cloudtrail._recording_enabled": on}
    requests.post(f"{stack.endpoint}/_ministack/config", json=knob, timeout=10).raise_for_status()


def _events(trail: Any, name: str, since: float) -> set[str]:
    """The ids of all calls of one operation; an answer has the newest fifty of those that are asked for."""
    found: set[str] = set()
    until: dict[str, datetime] = {}
    while True:
        asked = [{"AttributeKey": "EventName", "AttributeValue": name}]
        answer = trail.lookup_events(LookupAttributes=asked, StartTime=since, **until)["Events"]
        before = len(found)
        found |= {event["EventId"] for event in answer}
        if len(answer) < AT_ONCE or len(found) == before:
            return found
        until = {"EndTime": min(event["EventTime"] for event in answer)}


def ended(stack: Stack, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Wait for the execution of a run without asking the API; what happened in it."""
    states = stack.client("stepfunctions")
    machines = states.list_state_machines()["stateMachines"]
    arn = next(one["stateMachineArn"] for one in machines if one["name"].endswith(FLOW))
    execution = f"{arn.replace(':stateMachine:', ':execution:')}:{run['run_id']}"
    until = time.monotonic() + 120
    while states.describe_execution(executionArn=execution)["status"] == "RUNNING":
        assert time.monotonic() < until, "the run does not end"
        time.sleep(0.5)
    pages = states.get_paginator("get_execution_history").paginate(executionArn=execution)
    # What follows a run is called by the bus.
    time.sleep(2)
    return [event for page in pages for event in page["events"]]


@pytest.mark.requirement("OPS-4")
def test_runs_call_what_the_model_says(stack: Stack, admin: User) -> None:
    """A run that writes, and one over the same that has nothing to write."""
    connection = stack.facts["connections"]["simployer_xledger"]
    admin.follow(admin.start(connection))
    # Somebody changed every title, so that there is something to write.
    for run_number in range(2):
        if run_number == 0:
            _touch_everybody(stack)
        with recorded(stack) as called:
            run = admin.start(connection)
            history = ended(stack, run)
        counts = admin.follow(run)["counts"]
        written = counts["created"] + counts["updated"]
        assert bool(written) == (run_number == 0), counts
        _compare(called, history, Size(sum(counts.values()), written))
        failing = counts["blocked"] + counts["failed"]
        _compare_lines(stack, run, Size(sum(counts.values()), written + failing))


def _compare_lines(stack: Stack, run: dict[str, Any], size: Size) -> None:
    """The bytes of the log lines that name the run."""
    shape = SHAPES[FLOW]
    lines = [
        event["message"]
        for page in stack.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=stack.outputs["LogGroup"], filterPattern=f'"{run["run_id"]}"')
        for event in page["events"]
        if event["message"].startswith("{")
    ]
    called = sync().calls(shape.pages(size), shape.batches(size))
    expected = our_lines(called, flows.calls(shape, size), size.changed)
    found = sum(len(line) + BESIDE_A_LINE for line in lines)
    assert found == pytest.approx(expected, rel=LINES_SHARE)


def _touch_everybody(stack: Stack) -> None:
    url = f"{stack.facts['sandboxes']['simployer']}/_sandbox/state"
    state = requests.get(url, timeout=10).json()
    for employee in state["employee"]:
        employee["title"] = f"{employee.get('title', '')} II".strip()
    requests.put(url, json=state, timeout=10).raise_for_status()


def _compare(called: Counter[str], history: list[dict[str, Any]], size: Size) -> None:
    shape, machine = SHAPES[FLOW], sync()
    pages, batches = shape.pages(size), shape.batches(size)
    entered = Counter(event["type"] for event in history)
    # The emulator tells of states outside of Maps, and of every function that is called.
    assert sum(n for kind, n in entered.items() if kind.endswith("StateEntered")) == machine.always
    assert entered["TaskScheduled"] == machine.calls(pages, batches)
    model = flows.ledger(shape, size)
    table = sum(called[name] for name in TABLE)
    expected = flows.table_calls(shape, size)
    assert expected * (1 - SHARE) <= table <= expected * (1 + SHARE) + BESIDE, (called, expected)
    assert called["PutObject"] == pytest.approx(model["s3_puts"], abs=2)
    assert called["GetObject"] == pytest.approx(model["s3_gets"], abs=2)
    assert called["GetSecretValue"] == pytest.approx(SECRETS_A_STEP * opened(pages, batches), rel=SHARE)
    assert called["PutEvents"] <= 1 + pages + batches
