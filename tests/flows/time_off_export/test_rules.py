"""Days of leave folded into absences, and where an absence touches the period's edge (TO-1, TO-2)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.flows.time_off_export.rules import (
    Absence,
    LeaveDay,
    Period,
    Written,
    fold,
    month_of,
    months_in,
    touches_end,
    touches_start,
    whole,
)
from payrelay.flows.time_off_export.shares import Taken
from payrelay.flows.time_off_export.worked import Worked
from tests.flows.time_off_export.builders import WEEKDAYS

MONDAY = date(2026, 2, 9)
FREE = Worked({})


def day(
    when: date | str,
    *,
    parent: str = "l1",
    code: str = "ABC",
    extent: int = 100,
    who: str = "145",
    text: str = "Winter break",
) -> LeaveDay:
    taken = date.fromisoformat(when) if isinstance(when, str) else when
    return LeaveDay(who, parent, code, taken, Decimal(extent), text)


def folded(days: list[LeaveDay], *rows: Written) -> list[Absence]:
    """The absences of everybody, by what their own days tell of when they work."""
    found = []
    for who in sorted({one.employee for one in days}):
        own = [one for one in days if one.employee == who]
        worked = Worked.of(Taken(one.parent, one.day, None, one.extent) for one in own)
        found += fold(own, worked, rows)
    return found


def spans(absences: list[Absence]) -> list[tuple[str, str]]:
    return [(str(one.start), str(one.end)) for one in absences]


leave_days = st.builds(
    day,
    st.integers(0, 45).map(lambda days: MONDAY + timedelta(days=days)),
    parent=st.sampled_from(["l1", "l2"]),
    code=st.sampled_from(["ABC", "SICK"]),
    extent=st.sampled_from([50, 100]),
    who=st.sampled_from(["145", "146"]),
    text=st.sampled_from(["Winter break", "Skiing"]),
)


def identity(one: LeaveDay | Absence) -> tuple[str, str, str, Decimal]:
    return one.employee, one.parent, one.code, one.extent


def covered(one: Absence) -> list[date]:
    return [one.start + timedelta(days=n) for n in range((one.end - one.start).days + 1)]


@pytest.mark.requirement("TO-1")
@given(st.lists(leave_days, max_size=40))
def test_folding_covers_all_given_days_and_no_day_of_another_leave(days: list[LeaveDay]) -> None:
    given_days = {(identity(one), one.day) for one in days}
    found = [(identity(one), when) for one in folded(days) for when in covered(one)]
    assert len(found) == len(set(found)), "a day is in two absences"
    assert given_days <= set(found)
    taken = {(one.employee, one.day) for one in days}
    assert not taken & {(one[0], when) for one, when in set(found) - given_days}


@given(st.lists(leave_days, max_size=40))
def test_every_absence_begins_and_ends_on_a_day_of_its_own_leave(days: list[LeaveDay]) -> None:
    given_days = {(identity(one), one.day) for one in days}
    for one in folded(days):
        assert (identity(one), one.start) in given_days
        assert (identity(one), one.end) in given_days


@given(st.lists(leave_days, max_size=25), st.randoms(use_true_random=False))
def test_the_order_and_the_repetition_of_days_change_nothing(days: list[LeaveDay], dice: object) -> None:
    shuffled = days + days[::2]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert folded(shuffled) == folded(days)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], []),
        ([day("2026-02-09"), day("2026-02-10")], [("2026-02-09", "2026-02-10")]),
        ([day("2026-02-13"), day("2026-02-16")], [("2026-02-13", "2026-02-16")]),
        ([day("2026-02-12"), day("2026-02-16")], [("2026-02-12", "2026-02-16")]),
        (
            [day("2026-02-12"), day("2026-02-16"), day("2026-02-27", parent="l2")],
            [("2026-02-12", "2026-02-12"), ("2026-02-16", "2026-02-16"), ("2026-02-27", "2026-02-27")],
        ),
        (
            [day("2026-02-09"), day("2026-02-10", extent=50)],
            [("2026-02-09", "2026-02-09"), ("2026-02-10", "2026-02-10")],
        ),
        (
            [day("2026-02-09"), day("2026-02-10", parent="l2")],
            [("2026-02-09", "2026-02-09"), ("2026-02-10", "2026-02-10")],
        ),
        (
            [day("2026-02-09"), day("2026-02-10", code="SICK")],
            [("2026-02-09", "2026-02-09"), ("2026-02-10", "2026-02-10")],
        ),
        (
            [day("2026-02-09"), day("2026-02-10", who="146")],
            [("2026-02-09", "2026-02-09"), ("2026-02-10", "2026-02-10")],
        ),
        ([day("2026-02-14"), day("2026-02-15")], [("2026-02-14", "2026-02-15")]),
    ],
    ids=[
        "no days",
        "two days in a row",
        "over a weekend",
        "nothing shows that Fridays are worked",
        "other leave shows that they are",
        "a half day after a whole one",
        "another leave the next day",
        "another code the next day",
        "another employee the next day",
        "leave on a weekend itself",
    ],
)
def test_days_in_a_row_of_one_leave_become_one_absence(
    days: list[LeaveDay], expected: list[tuple[str, str]]
) -> None:
    assert spans(folded(days)) == expected


@pytest.mark.requirement("TO-2")
@pytest.mark.parametrize(
    ("start", "end", "at_start", "at_end"),
    [
        ("2026-02-10", "2026-02-20", False, False),
        ("2026-02-02", "2026-02-20", True, False),
        ("2026-02-03", "2026-02-20", False, False),
        ("2026-02-10", "2026-02-27", False, True),
        ("2026-02-10", "2026-02-26", False, False),
        ("2026-02-02", "2026-02-27", True, True),
        ("2026-02-01", "2026-02-28", True, True),
    ],
    ids=[
        "in the middle",
        "from the first working day, after a Sunday",
        "from the second working day",
        "to the last working day, before a Saturday",
        "to the day before it",
        "every working day of the period",
        "every day of the period",
    ],
)
def test_an_absence_touches_an_edge_when_only_a_weekend_lies_between(
    start: str, end: str, at_start: bool, at_end: bool
) -> None:
    days = date.fromisoformat(start), date.fromisoformat(end)
    absence = Absence("145", "l1", "ABC", *days, Decimal(100), "")
    february = Period(date(2026, 2, 1), date(2026, 2, 28))
    found = touches_start(absence, february, WEEKDAYS), touches_end(absence, february, WEEKDAYS)
    assert found == (at_start, at_end)
    assert touches_start(absence, february, FREE), "nothing shows on which days they work"


@pytest.mark.parametrize(
    ("start", "end", "shared"),
    [
        ("2026-02-08", "2026-02-08", False),
        ("2026-02-08", "2026-02-09", True),
        ("2026-02-11", "2026-02-11", True),
        ("2026-02-13", "2026-02-20", True),
        ("2026-02-14", "2026-02-20", False),
        ("2026-02-01", "2026-02-28", True),
    ],
)
def test_two_stretches_overlap_when_they_share_a_day(start: str, end: str, shared: bool) -> None:
    absence = Absence("145", "l1", "ABC", date(2026, 2, 9), date(2026, 2, 13), Decimal(100), "")
    assert absence.overlaps(date.fromisoformat(start), date.fromisoformat(end)) is shared


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.integers(0, 30))
def test_a_month_is_whole_and_months_follow_each_other_without_a_gap(today: date, back: int) -> None:
    month, before = month_of(today, months_back=back), month_of(today, months_back=back + 1)
    assert month.start.day == 1
    assert (month.end + timedelta(days=1)).day == 1
    assert before.end + timedelta(days=1) == month.start
    assert back > 0 or today in month
    assert months_in(Period(before.start, month.end)) == [before, month]


LONG = Written("145", "101", "7", "l1", "ABC", date(2026, 1, 26), date(2026, 3, 13), Decimal(100))
JANUARY, MARCH = (Period(date(2026, 1, 1), date(2026, 1, 31)), Period(date(2026, 3, 1), date(2026, 3, 31)))
WHOLE: list[tuple[str, Period, tuple[str, str], tuple[str, str] | None]] = [
    ("its end in March", MARCH, ("2026-03-02", "2026-03-06"), ("2026-01-26", "2026-03-06")),
    ("a later end", MARCH, ("2026-03-02", "2026-03-20"), ("2026-01-26", "2026-03-20")),
    ("an earlier start", JANUARY, ("2026-01-19", "2026-01-30"), ("2026-01-19", "2026-03-13")),
    ("a later start", JANUARY, ("2026-01-28", "2026-01-30"), ("2026-01-28", "2026-03-13")),
    ("its end in January", JANUARY, ("2026-01-26", "2026-01-28"), ("2026-01-26", "2026-01-28")),
    ("of one piece no more", MARCH, ("2026-03-10", "2026-03-13"), None),
]


@pytest.mark.requirement("TO-1", "TO-2")
@pytest.mark.parametrize(
    ("period", "days", "expected"), [row[1:] for row in WHOLE], ids=[r[0] for r in WHOLE]
)
def test_a_shorter_period_keeps_the_days_that_a_longer_one_wrote_beyond_it(
    period: Period, days: tuple[str, str], expected: tuple[str, str] | None
) -> None:
    start, end = map(date.fromisoformat, days)
    found = whole(Absence("145", "l1", "ABC", start, end, Decimal(100), ""), LONG, period, WEEKDAYS)
    assert (spans([found])[0] if found else None) == expected


def test_what_was_written_is_known_from_its_link() -> None:
    facts = {"employee": "e1", "number": "101", "db_id": "7", "parent": "l1", "code": "ABC"}
    days = {"start": "2026-01-26", "end": "2026-03-13"}
    assert Written.of({**facts, **days, "extent": "37.5"}).extent == Decimal("37.5")
    assert Written.of({**facts, **days, "extent": ""}).extent is None
    assert Written.of({**facts, **days, "extent": ""}).source_id == "e1:l1:2026-01-26"


JANUARY_ROW = Written("145", "101", "7", "l1", "ABC", date(2026, 1, 1), date(2026, 1, 9), Decimal(100))
DECEMBER_ROW = Written("145", "101", "7", "l1", "ABC", date(2025, 12, 22), date(2025, 12, 31), Decimal(100))
PAID: list[tuple[str, list[Written], str, list[tuple[str, str]]]] = [
    (
        "two rows",
        [DECEMBER_ROW, JANUARY_ROW],
        "2026-01-09",
        [("2025-12-22", "2025-12-31"), ("2026-01-01", "2026-01-09")],
    ),
    (
        "two rows, now longer",
        [DECEMBER_ROW, JANUARY_ROW],
        "2026-01-12",
        [("2025-12-22", "2025-12-31"), ("2026-01-01", "2026-01-12")],
    ),
    ("two rows, now shorter", [DECEMBER_ROW, JANUARY_ROW], "2025-12-30", [("2025-12-22", "2025-12-30")]),
    ("one row", [DECEMBER_ROW], "2026-01-09", [("2025-12-22", "2026-01-09")]),
    ("the later one only", [JANUARY_ROW], "2026-01-09", [("2025-12-22", "2026-01-09")]),
    ("none", [], "2026-01-09", [("2025-12-22", "2026-01-09")]),
]


@pytest.mark.requirement("TO-3")
@pytest.mark.parametrize(
    ("rows", "last", "expected"), [row[1:] for row in PAID], ids=[row[0] for row in PAID]
)
def test_what_was_exported_as_two_rows_stays_two_rows(
    rows: list[Written], last: str, expected: list[tuple[str, str]]
) -> None:
    """(faults D5)"""
    start, end = date(2025, 12, 22), date.fromisoformat(last)
    days = [day(start + timedelta(days=n)) for n in range((end - start).days + 1)]
    assert spans(folded(days, *rows)) == expected
