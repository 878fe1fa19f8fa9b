"""Payroll Plus's lists: their order, filters and pages, also of a large employer."""

import time
from typing import Any

import pytest

from tests.sandbox.payroll_plus_employer import (
    BASE,
    COMPONENT,
    EMPLOYMENT,
    HANNEKE,
    PERIOD,
    ROW,
    RUN,
    error,
)

REPORT = "/componentReport?year=2026&prPeriod=2026-01"
COMPONENTS = ("BRUTOLOON", "LOONHEFFING", "NETTOLOON")
STATE: dict[str, list[dict[str, Any]]] = {
    "employees": [
        {**HANNEKE, "employeeId": employee_id, "modifiedAt": f"2026-01-{day}T09:00:00Z"}
        for employee_id, day in (("1000", "07"), ("999", "05"), ("1042", "06"))
    ],
    "employments": [{**EMPLOYMENT, "payrollNoEE": number} for number in (10, 9, 2)],
    "payrollPeriods": [{**PERIOD, "prPeriod": period} for period in ("2026-02", "2025-12", "2026-01")],
    "payrollRuns": [
        {**RUN, "runId": "run-9", "prPeriod": "2026-02", "status": "Open", "processedAt": None},
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
STATE["payrollRuns"][0]["approvedAt"] = None


@pytest.fixture
def payroll(payroll_plus: Any) -> Any:
    answer = payroll_plus.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return payroll_plus


def walked(client: Any, path: str, limit: int) -> list[list[Any]]:
    """All pages of a list."""
    pages, cursor = [], None
    while True:
        query = f"limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = client.get(f"{BASE}{path}{'&' if '?' in path else '?'}{query}")
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"items", "nextCursor"}
        pages.append(answer.json()["items"])
        cursor = answer.json()["nextCursor"]
        if cursor is None:
            return pages


@pytest.mark.parametrize(
    ("path", "field", "values"),
    [
        ("/employees", "employeeId", ["999", "1000", "1042"]),
        ("/employees?modifiedSince=2026-01-06T09:00:00Z", "employeeId", ["1000", "1042"]),
        ("/employees?modifiedSince=2026-02-01T00:00:00Z", "employeeId", []),
        ("/employees/1042/employments", "payrollNoEE", [2, 9, 10]),
        ("/employees/999/employments", "payrollNoEE", []),
        ("/employees/999/payrollPeriods?year=2026", "prPeriod", ["2026-01", "2026-02"]),
        ("/employees/999/payrollPeriods?year=2024", "prPeriod", []),
        ("/payrollRuns", "runId", ["run-8", "run-10", "run-9"]),
        ("/payrollRuns?status=Approved", "runId", ["run-8"]),
        ("/payrollRuns?status=Processed", "runId", ["run-10"]),
        ("/payrollRuns?changedSince=2026-01-24T08:00:00Z", "runId", ["run-8", "run-9"]),
        ("/payrollRuns?changedSince=2026-01-24T08:00:00Z&status=Approved", "runId", ["run-8"]),
        ("/payrollRuns?changedSince=2026-01-24T08:00:01Z&status=Approved", "runId", []),
        ("/components", "component", ["BRUTOLOON", "NETTOLOON"]),
        (REPORT, "employeeId", ["999", "999", "1000", "1000"]),
        (REPORT, "component", ["BRUTOLOON", "NETTOLOON", "BRUTOLOON", "NETTOLOON"]),
        ("/componentReport?year=2025&prPeriod=2026-01", "employeeId", []),
        ("/componentReport?year=2026&prPeriod=2026-03", "employeeId", []),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 200])
def test_lists_have_an_order_filters_and_pages(
    payroll: Any, path: str, field: str, values: list[Any], limit: int
) -> None:
    pages = walked(payroll, path, limit)
    assert [row[field] for page in pages for row in page] == values
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)


def test_rows_are_as_in_the_contract(payroll_plus: Any) -> None:
    payroll_plus.put_state(
        {
            "employees": [HANNEKE],
            "employments": [EMPLOYMENT],
            "payrollPeriods": [PERIOD],
            "payrollRuns": [RUN],
            "componentReport": [ROW],
        }
    )
    employment = {name: value for name, value in EMPLOYMENT.items() if name != "employeeId"}
    assert walked(payroll_plus, "/employees", 200) == [[HANNEKE]]
    assert walked(payroll_plus, "/employees/1042/employments", 200) == [[employment]]
    assert walked(payroll_plus, "/employees/1042/payrollPeriods?year=2026", 200) == [[PERIOD]]
    assert walked(payroll_plus, "/payrollRuns", 200) == [[RUN]]
    assert walked(payroll_plus, REPORT, 200) == [[ROW]]


def test_a_cursor_stays_in_its_place_when_rows_come_and_go(payroll: Any) -> None:
    first = payroll.get(f"{BASE}/employees?limit=2").json()
    state = payroll.state()
    kept = [row for row in state["employees"] if row["employeeId"] != "1000"]
    payroll.put_state({**state, "employees": [{**HANNEKE, "employeeId": "1"}, *kept]})
    rest = payroll.get(f"{BASE}/employees?limit=2&cursor={first['nextCursor']}").json()
    assert [row["employeeId"] for row in rest["items"]] == ["1042"]


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
        ("/employees/999/payrollPeriods", "year"),
        ("/employees?modifiedSince=2026-01-05", "modifiedSince"),
        ("/employees/999?limit=1", "limit"),
        ("/payrollRuns?status=Closed", "status"),
        ("/payrollRuns?changedSince=yesterday", "changedSince"),
        ("/components?kind=variableInput", "kind"),
        ("/generalData?year=2026", "year"),
    ],
)
def test_a_query_that_does_not_fit_is_refused(payroll: Any, path: str, field: str) -> None:
    assert error(payroll.get(BASE + path)) == (400, "InvalidValue", field)


def test_a_cursor_belongs_to_its_list(payroll: Any) -> None:
    cursor = payroll.get(f"{BASE}/employees?limit=1").json()["nextCursor"]
    assert error(payroll.get(f"{BASE}/payrollRuns?cursor={cursor}")) == (400, "InvalidValue", "cursor")


def test_the_report_of_a_large_employer_is_quick(payroll_plus: Any) -> None:
    rows = [
        {**ROW, "employeeId": str(number), "component": f"COMPONENT{part}"}
        for number in range(10_000, 15_000)
        for part in range(12)
    ]
    started = time.monotonic()
    assert payroll_plus.put_state({"componentReport": rows}).status_code == 200
    put = time.monotonic() - started
    pages = walked(payroll_plus, REPORT, 200)
    assert [len(page) for page in pages] == [200] * 300
    assert pages[-1][-1]["employeeId"] == "14999"
    assert put < 10
    assert time.monotonic() - started < 30
