"""Absences at the edges of the period: cut and said so, and what lies beyond is left alone (TO-2)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Run
from tests.flows.conftest import World
from tests.worlds.people import Leave, in_xledger, person, xledger
from tests.worlds.structs import replace

FLOW = "time_off_export"
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
WINTER = {"from": "2026-01-01", "to": "2026-03-31"}
KARI = person("101")
LONG = Leave("101", "2026-01-26", "2026-03-13", kind="Sykmelding", text="Syk")


def export(world: World, period: dict[str, str]) -> Run:
    return world.run(FLOW, options=period)


def there(world: World, *leaves: Leave) -> None:
    world.staff(KARI, leaves=leaves)
    world.put("xledger", xledger(in_xledger(KARI)))


def now(world: World, *leaves: Leave) -> None:
    """The leave at the source, changed."""
    world.staff(KARI, leaves=leaves)


def spans(world: World) -> list[tuple[str, str]]:
    return [(row["fromDate"], row["toDate"]) for row in world.absences("101")]


def quiet(world: World, period: dict[str, str]) -> None:
    """Another export of the period writes nothing and blocks nothing."""
    world.forget_requests()
    run = export(world, period)
    assert world.writes() == []
    assert world.stored(run) == []


@pytest.mark.requirement("TO-2")
def test_an_absence_that_crosses_the_edges_is_cut_to_the_period_and_says_so(world: World) -> None:
    there(world, Leave("101", "2026-01-28", "2026-03-04"))
    run = export(world, FEBRUARY)
    assert spans(world) == [("2026-02-02", "2026-02-27")]
    (record,) = world.stored(run)
    assert record.reason
    assert (record.outcome, record.reason.code, run.status) == ("created", "CUT_TO_PERIOD", "succeeded")
    assert "2026-01-28 to 2026-03-04; only 2026-02-02 to 2026-02-27" in record.reason.message
    quiet(world, FEBRUARY)


@pytest.mark.requirement("TO-2")
def test_month_after_month_gives_one_absence_for_each(world: World) -> None:
    there(world, LONG)
    for period in (JANUARY, FEBRUARY, MARCH):
        export(world, period)
    assert spans(world) == [
        ("2026-01-26", "2026-01-30"),
        ("2026-02-02", "2026-02-27"),
        ("2026-03-02", "2026-03-13"),
    ]
    for period in (JANUARY, FEBRUARY, MARCH):
        quiet(world, period)


@pytest.mark.requirement("TO-1", "TO-2")
def test_a_longer_period_leaves_the_parts_as_they_are_and_adds_what_is_missing(world: World) -> None:
    """What payroll has paid by two rows stays two rows (faults D5)."""
    there(world, LONG)
    export(world, JANUARY)
    export(world, FEBRUARY)
    run = export(world, WINTER)
    assert spans(world) == [("2026-01-26", "2026-01-30"), ("2026-02-02", "2026-03-13")]
    assert "WITHDRAWN_AT_SOURCE" not in world.reasons(run).values()
    assert run.status == "succeeded"
    quiet(world, WINTER)


@pytest.mark.requirement("TO-1", "TO-2")
def test_a_shorter_period_changes_only_its_own_end_of_an_absence_that_a_longer_one_exported(
    world: World,
) -> None:
    there(world, LONG)
    export(world, WINTER)
    quiet(world, FEBRUARY)
    (before,) = world.absences("101")
    now(world, replace(LONG, last="2026-03-20"))
    run = export(world, MARCH)
    assert (spans(world), run.status) == ([("2026-01-26", "2026-03-20")], "succeeded")
    assert world.absences("101")[0]["dbId"] == before["dbId"]
    quiet(world, WINTER)


@pytest.mark.requirement("TO-1", "TO-2")
def test_a_change_that_cuts_an_absence_in_two_is_blocked_until_its_whole_period_is_exported(
    world: World,
) -> None:
    there(world, LONG)
    export(world, WINTER)
    days = tuple(day for day in LONG.working_days() if not "2026-02-02" <= day <= "2026-02-06")
    now(world, replace(LONG, days=days))
    run = export(world, FEBRUARY)
    (record,) = world.stored(run)
    assert record.reason
    assert (record.outcome, record.reason.code) == ("blocked", "REACHES_BEYOND_PERIOD")
    assert "2026-01-26 to 2026-03-13" in record.reason.message
    assert spans(world) == [("2026-01-26", "2026-03-13")]
    export(world, WINTER)
    assert spans(world) == [("2026-01-26", "2026-01-30"), ("2026-02-09", "2026-03-13")]
    quiet(world, WINTER)


@pytest.mark.requirement("TO-1", "TO-2")
def test_an_absence_that_begins_before_the_period_is_not_withdrawn_with_its_rest(world: World) -> None:
    there(world, LONG)
    export(world, WINTER)
    now(world)
    run = export(world, FEBRUARY)
    assert world.reasons(run) == {"101-2026-01-26-SYK": "REACHES_BEYOND_PERIOD"}
    (record,) = world.stored(run)
    assert record.reason
    assert "of Kari Nordmann101 (101) has changed" in record.reason.message
    assert (spans(world), run.status) == ([("2026-01-26", "2026-03-13")], "partial")
    export(world, WINTER)
    assert spans(world) == []


@pytest.mark.requirement("TO-1")
def test_a_leave_without_a_leave_record_of_its_own_is_exported_uncut(world: World) -> None:
    """Time off from a time sheet has days, but no leave that tells where it begins and ends."""
    there(world, Leave("101", "2026-01-28", "2026-02-04"))
    state = world.state("simployer")
    state["leave"] = []
    for row in state["leave-transaction"]:
        row["parent"]["type"] = "TimesheetEntry"
    world.put("simployer", state)
    run = export(world, FEBRUARY)
    assert spans(world) == [("2026-02-02", "2026-02-04")]
    assert world.reasons(run) == {}


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize("swapped", [False, True], ids=["withdrawn and moved there", "two leaves swapped"])
def test_leaves_that_take_each_others_days_are_right_after_one_run(world: World, swapped: bool) -> None:
    first = Leave("101", "2026-02-09", "2026-02-10", text="First", serial=1)
    second = Leave("101", "2026-02-16", "2026-02-17", text="Second", serial=2)
    there(world, first, second)
    export(world, FEBRUARY)
    moved = [replace(second, first=first.first, last=first.last)]
    if swapped:
        moved.append(replace(first, first=second.first, last=second.last))
    now(world, *moved)
    run = export(world, FEBRUARY)
    texts: list[tuple[Any, Any]] = [(row["fromDate"], row["text"]) for row in world.absences("101")]
    expected = [("2026-02-09", "Second"), ("2026-02-16", "First")]
    assert texts == (expected if swapped else expected[:1])
    assert run.status == "succeeded"
    assert run.counts
    assert sum(run.counts.values()) == 2
    quiet(world, FEBRUARY)
