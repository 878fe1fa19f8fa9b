"""A run that may not join the one in progress: a person is told, a schedule or login waits (RUN-1)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from payrelay.domain.runs import Run, Status, Trigger
from payrelay.errors import Declined
from payrelay.flows.engine.start import start_waiting
from tests.worlds.people import person
from tests.worlds.run import CONNECTION, TENANT, World

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
