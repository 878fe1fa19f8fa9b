"""Exact Payroll Plus's client: the employer, its runs, the component report, and what must not show."""

from __future__ import annotations

import logging
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected, RetryLater
from payrelay.systems.payroll_plus.client import PayrollPlusClient
from payrelay.systems.registry import system
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.payroll_plus_answers import GENERAL_DATA, REPORT_ROW, RUN, listing, refused
from tests.worlds.rows import taken

BASE = "/pp/api/v1/employers/emp-500"
NO_AMOUNT = "is not an amount as text with two decimals"


def client_at(base: str, bench: Bench) -> PayrollPlusClient:
    return PayrollPlusClient(
        base, "emp-500", Secret("the-user"), Secret("the:password"), options=bench.options
    )


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> PayrollPlusClient:
    return client_at(f"{loopback.origin}/pp", bench)


# --- the employer ----------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize("base", ["/pp", "/pp/", "/pp/api/v1", "/pp/api/v1/"])
def test_the_employer_is_asked_for_with_the_account(base: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply(GENERAL_DATA))

    assert client_at(loopback.origin + base, bench).organisation() == "Acme BV"

    (seen,) = loopback.seen
    assert (seen.method, seen.path) == ("GET", f"{BASE}/generalData")
    assert seen.headers["Authorization"] == f"Basic {b64encode(b'the-user:the:password').decode()}"


@pytest.mark.parametrize(
    ("employer", "username", "password", "said"),
    [
        ("", "u", "p", "not given"),
        (".", "u", "p", "not given"),
        ("..", "u", "p", "not given"),
        ("emp-500", "", "p", "not given"),
        ("emp-500", "u", "", "not given"),
        ("emp-500", "u:v", "p", "characters"),
        ("emp-500", "u", "pässword", "characters"),
        ("emp-500", "u", "p\n", "characters"),
    ],
)
def test_an_account_that_can_not_be_one_is_refused(
    employer: str, username: str, password: str, said: str, bench: Bench
) -> None:
    row = system("payroll_plus")
    given = {
        "employer_id": Secret(employer),
        "username": Secret(username),
        "password": Secret(password),
    }

    with pytest.raises(CredentialsRefused, match=said):
        row.connect(row.base_url, given, bench.options)


@pytest.mark.requirement("SEC-1")
def test_the_account_never_shows_in_the_vendors_words(client: PayrollPlusClient, loopback: Loopback) -> None:
    body = {"code": "the-user", "message": "the-user with the:password", "field": None, "traceId": "t"}
    loopback.answers(reply(body, 400))

    with pytest.raises(Rejected) as refusal:
        client.organisation()

    assert (refusal.value.code, refusal.value.message) == ("*****", "***** with *****")


# --- payroll runs ----------------------------------------------------------------------------------------


def test_runs_are_read_to_their_end_in_every_status(client: PayrollPlusClient, loopback: Loopback) -> None:
    open_run = RUN | {"runId": "run-56", "status": "Open", "processedAt": None, "approvedAt": None}
    bad = [RUN | {"runId": "run-57", "status": "Gone"}, RUN | {"runId": "run-58", "approvedAt": "soon"}]
    loopback.answers(listing([RUN], "n-1"), listing([open_run, *bad]))

    (approved, still_open), bad_runs = taken(client.payroll_runs())

    assert (approved.run_id, approved.period, approved.description, approved.status) == (
        "run-55",
        "2026-01",
        "Januari 2026",
        "Approved",
    )
    assert approved.processed_at == datetime(2026, 1, 23, 18, 2, tzinfo=UTC)
    assert approved.approved_at == datetime(2026, 1, 24, 8, 0, tzinfo=UTC)
    assert (still_open.status, still_open.processed_at, still_open.approved_at) == ("Open", None, None)
    assert [(row.id, row.number, row.field) for row in bad_runs] == [
        ("run-57", "2026-01", "status"),
        ("run-58", "2026-01", "approvedAt"),
    ]
    assert [(seen.path, dict(seen.params)) for seen in loopback.seen] == [
        (f"{BASE}/payrollRuns", {"limit": "200"}),
        (f"{BASE}/payrollRuns", {"cursor": "n-1", "limit": "200"}),
    ]


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 23, 18, 2, tzinfo=UTC), "2026-01-23T18:02:00Z"),
        (datetime(2026, 1, 23, 18, 2, 9, 999_999, tzinfo=UTC), "2026-01-23T18:02:09Z"),
        (datetime(2026, 1, 24, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2026-01-23T23:30:00Z"),
    ],
)
def test_runs_that_changed_since_are_asked_for_in_utc(
    moment: datetime, written: str, client: PayrollPlusClient, loopback: Loopback
) -> None:
    loopback.answers(listing([], "n-1"), listing([]))

    with pytest.raises(RetryLater, match="page 1 does not lead to the next"):
        client.payroll_runs(moment)
    assert len(client.payroll_runs(moment)) == 0

    for seen in loopback.seen:
        assert dict(seen.params) == {"changedSince": written, "limit": "200"}


def test_a_time_without_its_zone_is_none(client: PayrollPlusClient) -> None:
    with pytest.raises(ValueError, match="zone"):
        client.payroll_runs(datetime(2026, 1, 23))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize("second", [listing([RUN], "n-1"), listing([], "n-2")])
