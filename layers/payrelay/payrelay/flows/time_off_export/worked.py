"""Which days a person evidently works, as their leave shows, so that other days split no leave (TO-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct

from payrelay.flows.time_off_export.shares import Taken

SATURDAY = 5
# Who is away on fewer than this part of the weekdays of a leave works by a rota: no weekday tells anything.
REGULAR = 4
# Public holidays of the Nordic countries, and the eves that are free; a free day of a neighbour does no harm.
_FIXED = ((1, 1), (1, 6), (5, 1), (5, 17), (6, 5), (6, 6), (12, 6), (12, 24), (12, 25), (12, 26), (12, 31))
_AFTER_EASTER = (-3, -2, 1, 39, 50)


def between(last: date, following: date) -> Iterator[date]:
    """The days after one and before another."""
    for n in range(1, (following - last).days):
        yield last + timedelta(days=n)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year, in any of the Nordic countries."""
    easter = _easter(year)
    midsummer = next(d for n in range(19, 26) if (d := date(year, 6, n)).weekday() == SATURDAY - 1)
    moving = {easter + timedelta(days=n) for n in _AFTER_EASTER}
    return frozenset({date(year, month, day) for month, day in _FIXED} | moving | {midsummer})


def is_weekday(day: date) -> bool:
    """Whether a day is from Monday to Friday, and no public holiday."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def _easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian algorithm)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


class Worked(Struct, frozen=True):
    """What one person's leave tells of the days that they work.

    `weekdays` are those of each leave, and `rotas` those that show a rota; `sheets` are parents that are time
    sheets, which have a day each and say nothing of the days between; `taken` is every day of leave that
    counts, and `free` the days on which nothing was to be worked.
    """

    weekdays: Mapping[str, frozenset[int]]
    rotas: frozenset[str] = frozenset()
    sheets: frozenset[str] = frozenset()
    taken: frozenset[date] = frozenset()
    free: frozenset[date] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[Taken], closed: Collection[date] = ()) -> Worked:
        """What these days of leave tell; `closed` are dates on which nobody works."""
        rows = list(rows)
        # A day without hours was none to work.
        free = frozenset({one.day for one in rows if one.hours == 0} | set(closed))
        dates: dict[str, set[date]] = defaultdict(set)
        for one in rows:
            if one.day not in free:
                dates[one.parent].add(one.day)
        weekdays = {parent: frozenset(day.weekday() for day in days) for parent, days in dates.items()}
        rotas = {parent for parent, days in dates.items() if _by_rota(days, weekdays[parent], free)}
        sheets = {one.parent for one in rows if one.by_sheet}
        return cls(weekdays, frozenset(rotas), frozenset(sheets), frozenset().union(*dates.values()), free)

    def splits(self, parents: Collection[str], last: date, following: date) -> bool:
        """Whether a day between two days of one leave was evidently worked, or is leave of another kind."""
        days = list(between(last, following))
        return any(day in self.taken for day in days) or any(self.works(parents, day) for day in days)

    def works(self, parents: Collection[str], day: date) -> bool:
        """Whether the person evidently works on a day that is none of these leaves' own."""
        if day.weekday() >= SATURDAY or day in self.free:
            return False
        if not self.sheets.isdisjoint(parents):
            return True
        if day in holidays(day.year) or not self.rotas.isdisjoint(parents):
            return False
        return any(
            day.weekday() in weekdays
            for parent, weekdays in self.weekdays.items()
            if parent not in self.rotas
        )


def _by_rota(days: Collection[date], weekdays: Collection[int], free: Collection[date]) -> bool:
    span = [min(days), *between(min(days), max(days)), max(days)] if len(days) > 1 else []
    due = [d for d in span if d.weekday() in weekdays and d.weekday() < SATURDAY]
    due = [d for d in due if d not in free and (d in days or d not in holidays(d.year))]
    return sum(day not in days for day in due) * REGULAR > len(due)
