"""Reading Millennium, row by row, and keeping of each person what is compared (RUN-8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from payrelay.flows.accrual_sync.records import MILLENNIUM
from payrelay.flows.accrual_sync.to_timeworksplus.people import People, taken, text_of, texts
from payrelay.flows.accrual_sync.to_timeworksplus.rules import counts
from payrelay.systems.millennium.client import MillenniumClient
from payrelay.systems.millennium.models import Accrual, Check
from payrelay.systems.rows import Listed, plain_day

# Who voids a check pays it again within so long; a day less than two weeks is one payroll less to read.
_VOIDS = timedelta(days=13)
# Calendar entries of check dates somewhat earlier are read, too.
_BEFORE = timedelta(days=62)
_FAR = date(2099, 12, 31)


class Payroll:
    """The lists of Millennium; `codes` are the accrual codes that go, with their descriptions."""

    def __init__(self, client: MillenniumClient, codes: Mapping[str, str]) -> None:
        self._client, self._codes = client, codes
        self._blocked: frozenset[int] = frozenset()
        # How many pages the list of all balances has.
        self.weight = 0

    def employees(self, people: People) -> None:
        """Names, until all who are wanted were seen."""
        for page in self._client.employees():
            for row in taken(page, people, MILLENNIUM):
                found = people.of(row.employee_id)
                if found:
                    name = f"{row.first_name or ''} {row.last_name or ''}".strip()
                    found.named(name, row.status, plain_day(row.term_date))
                    found.paid = True
            if people.has_all:
                return

    def accruals(self, people: People) -> Counter[date]:
        """Everybody's balances of codes that go; how many last accrued on which day."""
        days: Counter[date] = Counter()
        for page in self._client.accruals():
            self.weight += 1
            days.update(self._accruals(people, page))
        return days

    def accruals_of(self, people: People, employee: str) -> Counter[date]:
        """The same of one person."""
        return self._accruals(people, self._client.accruals_of(employee))

    def calendar(self, first: date) -> None:
        """Which payrolls block accruals, of check dates from then on."""
        entries = self._client.calendar(first - _BEFORE, _FAR).whole("Calendar entry", MILLENNIUM)
        self._blocked = frozenset(one.calendar_id for one in entries if one.accruals_blocked)

    def checks(self, people: People, since: date) -> None:
        """Everybody's checks that may date an accrual of that day or later."""
        self._checks(people, self._client.checks(since - _VOIDS, _FAR))

    def checks_of(self, people: People, employee: str, since: date) -> None:
        """One person's checks, instead of those that were read."""
        found = people.known(employee)
        if found:
            found.checks = b""
            self._checks(people, (self._client.checks_of(employee, since - _VOIDS, _FAR),))

    def _accruals(self, people: People, page: Listed[Accrual]) -> Counter[date]:
        days: Counter[date] = Counter()
        for row in taken(page, people, MILLENNIUM, self._codes):
            found = people.of(row.employee_id) if row.code in self._codes else None
            if found is None:
                continue
            accrued = row.last_accrue_date
            known = (text_of(one) for one in (accrued, row.start_date, row.end_date))
            found.rows += texts(row.code, f"{row.balance}", *known)
            found.paid = True
            if accrued:
                found.first = min(found.first or accrued, accrued)
                days[accrued] += 1
        return days

    def _checks(self, people: People, pages: Iterable[Listed[Check]]) -> None:
        """Those that count and may date something, and those that are void."""
        for page in pages:
            for row in taken(page, people, MILLENNIUM):
                found = people.known(row.employee_id)
                if found is None or found.first is None:
                    continue
                begin, end, day = row.period_begin_date, row.period_end_date, row.check_date
                valid = counts(begin, end, row.calendar_id, self._blocked, voided=row.voided)
                if row.voided or (valid and day >= found.first):
                    days = (text_of(one) for one in (day, begin, end))
                    found.checks += texts(*days, f"{row.batch_number}", row.check_number, valid, row.voided)