def test_a_list_that_does_not_end_is_for_later(
    second: Reply, client: PayrollPlusClient, loopback: Loopback
) -> None:
    loopback.answers(listing([RUN], "n-1"), second)

    with pytest.raises(RetryLater, match="page 2 does not lead to the next"):
        client.payroll_runs()


# --- the component report --------------------------------------------------------------------------------


def test_the_report_is_read_page_by_page_and_digit_by_digit(
    client: PayrollPlusClient, loopback: Loopback
) -> None:
    tax = REPORT_ROW | {"component": "LOONHEFFING", "amount": "-1020.10"}
    loopback.answers(listing([REPORT_ROW, tax], "n-1"), listing([]))

    first = client.component_report(2026, "2026-01")
    last = client.component_report(2026, "2026-01", first.next)

    net, held = first.rows.whole("Row", "Exact Payroll Plus")
    assert (net.employee_id, net.year, net.period, net.component, net.description) == (
        "1042",
        2026,
        "2026-01",
        "NETTOLOON",
        "Nettoloon",
    )
    assert (str(net.amount), str(held.amount)) == ("2541.17", "-1020.10")
    assert isinstance(net.amount, Decimal)
    assert (len(last.rows), last.next) == (0, None)
    asked = {"year": "2026", "prPeriod": "2026-01", "limit": "200"}
    assert [(seen.path, dict(seen.params)) for seen in loopback.seen] == [
        (f"{BASE}/componentReport", asked),
        (f"{BASE}/componentReport", {**asked, "cursor": "n-1"}),
    ]


@pytest.mark.requirement("SEC-1", "RUN-4")
@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"amount": 2541.17}, "amount", NO_AMOUNT),
        ({"amount": 254117}, "amount", NO_AMOUNT),
        ({"amount": "2541.1"}, "amount", NO_AMOUNT),
        ({"amount": "2.541,17"}, "amount", NO_AMOUNT),
        ({"amount": "254117"}, "amount", NO_AMOUNT),
        ({"amount": "NaN"}, "amount", NO_AMOUNT),
        ({"amount": None}, "amount", NO_AMOUNT),
        ({"year": "2026"}, "year", "Expected `int`, got `str`"),
        ({"component": ""}, "component", "Expected `str` of length >= 1"),
    ],
)
def test_a_row_that_can_not_be_used_says_which_and_why_and_shows_no_amount(
    changes: dict[str, Any], field: str, problem: str, client: PayrollPlusClient, loopback: Loopback
) -> None:
    loopback.answers(listing([REPORT_ROW | changes, REPORT_ROW]))

    page = client.component_report(2026, "2026-01")

    rows, (bad,) = taken(page.rows)
    component = changes.get("component", "NETTOLOON")
    assert (bad.id, bad.number, bad.field, bad.problem) == ("1042", component, field, problem)
    assert len(rows) == 1
    assert not any(digits in f"{page} {rows} {bad}" for digits in ("2541", "254117", "2.541"))


@pytest.mark.requirement("SEC-1")
def test_pay_shows_neither_in_a_row_nor_in_a_log(
    client: PayrollPlusClient, loopback: Loopback, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    loopback.answers(listing([REPORT_ROW]), reply({"items": "2541.17"}))

    page = client.component_report(2026, "2026-01")
    with pytest.raises(RetryLater) as later:
        client.component_report(2026, "2026-01")

    rows, _ = taken(page.rows)
    shown = [repr(page), repr(rows), repr(later.value), repr(bench.calls), caplog.text]
    assert "ReportRow(employee_id='1042', period='2026-01', component='NETTOLOON')" in repr(rows)
    assert "2541" not in " ".join(shown)


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "code", "message"),
    [
        (refused(400, "InvalidValue", "prPeriod"), Rejected, "InvalidValue", "Said InvalidValue. (prPeriod)"),
        (refused(404, "NotFound"), Rejected, "NotFound", "Said NotFound."),
        (reply({"items": []}, 409), Rejected, "409", "refused (HTTP 409)"),
        (Reply(400, b"<html>"), Rejected, "400", "refused (HTTP 400)"),
        (refused(401, "AccountInactive"), CredentialsRefused, "401", "does not accept"),
        (refused(403, "OtherEmployer"), CredentialsRefused, "403", "does not accept"),
        (refused(503, "Unavailable"), RetryLater, "Unavailable", "Said Unavailable. (HTTP 503)"),
    ],
)
def test_a_refusal_has_the_vendors_code_and_words(
    answer: Reply,
    kind: type[Rejected],
    code: str,
    message: str,
    client: PayrollPlusClient,
    loopback: Loopback,
) -> None:
    loopback.answers(answer)

    with pytest.raises(kind) as refusal:
        client.component_report(2026, "2026-01")

    assert refusal.value.code == code
    assert message in refusal.value.message


def test_a_short_wait_that_is_named_is_waited_for(
    client: PayrollPlusClient, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(refused(429, "TooManyRequests", Retry_After="1"), listing([REPORT_ROW]))

    assert len(client.component_report(2026, "2026-01").rows) == 1
    assert bench.pauses == [1]


def test_a_write_that_came_too_soon_did_nothing_and_is_made_again(
    client: PayrollPlusClient, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(refused(429, "TooManyRequests", Retry_After="1"), Reply(200, {}))

    client.employees.put_employee("1042", {"employeeId": "1042"})

    assert bench.pauses == [1]
    assert [seen.method for seen in loopback.seen] == ["PUT", "PUT"]
