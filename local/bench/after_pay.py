"""After the pay run: 10,000 slips into their dossiers, and an entry of 400 lines into Exact Globe Next."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local.bench.company import Around, plainly
from local.bench.figures import Figure, exactly, within
from local.bench.payroll import FIRST, USER, Exact, Row, card_of, counts, words
from local.bench.sandboxes import Sandboxes, sandboxes
from local.bench.story import Say
from payrelay.flows.engine.step import Payload

A_SLIP = 2
LARGEST_PEAK = 60
LARGE, LARGE_SLIPS = 200_000, 60  # bytes of a large PDF, and how many of them are pulled
LINES = 400
NUMBER = "500"
# What grows with the slips by pages alone: lists, and look-ups of many at once.
PAGES = ("list", "get employees")


class Slips(Exact):
    """An approved payroll run with a slip for everybody."""

    flow = "document_pull"

    def __init__(self, systems: Sandboxes, slips: int, size: int) -> None:
        super().__init__(systems)
        self.slips = slips
        ids = range(FIRST, FIRST + slips)
        types = {"PayrollSlipDocumentType": 310, "AnnualStatementDocumentType": 311}
        licence = {"Code": "YA1740", "Option": 36, "Active": True}
        cards = [card_of(number) for number in ids]
        systems.put("synergy", {"License": [licence], "HRMSetting": [types], "Resource": cards})
        documents = [_slip(number, size) for number in ids]
        systems.put("payroll_plus", {"payrollRuns": [_payroll_run()], "documents": documents})


class Controller(Exact):
    """An entry of a processed payroll run, and the company that it is for."""

    flow = "journal_sync"
    tokens = {**Exact.tokens, "globe_next": USER}
    settings: Mapping[str, Any] = {
        "globe_companies": [{"administratienummer": NUMBER, "server_name": "SRV01", "database_name": NUMBER}]
    }

    def __init__(self, systems: Sandboxes, lines: int) -> None:
        super().__init__(systems)
        systems.put("payroll_plus", {"payrollRuns": [_payroll_run()], "journalEntries": [_entry(lines)]})
        systems.put("globe_next", _company())


def measure(slips: int, say: Say) -> Iterator[Figure]:
    """Every figure of both flows, as it is known."""
    say(f"{slips:,} slips of one payroll run")
    with sandboxes() as systems:
        yield from _pulled(Slips(systems, slips, 1000))
    say(f"{LARGE_SLIPS} slips of {LARGE:,} bytes")
    with sandboxes() as systems:
        office = Slips(systems, LARGE_SLIPS, LARGE)
        peak = _peak(office.run)
        yield within(
            "slips of 200 kB: memory of the whole run, as Python counts it", peak, LARGEST_PEAK, " MB", 0
        )
    say(f"an entry of {LINES} lines")
    with sandboxes() as systems:
        yield from _booked(Controller(systems, LINES))


def _pulled(office: Slips) -> Iterator[Figure]:
    office.systems.forget()
    run = office.run()
    yield exactly("slips stored", counts(run).get("created"), office.slips)
    calls = office.calls()
    pages = Counter(
        {name: count for name, count in calls.items() if name.partition(": ")[2].startswith(PAGES)}
    )
    yield within("calls for a slip, beside the pages", (calls - pages).total() / office.slips, A_SLIP)
    yield Figure("pages and look-ups of many", words(pages))
    office.systems.forget()
    office.run()
    yield within("the run after it: calls", office.calls().total(), 10, "", 0)


def _booked(office: Controller) -> Iterator[Figure]:
    office.systems.forget()
    run = office.run()
    yield exactly("entries booked", counts(run).get("created"), 1)
    calls = Counter(
        {name: count for name, count in office.calls().items() if name.startswith("globe_next: create")}
    )
    lines = {"globe_next: create FinancialHeader": 1, "globe_next: create FinancialLine": LINES}
    yield exactly(f"an entry of {LINES} lines: calls that write", words(calls), words(lines))
    read = office.calls() - calls
    read = Counter({name: count for name, count in read.items() if name.startswith("globe_next")})
    yield within("look-ups in the company", read.total(), 10, "", 0)


def _peak(act: Callable[[Around], object]) -> float:
    """Megabytes that Python holds at most while something is done, over those before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        most = 0

        def around(name: str, step: Callable[[], Payload]) -> Payload:
            nonlocal most
            tracemalloc.reset_peak()
            answer = plainly(name, step)
            most = max(most, tracemalloc.get_traced_memory()[1])
            return answer

        act(around)
    finally:
        tracemalloc.stop()
    return (most - before) / 2**20


def _payroll_run() -> Row:
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    status = {"status": "Approved", "processedAt": at, "approvedAt": at}
    return {"runId": "run-55", "prPeriod": "2026-01", "description": "Januari 2026", **status}


def _slip(number: int, size: int) -> Row:
    content = f"%PDF-1.4 {number} ".encode().ljust(size - 6, b" ") + b"%%EOF\n"
    return {
        "documentId": f"ps-{number}",
        "employeeId": str(number),
        "runId": "run-55",
        "fileName": "2026-01.pdf",
        "content": base64.b64encode(content).decode(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _entry(lines: int) -> Row:
    wages = [{"lineNo": place, "glAccount": "4000", "amount": "10.01"} for place in range(1, lines)]
    owed = Decimal("10.01") * (lines - 1)
    rows = [*wages, {"lineNo": lines, "glAccount": "1700", "amount": f"{-owed:.2f}"}]
    texts = {"description": "Januari 2026", "entryDate": "2026-01-31"}
    return {"entryId": "je-55", "runId": "run-55", "administratienummer": NUMBER, **texts, "lines": rows}


def _company() -> dict[str, list[Row]]:
    at = {"DatabaseName": NUMBER}
    settings = {"Company": NUMBER, "GeneralJournalExactPayrollPlus": "90", "DefaultCurrency": "EUR"}
    days = {"StartDate": "2026-01-01", "EndDate": "2026-01-31"}
    return {
        "CompanySetting": [{**at, **settings}],
        "Journal": [{**at, "Code": "90", "Type": "M"}],
        "GLAccount": [{**at, "Code": "4000"}, {**at, "Code": "1700"}],
        "FinancialPeriod": [{**at, "FinancialYear": 2026, "Period": 1, **days}],
    }
