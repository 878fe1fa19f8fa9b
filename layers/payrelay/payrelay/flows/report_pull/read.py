"""Reading both systems: the periods, everybody's components of one, and who is a resource (REP-1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.sensitive import Secret
from payrelay.flows.report_pull.rules import resource_id
from payrelay.systems.rows import BadRow

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient
    from payrelay.systems.synergy.client import SynergyClient

APPROVED = "Approved"

# One person's components of a period: description and amount, by component.
Components = dict[str, tuple[str, Secret]]


class PayrollSystems(Struct, dict=True):
    """The two systems of one connection; a client is made when it is first used."""

    client_of: Any

    @cached_property
    def payroll(self) -> PayrollPlusClient:
        """Exact Payroll Plus."""
        client: PayrollPlusClient = self.client_of("payroll_plus")
        return client

    @cached_property
    def synergy(self) -> SynergyClient:
        """Exact Synergy."""
        client: SynergyClient = self.client_of("synergy")
        return client


class Periods(Struct, frozen=True):
    """The periods with an approved run; `flawed` are runs that can't be read, by period or by run id."""

    approved: frozenset[str]
    flawed: dict[str, BadRow]


class PeriodReports(Struct, frozen=True):
    """A period's reports that are whole, by person, and what can't be used of the others, by person.

    `anybodys` is a bad row that names nobody: it may be anybody's, so that no report of the period is whole.
    """

    whole: dict[str, Components]
    flawed: dict[str, BadRow]
    anybodys: BadRow | None = None


class Resources(Struct, frozen=True):
    """Who of those asked for is in Exact Synergy; a bad row that names nobody may be any of the others."""

    ids: frozenset[str]
    anybodys: BadRow | None = None


def read_periods(payroll: PayrollPlusClient, since: datetime | None) -> Periods:
    """The periods of all approved runs, or of those that changed at that time or later."""
    bad: list[BadRow] = []
    runs = payroll.payroll_runs(since).take(bad)
    approved = frozenset(run.period for run in runs if run.status == APPROVED)
    return Periods(approved, {row.number or row.id: row for row in bad})


def read_reports(payroll: PayrollPlusClient, period: str) -> PeriodReports:
    """Everybody's components of a period, page after page."""
    found: dict[str, Components] = defaultdict(dict)
    flawed: dict[str, BadRow] = {}
    cursor: str | None = None
    while True:
        page = payroll.component_report(int(period[:4]), period, cursor)
        bad: list[BadRow] = []
        for row in page.rows.take(bad):
            person, component = row.employee_id, row.component
            if row.period != period:
                flawed[person] = BadRow(person, component, "prPeriod", f"is {row.period}")
            elif component in found[person]:
                flawed[person] = BadRow(person, component, component, "is there twice")
            else:
                found[person][component] = (row.description or component, Secret(f"{row.amount:f}"))
        for one in bad:
            flawed[one.id] = BadRow(one.id, one.number, f"{one.number} {one.field}".strip(), one.problem)
        cursor = page.next
        if cursor is None:
            break
    anybodys = flawed.pop("", None)
    return PeriodReports({who: rows for who, rows in found.items() if who not in flawed}, flawed, anybodys)


def read_resources(synergy: SynergyClient, people: Iterable[str], members: frozenset[int]) -> Resources:
    """Which of these people Exact Synergy has a card of; members of the role need not be asked for."""
    numbers = [number for one in people if (number := resource_id(one)) is not None and number not in members]
    if not numbers:
        return Resources(frozenset())
    bad: list[BadRow] = []
    cards = synergy.people(numbers).take(bad)
    ids = frozenset({*(str(card.id) for card in cards), *(row.id for row in bad)})
    nameless = next((row for row in bad if row.id not in map(str, numbers)), None)
    return Resources(ids, nameless)
