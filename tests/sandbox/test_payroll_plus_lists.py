"""Payroll Plus's lists: their order, filters and pages, also of a large employer."""

import time
from typing import Any

import pytest

from tests.sandbox.test_payroll_plus import (
    BASE,
    COMPONENT,
    EMPLOYMENT,
    HANNEKE,
    PERIOD,
    ROW,
    RUN,
    SHOWN,
    STATE,
    Row,
    error,
)

REPORT = "/componentReport?year=2026&prPeriod=2026-01"
_CHANGED = "/payrollRuns?changedSince=2026-01-24T08:00:0"
# Rows out of their order, and in several groups.
MANY: dict[str, list[Row]] = {
    "employees": [
        {**HANNEKE, "employeeId": employee_id, "modifiedAt": f"2026-01-{day}T09:00:00Z"}
        for employee_id, day in (("1000", "07"), ("999", "05"), ("1042", "06"))
    ],
    "employments": [{**EMPLOYMENT, "payrollNoEE": number} for number in (10, 9, 2)],
    "payrollPeriods": [
        {**PERIOD, "employeeId": employee_id, "prPeriod": period}
        for employee_id in ("1042", "999")
        for period in ("2026-02", "2025-12", "2026-01")
    ],
    "payrollRuns": [
        {"runId": "run-9", "prPeriod": "2026-02", "status": "Open"},
        {**RUN, "runId": "run-10", "status": "Processed", "approvedAt": None},
        {**RUN, "runId": "run-8"},
    ],
    "components": [{**COMPONENT, "component": name} for name in ("NETTOLOON", "BRUTOLOON")],
    "componentReport": [
        {**ROW, "employeeId": employee_id, "component": name, "prPeriod": period}
        for period in ("2026-01", "2026-02")
        for employee_id in ("1000", "999")
        for name in ("NETTOLOON", "BRUTOLOON")
    ],
}


def walked(client: Any, path: str, limit: int = 200) -> list[list[Row]]:
    """All pages of a list."""
    pages, cursor = [], ""
    while cursor is not None:
        query = f"limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = client.get(f"{BASE}{path}{'&' if '?' in path else '?'}{query}")
        assert (answer.status_code, set(answer.json())) == (200, {"items", "nextCursor"}), answer.text
        pages.append(answer.json()["items"])
        cursor = answer.json()["nextCursor"]
    return pages


def test_rows_are_as_in_the_contract(payroll_plus: Any) -> None:
    payroll_plus.put_state(STATE)
    employment, period = (
        {name: value for name, value in row.items() if name != "employeeId"} for row in (EMPLOYMENT, PERIOD)
    )
    assert walked(payroll_plus, "/employees") == [[SHOWN]]
    assert walked(payroll_plus, "/employees/1042/employments") == [[employment]]
    assert walked(payroll_plus, "/employees/1042/payrollPeriods?year=2026") == [[period]]
    assert walked(payroll_plus, "/payrollRuns") == [[RUN]]
    assert walked(payroll_plus, REPORT) == [[ROW]]


