"""From Simployer One's days of leave to absences that can be exported, and what stands in the way (TO-1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct, convert, field

from payrelay.domain import spelling
from payrelay.domain.records import Reason, Record
from payrelay.flows.time_off_export import records
from payrelay.flows.time_off_export.earlier import Exported, never
from payrelay.flows.time_off_export.matched import Wanted, called
from payrelay.flows.time_off_export.reasons import reason
from payrelay.flows.time_off_export.records import SOURCE, TARGET
from payrelay.flows.time_off_export.rules import (
    AND,
    Absence,
    LeaveDay,
    Period,
    Scope,
    Written,
    added_up,
    collisions,
    fold,
    touches_end,
    touches_start,
)
from payrelay.flows.time_off_export.shares import FullDays, Problem, Taken, doubtful, full_days, share
from payrelay.flows.time_off_export.worked import Worked, is_weekday
from payrelay.systems.rows import BadRow, Unusable
from payrelay.systems.simployer.models import Leave, LeaveTransaction, LeaveType

SHEET = "TimesheetEntry"


class Codes(Struct, frozen=True):
    """The leave types of Simployer One, the absence codes of Xledger, and those that can't be used."""

    types: Mapping[str, Mapping[str, Any]]
    known: frozenset[str]
    lost_types: Unusable
    lost_codes: Unusable

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Codes:
        """As the context of a run keeps them."""
        bad = convert(context.get("unreadable", {}), dict[str, list[BadRow]])
        return cls(
            context["types"],
            frozenset(context["codes"]),
            Unusable(bad.get("types", ()), lambda row: row.id),
            Unusable(bad.get("codes", ()), lambda row: row.number),
        )

    def code(self, type_id: str, company_id: str | None) -> str | None:
        """The payroll code of a leave type in a company, if it has one that can be told."""
        kind = self.types.get(type_id)
        code: str | None = kind["codes"].get(company_id or "") if kind else None
        return code

    def refusal(self, type_id: str, code: str | None, label: str) -> Reason | None:
        """Why leave of this type and code can't be exported; None if it can."""
        if code is None:
            lost = self.lost_types.instead_of(type_id)
            if lost:
                return lost.why(f"Leave type {lost.number or lost.id}", SOURCE)
            kind = self.types.get(type_id)
            name = spelling.shown(kind["name"]) if kind else f"with the id {type_id}"
            return reason("ABSENCE_CODE_MISSING", label=label, value=name)
        if code in self.known:
            return None
        lost = self.lost_codes.instead_of(code)
        if lost:
            return lost.why(f"Absence code {lost.number or lost.id}", TARGET)
        return reason("ABSENCE_CODE_UNKNOWN", label=label, value=spelling.shown(code))


def type_of(kind: LeaveType) -> dict[str, Any]:
    """A leave type as the context of a run keeps it: its name, and its codes by company."""
    return {"name": kind.name, "codes": {code.company_id: code.code for code in kind.codes}}


class Hours(Struct, frozen=True):
    """What the settings say of full days: by employee number, and of single dates (TO-3)."""

    full_days: Mapping[str, Sequence[Decimal]] = {}
    short_days: Mapping[date, Decimal] = {}

    @property
    def closed(self) -> frozenset[date]:
        """The dates on which nobody works."""
        return frozenset(day for day, hours in self.short_days.items() if not hours)


