"""Delft Techniek of the tests, with Exact Synergy and Exact Payroll Plus: the steps of its pulls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.memory.ledger import MemoryLedger
from payrelay.domain.runs import Run
from payrelay.ledger.reports import Report
from tests.worlds.exact import Exact, connected
from tests.worlds.run import CONNECTION, TENANT, Clock

FLOW = "report_pull"
JANUARY, FEBRUARY = "2026-01", "2026-02"
Row = dict[str, Any]
Amounts = dict[str, str]


class Delft(Exact):
    """One connection that pulls reports."""

    def begin(self) -> None:
        """No report of anybody, and three people in Synergy."""
        super().begin()
        self.fill([])

    def pull(self, mode: str = "sync", **options: Any) -> Run:
        """One pull to its end."""
        return self.run(FLOW, mode, options=options)

    # --- what is in the systems --------------------------------------------------------------------------

    def fill(self, rows: list[Row], *runs: Row, people: tuple[int, ...] = (2001, 2002, 2012)) -> None:
        """These rows of the component report, these payroll runs, and these people in Synergy."""
        self.put("payroll_plus", {"componentReport": rows, "payrollRuns": list(runs)})
        self.put(
            "synergy",
            {
                "Resource": [{"ID": number} for number in people],
                "RoleMember": [{"ResourceID": number, "RoleCode": "PAYROLLPLUS"} for number in people],
            },
        )

    def amount(self, person: int, component: str, amount: str, period: str = JANUARY) -> None:
        """Payroll corrects an amount."""
        row = {"employeeId": str(person), "component": component, "prPeriod": period}
        self.edit("payroll_plus", "componentReport", row, amount=amount)

    def approved(self, period: str = JANUARY) -> None:
        """Payroll approves the run of a period once more, now."""
        at = f"{self.clock():%Y-%m-%dT%H:%M:%SZ}"
        self.edit("payroll_plus", "payrollRuns", {"prPeriod": period}, approvedAt=at, processedAt=at)

    def without(self, person: int, component: str | None = None, period: str = JANUARY) -> None:
        """Payroll takes a component, or everything of a person, out of a period."""
        state = self.state("payroll_plus")
        state["componentReport"] = [
            row
            for row in state["componentReport"]
            if row["employeeId"] != str(person)
            or row["prPeriod"] != period
            or component not in (None, row["component"])
        ]
        self.put("payroll_plus", state)

    # --- what is kept ------------------------------------------------------------------------------------

    def versions(self, person: int, period: str = JANUARY) -> tuple[Report, ...]:
        """All versions of a report, newest first."""
        found = self.ledger.reports.of(TENANT, CONNECTION, str(person), period)
        return found[0] if found else ()

    def kept(self, person: int, period: str = JANUARY) -> list[Amounts]:
        """The amounts of each version, newest first; those of a component that is there twice with a plus."""
        return [
            {
                name: " + ".join(amount.reveal() for _, amount in lines)
                for name, lines in version.components.items()
            }
            for version in self.versions(person, period)
        ]


def pay(person: int, period: str = JANUARY, **amounts: str) -> list[Row]:
    """The rows of a person in a period."""
    return [
        {
            "employeeId": str(person),
            "prPeriod": period,
            "component": name,
            "description": name.capitalize(),
            "amount": amount,
        }
        for name, amount in amounts.items()
    ]


def payroll_run(period: str = JANUARY, status: str = "Approved", at: str | None = None) -> Row:
    """The run of a period."""
    at = at or f"{period}-24T08:00:00Z"
    return {
        "runId": f"run-{period}",
        "prPeriod": period,
        "status": status,
        "processedAt": at,
        "approvedAt": at if status == "Approved" else None,
    }


def delft(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger | None = None) -> Delft:
    """A connection, with no report of anybody."""
    return connected(Delft, urls, clock, memory)
