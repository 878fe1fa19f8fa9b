"""Months that were exported before, looked at again: where both sides differ there (TO-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from msgspec import Struct

from payrelay.flows.time_off_export.rules import Absence, Held, LeaveDay, Period, fold, month_of, months_in
from payrelay.flows.time_off_export.worked import Worked

# Whether the month of a day was exported, with absences of this code.
Exported = Callable[[str, date], bool]


def never(code: str, day: date) -> bool:
    """No month was exported."""
    del code, day
    return False


class Difference(Struct, frozen=True):
    """Days on which both sides differ: the absence of Simployer One, that of Xledger, or both of them."""

    wanted: Absence | None
    there: Held | None

    @property
    def months(self) -> Period:
        """The whole months that have to be exported again."""
        found = [one for one in (self.wanted, self.there) if one]
        start, end = min(one.start for one in found), max(one.end for one in found)
        return Period(month_of(start).start, month_of(end).end)


def differences(
    days: Sequence[LeaveDay], rows: Sequence[Held], worked: Worked, window: Period, exported: Exported
) -> list[Difference]:
    """Where one employee's days of leave and Xledger's rows differ, in the months that were exported.

    Days are held against rows, and not absences: a row may cover several months, or a part of one. A row that
    an export wrote has to begin and to end on a day of leave; one that was entered by hand only covers days.
    """
    days = [day for day in days if day.day in window]
    ours = [row for row in rows if row.ours and row.start <= window.end and row.end >= window.start]
    begun = {
        (row.ours.code, month.start)
        for row in ours
        if row.ours
        for month in months_in(Period(row.start, row.end))
    }

    def was_exported(day: LeaveDay) -> bool:
        return exported(day.code, day.day) or (day.code, month_of(day.day).start) in begun

    missing = [day for day in days if was_exported(day) and not any(_covers(row, day) for row in rows)]
    by_code: dict[str | None, list[LeaveDay]] = defaultdict(list)
    for day in days:
        by_code[day.code].append(day)
    found = [
        Difference(_absence(row, by_code[row.code]), row) for row in ours if _too_long(row, days, window)
    ]
    told = {day for one in found if one.there for day in missing if _within(day, one.there)}
    for absence in fold((day for day in missing if day not in told), worked):
        there = next((r for r in rows if r.code == absence.code and absence.overlaps(r.start, r.end)), None)
        found.append(Difference(absence, there))
    return found


def _covers(row: Held, day: LeaveDay) -> bool:
    return _within(day, row) and row.extent == day.extent


def _within(day: LeaveDay, row: Held) -> bool:
    return row.code == day.code and row.start <= day.day <= row.end


def _too_long(row: Held, days: Iterable[LeaveDay], window: Period) -> bool:
    """Whether a row begins or ends, in the months looked at, on a day that is none of leave of its code."""
    own = {day.day for day in days if day.code == row.code}
    edges = [edge for edge in (row.start, row.end) if edge in window]
    return any(edge not in own for edge in edges)


def _absence(row: Held, days: Iterable[LeaveDay]) -> Absence | None:
    """What Simployer One has on the days of a row, from the first to the last."""
    own = [day for day in days if _within(day, row)]
    if not own:
        return None
    first, last = min(own, key=lambda day: day.day), max(own, key=lambda day: day.day)
    return Absence(first.employee, first.parent, first.code, first.day, last.day, first.extent, first.text)
