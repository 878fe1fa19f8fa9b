"""Leave across many pages: nobody missed, nobody doubled, whatever happens between two (TO-1, RUN-8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from payrelay.domain.runs import Run
from tests.flows.conftest import World
from tests.worlds.people import Leave, in_xledger, person, row_id, xledger
from tests.worlds.structs import replace

FLOW = "time_off_export"
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
PEOPLE = [person(str(number)) for number in (101, 102, 103)]
LEAVES = [
    Leave("101", "2026-02-02", "2026-02-03", serial=1),
    Leave("101", "2026-02-09", "2026-02-11", kind="Sykmelding", serial=2),
    Leave("102", "2026-02-10", "2026-02-10", serial=3),
    Leave("103", "2026-02-09", "2026-02-13", serial=4),
]
EXPECTED = {
    "101": [("2026-02-02", "2026-02-03"), ("2026-02-09", "2026-02-11")],
    "102": [("2026-02-10", "2026-02-10")],
    "103": [("2026-02-09", "2026-02-13")],
}


def export(world: World) -> Run:
    return world.run(FLOW, options=FEBRUARY)


def spans(world: World) -> dict[str, list[tuple[str, str]]]:
    return {
        number: [(row["fromDate"], row["toDate"]) for row in world.absences(number)] for number in EXPECTED
    }


@pytest.fixture
def staffed(world: World) -> World:
    world.staff(*PEOPLE, leaves=LEAVES)
    world.put("xledger", xledger(*map(in_xledger, PEOPLE)))
    return world


@pytest.mark.requirement("TO-1", "RUN-8")
@pytest.mark.parametrize("rows", [1, 3, 11])
def test_pages_of_any_size_give_the_same_absences(
    staffed: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("payrelay.flows.time_off_export.read.ROWS", rows)
    run = export(staffed)
    assert spans(staffed) == EXPECTED
    assert (run.pages, run.complete, run.reads) == (-(-11 // rows), True, 1)
    assert run.counts
    assert sum(run.counts.values()) == run.counts["created"] == len(LEAVES)
    staffed.forget_requests()
    second = export(staffed)
    assert staffed.writes() == []
    assert second.counts
    assert second.counts["unchanged"] == len(LEAVES)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize("rows", [1, 4])
def test_on_pages_of_any_size_what_is_gone_is_withdrawn_and_nothing_else(
    staffed: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("payrelay.flows.time_off_export.read.ROWS", rows)
    export(staffed)
    staffed.staff(*PEOPLE, leaves=[LEAVES[0], LEAVES[3]])
    run = export(staffed)
    assert spans(staffed) == {**EXPECTED, "101": EXPECTED["101"][:1], "102": []}
    assert set(staffed.reasons(run).values()) == {"WITHDRAWN_AT_SOURCE"}
    assert run.counts
    assert (run.counts["updated"], run.counts["unchanged"]) == (2, 2)


def once(change: Callable[[], Any]) -> Callable[[], None]:
    """Does it the first time that it is called."""
    left = [change]

    def call() -> None:
        if left:
            left.pop()()

    return call


MOVES: list[tuple[str, list[Leave], dict[str, list[tuple[str, str]]]]] = [
    ("all leave of one employee is deleted", LEAVES[2:], {**EXPECTED, "101": []}),
    (
        "a leave is added",
        [*LEAVES, Leave("102", "2026-02-24", "2026-02-25", serial=5)],
        {**EXPECTED, "102": [*EXPECTED["102"], ("2026-02-24", "2026-02-25")]},
    ),
]


@pytest.mark.requirement("TO-1", "RUN-8")
@pytest.mark.parametrize(("leaves", "expected"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_leave_that_moves_while_it_is_read_is_read_again(
    staffed: World,
    monkeypatch: pytest.MonkeyPatch,
    leaves: list[Leave],
    expected: dict[str, list[tuple[str, str]]],
) -> None:
    monkeypatch.setattr("payrelay.flows.time_off_export.read.ROWS", 2)
    export(staffed)
    staffed.meanwhile = once(lambda: staffed.staff(*PEOPLE, leaves=leaves))
    run = export(staffed)
    assert (run.reads, run.complete) == (2, True)
    assert spans(staffed) == expected
    assert run.counts
    assert sum(run.counts.values()) == max(len(leaves), len(LEAVES))


@pytest.mark.requirement("TO-1")
def test_leave_that_never_holds_still_is_synced_as_seen_and_nothing_is_withdrawn(
    staffed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the second page of each read the first row disappears; three reads, and it is enough."""
    monkeypatch.setattr("payrelay.flows.time_off_export.read.ROWS", 2)
    export(staffed)
    staffed.faults("simployer", errors=["shift"], match="limit=3&offset=1", count=3)
    run = export(staffed)
    assert (run.reads, run.complete) == (3, False)
    assert [days for days in spans(staffed)["101"] if days[0] > "2026-02-03"] == EXPECTED["101"][1:]
    assert spans(staffed)["102"] == EXPECTED["102"]
    assert spans(staffed)["103"] == EXPECTED["103"]


