"""Failures are what is wrong still: each record once, with the run that saw it last (OPS-2)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Halt, Run, Status, Trigger
from payrelay.flows.engine.orders import Replay, apply_plan, replay_order
from payrelay.ledger.open_failures import OpenFailures, by_reason
from payrelay.ledger.records import records_of
from payrelay.runtime.ids import run_id
from tests.flows.conftest import World
from tests.worlds.people import Person, person
from tests.worlds.run import CONNECTION, TENANT
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("OPS-2")
FLOW = "employee_export"


def open_ones(world: Any, connection_id: str = CONNECTION) -> dict[str, str]:
    """The runs that saw each of them last, by the keys of their records."""
    found, whole = OpenFailures(world.ledger, TENANT).found()
    assert whole
    keys = [one.failure.record.key for one in found]
    assert len(keys) == len(set(keys)), "somebody is told twice"
    assert {one.failure.run.connection_id for one in found} <= {connection_id}
    return {one.failure.record.key: one.failure.run.run_id for one in found}


def waiting(world: World) -> Any:
    """How many wait for somebody, as the standing of the flow says without looking."""
    return world.ledger.connections.standing(TENANT, CONNECTION, FLOW).get("waiting")


def refused(number: str) -> Person:
    """Someone whom Xledger refuses: nobody is taken without a name."""
    return person(number, firstName=None, lastName=None)


def replayed(world: World, old: Run, *records: str, outcomes: tuple[str, ...] = ()) -> Run:
    order = replay_order(world.engine, old, Replay(frozenset(records), frozenset(outcomes)), "tester")
    more = {"trigger": Trigger.REPLAY, "replay_of": order.replay_of, "only": order.only}
    return world.run(old.flow, **more, options=old.options)


@pytest.fixture
def wrong(world: World) -> tuple[World, Run]:
    """101 is fine, 102 and 103 are refused."""
    world.fresh(person("101"), refused("102"), refused("103"))
    return world, world.run()


def test_one_person_in_five_runs_is_one_failure_of_the_last(wrong: tuple[World, Run]) -> None:
    """(oncall OC-20) It counted five times."""
    world, first = wrong
    assert open_ones(world) == {"102": first.run_id, "103": first.run_id}
    runs = [world.run() for _ in range(4)]
    assert open_ones(world) == dict.fromkeys(["102", "103"], runs[-1].run_id)
    assert waiting(world) == 2
    found, _ = OpenFailures(world.ledger, TENANT).found()
    assert by_reason(found) == [("REFUSED_BY_TARGET", 2)]


def test_what_a_replay_wrote_is_gone_and_what_it_could_not_is_its_own(wrong: tuple[World, Run]) -> None:
    """(oncall OC-20) After the cure all the cured ones were listed, with "replay" as the next step."""
    world, first = wrong
    world.staff(person("101"), person("102"), refused("103"))
    again = replayed(world, first, outcomes=("failed",))
    assert open_ones(world) == {"103": again.run_id}
    assert waiting(world) == 1
    told = {
        record.key for _, record in records_of(world.ledger, first) if record and record.outcome == "failed"
    }
    assert told == {"102", "103"}, "what the first run told stays in its history"


def test_what_a_replay_found_right_is_gone(world: World) -> None:
    """(oncall OC-20)"""
    world.fresh(person("101"), person("102"))
    world.run()
    world.staff(refused("101"), refused("102"))
    wrong = world.run()
    assert open_ones(world) == dict.fromkeys(["101", "102"], wrong.run_id)
    world.staff(person("101"), person("102"))
    again = replayed(world, wrong, "employee:102")
    assert again.counts
    assert again.counts["unchanged"] == 1
    assert open_ones(world) == {"101": wrong.run_id}


def test_what_a_run_for_some_people_found_right_or_wrote_is_gone(wrong: tuple[World, Run]) -> None:
    """(oncall OC-20)"""
    world, first = wrong
    world.staff(person("101"), person("102"), person("103"))
    world.run(options={"employees": ["102"]})
    assert open_ones(world) == {"103": first.run_id}
    assert waiting(world) == 1


def test_what_a_whole_run_finds_right_or_gone_is_closed(wrong: tuple[World, Run]) -> None:
    """(oncall OC-20)"""
    world, _ = wrong
    world.staff(person("101"), person("102"))
    assert world.run().status is Status.SUCCEEDED
    assert open_ones(world) == {}
    assert waiting(world) == 0


def test_a_preview_cures_nothing_and_its_apply_does(wrong: tuple[World, Run]) -> None:
    """(oncall OC-20)"""
    world, first = wrong
    world.staff(person("101"), person("102"), refused("103"))
    preview = world.run(mode="preview")
    assert open_ones(world) == {"102": first.run_id, "103": first.run_id}
    assert waiting(world) == 2
    world.clock.pass_by(1)
    run, _ = apply_plan(world.engine, world.executions, preview, "tester", run_id(), lambda: None)
    applied = world.drive(run)
    assert open_ones(world) == {"103": applied.run_id}
    assert waiting(world) == 1


@pytest.mark.parametrize("halted", [Status.FAILED, Status.STOPPED])
def test_a_run_that_broke_off_closes_nothing_that_it_did_not_get_to(
    wrong: tuple[World, Run], halted: Status
) -> None:
    """(oncall OC-20)"""
    world, first = wrong
    world.staff(person("101"), person("102"), person("103"))
    run = world.start()
    world.ledger.runs.halt(run, Halt(halted, reason("STOPPED_BY_USER", who="Ada")))
    assert world.drive(run).status is halted
    assert open_ones(world) == {"102": first.run_id, "103": first.run_id}


def test_what_fails_in_a_run_in_progress_is_told_at_once(world: World) -> None:
    world.fresh(person("101"), refused("102"))
    run = world.start()
    world.steps(run)
    assert open_ones(world) == {"102": run.run_id}


def test_what_is_of_another_organisation_or_of_a_deleted_connection_is_closed(
    wrong: tuple[World, Run],
) -> None:
    """(oncall OC-20) Nobody can replay it."""
    world, _ = wrong
    connection = world.connection
    world.ledger.connections.save(replace(connection, era=1))
    assert open_ones(world) == {}
    world.ledger.connections.save(replace(world.connection, era=0))
    assert len(open_ones(world)) == 2
    world.ledger.connections._table.delete({"pk": f"TENANT#{TENANT}", "sk": f"CONNECTION#{CONNECTION}"})
    assert open_ones(world) == {}


def test_what_was_stored_before_bases_were_kept_is_told_once(wrong: tuple[World, Run]) -> None:
    """(oncall OC-20) A standing of before has no base, but its last complete run."""
    world, _ = wrong
    last = world.run()
    table: Any = world.ledger.connections._table
    standing = world.ledger.connections.standing(TENANT, CONNECTION, FLOW)
    table.put({name: value for name, value in standing.items() if name not in ("base_run_id", "carried")})
    assert open_ones(world) == {"102": last.run_id, "103": last.run_id}
    former = {"base_run_id", "carried", "complete_run_id"}
    table.put({name: value for name, value in standing.items() if name not in former})
    assert open_ones(world) == {"102": last.run_id, "103": last.run_id}
