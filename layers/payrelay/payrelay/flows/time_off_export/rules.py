"""Days of leave folded into absences, and cut to a period (TO-1, TO-2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

SATURDAY = 5


class Period(Struct, frozen=True):
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


def month_of(day: date, *, months_back: int = 0) -> Period:
    """The calendar month of `day`, or one before it."""
    first = day.replace(day=1)
    for _ in range(months_back):
        first = (first - timedelta(days=1)).replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(first, following - timedelta(days=1))


class LeaveDay(Struct, frozen=True):
    """One day of one employee's leave; `parent` is the leave it belongs to, `extent` its percentage."""

    employee: str
    parent: str
    code: str
    day: date
    extent: Decimal
    text: str


class Absence(Struct, frozen=True):
    """Days in a row of one leave, equal in code and extent."""

    employee: str
    parent: str
    code: str
    start: date
    end: date
    extent: Decimal
    text: str

    def overlaps(self, start: date, end: date) -> bool:
        """Whether it shares a day with these days."""
        return self.start <= end and start <= self.end


def fold(days: Iterable[LeaveDay]) -> list[Absence]:
    """Days → absences: in a row are days that follow each other, or have only a weekend between them."""
    found: list[Absence] = []
    for day in sorted(set(days), key=_order):
        last = found[-1] if found else None
        if last and _same(last, day) and _in_a_row(last.end, day.day):
            found[-1] = Absence(
                last.employee, last.parent, last.code, last.start, day.day, last.extent, last.text
            )
        else:
            found.append(Absence(day.employee, day.parent, day.code, day.day, day.day, day.extent, day.text))
    return sorted(found, key=lambda one: (one.employee, one.start, one.code))


def _order(day: LeaveDay) -> tuple[object, ...]:
    """Days of one leave, code and extent by date; by text only so that the same one is first each time."""
    return (day.employee, day.parent, day.code, day.extent, day.day, day.text)


def _same(absence: Absence, day: LeaveDay) -> bool:
    return (absence.employee, absence.parent, absence.code, absence.extent) == (
        day.employee,
        day.parent,
        day.code,
        day.extent,
    )


def _in_a_row(last: date, following: date) -> bool:
    return all(day.weekday() >= SATURDAY for day in _between(last, following))


def _between(last: date, following: date) -> Iterator[date]:
    day = last + timedelta(days=1)
    while day < following:
        yield day
        day += timedelta(days=1)


def touches_start(absence: Absence, period: Period) -> bool:
    """Whether it may have begun before the period: it reaches its first day, weekends aside."""
    return _in_a_row(period.start - timedelta(days=1), absence.start)


def touches_end(absence: Absence, period: Period) -> bool:
    """Whether it may go on after the period: it reaches its last day, weekends aside."""
    return _in_a_row(absence.end, period.end + timedelta(days=1))
