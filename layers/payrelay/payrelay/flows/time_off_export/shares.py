"""How much of a day its leave takes: hours and percentage, held against the person's full days (TO-3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

WHOLE = Decimal(100)
HOURS_OF_A_DAY = Decimal(24)
# Hours are rounded before they are shown: what differs by less than a percent of the day is the same.
TOLERANCE = Decimal(1)
HALF_DAY = "half_day"
# Lengths of a leave (the `duration` of Simployer One): of a part of a day, and of whole ones.
PARTS_OF_A_DAY = frozenset({"minutes", HALF_DAY})
WHOLE_DAYS = frozenset({"one_day", "longer"})


class Taken(Struct, frozen=True):
    """One transaction: what was taken of one day; `by_sheet` if it comes from a time sheet."""

    parent: str
    day: date
    hours: Decimal | None
    extent: Decimal | None
    by_sheet: bool = False


class Problem(Struct, frozen=True):
    """Why nobody can tell how much was taken: the field as Simployer One names it, value, what is wrong."""

    field: str
    value: str
    problem: str
    unclear: bool = False


class Share(Struct, frozen=True):
    """The percentage of a day; nothing of it (zero) was to be worked, or it is a `problem`."""

    percent: Decimal = Decimal()
    problem: Problem | None = None


def not_valid(hours: Decimal | None, extent: Decimal | None) -> Problem | None:
    """What is wrong with a transaction by itself."""
    if extent is not None and not 0 < extent <= WHOLE:
        return Problem("extent", f"{shown(extent)} %", "is not above 0 and up to 100 %")
    if hours is not None and hours < 0:
        return Problem("hours", shown(hours), "are below zero")
    if hours is not None and hours > HOURS_OF_A_DAY:
        return Problem("hours", shown(hours), "are more than a day has")
    if hours is None and extent is None:
        return Problem("extent", "and hours", "are missing, so that nobody can tell how much was taken")
    return None


class FullDays(Struct, frozen=True):
    """The hours of one person's full days: as the settings say, else as their own leave shows."""

    usual: Decimal | None = None
    weekdays: Mapping[int, Decimal] = {}
    short: Mapping[date, Decimal] = {}
    proven: bool = False

    def of(self, day: date) -> Decimal | None:
        """The hours of a full day on that date; None where nothing tells."""
        full = self.weekdays.get(day.weekday(), self.usual)
        short = self.short.get(day)
        return full if short is None else short if full is None else min(full, short)


def full_days(
    taken: Iterable[Taken],
    lengths: Mapping[str, str],
    *,
    given: Sequence[Decimal] = (),
    short: Mapping[date, Decimal] | None = None,
) -> FullDays:
    """The hours of this person's full days.

    Each transaction with hours and a percentage says what a full day would be. Those of leave of whole
    days are believed before others; a part of a day that is said to be 100 % tells nothing. A weekday has
    hours of its own where two of its dates say so and none says otherwise. `given` are the hours that the
    settings name, one figure or seven from Monday on; `short` those of single dates.
    """
    short = short or {}
    if given:
        week = given if len(given) > 1 else [*given] * 7
        return FullDays(None, dict(enumerate(week)), short, proven=True)
    rows = [one for one in taken if one.hours and one.extent and one.day not in short]
    dates = defaultdict(set)
    for one in rows:
        dates[one.parent].add(one.day)

    def whole(one: Taken) -> bool:
        return not one.by_sheet and (len(dates[one.parent]) > 1 or lengths.get(one.parent) in WHOLE_DAYS)

    rows = [r for r in rows if not (lengths.get(r.parent) in PARTS_OF_A_DAY and r.extent == WHOLE)]
    proofs = [one for one in rows if whole(one)]
    hours = {(one.day, _full(one)) for one in proofs or rows}
    counts = Counter(full for _, full in hours if full <= HOURS_OF_A_DAY)
    if not counts:
        return FullDays(short=short)
    most = max(counts.values())
    by_weekday: dict[int, list[Decimal]] = defaultdict(list)
    for day, full in hours:
        by_weekday[day.weekday()].append(full)
    sure = {n: found[0] for n, found in by_weekday.items() if len(found) > 1 and len(set(found)) == 1}
    usual = max(full for full, count in counts.items() if count == most)
    return FullDays(usual, sure if proofs else {}, short, proven=bool(proofs))


def _full(one: Taken) -> Decimal:
    """What a whole day would have, to the next three minutes: the hours of a part are rounded."""
    full = (one.hours or Decimal()) * WHOLE / (one.extent or WHOLE)
    return (full * 20).quantize(TOLERANCE, ROUND_HALF_UP) / 20


def share(one: Taken, full: FullDays, length: str | None) -> Share:
    """How much of its day a transaction takes; `length` is how long Simployer One says that its leave is.

    Hours and percentage that say the same: the percentage. Hours that say less: the hours, if the leave is
    of a part of a day, for then they were entered; else nobody can tell a short day from a part of one.
    """
    wrong = not_valid(one.hours, one.extent)
    if wrong:
        return Share(problem=wrong)
    hours, extent, day = one.hours, one.extent, full.of(one.day)
    if hours is None and extent is not None:
        return Share(extent)
    if not hours:
        return Share()
    if not day:
        return _unproven(one, length)
    by_hours = min(WHOLE, hours * WHOLE / day)
    if extent is None:
        return Share(_rounded(by_hours))
    if abs(by_hours - extent) < TOLERANCE:
        return Share(extent)
    if by_hours < extent and (one.by_sheet or length in PARTS_OF_A_DAY):
        return Share(_rounded(by_hours))
    told = (
        f"are {shown(by_hours.quantize(TOLERANCE))} % of a full day of {shown(day)} hours, "
        f"and the extent says {shown(extent)} %"
    )
    return Share(problem=Problem("hours", shown(hours), told, unclear=True))


def _unproven(one: Taken, length: str | None) -> Share:
    """The share where nothing tells what a full day is."""
    if length == HALF_DAY and one.extent in (None, WHOLE):
        return Share(Decimal(50))
    if one.extent is None or (length in PARTS_OF_A_DAY and one.extent == WHOLE):
        told = "are of a day of which nothing tells how many hours it has in full"
        return Share(problem=Problem("hours", shown(one.hours or Decimal()), told, unclear=True))
    return Share(one.extent)


def doubtful(taken: Sequence[Taken], full: FullDays) -> set[str]:
    """The leaves whose length is to be known, so that the share of their days can be told."""
    dates = defaultdict(set)
    for one in taken:
        dates[one.parent].add(one.day)
    return {
        one.parent
        for one in taken
        if not one.by_sheet
        and not not_valid(one.hours, one.extent)
        and (
            share(one, full, None).problem or (not full.proven and len(dates[one.parent]) == 1 and one.hours)
        )
    }


def shown(value: Decimal) -> str:
    """A figure without needless zeros."""
    return f"{value.normalize():f}"


def _rounded(percent: Decimal) -> Decimal:
    """A whole percentage; what was taken is never nothing."""
    return max(percent.quantize(TOLERANCE, ROUND_HALF_UP), TOLERANCE)
