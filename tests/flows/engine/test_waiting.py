"""A run that may not join the one in progress: a person is told, a schedule or login waits (RUN-1)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Halt, Run, Status, Trigger
from payrelay.errors import Declined
from payrelay.flows.engine import apply, close, plan, review
from payrelay.flows.engine.start import start_waiting
from payrelay.flows.engine.stop import stop
from tests.worlds.people import person
from tests.worlds.run import CONNECTION, TENANT, World
from tests.worlds.steps import event

SOME = {"employees": ["101"]}


def next_run(world: World) -> Run | None:
    return start_waiting(world.engine, world.executions, TENANT, CONNECTION, "employee_export")


@pytest.mark.requirement("RUN-1")
def test_a_person_is_told_what_the_run_in_progress_lacks(world: World) -> None:
    running = world.start(options=SOME)
    with pytest.raises(Declined) as told:
        world.start()
    assert told.value.code == "RUN_IN_PROGRESS"
    assert running.run_id in told.value.message
    assert "its options are employees 101" in told.value.message


@pytest.mark.requirement("RUN-1", "TRG-1")
@pytest.mark.parametrize("trigger", [Trigger.SCHEDULE, Trigger.LOGIN, Trigger.CONNECT])
def test_others_are_kept_and_start_when_that_run_has_ended(world: World, trigger: Trigger) -> None:
    world.fresh(person("101"), person("102"))
    running = world.start(options=SOME)
    waiting = world.start(trigger=trigger)
    assert waiting.run_id != running.run_id
    assert waiting.status is Status.QUEUED
    assert world.executions.started == [running.run_id]
    assert next_run(world) is None, "the other one has not ended yet"
    world.drive(running)
    started = next_run(world)
    assert started
    assert (started.run_id, world.executions.started[-1]) == (waiting.run_id, waiting.run_id)
    assert world.outcomes(world.drive(waiting)) == {"102": "created"}
    assert next_run(world) is None


@pytest.mark.requirement("RUN-1")
def test_one_run_waits_and_whoever_else_comes_joins_it(world: World) -> None:
    world.start(options=SOME)
    first, second = world.start(trigger=Trigger.SCHEDULE), world.start(trigger=Trigger.SCHEDULE)
    assert first.run_id == second.run_id


@pytest.mark.requirement("RUN-1", "RUN-5")
def test_an_end_that_is_told_twice_starts_the_one_that_waited_once(world: World) -> None:
    running = world.start(options=SOME)
    waiting = world.start(trigger=Trigger.SCHEDULE)
    world.drive(running)
    assert next_run(world)
    assert next_run(world) is None
    assert world.executions.started == [running.run_id, waiting.run_id]


@pytest.mark.requirement("RUN-1", "RUN-7")
def test_a_preview_stands_in_no_syncs_way(world: World) -> None:
    world.fresh(person("101"))
    preview = world.start(mode="preview")
    run = world.start()
    assert run.run_id != preview.run_id
    assert world.outcomes(world.drive(run)) == {"101": "created"}
    assert world.drive(preview).status is Status.SUCCEEDED


@pytest.mark.requirement("RUN-1")
def test_a_run_that_was_queued_before_leases_had_names_holds_that_of_its_scope(world: World) -> None:
    run = world.start(scope="E0042")
    assert replace(run, lease=None).lease_name == run.lease_name == "E0042"


STOPPED = Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="tester"))


@pytest.mark.requirement("RUN-2")
def test_a_run_that_waits_for_a_vendor_is_stopped_at_once(world: World) -> None:
    """And what it was told by then stands; its execution finds that it has ended (oncall OC-40)."""
    world.fresh(person("101"), person("102"))
    world.faults("xledger", errors=["credits"], match="addEmployees", reset_in_seconds=1800)
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    world.planned(run)
    (batch,) = review.review_plan(world.engine, base)["batches"]
    answer = apply.apply_page(world.engine, world.opening, {**base, "batch": batch})
    assert answer["status"] == "later"
    ended = stop(world.engine, world.get(run), STOPPED)
    assert (ended.status, ended.error.code) == (Status.STOPPED, "STOPPED_BY_USER")
    assert sum(ended.counts.values()) == 2
    world.calm("xledger")
    again = world.run()
    assert (again.status, again.counts["created"]) == (Status.SUCCEEDED, 2)
    assert world.waits == [], "nobody has to wait for the claims of the one that was stopped"
    world.wait(1800)
    assert apply.apply_page(world.engine, world.opening, {**base, "batch": batch})["status"] == "halted"
    assert close.close_run(world.engine, base)["status"] == "closed"
    assert world.get(run) == ended


@pytest.mark.requirement("RUN-2")
def test_a_run_that_is_at_work_ends_at_its_next_step(world: World) -> None:
    """(oncall OC-40)"""
    world.fresh(person("101"))
    run = world.start()
    plan.open_run(world.engine, {"run": event(run)})
    assert stop(world.engine, world.get(run), STOPPED).status is Status.RUNNING
    assert world.drive(run).status is Status.STOPPED


@pytest.mark.requirement("RUN-1", "RUN-2")
def test_a_run_that_waits_for_another_one_is_taken_out_of_the_queue(world: World) -> None:
    """(oncall OC-40)"""
    world.fresh(person("101"))
    running = world.start(options=SOME)
    waiting = world.start(trigger=Trigger.SCHEDULE)
    assert stop(world.engine, waiting, STOPPED).status is Status.STOPPED
    world.drive(running)
    assert next_run(world) is None
    assert world.run().status is Status.SUCCEEDED
