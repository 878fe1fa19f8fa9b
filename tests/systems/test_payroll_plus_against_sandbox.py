"""Exact Payroll Plus's client against its sandbox, which was written from the same contract by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from local.seed.payroll_plus import payroll_plus_state
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected, RetryLater
from payrelay.systems.payroll_plus.client import PayrollPlusClient
from payrelay.systems.registry import system
from payrelay.systems.rows import Listed
from tests.systems.conftest import Bench
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

USERNAME, PASSWORD = Secret("payrelay-sandbox"), Secret("sandbox-password")
PERIOD = "2026-01"
EMPLOYEES = [
    {"employeeId": str(number), "birthName": "Smit", "typeOfEmployee": kind}
    for number, kind in ((2001, "Employee"), (2002, "Contractor"))
]
RUNS: list[dict[str, Any]] = [
    {
        "runId": "run-55",
        "prPeriod": PERIOD,
        "description": "Januari 2026",
        "status": "Approved",
        "processedAt": "2026-01-23T18:02:00Z",
        "approvedAt": "2026-01-24T08:00:00Z",
    },
    {"runId": "run-56", "prPeriod": "2026-02", "status": "Processed", "processedAt": "2026-02-20T18:00:00Z"},
    {"runId": "run-57", "prPeriod": "2026-03", "status": "Open"},
]
REPORT = [
    {"employeeId": "2001", "prPeriod": PERIOD, "component": "LOONHEFFING", "amount": "-1020.10"},
    {"employeeId": "2001", "prPeriod": PERIOD, "component": "NETTOLOON", "amount": "2541.17"},
]


@dataclass(frozen=True)
class Served(Sandboxed):
    """One employer, and a client for it."""

    urls: Mapping[str, str]
    client: PayrollPlusClient


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    state: Any = {"employees": EMPLOYEES, "payrollRuns": RUNS, "componentReport": REPORT}
    sandboxes.room("payroll_plus").replace_state(state)
    url = sandboxes.urls["payroll_plus"]
    client = PayrollPlusClient(url, "emp-500", USERNAME, PASSWORD, options=bench.options)
    served = Served(sandboxes.urls, client)
    served.calm("payroll_plus")
    return served


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(
    ("employer", "username", "password"),
    [("emp-500", USERNAME, "wrong"), ("emp-500", "other", PASSWORD), ("emp-501", USERNAME, PASSWORD)],
)
def test_a_check_names_the_employer_or_refuses_the_account(
    employer: str, username: str | Secret, password: str | Secret, served: Served, bench: Bench
) -> None:
    row, url = system("payroll_plus"), served.urls["payroll_plus"]
    good = {"employer_id": Secret("emp-500"), "username": USERNAME, "password": PASSWORD}
    bad = {"employer_id": employer, "username": username, "password": password}

    assert row.check(url, good, bench.options) == "Acme BV"
    with pytest.raises(CredentialsRefused):
        row.check(
            url,
            {name: one if isinstance(one, Secret) else Secret(one) for name, one in bad.items()},
            bench.options,
        )
    served.edit("payroll_plus", "employer", {}, accountActive=False)
    with pytest.raises(CredentialsRefused):
        row.check(url, good, bench.options)


T = TypeVar("T")


def whole(rows: Listed[T]) -> list[T]:
    """The rows, of which each can be used."""
    return rows.whole("Row", "Exact Payroll Plus")


def test_runs_say_how_far_they_are(served: Served) -> None:
    runs = whole(served.client.payroll_runs())

    assert [(run.run_id, run.period, run.status, run.processed_at is not None) for run in runs] == [
        ("run-55", "2026-01", "Approved", True),
        ("run-56", "2026-02", "Processed", True),
        ("run-57", "2026-03", "Open", False),
    ]
    approved = runs[0].approved_at
    assert approved
    assert whole(served.client.payroll_runs(approved)) == runs
    assert whole(served.client.payroll_runs(datetime(2026, 3, 1, tzinfo=UTC))) == runs[2:]


def test_the_report_is_what_stands_there(served: Served) -> None:
    page = served.client.component_report(2026, PERIOD)

    assert [
        (row.employee_id, row.year, row.period, row.component, row.amount) for row in whole(page.rows)
    ] == [
        ("2001", 2026, PERIOD, "LOONHEFFING", Decimal("-1020.10")),
        ("2001", 2026, PERIOD, "NETTOLOON", Decimal("2541.17")),
    ]
    assert page.next is None
    assert len(served.client.component_report(2026, "2026-02").rows) == 0
    with pytest.raises(Rejected) as refusal:
        served.client.component_report(2026, "januari")
    assert refusal.value.code == "InvalidValue"


def test_lists_are_read_page_by_page(served: Served) -> None:
    ids = [str(number) for number in range(3001, 3402)]
    report = [
        {"employeeId": one, "prPeriod": PERIOD, "component": "NETTOLOON", "amount": "1.00"} for one in ids
    ]
    runs = [{**RUNS[0], "runId": f"run-{number}"} for number in range(401)]
    served.put("payroll_plus", {"componentReport": report, "payrollRuns": runs})

    reported = [served.client.component_report(2026, PERIOD)]
    while (cursor := reported[-1].next) is not None:
        reported.append(served.client.component_report(2026, PERIOD, cursor))

    assert [len(page.rows) for page in reported] == [200, 200, 1]
    assert [row.employee_id for page in reported for row in whole(page.rows)] == ids
    assert len(served.client.payroll_runs()) == 401


@pytest.mark.parametrize("fault", [500, 503, "reset", "timeout", "unavailable"])
def test_a_read_in_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.faults("payroll_plus", errors=[fault])

    with pytest.raises(RetryLater) as later:
        served.client.component_report(2026, PERIOD)
    assert type(later.value) is RetryLater


def test_an_account_that_is_refused_meanwhile_says_so(served: Served) -> None:
    served.faults("payroll_plus", errors=["credentials"])

    with pytest.raises(CredentialsRefused):
        served.client.payroll_runs()


def test_the_limit_of_calls_is_not_met_by_one_client(bench: Bench) -> None:
    seconds = [0.0]

    def sleep(pause: float) -> None:
        seconds[0] += pause

    options = replace(bench.options, paced=True, clock=lambda: seconds[0], sleep=sleep)
    with running(options=Options(clock=lambda: seconds[0])) as sandboxes:
        url = sandboxes.urls["payroll_plus"]
        client = PayrollPlusClient(url, "emp-500", USERNAME, PASSWORD, options=options)
        for _ in range(12):
            client.organisation()
    assert 2 <= seconds[0] <= 2.1


def test_every_row_of_the_seed_can_be_used(served: Served) -> None:
    state = payroll_plus_state()
    served.put("payroll_plus", state)
    client = served.client

    runs = whole(client.payroll_runs())
    periods = sorted({row["prPeriod"] for row in state["componentReport"]})
    assert [run.period for run in runs][-3:] == periods
    assert {run.status for run in runs} == {"Approved"}
    assert client.organisation() == "Delft Techniek BV"
    amounts = []
    for period in periods:
        cursor, more = None, True
        while more:
            page = client.component_report(int(period[:4]), period, cursor)
            amounts += [str(row.amount) for row in whole(page.rows)]
            cursor, more = page.next, page.next is not None
    assert sorted(amounts) == sorted(row["amount"] for row in state["componentReport"])
