"""Reading TimeWorksPlus: people, and their balances on the days on which payroll's are true (AC-4, RUN-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from payrelay.domain.groups import in_groups
from payrelay.flows.accrual_sync.records import TIMEWORKSPLUS
from payrelay.flows.accrual_sync.to_timeworksplus.people import Gathered, People, taken, text_of, texts
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period
from payrelay.systems.rows import plain_day
from payrelay.systems.timeworksplus.client import TimeWorksPlusClient
from payrelay.systems.timeworksplus.models import Activity, Balance

# Days that lie within so long of each other are read at once.
NEAR = timedelta(weeks=6)
# Periods around the days that matter: the one that a day lies in, and those that follow.
_BEFORE, _AFTER = timedelta(days=62), timedelta(days=366)
# How many people are named in one address.
_IDS = 100


class TimeClock:
    """The lists of TimeWorksPlus; `categories` are those that balances go to."""

    def __init__(self, client: TimeWorksPlusClient, categories: Collection[str]) -> None:
        self._client, self._categories = client, categories

    def employees(self, people: People) -> None:
        """Who is there, and since when."""
        for page in self._client.employees():
            for row in taken(page, people, TIMEWORKSPLUS):
                found = people.of(row.employee_code)
                if found is None:
                    continue
                found.clocked, found.hired = True, plain_day(row.start_date)
                if not found.paid:
                    found.named(f"{row.first_name or ''} {row.last_name or ''}".strip(), "", None)

    def on_day(self, people: People, day: date) -> None:
        """Everybody's balances on one day."""
        for page in self._client.balances(day):
            for row in taken(page, people, TIMEWORKSPLUS):
                found = people.of(row.employee_code)
                if found:
                    found.clocked = True
                    self._hold(found, day, row.balances)

    def over(
        self,
        people: People,
        span: tuple[date, date],
        wanted: Mapping[str, Collection[date]],
        ids: Collection[str] = (),
    ) -> None:
        """Balances on the days that are wanted of each person, by reading a span; of others on its last."""
        first, last = span
        for page in self._client.activity(first, last, tuple(ids)):
            for row in taken(page, people, TIMEWORKSPLUS):
                found = people.of(row.employee_code)
                if found:
                    found.clocked = True
                    for day in wanted.get(found.employee, (last,)):
                        self._hold(found, day, _on(row, day))

    def of_people(self, people: People, wanted: Mapping[str, Collection[date]]) -> set[date]:
        """Balances of some people on their days: one reading where all days are near, else one a span."""
        groups: dict[tuple[date, date], list[str]] = defaultdict(list)
        every = {day for days in wanted.values() for day in days}
        near = bool(every) and max(every) - min(every) <= NEAR
        for employee, days in wanted.items():
            if days:
                groups[(min(every), max(every)) if near else (min(days), max(days))].append(employee)
        for span, employees in groups.items():
            for ids in in_groups(employees, _IDS):
                self.over(people, span, wanted, ids)
        return every

    def periods(self, days: Collection[date]) -> list[Period]:
        """The pay periods of these days, those before and those that follow; none where there is no day."""
        return periods_around(self._client, days)

    def _hold(self, found: Gathered, day: date, balances: Iterable[Balance]) -> None:
        """Keep somebody's balances of a day; of one whom Millennium does not know real ones only."""
        for one in balances:
            value = one.amount
            is_wanted = found.rows or (not found.paid and value is not None)
            if is_wanted and one.category in self._categories:
                told = None if value is None else f"{value}"
                found.held += texts(one.category, text_of(day), told, one.is_hidden, text_of(one.expires))


def periods_around(client: TimeWorksPlusClient, days: Collection[date]) -> list[Period]:
    """The pay periods of these days, those before and those that follow; none where there is no day."""
    if not days:
        return []
    rows = client.periods(min(days) - _BEFORE, max(days) + _AFTER).whole("Pay period", TIMEWORKSPLUS)
    return [
        Period(plain_day(one.begin_date), plain_day(one.end_date), one.is_finalized, one.is_accepted)
        for one in rows
    ]


def _on(row: Activity, day: date) -> Iterable[Balance]:
    """Somebody's balances at the end of a day: what the last day before or on it says, or the beginning."""
    found = {one.category: one for one in row.starting_values}
    reached: dict[str, date] = {}
    for one in row.days:
        if one.date and reached.get(one.category, date.min) <= one.date <= day:
            found[one.category], reached[one.category] = one, one.date
    return found.values()
