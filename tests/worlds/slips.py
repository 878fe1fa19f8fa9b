"""Delft Techniek of the tests after a pay run: its runs and years, its documents, and the dossiers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from local.memory.ledger import MemoryLedger
from payrelay.domain.runs import Check, Run
from tests.worlds.exact import connected
from tests.worlds.hr import Delft, card
from tests.worlds.run import Clock

FLOW = "document_pull"
AT = "2026-01-24T08:00:00Z"
Row = dict[str, Any]
TYPES = {"PayrollSlipDocumentType": 310, "AnnualStatementDocumentType": 311}


class Slips(Delft):
    """One connection that pulls documents."""

    def pull(self, mode: str = "sync", **options: Any) -> Run:
        """One pull to its end."""
        return self.run(FLOW, mode, options=options)

    def after_pay(
        self, *documents: Row, people: tuple[int, ...] = (1042, 1043), types: Row | None = None, **more: Any
    ) -> None:
        """These people and document types in Synergy; an approved run, and these documents, in payroll."""
        rows = {"payrollRuns": [payroll_run()], "payrollYears": [], "documents": list(documents), **more}
        synergy = {
            "Resource": [card(one) for one in people],
            "HRMSetting": [TYPES if types is None else types],
        }
        self.fill(synergy, rows)

    def payroll(self, **rows: list[Row]) -> None:
        """These rows instead of those that payroll has of each resource."""
        self.put("payroll_plus", {**self.state("payroll_plus"), **rows})

    def dossiers(self) -> dict[str, tuple[int, str]]:
        """Whose each stored document is, and its content, by its key."""
        return {
            row["TextFreeField1"]: (row["ResourceID"], base64.b64decode(row["Content"]).decode())
            for row in self.state("synergy")["Document"]
        }

    def said(self, run: Run) -> dict[str, tuple[str, str]]:
        """Outcome and reason of each record."""
        return {
            one.key: (one.outcome.value, one.reason.code if one.reason else "") for one in self.stored(run)
        }

    def messages(self, run: Run) -> dict[str, str]:
        """The message of each record that has a reason."""
        return {one.key: one.reason.message for one in self.stored(run) if one.reason}

    def calls(self) -> list[str]:
        """What was asked of both systems since the last `forget_requests`."""
        found = [*self.requests("payroll_plus"), *self.requests("synergy")]
        return [str(one["operation"]) for one in found]

    def diagnosis(self, key: str | None) -> list[Check]:
        """What a diagnosis says."""
        return list(self.opening(self.start(FLOW, "preview")).diagnose(key))


def payroll_run(
    number: str = "run-55", period: str = "2026-01", status: str = "Approved", at: str = AT
) -> Row:
    """A payroll run, approved if nothing else is said."""
    return {
        "runId": number,
        "prPeriod": period,
        "description": f"Salaris {period}",
        "status": status,
        "processedAt": None if status == "Open" else at,
        "approvedAt": at if status == "Approved" else None,
    }


def pdf(text: str) -> str:
    """The content of a document, as the sandbox takes it."""
    return base64.b64encode(f"%PDF-1.7 {text}".encode()).decode()


def slip(number: str = "ps-881", person: int | str = 1042, **changed: Any) -> Row:
    """A slip of January."""
    row = {"documentId": number, "employeeId": str(person), "runId": "run-55", "fileName": "2026-01.pdf"}
    return {**row, "content": pdf(f"{number} of {person}"), **changed}


def statement(number: str = "as-1042", person: int | str = 1042, **changed: Any) -> Row:
    """A statement of 2025."""
    row = {"documentId": number, "employeeId": str(person), "year": 2025, "fileName": "2025.pdf"}
    return {**row, "content": pdf(f"{number} of {person}"), **changed}


def closed(year: int = 2025, status: str = "Closed") -> Row:
    """A payroll year."""
    return {"year": year, "status": status}


def slips(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger | None = None) -> Slips:
    """A connection, with nobody in it."""
    return connected(Slips, urls, clock, memory)
