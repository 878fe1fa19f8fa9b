"""Days of leave folded into absences and cut to a period, and which of Xledger's is which (TO-1, TO-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from payrelay.flows.time_off_export.worked import Worked

# Between the ids of the leaves that have parts of one day.
AND = "+"
WHOLE_DAY = Decimal(100)


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


def months_in(period: Period) -> list[Period]:
    """The calendar months that have a day in the period, whole."""
    found = [month_of(period.start)]
    while found[-1].end < period.end:
        found.append(month_of(found[-1].end + timedelta(days=1)))
    return found


class Scope(Struct, frozen=True):
    """What one run is about: the period, and which absence codes and employees (None for all).

    So many months before the period are looked at again (TO-3).
    """

    period: Period
    codes: frozenset[str] | None = None
    numbers: frozenset[str] | None = None
    look_back_months: int = 0

    @property
    def window(self) -> Period:
        """All days that are read: those of the period, and of the months that are looked at again."""
        start = month_of(self.period.start, months_back=self.look_back_months).start
        return Period(start if self.look_back_months else self.period.start, self.period.end)

    @property
    def before(self) -> Period | None:
        """The days that are looked at again; none where no month is."""
        if not self.look_back_months:
            return None
        return Period(self.window.start, self.period.start - timedelta(days=1))

    def takes(self, code: str, number: str) -> bool:
        """Whether an absence of this code and employee is to be exported."""
        return (self.codes is None or code in self.codes) and (self.numbers is None or number in self.numbers)

    def is_about(self, written: Written) -> bool:
        """Whether an absence that was exported is among those that this run exports or withdraws."""
        return written.start in self.period and self.takes(written.code, written.number)

    def reaches_in(self, written: Written) -> bool:
        """Whether an absence that was exported began before the period and goes on in it."""
        return written.start < self.period.start <= written.end and self.takes(written.code, written.number)

    def looks_at(self, written: Written) -> bool:
        """Whether an absence that was exported lies in the months that are looked at again."""
        before = self.before
        within = before is not None and before.start <= written.start and written.end <= before.end
        return within and self.takes(written.code, written.number)


class LeaveDay(Struct, frozen=True):
    """One day of one employee's leave; `parent` is the leave it belongs to, or all of them."""

    employee: str
    parent: str
    code: str
    day: date
    extent: Decimal
    text: str

    @property
    def parents(self) -> Collection[str]:
        """The leave that it belongs to, or all of them."""
        return self.parent.split(AND)


class Absence(Struct, frozen=True):
    """Days in a row of one leave, equal in code and extent."""

    employee: str
    parent: str
    code: str
    start: date
    end: date
    extent: Decimal
    text: str

    @property
    def source_id(self) -> str:
        """How the source finds it again: its employee, its leave, its first day in the period."""
        return f"{self.employee}:{self.parent}:{self.start}"

    @property
    def parents(self) -> Collection[str]:
        """The leave that it belongs to, or all of them."""
        return self.parent.split(AND)

    def overlaps(self, start: date, end: date) -> bool:
        """Whether it shares a day with these days."""
        return self.start <= end and start <= self.end


class Written(Struct, frozen=True):
    """What an export wrote of an absence: for which employee record, number and dbId, and of which leave."""

    employee: str
    number: str
    db_id: str
    parent: str
    code: str
    start: date
    end: date
    extent: Decimal | None

    @property
    def source_id(self) -> str:
        """As it was told by the export that wrote it."""
        return f"{self.employee}:{self.parent}:{self.start}"

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> Written:
        """As a link keeps it."""
        return cls(
            facts["employee"],
            facts["number"],
            facts["db_id"],
            facts["parent"],
            facts["code"],
            date.fromisoformat(facts["start"]),
            date.fromisoformat(facts["end"]),
            Decimal(facts["extent"]) if facts["extent"] else None,
        )


class Held(Struct, frozen=True):
    """An absence that Xledger has; `ours` is what an export wrote of it, None if it was entered by hand."""

    db_id: str
    code: str | None
    start: date
    end: date
    extent: Decimal | None
    text: str | None
    ours: Written | None = None


def added_up(days: Iterable[LeaveDay]) -> list[LeaveDay]:
    """The days, with the parts of one day of one code as one if they are no more than a day (TO-3)."""
    parts: dict[tuple[str, str, date], list[LeaveDay]] = defaultdict(list)
    for day in days:
        parts[day.employee, day.code, day.day].append(day)
    found: list[LeaveDay] = []
    for unordered in parts.values():
        group = sorted(unordered, key=lambda one: (one.parent, one.text))
        extent = sum((one.extent for one in group), Decimal())
        if len(group) == 1 or extent > WHOLE_DAY:
            found += group
            continue
        parents = AND.join(dict.fromkeys(one.parent for one in group))
        text = ", ".join(dict.fromkeys(one.text for one in group if one.text))
        found.append(replace(group[0], parent=parents, extent=extent, text=text))
    return found