@pytest.mark.requirement("TO-1", "RUN-4")
@pytest.mark.parametrize(
    ("place", "rows"),
    [(1, 999), (4, 2), (5, 3), (10, 2)],
    ids=["within", "last of one", "the only one", "the last"],
)
def test_a_day_that_can_not_be_read_spoils_neither_the_read_nor_other_peoples_leave(
    staffed: World, monkeypatch: pytest.MonkeyPatch, place: int, rows: int
) -> None:
    monkeypatch.setattr("payrelay.flows.time_off_export.read.ROWS", rows)
    export(staffed)
    state = staffed.state("simployer")
    broken = state["leave-transaction"][place]
    broken["parent"] = {"type": "Leave"}
    staffed.put("simployer", state)
    run = export(staffed)
    assert (run.reads, run.complete) == (1, True)
    bad = [one for one in staffed.stored(run) if one.outcome == "blocked"]
    assert [(one.key, one.reason and one.reason.code) for one in bad] == [(broken["id"], "VALUE_NOT_VALID")]
    theirs = {"1": "101", "2": "102", "3": "103"}[str(int(broken["employeeId"][4:], 16) - 100)]
    after = spans(staffed)
    assert {n: days for n, days in after.items() if n != theirs} == {
        n: days for n, days in EXPECTED.items() if n != theirs
    }
    assert not [one for one in staffed.stored(run) if one.reason and "WITHDRAWN" in one.reason.code]
    staffed.staff(*PEOPLE, leaves=LEAVES)
    export(staffed)
    assert spans(staffed) == EXPECTED


@pytest.mark.requirement("TO-1")
def test_leave_of_someone_whose_number_changed_is_blocked_and_not_withdrawn(staffed: World) -> None:
    export(staffed)
    staffed.edit("simployer", "employee", {"employeeNumber": "103"}, employeeNumber="203")
    run = export(staffed)
    assert staffed.reasons(run) == {"203-2026-02-09-FERIE": "EMPLOYEE_UNKNOWN"}
    assert spans(staffed) == EXPECTED


@pytest.mark.requirement("TO-1")
def test_leave_that_moved_to_a_new_record_of_the_same_person_is_the_same_absence(staffed: World) -> None:
    export(staffed)
    before = staffed.absences("103")
    again = person("103", record=300)
    moved = replace(LEAVES[3], number="300", serial=40)
    staffed.staff(PEOPLE[0], PEOPLE[1], again, leaves=[*LEAVES[:3], moved])
    for _ in range(2):
        run = export(staffed)
        assert staffed.absences("103") == before
        assert run.status == "succeeded"
    assert row_id("employee", 300) != PEOPLE[2].id
