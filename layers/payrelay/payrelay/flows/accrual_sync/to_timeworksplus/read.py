"""Reading both systems whole and once, row by row, and keeping of each person what is compared (RUN-8).

Balances of TimeWorksPlus are read as of the days on which those of Millennium are true: one day for all asks
for that day, several for the activity of the span between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TypeVar

from msgspec import Struct

from payrelay.domain.groups import in_groups
from payrelay.flows.accrual_sync.records import MILLENNIUM, TIMEWORKSPLUS
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.accrual_sync.to_timeworksplus.people import Gathered, People, Person, bad_of, texts
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period
from payrelay.flows.accrual_sync.to_timeworksplus.rules import Row, counts, dating, differs, in_effect
from payrelay.flows.accrual_sync.to_timeworksplus.set_up import SetUp
from payrelay.systems.millennium import models as m3
from payrelay.systems.rows import BadRow, Listed
from payrelay.systems.timeworksplus import models as twp
from payrelay.systems.timeworksplus.client import TimeWorksPlusClient

# Accruals up to so long before the latest one are dated by one reading of everybody's checks.
_SPAN = timedelta(weeks=6)
# A void is paid again within so long.
_VOIDS = timedelta(weeks=2)
# Periods around the days that matter: the one that a day lies in, and those that follow.
_BEFORE, _AFTER = timedelta(days=62), timedelta(days=366)
_FAR = date(2099, 12, 31)
# How many people are named in one address.
_IDS = 100
T = TypeVar("T")


class Reading(Struct):
    """What was read: everybody, the pay periods, and how many pages the list of balances has."""

    people: People
    periods: list[Period]
    weight: int


class Reader:
    """Reads both systems for one company."""

    def __init__(self, systems: Systems, set_up: SetUp) -> None:
        self._m3, self._twp = systems.millennium, systems.timeworksplus
        self._going, self._codes = set_up.going, set_up.codes
        self._categories = {one.category for one in self._going.values()}
        self._blocked: frozenset[int] = frozenset()
        self._weight = 0

    def whole(self, only: Iterable[str] | None = None) -> Reading:
        """Everybody, or `only` these; each list is read to its end."""
        people = People(only)
        self._employees(people)
        accrued = self._accruals(people, self._m3.accruals())
        if not accrued:
            self._clocked(people)
            return Reading(people, [], self._weight)
        since = min(day for day in accrued if day >= max(accrued) - _SPAN)
        self._calendar(min(accrued))
        self._checks(people, self._m3.checks(since - _VOIDS, _FAR))
        self._clocked(people)
        days = self._balances(people, since)
        days |= self._closer(people, since, max(days, default=since))
        return Reading(people, periods_around(self._twp, days), self._weight)

    def named(self, employees: Collection[str]) -> Reading:
        """Only these people, each by calls of their own."""
        people = People(employees)
        self._employees(people)
        accrued: dict[str, set[date]] = {}
        for one in employees:
            accrued[one] = self._accruals(people, iter((self._m3.accruals_of(one),)))
        every = {day for days in accrued.values() for day in days}
        if every:
            self._calendar(min(every))
        for one, days in accrued.items():
            if days:
                self._checks(people, iter((self._m3.checks_of(one, min(days) - _VOIDS, _FAR),)))
        self._clocked(people)
        found = [one for one in people if one.paid]
        read = self._on_days(people, {one.employee: self._days(one.person, date.min) for one in found})
        return Reading(people, periods_around(self._twp, read), self._weight)

    # --- Millennium --------------------------------------------------------------------------------------

    def _employees(self, people: People) -> None:
        for page in self._m3.employees():
            for row in _taken(page, people, MILLENNIUM):
                found = people.of(row.employee_id)
                if found:
                    found.named(_name(row), row.status, _plain(row.term_date))
                    found.paid = True
            if people.has_all:
                return

    def _accruals(self, people: People, pages: Iterator[Listed[m3.Accrual]]) -> set[date]:
        """Balances of codes that go; the days on which they last accrued."""
        days: set[date] = set()
        for page in pages:
            self._weight += 1
            for row in _taken(page, people, MILLENNIUM, self._codes):
                found = people.of(row.employee_id) if row.code in self._codes else None
                if found is None:
                    continue
                found.paid = True
                known = (_text(one) for one in (row.last_accrue_date, row.start_date, row.end_date))
                found.rows += texts(row.code, f"{row.balance}", *known)
                if row.last_accrue_date:
                    days.add(row.last_accrue_date)
        return days

    def _calendar(self, first: date) -> None:
        entries = self._m3.calendar(first - _BEFORE, _FAR).whole("Calendar entry", MILLENNIUM)
        self._blocked = frozenset(one.calendar_id for one in entries if one.accruals_blocked)

    def _checks(self, people: People, pages: Iterator[Listed[m3.Check]]) -> None:
        """Those that count, and those that are void."""
        for page in pages:
            for row in _taken(page, people, MILLENNIUM):
                found = people.known(row.employee_id)
                if found is None or not found.rows:
                    continue
                begin, end = row.period_begin_date, row.period_end_date
                valid = counts(begin, end, row.calendar_id, self._blocked, voided=row.voided)
                if valid or row.voided:
                    days = (_text(one) for one in (row.check_date, begin, end))
                    found.checks += texts(*days, f"{row.batch_number}", row.check_number, valid, row.voided)

    # --- TimeWorksPlus -----------------------------------------------------------------------------------

    def _clocked(self, people: People) -> None:
        for page in self._twp.employees():
            for row in _taken(page, people, TIMEWORKSPLUS):
                found = people.of(row.employee_code)
                if found is None:
                    continue
                found.clocked, found.hired = True, _plain(row.start_date)
                if not found.paid:
                    found.named(_name(row), "", None)

    def _balances(self, people: People, since: date) -> set[date]:
        """What TimeWorksPlus has on the days that matter, for everybody; those days."""
        wanted = {one.employee: self._days(one.person, since) for one in people if one.rows}
        every = {day for days in wanted.values() for day in days}
        if not every:
            return every
        last = max(every)
        for one in people:
            # One who accrued long ago is looked at as things are now, first.
            if not one.rows or any(row.accrued and row.accrued < since for row in one.person.rows):
                wanted.setdefault(one.employee, set()).add(last)
        if len(every) > 1:
            self._activity(people, (min(every), last), wanted)
            return every
        for page in self._twp.balances(last):
            for row in _taken(page, people, TIMEWORKSPLUS):
                found = people.of(row.employee_code)
                if found:
                    found.clocked = True
                    self._hold(found, last, row.balances)
        return every

    def _activity(
        self,
        people: People,
        span: tuple[date, date],
        wanted: Mapping[str, Collection[date]],
        ids: Collection[str] = (),
    ) -> None:
        """What TimeWorksPlus has on the days that are wanted of each person; of anybody else on the last."""
        first, last = span
        for page in self._twp.activity(first, last, tuple(ids)):
            for row in _taken(page, people, TIMEWORKSPLUS):
                found = people.of(row.employee_code)
                if found:
                    found.clocked = True
                    for day in wanted.get(found.employee, (last,)):
                        self._hold(found, day, _on(row, day))

    def _hold(self, found: Gathered, day: date, balances: Iterable[twp.Balance]) -> None:
        """Keep somebody's balances of a day; of one whom Millennium does not know only real ones."""
        for one in balances:
            value = one.amount
            if one.category in self._categories and (found.paid or value is not None):
                told = None if value is None else f"{value}"
                found.held += texts(one.category, _text(day), told, one.is_hidden, _text(one.expires))

    def _on_days(self, people: People, wanted: Mapping[str, Collection[date]]) -> set[date]:
        """Balances of some people on their days: one reading where all days are near, else one a span."""
        groups: dict[tuple[date, date], list[str]] = defaultdict(list)
        every = {day for days in wanted.values() for day in days}
        near = bool(every) and max(every) - min(every) <= _SPAN
        for employee, days in wanted.items():
            if days:
                groups[(min(every), max(every)) if near else (min(days), max(days))].append(employee)
        for span, employees in groups.items():
            for ids in in_groups(employees, _IDS):
                self._activity(people, span, wanted, ids)
        return every

    # --- which days, and who is looked at closer ---------------------------------------------------------

    def _days(self, person: Person, since: date) -> set[date]:
        """The days on which somebody's balances are compared, of those that accrued `since` then."""
        days: set[date] = set()
        for row in self._chosen(person):
            if row.accrued is None:
                continue
            dated = dating(row.accrued, person.checks)
            if row.accrued >= since:
                days.add(dated.day)
            if dated.later:
                days.add(dated.later.end)
        return days

    def _chosen(self, person: Person) -> list[Row]:
        """The rows that hold a balance: one of each description, where it is not ambiguous."""
        found = (in_effect(rows, person.checks) for rows in by_description(person, self._codes).values())
        return [rows[0] for rows in found if len(rows) == 1]

    def _closer(self, people: People, since: date, last: date) -> set[date]:
        """Read checks and balances of those whose old balance is not the one of TimeWorksPlus now.

        Where the two agree, nothing would be written on whatever day. The days that were read.
        """
        wanted: dict[str, set[date]] = {}
        for one in people:
            person = one.person
            old = [row for row in self._chosen(person) if row.accrued and row.accrued < since]
            if not old or not one.clocked:
                continue
            agreed = [row.code for row in old if self._agrees(person, row, last)]
            one.settled = tuple(agreed)
            if len(agreed) < len(old):
                first = min(row.accrued for row in old if row.accrued)
                one.checks = b""
                self._checks(people, iter((self._m3.checks_of(one.employee, first - _VOIDS, _FAR),)))
                wanted[one.employee] = self._days(one.person, date.min) - {held.day for held in person.held}
        return self._on_days(people, wanted)

    def _agrees(self, person: Person, row: Row, last: date) -> bool:
        """Whether a balance that accrued long ago is what TimeWorksPlus has at the end of the last period."""
        if row.accrued is None:
            return False
        category = self._going[self._codes[row.code]]
        later = dating(row.accrued, person.checks).later
        held = person.held_on(category.category, later.end if later else last)
        return held is not None and not differs(row.balance, held.value, category.decimals_of(row.code))