def collisions(days: Iterable[LeaveDay], period: Period) -> dict[str, tuple[str, date]]:
    """The leaves of one employee that take more than a whole day together: with which other, on which day."""
    by_day: dict[date, list[LeaveDay]] = defaultdict(list)
    for day in days:
        if day.day in period:
            by_day[day.day].append(day)
    found: dict[str, tuple[str, date]] = {}
    for when in sorted(by_day):
        group = by_day[when]
        if len(group) > 1 and sum(one.extent for one in group) > WHOLE_DAY:
            for one in group:
                other = next((o.parent for o in group if o.parent != one.parent), one.parent)
                for parent in one.parents:
                    found.setdefault(parent, (other, when))
    return found


def fold(days: Iterable[LeaveDay], worked: Worked, rows: Iterable[Written] = ()) -> list[Absence]:
    """One person's days → absences: days of one leave with no day between them that the person works.

    What stands as several of `rows` at the target, for it was exported month by month, stays several.
    """
    begun = _begun_anew(rows)
    found: list[Absence] = []
    for day in sorted(set(days), key=_order):
        last = found[-1] if found else None
        if (
            last
            and _same(last, day)
            and not any(last.end < start <= day.day for start in begun[day.parent])
            and not worked.splits(day.parents, last.end, day.day)
        ):
            found[-1] = replace(last, end=day.day)
        else:
            found.append(Absence(day.employee, day.parent, day.code, day.day, day.day, day.extent, day.text))
    return sorted(found, key=lambda one: (one.employee, one.start, one.code))


def _begun_anew(rows: Iterable[Written]) -> Mapping[str, Sequence[date]]:
    """By its leave the first days of all rows but the first."""
    starts: dict[str, list[date]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: one.start):
        starts[row.parent].append(row.start)
    return defaultdict(list, {parent: found[1:] for parent, found in starts.items()})


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


def touches_start(absence: Absence, period: Period, worked: Worked) -> bool:
    """Whether it may have begun before the period: it reaches its first day, days not worked aside."""
    return not worked.splits(absence.parents, period.start - timedelta(days=1), absence.start)


def touches_end(absence: Absence, period: Period, worked: Worked) -> bool:
    """Whether it may go on after the period: it reaches its last day, days not worked aside."""
    return not worked.splits(absence.parents, absence.end, period.end + timedelta(days=1))


Pair = tuple[Absence, Held | None]


def pairs(
    wanted: Sequence[Absence], due: Sequence[Held], person: Sequence[Held], employee: str, period: Period
) -> tuple[list[Pair], list[Held]]:
    """Each wanted absence with the one that an export wrote for it, if any; and what of `due` is left over.

    It is, in this order: of the same leave and first day; of the same leave, moved; of the same first day
    and code, so that another leave took its place; of the same leave, reaching into the period. The first
    two are looked for in `due`, the third among all of the `person`, the last among those of the person that
    were written for this `employee` record.
    """
    found: dict[Absence, Held] = {}
    ours = [one for one in person if one.ours]
    own = [one for one in ours if one.ours and one.ours.employee == employee]

    def take(held: Sequence[Held], fits: Callable[[Absence, Written], bool]) -> None:
        for absence in wanted:
            taken = {one.db_id for one in found.values()}
            free = ((one, one.ours) for one in held if one.ours and one.db_id not in taken)
            match = next((one for one, w in free if absence not in found and fits(absence, w)), None)
            if match:
                found[absence] = match

    take(due, lambda a, written: (written.parent, written.start) == (a.parent, a.start))
    take(due, lambda a, written: written.parent == a.parent)
    take(ours, lambda a, written: (written.start, written.code) == (a.start, a.code))
    take(own, lambda a, written: written.parent == a.parent and _reaches_in(a, written, period))
    return [(absence, found.get(absence)) for absence in wanted], [
        one for one in due if one not in found.values()
    ]


def _reaches_in(absence: Absence, written: Written, period: Period) -> bool:
    return written.start < period.start and absence.overlaps(written.start, written.end)


def whole(absence: Absence, written: Written, period: Period, worked: Worked) -> Absence | None:
    """The absence with the days that an export of a longer period wrote beyond this one.

    These are none of this run's business. None when the days within the period are not of one piece with
    them any more.
    """
    if written.start < period.start and not touches_start(absence, period, worked):
        return None
    joined = replace(
        absence,
        start=min(written.start, absence.start) if written.start < period.start else absence.start,
        end=written.end if written.end > period.end and touches_end(absence, period, worked) else absence.end,
    )
    return joined if joined == absence or written.extent == absence.extent else None
