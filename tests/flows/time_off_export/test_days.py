"""From days of leave to absences that can be exported, and what stands in the way (TO-1, TO-2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from payrelay.flows.time_off_export.days import (
    Codes,
    Hours,
    Owner,
    Told,
    at_edge,
    cuts,
    days_of,
    unreadable_leaves,
)
from payrelay.flows.time_off_export.rules import Absence, Scope
from payrelay.systems.rows import BadRow, Day, Unusable
from payrelay.systems.simployer.models import Colleague, Leave, LeaveParent, LeaveTransaction
from tests.flows.time_off_export.builders import FEBRUARY, SCOPE, WEEKDAYS, absence

ROW = LeaveTransaction(
    id="d1",
    status="APPROVED",
    leave_type_id="t1",
    employee_id="e1",
    date=Day(2026, 2, 9),
    extent=Decimal("37.5"),
    description="Winter",
    parent=LeaveParent("l1", "Leave"),
    employee=Colleague("e1", "101", "c1"),
)
CONTEXT: dict[str, Any] = {
    "types": {
        "t1": {"name": "Ferie", "codes": {"c1": "FERIE"}},
        "t2": {"name": "Studier", "codes": {}},
        "t3": {"name": "Velferd", "codes": {"c1": "VELF"}},
    },
    "codes": ["FERIE", "SYK"],
}


def told_of(*rows: LeaveTransaction, scope: Scope = SCOPE, context: dict[str, Any] = CONTEXT) -> Told:
    return days_of(Owner.of(rows, Hours()), Codes.of(context), scope)


def bad(row_id: str, number: str) -> dict[str, str]:
    return {"id": row_id, "number": number, "field": "name", "problem": "is no text"}


def refusal(row: LeaveTransaction, **unreadable: list[dict[str, str]]) -> tuple[str, str] | None:
    """Why the leave of this day can't be exported, or None."""
    context = {**CONTEXT, "unreadable": unreadable} if unreadable else CONTEXT
    told = told_of(row, replace(row, id="d2", date=Day(2026, 2, 10)), context=context)
    if not told.stuck:
        assert len(told.days) == 2
        return None
    assert told.days == []
    ((parent, record),) = told.stuck.items()
    assert (parent, record.source_id, record.outcome) == ("l1", "e1:l1:", "blocked")
    assert record.reason
    return record.reason.code, record.reason.message


def test_a_day_is_taken_as_it_stands() -> None:
    told = told_of(ROW)
    (day,) = told.days
    assert (day.parent, day.code, day.day, day.extent, day.text) == (
        "l1", "FERIE", Day(2026, 2, 9), Decimal("37.5"), "Winter",
    )  # fmt: skip
    assert told.stuck == {}
    (alone,) = told_of(replace(ROW, parent=None, description=None)).days
    assert (alone.parent, alone.text) == ("d1", "")


OF_TYPE = {name: replace(ROW, leave_type_id=name) for name in ("t2", "t3", "t9")}
ELSEWHERE = replace(ROW, employee=Colleague("e1", "101", "c2"))
NO_EXTENT = "Leave l1 (Winter, 2026-02-09 to 2026-02-10) of employee 101: on 2026-02-09 the extent and hours"
REFUSED: list[tuple[str, LeaveTransaction, dict[str, Any], str, str]] = [
    ("no code", OF_TYPE["t2"], {}, "ABSENCE_CODE_MISSING", "Studier"),
    ("no such type", OF_TYPE["t9"], {}, "ABSENCE_CODE_MISSING", "t9"),
    ("no code in that company", ELSEWHERE, {}, "ABSENCE_CODE_MISSING", "Ferie"),
    ("no such code in Xledger", OF_TYPE["t3"], {}, "ABSENCE_CODE_UNKNOWN", "VELF"),
    ("no employee", replace(ROW, employee=None), {}, "EMPLOYEE_NOT_SHOWN", "e1"),
    ("no extent", replace(ROW, extent=None), {}, "DAY_NOT_VALID", NO_EXTENT),
    ("a bad type", OF_TYPE["t9"], {"types": [bad("t9", "P")]}, "VALUE_NOT_VALID", "Leave type P: name"),
    ("a bad one without id", OF_TYPE["t9"], {"types": [bad("", "x")]}, "VALUE_NOT_VALID", "type x: name"),
    ("a bad code", OF_TYPE["t3"], {"codes": [bad("5", "VELF")]}, "VALUE_NOT_VALID", "code VELF: name"),
]


