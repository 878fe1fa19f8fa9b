"""Payroll Plus's sandbox: slips of approved runs, statements of closed years, entries of processed runs."""

import base64
import hashlib
import time
from typing import Any

import pytest

from tests.sandbox.payroll_office import BASE, Row
from tests.sandbox.rules import check_log, check_refused
from tests.sandbox.test_payroll_plus import error

PDF = base64.b64encode(b"%PDF-1.7 881").decode()
SLIP: Row = {"documentId": "ps-881", "employeeId": "1042", "runId": "run-55", "content": PDF}
STATEMENT: Row = {"documentId": "as-1042", "employeeId": "1042", "year": 2025}
ENTRY: Row = {
    "entryId": "je-55",
    "runId": "run-55",
    "administratienummer": "500",
    "description": "Januari 2026",
    "entryDate": "2026-01-31",
    "lines": [
        {"lineNo": 1, "glAccount": "4000", "costCentre": "001", "amount": "3500.00"},
        {"lineNo": 2, "glAccount": "1700", "amount": "-3499.995"},
    ],
}


def state(run: str = "Approved", year: str = "Closed", **more: list[Row]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {
        "payrollRuns": [{"runId": "run-55", "prPeriod": "2026-01", "status": run}],
        "payrollYears": [{"year": 2025, "status": year}, {"year": 2026, "status": "Open"}],
        "documents": [SLIP, {**SLIP, "language": "en"}, STATEMENT],
        "journalEntries": [ENTRY],
    }
    return {**made, **more}


def read(payroll_plus: Any, path: str) -> list[Row]:
    answer = payroll_plus.get(BASE + path)
    assert answer.status_code == 200, answer.text
    items: list[Row] = answer.json()["items"]
    return items


def test_a_slip_is_as_in_the_contract_and_announces_its_content(payroll_plus: Any) -> None:
    payroll_plus.put_state(state())
    (slip,) = read(payroll_plus, "/paySlips?runId=run-55&language=nl")
    content = payroll_plus.get(f"{BASE}/documents/ps-881/content?language=nl")
    assert slip == {
        "documentId": "ps-881",
        "kind": "PaySlip",
        "employeeId": "1042",
        "runId": "run-55",
        "year": 2026,
        "language": "nl",
        "version": 1,
        "blank": False,
        "fileName": "ps-881.pdf",
        "sha256": hashlib.sha256(b"%PDF-1.7 881").hexdigest(),
    }
    assert (content.status_code, content.headers["Content-Type"]) == (200, "application/pdf")
    assert content.content == b"%PDF-1.7 881"


def test_content_may_be_another_than_the_one_announced(payroll_plus: Any) -> None:
    payroll_plus.put_state(state(documents=[{**SLIP, "sha256": "4f2a", "version": 2, "blank": True}]))
    (slip,) = read(payroll_plus, "/paySlips?runId=run-55&language=nl")
    assert (slip["sha256"], slip["version"], slip["blank"]) == ("4f2a", 2, True)


@pytest.mark.parametrize(
    ("run", "year", "slips", "statements", "entries"),
    [
        ("Approved", "Closed", 1, 1, 1),
        ("Processed", "Closed", 0, 1, 1),
        ("Open", "Closed", 0, 1, 0),
        ("Approved", "Open", 1, 0, 1),
    ],
)
def test_what_is_out_follows_the_run_and_the_year(
    payroll_plus: Any, run: str, year: str, slips: int, statements: int, entries: int
) -> None:
    payroll_plus.put_state(state(run, year))
    assert len(read(payroll_plus, "/paySlips?runId=run-55&language=nl")) == slips
    assert len(read(payroll_plus, "/annualStatements?year=2025&language=nl")) == statements
    assert len(read(payroll_plus, "/journalEntries?runId=run-55")) == entries
    for document, out in (("ps-881", slips), ("as-1042", statements)):
        answer = payroll_plus.get(f"{BASE}/documents/{document}/content?language=nl")
        assert answer.status_code == (200 if out else 404)


@pytest.mark.parametrize(
    "path",
    [
        "/paySlips?runId=run-55&language=de",
        "/paySlips?runId=run-56&language=nl",
        "/annualStatements?year=2025&language=en",
        "/annualStatements?year=2024&language=nl",
        "/journalEntries?runId=run-56",
    ],
)
def test_of_what_there_is_not_there_is_an_empty_list(payroll_plus: Any, path: str) -> None:
    payroll_plus.put_state(state())
    assert read(payroll_plus, path) == []


def test_an_entry_is_completed_and_need_not_add_up(payroll_plus: Any) -> None:
    payroll_plus.put_state(state())
    (entry,) = read(payroll_plus, "/journalEntries?runId=run-55")
    lines = [{"costCentre": "", "costUnit": "", "description": "Salaris", **line} for line in ENTRY["lines"]]
    day = ENTRY["entryDate"]
    assert entry == {**ENTRY, "reportingDate": day, "fulfilmentDate": day, "lines": lines}


def test_years_say_whether_they_are_closed(payroll_plus: Any) -> None:
    payroll_plus.put_state(state())
    assert read(payroll_plus, "/payrollYears") == state()["payrollYears"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/paySlips?language=nl", "runId"),
        ("/paySlips?runId=run-55", "language"),
        ("/paySlips?runId=run-55&language=Dutch", "language"),
        ("/paySlips?runId=run-55&language=nl&employeeId=1042", "employeeId"),
        ("/annualStatements?year=25&language=nl", "year"),
        ("/annualStatements?language=nl", "year"),
        ("/journalEntries", "runId"),
        ("/documents/ps-881/content", "language"),
        ("/payrollYears?status=Closed", "status"),
    ],
)
def test_a_query_that_does_not_fit_is_refused(payroll_plus: Any, path: str, field: str) -> None:
    payroll_plus.put_state(state())
    assert error(payroll_plus.get(BASE + path)) == (400, "InvalidValue", field)


