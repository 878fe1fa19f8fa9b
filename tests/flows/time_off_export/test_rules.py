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
    touches_end,
    touches_start,
    whole,
)

MONDAY = date(2026, 2, 9)


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
def test_folding_covers_exactly_the_given_days_and_only_weekends_besides(days: list[LeaveDay]) -> None:
    given_days = {(identity(one), one.day) for one in days}
    folded = [(identity(one), when) for one in fold(days) for when in covered(one)]
    assert len(folded) == len(set(folded)), "a day is in two absences"
    assert given_days <= set(folded)
    assert all(when.weekday() >= 5 for _, when in set(folded) - given_days)


@given(st.lists(leave_days, max_size=40))
def test_every_absence_begins_and_ends_on_a_day_of_its_own_leave(days: list[LeaveDay]) -> None:
    given_days = {(identity(one), one.day) for one in days}
    for one in fold(days):
        assert (identity(one), one.start) in given_days
        assert (identity(one), one.end) in given_days


@given(st.lists(leave_days, max_size=25), st.randoms(use_true_random=False))
def test_the_order_and_the_repetition_of_days_change_nothing(days: list[LeaveDay], dice: object) -> None:
    shuffled = days + days[::2]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(days)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], []),
        ([day("2026-02-09"), day("2026-02-10")], [("2026-02-09", "2026-02-10")]),
        ([day("2026-02-13"), day("2026-02-16")], [("2026-02-13", "2026-02-16")]),
        (
            [day("2026-02-12"), day("2026-02-16")],
            [("2026-02-12", "2026-02-12"), ("2026-02-16", "2026-02-16")],
        ),
        (
            [day("2026-02-13"), day("2026-02-17")],
            [("2026-02-13", "2026-02-13"), ("2026-02-17", "2026-02-17")],
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
        "a Friday between them was worked",
        "a Monday between them was worked",
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
    assert spans(fold(days)) == expected


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
    assert (touches_start(absence, february), touches_end(absence, february)) == (at_start, at_end)


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
    found = whole(Absence("145", "l1", "ABC", start, end, Decimal(100), ""), LONG, period)
    assert (spans([found])[0] if found else None) == expected


def test_what_was_written_is_known_from_its_link() -> None:
    facts = {"employee": "e1", "number": "101", "db_id": "7", "parent": "l1", "code": "ABC"}
    days = {"start": "2026-01-26", "end": "2026-03-13"}
    assert Written.of({**facts, **days, "extent": "37.5"}).extent == Decimal("37.5")
    assert Written.of({**facts, **days, "extent": ""}).extent is None
    assert Written.of({**facts, **days, "extent": ""}).source_id == "e1:l1:2026-01-26"
