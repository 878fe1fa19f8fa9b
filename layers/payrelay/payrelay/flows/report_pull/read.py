"""Reading both systems: the periods, everybody's components of one, and who is a resource (REP-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from payrelay.domain.sensitive import Secret
from payrelay.flows.exact_ids import resource_id
from payrelay.systems.rows import BadRow

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient
    from payrelay.systems.synergy.client import SynergyClient

APPROVED = "Approved"

# One row of a person's report: description and amount; and all of a period, by component.
Line = tuple[str, Secret]
Components = dict[str, tuple[Line, ...]]


class Periods(Struct, frozen=True):
    """The periods with an approved run, and the `others`, whose runs are to come or were withdrawn.

    `flawed` are runs that can't be read, by period or by run id.
    """

    approved: frozenset[str]
    flawed: dict[str, BadRow]
    others: frozenset[str] = frozenset()


class PeriodRows(Struct):
    """Rows of a period by the employee id as it is spelled, and what can't be used of the others.

    A bad row that names nobody is that of "".
    """

    rows: dict[str, list[tuple[str, str, str]]]
    flawed: dict[str, BadRow]

    def __repr__(self) -> str:
        return f"PeriodRows({len(self.rows)} people)"


class Resources(Struct, frozen=True):
    """Who of those asked for is in Exact Synergy; a bad row that names nobody may be any of the others."""

    ids: frozenset[str]
    anybodys: BadRow | None = None


def read_periods(payroll: PayrollPlusClient, since: datetime | None) -> Periods:
    """The periods of all runs, or of those that changed at that time or later."""
    bad: list[BadRow] = []
    runs = payroll.payroll_runs(since).take(bad)
    approved = frozenset(run.period for run in runs if run.status == APPROVED)
    others = frozenset(run.period for run in runs) - approved
    return Periods(approved, {row.number or row.id: row for row in bad}, others)


def read_page(payroll: PayrollPlusClient, period: str, cursor: str | None, found: PeriodRows) -> str | None:
    """Add a page of everybody's components of a period; where to go on, None at the end."""
    page = payroll.component_report(int(period[:4]), period, cursor)
    bad: list[BadRow] = []
    for row in page.rows.take(bad):
        if row.period != period:
            bad.append(BadRow(row.employee_id, row.component, "prPeriod", f"is {row.period}"))
        else:
            line = (row.component, row.description or row.component, f"{row.amount:f}")
            found.rows.setdefault(row.employee_id, []).append(line)
    for one in bad:
        found.flawed[one.id] = one
    return page.next


def components_of(rows: Iterable[tuple[str, str, str]]) -> Components:
    """The rows of one person: a component may have several, and each counts."""
    found: dict[str, list[Line]] = {}
    for component, text, amount in rows:
        found.setdefault(component, []).append((text, Secret(amount)))
    return {component: tuple(lines) for component, lines in found.items()}


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


# Of so many people at most the name is looked up: each is a call there, and all of them one here.
MOST_NAMES, NAMES_AT_ONCE = 20, 40


def names_in_payroll(payroll: PayrollPlusClient, ids: Iterable[str]) -> dict[str, str]:
    """What people are called in Payroll Plus, who are told of by their ids; of a few only."""
    return {one: name for one in islice(ids, MOST_NAMES) if (name := payroll.employee_name(one))}


def names_in_synergy(synergy: SynergyClient, numbers: Sequence[int]) -> dict[str, str]:
    """What people are called in Exact Synergy; of as many as one call tells."""
    if not numbers:
        return {}
    bad: list[BadRow] = []
    cards = synergy.people(numbers[:NAMES_AT_ONCE]).take(bad)
    return {str(card.id): card.full_name for card in cards}