@pytest.mark.parametrize(
    ("path", "field", "values"),
    [
        ("/employees", "employeeId", ["999", "1000", "1042"]),
        ("/employees?modifiedSince=2026-01-06T09:00:00Z", "employeeId", ["1000", "1042"]),
        ("/employees?modifiedSince=2026-02-01T00:00:00Z", "employeeId", []),
        ("/employees/1042/employments", "payrollNoEE", [10, 9, 2]),
        ("/employees/999/employments", "payrollNoEE", []),
        ("/employees/999/payrollPeriods?year=2026", "prPeriod", ["2026-01", "2026-02"]),
        ("/employees/999/payrollPeriods?year=2024", "prPeriod", []),
        ("/payrollRuns", "runId", ["run-8", "run-10", "run-9"]),
        ("/payrollRuns?status=Approved", "runId", ["run-8"]),
        ("/payrollRuns?status=Processed", "runId", ["run-10"]),
        (f"{_CHANGED}0Z", "runId", ["run-8", "run-9"]),
        (f"{_CHANGED}0Z&status=Approved", "runId", ["run-8"]),
        (f"{_CHANGED}1Z&status=Approved", "runId", []),
        ("/components", "component", ["BRUTOLOON", "NETTOLOON"]),
        (REPORT, "employeeId", ["999", "999", "1000", "1000"]),
        (REPORT, "component", ["BRUTOLOON", "NETTOLOON", "BRUTOLOON", "NETTOLOON"]),
        ("/componentReport?year=2025&prPeriod=2026-01", "employeeId", []),
        ("/componentReport?year=2026&prPeriod=2026-03", "employeeId", []),
    ],
)
def test_lists_have_an_order_filters_and_pages(
    payroll_plus: Any, path: str, field: str, values: list[Any]
) -> None:
    payroll_plus.put_state(MANY)
    for limit in (1, 2, 200):
        pages = walked(payroll_plus, path, limit)
        assert [row[field] for page in pages for row in page] == values
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/componentReport", "year"),
        ("/componentReport?year=2026", "prPeriod"),
        ("/componentReport?prPeriod=2026-01", "year"),
        ("/componentReport?year=26&prPeriod=2026-01", "year"),
        ("/componentReport?year=2026&prPeriod=januari", "prPeriod"),
        (f"{REPORT}&employeeId=999", "employeeId"),
        (f"{REPORT}&year=2026", "year"),
        (f"{REPORT}&limit=0", "limit"),
        (f"{REPORT}&limit=201", "limit"),
        (f"{REPORT}&limit=many", "limit"),
        (f"{REPORT}&cursor=", "cursor"),
        (f"{REPORT}&cursor=nowhere", "cursor"),
        ("/employees/1042/payrollPeriods", "year"),
        ("/employees?modifiedSince=2026-01-05", "modifiedSince"),
        ("/employees/1042?limit=1", "limit"),
        ("/payrollRuns?status=Closed", "status"),
        ("/payrollRuns?changedSince=yesterday", "changedSince"),
        ("/components?kind=variableInput", "kind"),
        ("/generalData?year=2026", "year"),
    ],
)
def test_a_query_that_does_not_fit_is_refused(payroll_plus: Any, path: str, field: str) -> None:
    payroll_plus.put_state(STATE)
    assert error(payroll_plus.get(BASE + path)) == (400, "InvalidValue", field)


def test_a_cursor_keeps_its_place_when_rows_come_and_go_and_belongs_to_its_list(payroll_plus: Any) -> None:
    payroll_plus.put_state(MANY)
    cursor = payroll_plus.get(f"{BASE}/employees?limit=2").json()["nextCursor"]
    kept = [row for row in MANY["employees"] if row["employeeId"] != "1000"]
    payroll_plus.put_state({**MANY, "employees": [{**HANNEKE, "employeeId": "1"}, *kept]})
    rest = payroll_plus.get(f"{BASE}/employees?limit=2&cursor={cursor}").json()
    assert [row["employeeId"] for row in rest["items"]] == ["1042"]
    refused = payroll_plus.get(f"{BASE}/payrollRuns?cursor={cursor}")
    assert error(refused) == (400, "InvalidValue", "cursor")


def test_the_report_of_a_large_employer_is_quick(payroll_plus: Any) -> None:
    rows = [
        {**ROW, "employeeId": str(number), "component": f"COMPONENT{part}"}
        for number in range(10_000, 15_000)
        for part in range(12)
    ]
    started = time.monotonic()
    assert payroll_plus.put_state({"componentReport": rows}).status_code == 200
    pages = walked(payroll_plus, REPORT)
    assert [len(page) for page in pages] == [200] * 300
    assert pages[-1][-1]["employeeId"] == "14999"
    assert time.monotonic() - started < 15
