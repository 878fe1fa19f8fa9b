"""Reading both systems whole and once, as of the days on which payroll's balances are true (RUN-8).

One day for all asks for that day, several for the activity of the span between them, so that many days cost
no call each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TypeAlias

from msgspec import Struct

from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.accrual_sync.to_timeworksplus.clock import NEAR, TimeClock
from payrelay.flows.accrual_sync.to_timeworksplus.closer import Closer, Memory
from payrelay.flows.accrual_sync.to_timeworksplus.days import days_of, has_older, usual_span
from payrelay.flows.accrual_sync.to_timeworksplus.payroll import Payroll
from payrelay.flows.accrual_sync.to_timeworksplus.people import People, Person
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period
from payrelay.flows.accrual_sync.to_timeworksplus.set_up import SetUp

Days: TypeAlias = frozenset[date]


class Reading(Struct):
    """What was read: everybody, the pay periods, and how many pages the list of balances has."""

    people: People
    periods: list[Period]
    weight: int


class Reader:
    """Reads both systems for one company."""

    def __init__(self, systems: Systems, set_up: SetUp) -> None:
        self._going, self._codes = set_up.going, set_up.codes
        self._payroll = Payroll(systems.millennium, self._codes)
        self._clock = TimeClock(systems.timeworksplus, {one.category for one in self._going.values()})

    def whole(self, memory: Memory, only: Iterable[str] | None = None) -> Reading:
        """Everybody, or `only` these; each list is read to its end.

        Accruals up to some weeks before the latest pay day are dated by one reading of everybody's checks.
        What accrued before is looked at closer where the systems do not agree.
        """
        people = People(only)
        self._payroll.employees(people)
        accrued = self._payroll.accruals(people)
        days: set[date] = set()
        if accrued:
            since, until = usual_span(accrued, NEAR)
            self._payroll.calendar(min(accrued))
            self._payroll.checks(people, since)
        self._clock.employees(people)
        if accrued:
            days = self._balances(people, since, until)
            closer = Closer(self._payroll, self._clock, self._going, self._codes, memory)
            days |= closer.look(people, since, max(days, default=since))
        people.find_alike()
        return Reading(people, self._clock.periods(days), self._payroll.weight)

    def lists(self, employees: Iterable[str]) -> People:
        """These people as both lists of employees have them, and nothing else of them."""
        people = People(employees)
        self._payroll.employees(people)
        self._clock.employees(people)
        return people

    def named(
        self, employees: Collection[str], today: date, listed: Mapping[str, Person] | None = None
    ) -> Reading:
        """Only these people, each by calls of their own; whom Millennium does not know as of today.

        The lists of employees are read only if not all of them were `listed` before.
        """
        people, before = People(employees), listed or {}
        for one in employees:
            if one in before:
                people.take(before[one])
        anew = not people.has_all
        if anew:
            self._payroll.employees(people)
        accrued = {one: self._payroll.accruals_of(people, one) for one in employees}
        every = {day for days in accrued.values() for day in days}
        if every:
            self._payroll.calendar(min(every))
        for one, days in accrued.items():
            if days:
                self._payroll.checks_of(people, one, min(days))
        if anew:
            self._clock.employees(people)
        found = {
            one.employee: days_of(one.person, self._codes, date.min) if one.paid else {today}
            for one in people
        }
        read = self._clock.of_people(people, found)
        return Reading(people, self._clock.periods(read), 0)

    def _balances(self, people: People, since: date, until: date) -> set[date]:
        """What TimeWorksPlus has on the days that matter, for everybody; those days."""
        wanted: dict[str, Days] = {}
        beyond: dict[str, Days] = {}
        # Hardly anybody has days of their own: each set of them is kept once.
        once: dict[Days, Days] = {}
        for one in people:
            if one.rows:
                days = days_of(one.person, self._codes, since)
                near = frozenset(day for day in days if day <= until)
                wanted[one.employee] = once.setdefault(near, near)
                if len(near) < len(days):
                    beyond[one.employee] = frozenset(days - near)
        every = {day for days in once for day in days}
        if every:
            self._everybody(people, since, wanted, every)
        return every | self._clock.of_people(people, beyond)

    def _everybody(
        self, people: People, since: date, wanted: dict[str, Days], every: Collection[date]
    ) -> None:
        last = max(every)
        for one in people:
            # What accrued long ago is looked at as things are now, first.
            if one.rows and has_older(one.person, self._codes, since):
                wanted[one.employee] |= {last}
        if len(every) == 1:
            self._clock.on_day(people, last)
        else:
            self._clock.over(people, (min(every), last), wanted)
