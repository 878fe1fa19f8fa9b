"""Who is gone from the source, and that an incomplete read never counts as absence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.conftest import World
from tests.worlds.people import person
from tests.worlds.structs import replace

PEOPLE = [person(str(number)) for number in range(101, 106)]


def numbers(world: World) -> list[str]:
    return [row["code"] for row in world.state("xledger")["employees"]]


@pytest.mark.requirement("EX-4")
def test_someone_gone_from_the_source_is_reported_while_employed_in_xledger_and_never_ended(
    world: World,
) -> None:
    world.fresh(*PEOPLE[:3])
    world.run()
    world.staff(*PEOPLE[1:3])
    before = world.state("xledger")
    world.forget_requests()
    for _ in range(2):
        run = world.run()
        record = world.records(run)["employee:101"]
        assert (record.outcome, record.reason.code) == ("blocked", "GONE_FROM_SOURCE")
        assert run.status == "partial"
        assert run.counts
        assert (run.counts["unchanged"], run.counts["blocked"]) == (2, 1)
    assert world.writes() == []
    assert world.state("xledger") == before


@pytest.mark.requirement("EX-4")
def test_a_record_replaced_by_a_new_one_with_the_same_number_is_not_gone(world: World) -> None:
    world.fresh(*PEOPLE[:2])
    world.run()
    world.staff(PEOPLE[1], person("101", record=500))
    run = world.run()
    assert world.reasons(run) == {}
    assert run.counts
    assert run.counts["unchanged"] == 2


@pytest.mark.requirement("EX-4")
def test_someone_no_longer_for_export_is_not_taken_for_gone(world: World) -> None:
    world.fresh(*PEOPLE[:2])
    world.run()
    world.staff(replace(PEOPLE[0], employee={**PEOPLE[0].employee, "active": False}), PEOPLE[1])
    assert world.reasons(world.run()) == {"101": "STILL_EMPLOYED"}


@pytest.mark.requirement("EX-4")
def test_a_run_for_some_employees_takes_nobody_for_gone(world: World) -> None:
    world.fresh(*PEOPLE[:3])
    world.run()
    world.staff(PEOPLE[1])
    run = world.run(options={"employees": ["102"]})
    assert world.stored(run) == []
    assert run.counts
    assert sum(run.counts.values()) == run.counts["unchanged"] == 1


def once(change: Callable[[], Any]) -> Callable[[], None]:
    """Does it the first time that it is called."""
    left = [change]

    def call() -> None:
        if left:
            left.pop()()

    return call


MOVES: list[tuple[str, list[int], list[int]]] = [
    ("the first row is deleted", [101], []),
    ("a row is put before the first", [], [100]),
    ("a row is deleted and another put at the end", [101], [110]),
]


@pytest.mark.requirement("EX-4", "RUN-8")
@pytest.mark.parametrize(("gone", "come"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_a_source_that_moves_while_it_is_read_is_read_again_and_nobody_is_missed_or_doubled(
    world: World, monkeypatch: pytest.MonkeyPatch, gone: list[int], come: list[int]
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 2)
    world.fresh(*PEOPLE)
    world.run()
    there = [one for one in PEOPLE if int(one.employee["employeeNumber"]) not in gone]
    there += [person(str(number)) for number in come]
    world.meanwhile = once(lambda: world.staff(*there))
    run = world.run()
    assert (run.reads, run.complete) == (2, True)
    assert world.reasons(run) == {str(number): "GONE_FROM_SOURCE" for number in gone}
    assert run.counts
    assert run.counts["created"] == len(come)
    assert run.counts["unchanged"] == len(PEOPLE) - len(gone)
    assert sum(run.counts.values()) == len(PEOPLE) + len(come)


@pytest.mark.requirement("EX-4")
def test_a_source_that_never_holds_still_is_synced_as_seen_and_nobody_counts_as_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 2)
    people = [person(str(number)) for number in range(101, 109)]
    world.fresh(*people)
    world.run()
    world.staff(*people[:-1], replace(people[-1], employee={**people[-1].employee, "title": "CFO"}))
    world.faults("simployer", errors=["shift"], match="limit=3&offset=1", count=3)
    run = world.run()
    assert len(world.state("simployer")["employee"]) == 5
    assert (run.reads, run.complete) == (3, False)
    assert world.reasons(run) == {}
    assert world.outcomes(run) == {"108": "updated"}
    following = world.run()
    assert world.reasons(following) == dict.fromkeys(("101", "102", "103"), "GONE_FROM_SOURCE")


@pytest.mark.requirement("EX-4")
def test_an_empty_source_ends_nobody(world: World) -> None:
    world.fresh(*PEOPLE)
    world.run()
    world.staff()
    world.forget_requests()
    run = world.run()
    assert set(world.reasons(run).values()) == {"GONE_FROM_SOURCE"}
    assert run.counts
    assert run.counts["blocked"] == len(PEOPLE)
    assert world.writes() == []
    assert numbers(world) == [one.employee["employeeNumber"] for one in PEOPLE]