@pytest.mark.requirement("TO-1", "RUN-4")
@pytest.mark.parametrize(
    ("row", "unreadable", "code", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_leave_that_can_not_be_exported_is_told_of_once_with_the_true_reason(
    row: LeaveTransaction, unreadable: dict[str, Any], code: str, words: str
) -> None:
    found = refusal(row, **unreadable)
    assert found
    assert found[0] == code
    assert words in found[1]


@pytest.mark.parametrize("unreadable", [{"types": [bad("t9", "P")]}, {"codes": [bad("5", "VELF")]}])
def test_what_can_not_be_read_concerns_only_the_leave_that_needs_it(unreadable: dict[str, Any]) -> None:
    assert refusal(ROW, **unreadable) is None


@pytest.mark.requirement("TO-1", "RUN-4")
def test_one_day_without_an_extent_keeps_its_whole_leave_back_and_no_other() -> None:
    rows = [ROW, replace(ROW, id="d2", extent=None), replace(ROW, id="d3", parent=LeaveParent("l2", "Leave"))]
    told = told_of(*rows)
    assert [day.parent for day in told.days] == ["l2"]
    assert list(told.stuck) == ["l1"]


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("scope", "taken"),
    [
        (Scope(FEBRUARY, codes=frozenset({"FERIE"})), True),
        (Scope(FEBRUARY, codes=frozenset({"SYK"})), False),
        (Scope(FEBRUARY, numbers=frozenset({"101"})), True),
        (Scope(FEBRUARY, numbers=frozenset({"102"})), False),
        (Scope(FEBRUARY, numbers=frozenset()), False),
    ],
)
def test_a_run_takes_the_codes_and_employees_that_it_is_about(scope: Scope, taken: bool) -> None:
    told = told_of(ROW, scope=scope)
    assert (len(told.days), told.stuck) == (int(taken), {})


WHOLE = {"l1": Leave("l1", Day(2026, 1, 28), Day(2026, 3, 4))}
CUTS: list[tuple[str, Absence, tuple[Day, Day], bool]] = [
    ("begins before", absence("02-02", "02-04"), (Day(2026, 1, 28), Day(2026, 2, 4)), True),
    ("goes on after", absence("02-25", "02-27"), (Day(2026, 2, 25), Day(2026, 3, 4)), True),
    ("does both", absence("02-02", "02-27"), (Day(2026, 1, 28), Day(2026, 3, 4)), True),
    ("is the whole period", absence("02-02", "02-27"), (Day(2026, 2, 2), Day(2026, 2, 27)), False),
    ("begins with it", absence("02-02", "02-04"), (Day(2026, 2, 2), Day(2026, 2, 4)), False),
    ("its weekend is beyond", absence("02-25", "02-27"), (Day(2026, 2, 25), Day(2026, 3, 1)), True),
]


@pytest.mark.requirement("TO-2")
@pytest.mark.parametrize(("one", "whole", "cut"), [row[1:] for row in CUTS], ids=[row[0] for row in CUTS])
def test_an_absence_that_the_period_cuts_says_so_with_all_four_days(
    one: Absence, whole: tuple[Day, Day], cut: bool
) -> None:
    edge = at_edge([one, absence("02-10", "02-11")], FEBRUARY, WEEKDAYS)
    assert edge == [one]
    found = cuts(edge, {"l1": Leave("l1", *whole)}, FEBRUARY, "Kari Nordmann (101)")
    assert list(found) == ([one.source_id] if cut else [])
    for why in found.values():
        assert why.code == "CUT_TO_PERIOD"
        assert all(str(day) in why.message for day in (*whole, one.start, one.end))


@pytest.mark.requirement("TO-2", "RUN-4")
@pytest.mark.parametrize("leave_id", ["l1", ""])
def test_leave_of_which_nobody_can_tell_whether_it_is_cut_is_kept_back(leave_id: str) -> None:
    lost = Unusable([BadRow(leave_id, "", "endDate", "is missing")], lambda row: row.id)
    owner = Owner.of([replace(ROW, date=Day(2026, 2, 2))], Hours())
    asked = owner.to_read(FEBRUARY)
    assert asked == {"l1"}
    assert unreadable_leaves(owner, asked, WHOLE, lost) == {}
    ((parent, record),) = unreadable_leaves(owner, asked, {}, lost).items()
    assert (parent, record.key, record.source_id) == ("l1", "101-l1", "e1:l1:")
    assert record.reason
    assert "endDate" in record.reason.message