@pytest.mark.parametrize(
    ("resource", "row", "field", "said"),
    [
        ("documents", {"documentId": "as-1042", "employeeId": "1042"}, "year", "is required"),
        ("documents", {**SLIP, "runId": "run-56"}, "year", "is required"),
        ("documents", {**SLIP, "content": "no base64"}, "content", "base64"),
        ("documents", {**SLIP, "content": 7}, "content", "base64"),
        ("documents", {**SLIP, "kind": "Letter"}, "kind", "one of PaySlip"),
        ("payrollYears", {"year": 2025, "status": "Done"}, "status", "one of Open, Closed"),
        ("journalEntries", {**ENTRY, "lines": [{"lineNo": 1, "amount": "1.00"}]}, "lines[0].glAccount", "is"),
        (
            "journalEntries",
            {**ENTRY, "lines": [{"lineNo": 1, "glAccount": "1", "amount": 1}]},
            "lines[0].amount",
            "as text",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused(
    payroll_plus: Any, resource: str, row: Row, field: str, said: str
) -> None:
    check_refused(payroll_plus, {resource: [row]}, 0, field, said)


def test_the_log_names_what_was_asked(payroll_plus: Any) -> None:
    calls = [
        ("GET", f"{BASE}/paySlips?runId=run-55&language=nl", "list paySlips"),
        ("GET", f"{BASE}/annualStatements?year=2025&language=nl", "list annualStatements"),
        ("GET", f"{BASE}/documents/ps-881/content?language=nl", "get documents"),
        ("GET", f"{BASE}/journalEntries?runId=run-55", "list journalEntries"),
        ("GET", f"{BASE}/payrollYears", "list payrollYears"),
    ]
    check_log(payroll_plus, calls)


# --- runs that change, and documents that do not arrive -----------------------------------------------------


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        (
            {
                "status": "Approved",
                "processedAt": "2026-01-23T18:02:00Z",
                "approvedAt": "2026-01-24T08:00:00Z",
            },
            False,
        ),
        (
            {
                "status": "Approved",
                "processedAt": "2026-01-23T18:02:00Z",
                "approvedAt": "2026-02-02T08:00:00Z",
            },
            True,
        ),
        (
            {
                "status": "Processed",
                "processedAt": "2026-02-02T08:00:00Z",
                "approvedAt": "2026-01-24T08:00:00Z",
            },
            True,
        ),
        (
            {"status": "Open", "processedAt": "2026-01-23T18:02:00Z", "approvedAt": "2026-01-24T08:00:00Z"},
            True,
        ),
        ({"status": "Open"}, True),
    ],
)
def test_a_run_that_is_withdrawn_or_approved_again_has_changed(
    payroll_plus: Any, row: Row, changed: bool
) -> None:
    payroll_plus.put_state({"payrollRuns": [{"runId": "run-55", "prPeriod": "2026-01", **row}]})
    found = read(payroll_plus, "/payrollRuns?changedSince=2026-02-01T00:00:00Z")
    assert [one["status"] for one in found] == ([row["status"]] if changed else [])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/paySlips?runId=run-55&language=nl", 200),
        ("/journalEntries?runId=run-55", 200),
        ("/documents/ps-881/content?language=nl", 404),
    ],
)
def test_a_run_may_be_withdrawn_just_before_a_call(payroll_plus: Any, path: str, status: int) -> None:
    payroll_plus.put_state(state())
    payroll_plus.faults(errors=["withdrawn"], count=1)
    assert read(payroll_plus, "/payrollRuns?status=Approved")
    answer = payroll_plus.get(BASE + path)
    assert (answer.status_code, answer.json().get("items", [])) == (status, [])
    (run,) = read(payroll_plus, "/payrollRuns")
    assert (run["status"], run["processedAt"], run["approvedAt"]) == ("Open", None, None)


@pytest.mark.parametrize(
    ("fault", "media", "content"),
    [("page", "text/html", b"<!DOCTYPE html>"), ("truncated", "application/pdf", b"%PDF-1")],
)
def test_a_document_may_arrive_as_something_else(
    payroll_plus: Any, fault: str, media: str, content: bytes
) -> None:
    payroll_plus.put_state(state())
    payroll_plus.faults(errors=[fault])
    assert len(read(payroll_plus, "/paySlips?runId=run-55&language=nl")) == 1
    answer = payroll_plus.get(f"{BASE}/documents/ps-881/content?language=nl")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media)
    assert answer.content.startswith(content)
    assert len(answer.content) != len(b"%PDF-1.7 881")
    assert payroll_plus.get(f"{BASE}/documents/ps-882/content?language=nl").status_code == 404


def test_many_slips_are_read_quickly_and_as_they_are_now(payroll_plus: Any) -> None:
    many = [{**SLIP, "documentId": f"ps-{number}"} for number in range(1, 5001)]
    payroll_plus.put_state(state(documents=many))
    started, found, cursor = time.monotonic(), [], ""
    while cursor is not None:
        path = f"{BASE}/paySlips?runId=run-55&language=nl&limit=200" + (f"&cursor={cursor}" if cursor else "")
        body = payroll_plus.get(path).json()
        found += [row["documentId"] for row in body["items"]]
        cursor = body["nextCursor"]
    assert found == [row["documentId"] for row in many]
    assert time.monotonic() - started < 3
    payroll_plus.put_state(state("Open", documents=many))
    assert read(payroll_plus, "/paySlips?runId=run-55&language=nl") == []
