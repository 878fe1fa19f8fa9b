"""`make up` after a stop in mid-run: the runs that were broken off are closed, and it says which."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.stack import broken_off
from payrelay.domain.reasons import reason
from payrelay.domain.runs import Mode, Run, Status, Trigger
from tests.worlds.structs import replace

NOW = 1_700_000_000


@pytest.mark.requirement("RUN-1")
@pytest.mark.parametrize("in_progress", [True, False])
def test_what_was_broken_off_is_closed_and_said(monkeypatch: pytest.MonkeyPatch, in_progress: bool) -> None:
    """(oncall OC-32) It stayed in progress for half an hour, and the start said nothing."""
    runs, said, invoked = memory_ledger().ledger.runs, list[str](), list[str]()
    run = Run(
        tenant="demo",
        connection_id="con_1",
        run_id="run_1",
        flow="employee_export",
        trigger=Trigger.MANUAL,
        mode=Mode.SYNC,
        status=Status.QUEUED,
        requested_by="tester",
        queued_at="2026-11-29T03:19:07.000Z",
    )
    if in_progress:
        runs.start(run, now=NOW, lease_seconds=100, ttl=NOW + 1000)

    def watch(FunctionName: str, Payload: bytes) -> None:  # noqa: N803
        invoked.append(FunctionName)
        died = reason("RUN_DIED", problem="its execution is FAILED")
        runs.finish(
            replace(run, status=Status.FAILED, finished_at="2026-11-29T04:00:00.000Z", died=died), standing={}
        )

    found = {"StackResourceDetail": {"PhysicalResourceId": "the-watch"}}
    client: Any = SimpleNamespace(invoke=watch, describe_stack_resource=lambda **_: found)
    monkeypatch.setattr(broken_off, "client", lambda *_: client)
    monkeypatch.setattr(broken_off, "Runs", lambda _: runs)
    broken_off.close({"TableName": "state"}, "http://127.0.0.1:4566", said.append)
    assert invoked == (["the-watch"] if in_progress else [])
    assert [line.split(" ")[0] for line in said] == (["run_1"] if in_progress else [])
    assert all("closed as failed" in line for line in said)