class Owner(Struct, frozen=True):
    """All leave of one employee record that was read, as it came."""

    employee: str
    number: str
    name: str
    rows: Sequence[LeaveTransaction]
    taken: Sequence[Taken]
    worked: Worked
    given: Sequence[Decimal]
    short: Mapping[date, Decimal]

    @classmethod
    def of(cls, rows: Sequence[LeaveTransaction], hours: Hours) -> Owner:
        """The owner of these rows, which are all of one employee."""
        rows = list({row.id: row for row in rows}.values())
        who = next((row.employee for row in rows if row.employee), None)
        taken = [Taken(parent_of(row), row.date, row.hours, row.extent, _by_sheet(row)) for row in rows]
        number = (who.employee_number or "") if who else ""
        name = " ".join(filter(None, (who.first_name, who.last_name))) if who else ""
        worked = Worked.of(taken, hours.closed)
        given = hours.full_days.get(number, ())
        return cls(rows[0].employee_id, number, name, rows, taken, worked, given, hours.short_days)

    @property
    def is_known(self) -> bool:
        """Whether Simployer One still has the employee."""
        return any(row.employee for row in self.rows)

    @property
    def who(self) -> str:
        """How messages name the person."""
        return called(self.name, self.number)

    def full_days(self, lengths: Mapping[str, str]) -> FullDays:
        """The hours of the person's full days, by all that was read of them."""
        return full_days(self.taken, lengths, given=self.given, short=self.short)

    def to_read(self, period: Period) -> set[str]:
        """The leaves that have to be read themselves: how long they are, and whether the period cuts them."""
        within = [one for one in self.taken if one.day in period]
        found = doubtful(within, self.full_days({}))
        days: dict[str, list[date]] = defaultdict(list)
        for one in within:
            days[one.parent].append(one.day)
        for parent, dates in days.items():
            whole = Absence(self.employee, parent, "", min(dates), max(dates), Decimal(), "")
            if at_edge([whole], period, self.worked):
                found.add(parent)
        return found

    def label(self, parent: str) -> str:
        """How messages name leave: its id or ids, text and dates, and whose it is."""
        return f"{self.leave(parent)} of {self.who}"

    def leave(self, parent: str) -> str:
        """The same, of somebody who is not known."""
        named = []
        for one in parent.split(AND):
            rows = [row for row in self.rows if parent_of(row) == one]
            text = next((f"{row.description}, " for row in rows if row.description), "")
            first, last = min(row.date for row in rows), max(row.date for row in rows)
            named.append(f"leave {one} ({text}{records.span(first, last)})")
        return " and ".join(named)


class Told(Struct):
    """The days of one employee that can be exported, and by its leave a record for each leave that can't.

    `unsure` are the leaves of which a day before the period can't be told of.
    """

    days: list[LeaveDay] = field(default_factory=list)
    stuck: dict[str, Record] = field(default_factory=dict)
    unsure: dict[str, Record] = field(default_factory=dict)

    def keep(self, period: Period) -> None:
        """Leave out the days of leaves that can't be told of, and add up what is left of each day."""
        within = [day for day in self.days if day.day in period and day.parent not in self.stuck]
        before = [day for day in self.days if day.day not in period and day.parent not in self.unsure]
        self.days = [*added_up(before), *added_up(within)]

    def has(self, parent: str) -> bool:
        """Whether the leave has a day that can be exported."""
        return any(parent in day.parents for day in self.days)


def parent_of(row: LeaveTransaction) -> str:
    """The leave that a day belongs to; one that names none stands for itself."""
    return row.parent.id if row.parent else row.id


def _by_sheet(row: LeaveTransaction) -> bool:
    return row.parent is not None and row.parent.type == SHEET


def days_of(owner: Owner, codes: Codes, scope: Scope, lengths: Mapping[str, str] | None = None) -> Told:
    """What can be exported of one employee's leave; `lengths` says of some leaves how long they are."""
    lengths = lengths or {}
    told = Told()
    if scope.numbers is not None and owner.number not in scope.numbers:
        return told
    full = owner.full_days(lengths)
    idle: dict[str, Taken] = {}
    for row, taken in zip(owner.rows, owner.taken, strict=True):
        parent, employee = taken.parent, row.employee
        stuck = told.stuck if row.date in scope.period else told.unsure
        if parent in stuck:
            continue
        if employee is None:
            stuck[parent] = records.ownerless(row.employee_id, parent, _first_upper(owner.leave(parent)))
            continue
        code = codes.code(row.leave_type_id, employee.company_id)
        if code is not None and not scope.takes(code, owner.number):
            continue
        part, why = share(taken, full, lengths.get(parent)), None
        if code is None or code not in codes.known:
            why = codes.refusal(row.leave_type_id, code, _first_upper(owner.label(parent)))
        elif part.problem:
            why = _unclear(owner, taken, part.problem)
        elif not part.percent and is_weekday(row.date):
            idle[parent] = taken
        if why is not None:
            stuck[parent] = records.leave_blocked(owner.number, owner.employee, parent, why)
        elif code is not None and part.percent:
            text = row.description or ""
            told.days.append(LeaveDay(row.employee_id, parent, code, row.date, part.percent, text))
    for parent, taken in idle.items():
        if taken.day in scope.period and parent not in told.stuck and not told.has(parent):
            label = _first_upper(owner.label(parent))
            why = reason("LEAVE_WITHOUT_HOURS", label=label, day=taken.day)
            told.stuck[parent] = records.leave_blocked(owner.number, owner.employee, parent, why)
    told.keep(scope.period)
    return told


