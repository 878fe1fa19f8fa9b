"""Starting runs: joined while one is in progress, taken over when it died, with or without a schedule."""

from __future__ import annotations

import pytest

from payrelay.domain.records import Reason
from payrelay.domain.runs import ConnectionStatus, Mode, Trigger
from payrelay.errors import NeedsAttention
from payrelay.flows.engine import plan
from payrelay.flows.engine.start import Order, start_run
from payrelay.runtime.ids import run_id
from tests.flows.conftest import CONNECTION, TENANT, World
from tests.worlds.people import person
from tests.worlds.steps import event
from tests.worlds.structs import replace

SCHEDULE = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/Oslo"}


@pytest.fixture
def staffed(world: World) -> World:
    world.fresh(person("101"))
    return world


@pytest.mark.requirement("RUN-1")
@pytest.mark.parametrize("steps", [0, 1, 2], ids=["queued", "opened", "planned"])
def test_a_second_start_joins_the_run_in_progress_and_a_later_one_is_a_run_of_its_own(
    staffed: World, steps: int
) -> None:
    first = staffed.start()
    if steps > 0:
        plan.open_run(staffed.engine, {"run": event(first)})
    if steps > 1:
        staffed.planned(first)
    second = staffed.start(trigger=Trigger.SCHEDULE)
    assert second.run_id == first.run_id
    assert second.trigger == "manual", "the run that was joined stays what it was"
    ended = staffed.drive(first)
    assert ended.status == "succeeded"
    third = staffed.start()
    assert third.run_id != first.run_id


@pytest.mark.requirement("RUN-1")
def test_a_start_says_whether_it_joined(staffed: World) -> None:
    order = Order("employee_export", Mode.SYNC, Trigger.MANUAL, "tester")
    answers = [
        start_run(staffed.engine, staffed.executions, staffed.connection, order, run_id()) for _ in range(2)
    ]
    assert [joined for _, joined in answers] == [False, True]
    assert answers[0][0].run_id == answers[1][0].run_id


@pytest.mark.requirement("RUN-1")
def test_the_same_start_twice_is_one_run(staffed: World) -> None:
    """A trigger that is delivered twice brings the same run id twice."""
    order = Order("employee_export", Mode.SYNC, Trigger.SCHEDULE, "schedule")
    name = run_id()
    for _ in range(2):
        run, joined = start_run(staffed.engine, staffed.executions, staffed.connection, order, name)
        assert (run.run_id, joined) == (name, False)
    assert staffed.drive(run).status == "succeeded"
    assert len(list(staffed.ledger.runs.list(TENANT, CONNECTION))) == 1


@pytest.mark.requirement("RUN-1")
def test_flows_of_one_connection_run_side_by_side(staffed: World) -> None:
    employees, time_off = staffed.start("employee_export"), staffed.start("time_off_export")
    assert employees.run_id != time_off.run_id
    assert staffed.drive(time_off).status == "succeeded"
    assert staffed.start("employee_export").run_id == employees.run_id
    assert staffed.drive(employees).status == "succeeded"


@pytest.mark.requirement("RUN-1")
def test_connections_do_not_wait_for_each_other(staffed: World) -> None:
    first = staffed.start()
    staffed.connection_id = "con_OTHER"
    staffed.connect()
    second = staffed.start()
    assert second.run_id != first.run_id


@pytest.mark.requirement("RUN-1")
def test_a_dead_run_never_blocks_the_next_and_is_closed_as_failed(staffed: World) -> None:
    dead = staffed.start()
    plan.open_run(staffed.engine, {"run": event(dead)})
    staffed.clock.pass_by(staffed.limits.lease_seconds / 2)
    assert staffed.start().run_id == dead.run_id, "its lease has not expired yet"
    staffed.clock.pass_by(staffed.limits.lease_seconds)
    alive = staffed.start()
    assert alive.run_id != dead.run_id
    closed = staffed.get(dead)
    assert closed.error
    assert (closed.status, closed.error.code) == ("failed", "RUN_DIED")
    assert closed.finished_at
    assert staffed.drive(alive).status == "succeeded"
    finished = [detail["run_id"] for name, detail in staffed.heard.events if name == "RunFinished"]
    assert finished == [dead.run_id, alive.run_id]


@pytest.mark.requirement("RUN-1")
def test_a_run_that_works_keeps_its_lease_however_long_it_takes(staffed: World) -> None:
    run = staffed.start()
    plan.open_run(staffed.engine, {"run": event(run)})
    for _ in range(4):
        staffed.clock.pass_by(staffed.limits.lease_seconds * 0.6)
        assert plan.list_pages(staffed.engine, staffed.opening, {"run": event(run)})["status"] == "done"
    assert staffed.start().run_id == run.run_id


@pytest.mark.requirement("RUN-1")
def test_a_wait_that_a_vendor_asked_for_keeps_the_lease(staffed: World) -> None:
    staffed.faults("xledger", errors=["credits"], reset_in_seconds=3000, count=1)
    run = staffed.start()
    plan.open_run(staffed.engine, {"run": event(run)})
    answer = plan.list_pages(staffed.engine, staffed.opening, {"run": event(run)})
    assert answer["status"] == "later"
    assert answer["wait_seconds"] > staffed.limits.lease_seconds
    staffed.clock.pass_by(answer["wait_seconds"])
    assert staffed.start().run_id == run.run_id
    assert plan.list_pages(staffed.engine, staffed.opening, {"run": event(run)})["status"] == "done"


@pytest.mark.requirement("EX-2", "TRG-2")
@pytest.mark.parametrize("schedule", [None, False, True], ids=["no schedule", "switched off", "switched on"])
def test_a_manual_run_works_whatever_the_schedule_says(staffed: World, schedule: bool | None) -> None:
    if schedule is not None:
        stored = {**SCHEDULE, "enabled": schedule}
        staffed.ledger.connections.put_schedule(TENANT, CONNECTION, "employee_export", stored)
    run = staffed.run(trigger=Trigger.MANUAL)
    assert (run.trigger, run.requested_by, run.status) == ("manual", "tester", "succeeded")
    assert staffed.employee("101")["description"] == "Kari Nordmann101"
    kept = staffed.ledger.connections.schedule(TENANT, CONNECTION, "employee_export")
    assert (kept["enabled"] if kept else None) == schedule, "a manual run leaves the schedule as it is"


@pytest.mark.requirement("RUN-1", "CON-2")
@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (ConnectionStatus.NOT_CONNECTED, None, "NOT_CONNECTED"),
        (
            ConnectionStatus.ATTENTION,
            Reason("CREDENTIALS_REFUSED", "No.", "New token."),
            "CREDENTIALS_REFUSED",
        ),
    ],
)
def test_nothing_starts_over_a_connection_that_is_not_connected(
    staffed: World, status: ConnectionStatus, reason: Reason | None, code: str
) -> None:
    staffed.ledger.connections.save(replace(staffed.connection, status=status, reason=reason))
    with pytest.raises(NeedsAttention) as caught:
        staffed.start()
    assert caught.value.code == code
    assert caught.value.remedy
    assert list(staffed.ledger.runs.list(TENANT, CONNECTION)) == []
