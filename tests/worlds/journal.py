"""Delft Techniek of the tests as its controller sees it: pay runs, entries, two companies of Globe Next."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.memory.ledger import MemoryLedger
from payrelay.domain.runs import Connection, Run
from tests.worlds.exact import Exact, connected
from tests.worlds.run import Clock

Row = dict[str, Any]
COMPANIES = [
    {"administratienummer": number, "server_name": "SRV01", "database_name": number}
    for number in ("500", "600")
]


class Ledgers(Exact):
    """One connection with two companies of Globe Next, 500 and 600."""

    def connect(self, **settings: Any) -> Connection:
        return super().connect(**{"globe_companies": COMPANIES, **settings})

    def begin(self) -> None:
        super().begin()
        self.put("globe_next", companies())

    def journal(self, mode: str = "sync", **options: Any) -> Run:
        """One journal sync to its end."""
        return self.run("journal_sync", mode, options=options)

    # --- what is in the systems --------------------------------------------------------------------------

    def give(self, *entries: Row, status: str = "Processed", **more: list[Row]) -> None:
        """These entries, each of a pay run in this status, and nothing else, in Payroll Plus."""
        at = f"{self.clock():%Y-%m-%dT%H:%M:%SZ}"
        runs = [
            {
                "runId": run_id,
                "prPeriod": "2026-01",
                "description": "Januari 2026",
                "status": status,
                "processedAt": at,
            }
            for run_id in dict.fromkeys(one["runId"] for one in entries)
        ]
        self.put("payroll_plus", {"payrollRuns": runs, "journalEntries": list(entries), **more})

    def globe(self, resource: str, match: Mapping[str, Any], **values: Any) -> None:
        """Somebody changes something in Globe Next."""
        self.edit("globe_next", resource, match, **values)

    def ledger_rows(self) -> list[tuple[Any, ...]]:
        """The ledger of the sandbox: each processed line, from its company to its amount."""
        state = self.state("globe_next")
        texts = {(row["DatabaseName"], row["TransactionKey"]): row for row in state["FinancialHeader"]}
        found = []
        for line in state["FinancialLine"]:
            header = texts.get((line["DatabaseName"], line["TransactionKey"]))
            if header:
                amount = Decimal(str(line["Amount"])).quantize(Decimal("0.01"))
                parts = (line["CostCenter"] or "", line["CostUnit"] or "", f"{amount}")
                found.append((line["DatabaseName"], header["Description"], line["GLAccount"].strip(), *parts))
        return sorted(found)

    def headers(self) -> list[Row]:
        """The headers of the sandbox's ledger."""
        found: list[Row] = self.state("globe_next")["FinancialHeader"]
        return found

    def pending(self) -> list[Row]:
        """The lines that no header has processed."""
        state = self.state("globe_next")
        done = {(row["DatabaseName"], row["TransactionKey"]) for row in state["FinancialHeader"]}
        return [
            row for row in state["FinancialLine"] if (row["DatabaseName"], row["TransactionKey"]) not in done
        ]

    def sent(self) -> list[str]:
        """The writing calls to Globe Next since the last `forget_requests`."""
        return [str(one["operation"]) for one in self.requests("globe_next") if one["writes"]]


def entry(*amounts: str, entry_id: str = "je-55", **more: Any) -> Row:
    """A journal entry: amounts on 4000 with cost centre 001 and unit P1, and what balances them on 1700."""
    lines = [line(number, "4000", one) for number, one in enumerate(amounts, 1)]
    owed = -sum((Decimal(one) for one in amounts), Decimal(0))
    lines.append(line(len(lines) + 1, "1700", f"{owed:.2f}", costCentre="", costUnit=""))
    return {
        "entryId": entry_id,
        "runId": "run-55",
        "administratienummer": "500",
        "description": "Januari 2026",
        "entryDate": "2026-01-31",
        "lines": lines,
        **more,
    }


def line(number: int, account: str, amount: str, **more: Any) -> Row:
    """A line of an entry."""
    row = {"lineNo": number, "glAccount": account, "costCentre": "001", "costUnit": "P1", "amount": amount}
    return {**row, "description": "Salaris", **more}


def companies() -> dict[str, list[Row]]:
    """500 has the cost centre 001, 600 the cost unit P1; December is closed in both."""
    both = [company(number) for number in ("500", "600")]
    found = {name: [row for one in both for row in one[name]] for name in both[0]}
    found["CostCenter"] = [{"DatabaseName": "500", "Code": "001"}]
    found["CostUnit"] = [{"DatabaseName": "600", "Code": "P1"}]
    return found


def company(database: str) -> dict[str, list[Row]]:
    """A company with a journal, three accounts and three periods."""
    at = {"DatabaseName": database}
    return {
        "CompanySetting": [
            {**at, "Company": database, "GeneralJournalExactPayrollPlus": "90", "DefaultCurrency": "EUR"}
        ],
        "Journal": [{**at, "Code": "90", "Type": "M"}],
        "GLAccount": [
            {**at, "Code": "4000"},
            {**at, "Code": "1700"},
            {**at, "Code": "4099", "Blocked": True},
        ],
        "FinancialPeriod": [
            {**at, **period(2025, 12, "2025-12-01", "2025-12-31", Closed=True)},
            {**at, **period(2026, 1, "2026-01-01", "2026-01-31")},
            {**at, **period(2026, 2, "2026-02-01", "2026-02-28")},
        ],
    }


def period(year: int, number: int, first: str, last: str, **more: Any) -> Row:
    """A financial period."""
    return {"FinancialYear": year, "Period": number, "StartDate": first, "EndDate": last, **more}


def ledgers(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger | None = None) -> Ledgers:
    """A connected office with two companies and no entry."""
    return connected(Ledgers, urls, clock, memory)