def _unclear(owner: Owner, taken: Taken, problem: Problem) -> Reason:
    code = "HOURS_NOT_CLEAR" if problem.unclear else "DAY_NOT_VALID"
    values = {"field": problem.field, "value": problem.value, "problem": problem.problem}
    label = _first_upper(owner.label(taken.parent))
    return reason(code, label=label, day=taken.day, number=owner.number, leave=taken.parent, **values)


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def collided(owner: Owner, days: Iterable[LeaveDay], period: Period) -> dict[str, tuple[str, Reason]]:
    """By its leave: which other leave takes the same day, and the words that name both (TO-3)."""
    found = {}
    for parent, (other, day) in collisions(days, period).items():
        same = other == parent
        second = "another row of the same leave" if same else owner.label(other)
        label = _first_upper(owner.label(parent))
        found[parent] = (other, reason("OVERLAPS_OTHER_LEAVE", label=label, other=second, day=day))
    return found


def wanted_of(
    owner: Owner,
    told: Told,
    leaves: Mapping[str, Leave],
    scope: Scope,
    rows: Iterable[Written] = (),
    exported: Exported = never,
) -> Wanted:
    """What the leave of one employee comes to; `rows` are those that were written before for this record."""
    kept = [d for d in told.days if d.day not in scope.period or told.stuck.keys().isdisjoint(d.parents)]
    found = fold((day for day in kept if day.day in scope.period), owner.worked, rows)
    return Wanted(
        owner.who,
        found,
        owner.worked,
        kept,
        cuts(found, leaves, scope.period, owner.who),
        told.stuck,
        told.unsure,
        collided(owner, kept, scope.period),
        exported,
    )


def at_edge(absences: Iterable[Absence], period: Period, worked: Worked) -> list[Absence]:
    """The absences that may go on beyond the period."""
    return [one for one in absences if touches_start(one, period, worked) or touches_end(one, period, worked)]


def cuts(
    absences: Sequence[Absence], leaves: Mapping[str, Leave], period: Period, who: str
) -> dict[str, Reason]:
    """Which absences go on beyond the period, with the words that say so (TO-2).

    Of one leave the first may have begun before the period, and the last may go on after it.
    """
    found: dict[str, Reason] = {}
    for absence in absences:
        parent = absence.parent.split(AND)[0]
        leave = leaves.get(parent)
        if leave is None:
            continue
        of_it = [one for one in absences if parent in one.parents]
        before = leave.start_date < period.start and absence.start == min(one.start for one in of_it)
        after = leave.end_date > period.end and absence.end == max(one.end for one in of_it)
        if before or after:
            found[absence.source_id] = reason(
                "CUT_TO_PERIOD",
                label=f"Leave {parent} ({absence.text}) of {who}"
                if absence.text
                else f"Leave {parent} of {who}",
                start=leave.start_date,
                end=leave.end_date,
                cut_start=absence.start,
                cut_end=absence.end,
            )
    return found


def unreadable_leaves(
    owner: Owner, asked: Container[str], leaves: Mapping[str, Leave], lost: Unusable
) -> dict[str, Record]:
    """A record for each leave of which nobody can tell how long it is, for it can't be read itself."""
    found = {}
    for taken in owner.taken:
        parent = taken.parent
        bad = None if parent in leaves or parent not in asked else lost.instead_of(parent)
        if bad:
            why = bad.why(f"Leave {bad.id}", SOURCE)
            found[parent] = records.leave_blocked(owner.number, owner.employee, parent, why)
    return found