def periods_around(client: TimeWorksPlusClient, days: Collection[date]) -> list[Period]:
    """The pay periods of these days, those before and those that follow; none where there is no day."""
    if not days:
        return []
    rows = client.periods(min(days) - _BEFORE, max(days) + _AFTER).whole("Pay period", TIMEWORKSPLUS)
    return [
        Period(_day(one.begin_date), _day(one.end_date), one.is_finalized, one.is_accepted) for one in rows
    ]


def by_description(person: Person, codes: Mapping[str, str]) -> dict[str, list[Row]]:
    """Somebody's rows of each description."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in person.rows:
        if row.code in codes:
            found[codes[row.code]].append(row)
    return found


def _on(row: twp.Activity, day: date) -> Iterable[twp.Balance]:
    """Somebody's balances at the end of a day: what the last day before or on it says, or the beginning."""
    found = {one.category: one for one in row.starting_values}
    reached: dict[str, date] = {}
    for one in row.days:
        if one.date and reached.get(one.category, date.min) <= one.date <= day:
            found[one.category], reached[one.category] = one, one.date
    return found.values()


def _taken(page: Listed[T], people: People, system: str, codes: Container[str] = ()) -> list[T]:
    """The rows of a page; whose can't be used is noted with the person."""
    bad: list[BadRow] = []
    rows = page.take(bad)
    for one in bad:
        found = people.of(one.id)
        if found:
            found.paid = found.paid or system == MILLENNIUM
            found.bad = (*found.bad, bad_of(one, system, codes))
    return rows


def _name(row: m3.Employee | twp.Employee) -> str:
    return f"{row.first_name or ''} {row.last_name or ''}".strip()


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(day: date) -> date:
    return date.fromordinal(day.toordinal())


def _plain(day: date | None) -> date | None:
    return None if day is None else _day(day)
