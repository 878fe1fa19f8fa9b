"""Months that were exported before are looked at again, and named where both sides differ (TO-3)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.flows.opening import open_flow
from payrelay.flows.time_off_export import flow as module
from tests.flows.conftest import CONNECTION, TENANT, World
from tests.worlds.people import Leave, in_xledger, person, xledger
from tests.worlds.structs import replace

FLOW = "time_off_export"
KARI, OLA = person("101"), person("102", firstName="Ola")
# The clock of these tests stands in March 2026: this is the month before.
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
NOVEMBER = {"from": "2025-11-01", "to": "2025-11-30"}
DECEMBER = {"from": "2025-12-01", "to": "2025-12-31"}
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
NEW_YEAR = {"from": "2025-12-01", "to": "2026-01-31"}
WINTER = Leave("101", "2026-02-09", "2026-02-13", serial=1)
OTHER = Leave("102", "2026-02-17", "2026-02-18", kind="Sykmelding", serial=2)
OVER = Leave("101", "2025-12-22", "2026-01-09", serial=3)


def there(world: World, *leaves: Leave) -> None:
    world.staff(KARI, OLA, leaves=leaves)
    world.put("xledger", xledger(in_xledger(KARI), in_xledger(OLA)))


def now(world: World, *leaves: Leave) -> None:
    world.staff(KARI, OLA, leaves=leaves)


def spans(world: World, number: str = "101") -> list[tuple[str, str]]:
    return [(row["fromDate"], row["toDate"]) for row in world.absences(number)]


def agreed(world: World) -> Any:
    return world.ledger.connections.standing(TENANT, CONNECTION, FLOW).get("agreed_at")


def diagnosis(world: World, monkeypatch: pytest.MonkeyPatch, key: str | None) -> list[Any]:
    """The checks that fail now, as the clock of the world has it."""

    class Now(module.datetime):
        @classmethod
        def now(cls, *_: Any) -> Any:
            return world.clock()

    monkeypatch.setattr(module, "datetime", Now)
    return [one for one in open_flow(world, FLOW, world.connection).diagnose(key) if not one.passed]


CHANGES: list[tuple[str, list[Leave], str, str]] = [
    (
        "deleted",
        [OTHER],
        "101-2026-02-09-FERIE",
        "has no leave, Xledger has 2026-02-09 to 2026-02-13 at 100 %",
    ),
    (
        "all leave of the person deleted, and of everybody",
        [],
        "101-2026-02-09-FERIE",
        "has no leave, Xledger has 2026-02-09 to 2026-02-13 at 100 %",
    ),
    (
        "entered late",
        [WINTER, OTHER, Leave("102", "2026-02-24", "2026-02-25", serial=4)],
        "102-2026-02-24-FERIE",
        "has 2026-02-24 to 2026-02-25 at 100 %, Xledger has none",
    ),
    (
        "longer",
        [replace(WINTER, last="2026-02-16"), OTHER],
        "101-2026-02-16-FERIE",
        "has 2026-02-16 at 100 %, Xledger has none",
    ),
    (
        "shorter",
        [replace(WINTER, last="2026-02-11"), OTHER],
        "101-2026-02-09-FERIE",
        "has 2026-02-09 to 2026-02-11 at 100 %, Xledger has 2026-02-09 to 2026-02-13 at 100 %",
    ),
    (
        "half days",
        [replace(WINTER, extent=50), OTHER],
        "101-2026-02-09-FERIE",
        "has 2026-02-09 to 2026-02-13 at 50 %, Xledger has 2026-02-09 to 2026-02-13 at 100 %",
    ),
    (
        "another type",
        [replace(WINTER, kind="Sykmelding"), OTHER],
        "101-2026-02-09-FERIE",
        "has no leave, Xledger has 2026-02-09 to 2026-02-13 at 100 %",
    ),
]


@pytest.mark.requirement("TO-3")
@pytest.mark.parametrize(
    ("leaves", "key", "words"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
def test_a_month_that_was_exported_and_differs_is_named_until_it_is_exported_again(
    world: World, monkeypatch: pytest.MonkeyPatch, leaves: list[Leave], key: str, words: str
) -> None:
    """(faults D7)"""
    there(world, WINTER, OTHER)
    world.run(FLOW, options=FEBRUARY)
    world.run(FLOW)
    before = agreed(world)
    assert before
    assert diagnosis(world, monkeypatch, None) == []
    now(world, *leaves)
    world.forget_requests()
    run = world.run(FLOW)
    assert world.writes() == []
    record = world.records(run)[f"absence:{key}"]
    assert (record.outcome, record.reason.code) == ("blocked", "EARLIER_MONTH_DIFFERS")
    assert f"February 2026 was exported before, and differs: Simployer One {words}" in record.reason.message
    who = {"101": "Kari Nordmann101 (101)", "102": "Ola Nordmann102 (102)"}[key[:3]]
    assert f"Absence {key} of {who}: " in record.reason.message
    assert "from 2026-02-01 to 2026-02-28" in record.reason.remedy
    assert (run.status, agreed(world)) == ("partial", before)
    for asked in (None, key):
        (check,) = diagnosis(world, monkeypatch, asked)
        assert words in check.seen
    world.run(FLOW, options=FEBRUARY)
    again = world.run(FLOW)
    assert (again.status, world.stored(again)) == ("succeeded", [])
    assert diagnosis(world, monkeypatch, key) == []


@pytest.mark.requirement("TO-3")
@pytest.mark.parametrize(
    ("months", "exported", "named"),
    [(3, NOVEMBER, False), (4, NOVEMBER, True), (0, FEBRUARY, False), (1, FEBRUARY, True), (3, None, False)],
)
def test_it_is_looked_back_as_far_as_the_setting_says_and_only_at_what_was_exported(
    world: World, months: int, exported: dict[str, str] | None, named: bool
) -> None:
    """(faults D7)"""
    world.settings(time_off={"look_back_months": months})
    there(world)
    if exported:
        world.run(FLOW, options=exported)
    day = (exported or FEBRUARY)["from"][:8] + "11"
    now(world, Leave("101", day, day))
    run = world.run(FLOW)
    assert set(world.reasons(run).values()) == ({"EARLIER_MONTH_DIFFERS"} if named else set())


@pytest.mark.requirement("TO-3")
def test_what_was_changed_by_hand_in_an_earlier_month_is_named_too(world: World) -> None:
    there(world, WINTER)
    world.run(FLOW, options=FEBRUARY)
    world.put("xledger", {**world.state("xledger"), "absences": []})
    run = world.run(FLOW)
    assert world.reasons(run) == {"101-2026-02-09-FERIE": "EARLIER_MONTH_DIFFERS"}
    world.run(FLOW, options=FEBRUARY)
    assert world.stored(world.run(FLOW)) == []


@pytest.mark.requirement("TO-3")
def test_two_months_exported_each_for_itself_and_then_together_keep_their_rows(world: World) -> None:
    """(faults D5)"""
    there(world, OVER)
    world.run(FLOW, options=DECEMBER)
    world.run(FLOW, options=JANUARY)
    rows = [("2025-12-22", "2025-12-31"), ("2026-01-01", "2026-01-09")]
    assert spans(world) == rows
    world.forget_requests()
    run = world.run(FLOW, options=NEW_YEAR)
    assert (spans(world), world.writes(), world.stored(run)) == (rows, [], [])


@pytest.mark.requirement("TO-2", "TO-3")
def test_an_absence_that_was_shortened_to_before_the_period_is_shortened_in_xledger(world: World) -> None:
    """(faults D6)"""
    there(world, OVER)
    world.run(FLOW, options=NEW_YEAR)
    assert spans(world) == [("2025-12-22", "2026-01-09")]
    now(world, replace(OVER, last="2025-12-30"))
    run = world.run(FLOW, options=JANUARY)
    assert spans(world) == [("2025-12-22", "2025-12-30")]
    (record,) = world.stored(run)
    assert record.reason
    assert (record.outcome, record.reason.code) == ("updated", "SHORTENED_BEFORE_PERIOD")
    assert world.stored(world.run(FLOW, options=NEW_YEAR)) == []


@pytest.mark.requirement("TO-2", "TO-3")
@pytest.mark.parametrize(
    "left", [(), (replace(OVER, first="2025-12-29", last="2025-12-30"),)], ids=["gone", "later"]
)
def test_what_can_not_be_put_right_by_the_period_alone_is_named_until_it_is(
    world: World, left: tuple[Leave, ...]
) -> None:
    """(faults D6)"""
    there(world, OVER)
    world.run(FLOW, options=NEW_YEAR)
    now(world, *left)
    run = world.run(FLOW, options=JANUARY)
    assert world.reasons(run) == {"101-2025-12-22-FERIE": "REACHES_BEYOND_PERIOD"}
    assert run.status == "partial"
    world.run(FLOW, options=NEW_YEAR)
    assert spans(world) == [(one.first, one.last) for one in left]
    assert world.stored(world.run(FLOW, options=JANUARY)) == []


@pytest.mark.requirement("TO-3")
def test_a_leave_over_a_months_edge_that_is_withdrawn_is_taken_back_here_and_named_there(
    world: World,
) -> None:
    there(world, OVER)
    world.run(FLOW, options=DECEMBER)
    world.run(FLOW, options=JANUARY)
    now(world)
    run: Run = world.run(FLOW, options=JANUARY)
    assert world.reasons(run) == {
        "101-2026-01-01-FERIE": "WITHDRAWN_AT_SOURCE",
        "101-2025-12-22-FERIE": "EARLIER_MONTH_DIFFERS",
    }
    assert spans(world) == [("2025-12-22", "2025-12-31")]


@pytest.mark.requirement("TO-3", "RUN-1")
def test_an_applied_preview_exports_its_months_and_a_preview_alone_does_not(world: World) -> None:
    there(world, WINTER)
    preview = world.run(FLOW, "preview", options=FEBRUARY)
    now(world, WINTER, OTHER)
    assert world.stored(world.run(FLOW)) == []
    now(world, WINTER)
    world.run(FLOW, "apply", plan_of=preview.run_id, options=FEBRUARY)
    now(world, WINTER, OTHER)
    assert world.reasons(world.run(FLOW)) == {"102-2026-02-17-SYK": "EARLIER_MONTH_DIFFERS"}
