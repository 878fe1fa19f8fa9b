"""Reading Exact Payroll Plus: which periods changed, and everybody's components of one of them (REP-1)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.sensitive import Secret

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient
    from payrelay.systems.synergy.client import SynergyClient

APPROVED = "Approved"

# One person's components of a period: description and amount, by component.
Components = dict[str, tuple[str, Secret]]
# The field that can't be used, and why.
Flaw = tuple[str, str]


class Sides(Struct, dict=True):
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
    """The periods with an approved run; `flaws` are of runs that can't be read, by period or run id."""

    approved: frozenset[str]
    flaws: dict[str, Flaw]


class PeriodRows(Struct, frozen=True):
    """A period's report: components by person, and whose rows can't be used.

    `flaw` is of a row that names nobody: it may be anybody's, so that no report of the period is whole.
    """

    found: dict[str, Components]
    flaws: dict[str, Flaw]
    flaw: Flaw | None = None


def read_periods(payroll: PayrollPlusClient, since: datetime | None) -> Periods:
    """The periods of all approved runs, or of those that changed at that time or later."""
    runs = payroll.payroll_runs(since)
    flaws = {bad.number or bad.id: (bad.field, bad.problem) for bad in runs.bad_rows}
    return Periods(frozenset(run.period for run in runs if run.status == APPROVED), flaws)


def read_rows(payroll: PayrollPlusClient, period: str) -> PeriodRows:
    """Everybody's components of a period, page after page."""
    found: dict[str, Components] = defaultdict(dict)
    flaws: dict[str, Flaw] = {}
    cursor: str | None = None
    while True:
        page = payroll.component_report(int(period[:4]), period, cursor)
        for row in page.rows:
            if row.period != period:
                flaws[row.employee_id] = ("prPeriod", f"is {row.period}")
            elif row.component in found[row.employee_id]:
                flaws[row.employee_id] = (row.component, "is there twice")
            else:
                found[row.employee_id][row.component] = (
                    row.description or row.component,
                    Secret(f"{row.amount:f}"),
                )
        for bad in page.bad_rows:
            flaws[bad.id] = (f"{bad.number} {bad.field}".strip(), bad.problem)
        cursor = page.next
        if cursor is None:
            break
    return PeriodRows(dict(found), flaws, flaws.pop("", None))
