"""Attaché Online's client: organisation, employees, balances, leave tables and their history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater
from payrelay.systems.attache.client import AttacheClient
from payrelay.systems.attache.models import LEAVE as LEAVE_READER
from payrelay.systems.attache.models import LeaveRow
from payrelay.systems.registry import system
from payrelay.systems.rows import BadRow
from tests.systems.attache_answers import BALANCE, CHANGE, EMPLOYEE, LEAVE, listing, organisations, refused
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.worlds.listed import bad, usable
from tests.worlds.structs import replace

MOMENT = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> AttacheClient:
    return AttacheClient(f"{loopback.origin}/ao", Secret("the-token"), "org-17", options=bench.options)


# --- the organisation ------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize("base", ["/ao", "/ao/", "/ao/api/v1", "/ao/api/v1/"])
def test_the_organisation_is_the_one_of_the_consent(base: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(organisations("org-1", "org-17"))

    client = AttacheClient(loopback.origin + base, Secret("the-token"), "org-17", options=bench.options)

    assert (client.organisation(), client.organisation_id) == ("Name of org-17", "org-17")
    (seen,) = loopback.seen
    assert (seen.method, seen.path) == ("GET", "/ao/api/v1/organisations")
    assert seen.headers["Authorization"] == "Bearer the-token"


@pytest.mark.requirement("CON-2")
def test_an_organisation_that_is_not_reached_any_more_needs_a_new_consent(
    client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(organisations("org-1"))

    with pytest.raises(NeedsAttention) as need:
        client.organisation()

    assert need.value.code == "ORGANISATION_NOT_REACHED"
    assert "org-17" in need.value.message
    assert "Disconnect and connect again" in need.value.remedy


def test_an_organisation_that_can_not_be_read_may_be_the_one(
    client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(listing([{"OrganisationId": "org-17"}]))

    with pytest.raises(RetryLater, match="OrganisationName is missing"):
        client.organisation()


@pytest.mark.parametrize("company", ["", ".", ".."])
def test_an_organisation_without_an_id_is_refused_before_any_call(company: str, bench: Bench) -> None:
    row = system("attache")
    credentials = {"access_token": Secret("t"), "company_id": Secret(company)}

    with pytest.raises(CredentialsRefused, match="connect again"):
        row.connect(row.base_url, credentials, bench.options)
    with pytest.raises(CredentialsRefused, match="connect again"):
        row.connect(row.base_url, {"access_token": Secret("t")}, bench.options)


# --- employees -------------------------------------------------------------------------------------------


def test_employees_are_read_page_by_page(client: AttacheClient, loopback: Loopback) -> None:
    left = {**EMPLOYEE, "EmployeeCode": "E1", "TerminationDate": "2026-02-28", "AOemail": None, "New": [1]}
    loopback.answers(listing([EMPLOYEE, left], total_pages=3, page=2))

    page = client.employees(2)

    (seen,) = loopback.seen
    assert seen.path == "/ao/api/v1/organisations/org-17/employees"
    assert dict(seen.params) == {"page": "2", "pageSize": "500"}
    assert (bad(page.rows), page.total_pages) == ([], 3)
    mia, gone = usable(page.rows)
    assert (mia.code, mia.name, mia.location, mia.state) == ("E0042", "Mia Chen", "Sydney", "NSW")
    assert (mia.email, mia.online, mia.country) == ("mia@acme.example", True, "Australia")
    assert (mia.hours_per_day, mia.terminated, mia.modified_at) == (Decimal("7.6"), None, MOMENT)
    assert (gone.terminated, gone.email) == (date(2026, 2, 28), None)
    assert "Mia" not in repr(page)


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("rows", ["employees", "leavebalances"])
def test_rows_that_were_saved_since_are_asked_for(
    rows: str, client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(listing([], total_pages=0))
    since = datetime(2026, 1, 5, 14, 12, 30, 500, tzinfo=timezone(timedelta(hours=11)))

    page = (client.employees if rows == "employees" else client.balances)(1, since)

    (seen,) = loopback.seen
    assert seen.path == f"/ao/api/v1/organisations/org-17/{rows}"
    assert dict(seen.params) == {"modifiedSince": "2026-01-05T03:12:30Z", "page": "1", "pageSize": "500"}
    assert (usable(page.rows), page.total_pages) == ([], 0)


@pytest.mark.requirement("RUN-11")
def test_employees_are_counted_by_one_call(client: AttacheClient, loopback: Loopback) -> None:
    loopback.answers(listing([EMPLOYEE], total_pages=5123))

    assert client.count_employees() == 5123

    (seen,) = loopback.seen
    assert dict(seen.params) == {"page": "1", "pageSize": "1"}


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"FullName": None}, "FullName", "Expected `str`, got `null`"),
        ({"EnableAttacheOnline": "Yes"}, "EnableAttacheOnline", "Expected `bool`, got `str`"),
        ({"HourPerDay": "7.6"}, "HourPerDay", "is not a number with at most four decimals, such as 31.4512"),
        ({"HourPerDay": True}, "HourPerDay", "is not a number with at most four decimals, such as 31.4512"),
        ({"TerminationDate": "soon"}, "TerminationDate", "is not a day such as 2026-02-09"),
        (
            {"ModifiedAt": "2026-01-05T03:12:00"},
            "ModifiedAt",
            "Expected `datetime` with a timezone component",
        ),
    ],
)
def test_an_employee_that_can_not_be_used_says_which_and_why(
    changes: dict[str, Any], field: str, problem: str, client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(listing([{**EMPLOYEE, **changes}, {**EMPLOYEE, "EmployeeCode": "E2"}, {}]))

    page = client.employees(1)

    assert [row.code for row in usable(page.rows)] == ["E2"]
    assert bad(page.rows)[0] == BadRow("E0042", "E0042", field, problem)
    assert (bad(page.rows)[1].id, bad(page.rows)[1].problem) == ("", "is missing")


# --- balances --------------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-11")
def test_a_balance_is_entitled_and_pro_rata_digit_by_digit(client: AttacheClient, loopback: Loopback) -> None:
    loopback.answers(listing([BALANCE]))

    (row,) = usable(client.balances(1).rows)

    assert loopback.seen[0].path == "/ao/api/v1/organisations/org-17/leavebalances"
    assert (row.code, row.as_at, row.modified_at) == ("E0042", date(2026, 1, 4), MOMENT)
    assert {code: str(hours) for code, hours in row.amounts.items()} == {"AL": "107.4512", "SL": "38.0"}


def test_a_type_of_leave_that_is_not_there_is_not_zero(client: AttacheClient, loopback: Loopback) -> None:
    shown = {"RDOEntitleHourAcc": 4, "STLProRataHourAcc": -1.5, "LSLEntitleHourAcc": None}
    nothing = {name: BALANCE[name] for name in ("EmployeeCode", "LeaveAccrueTo", "ModifiedAt")}
    loopback.answers(listing([{**nothing, **shown}, nothing]))

    some, none = usable(client.balances(1).rows)

    assert some.amounts == {"RDO": Decimal(4), "STL": Decimal("-1.5")}
    assert none.amounts == {}


@pytest.mark.requirement("LB-11")
@pytest.mark.parametrize("amount", ["76.00001", "1e12", "1e9999999", "1E-9", "false", "[]"])
def test_what_is_no_amount_makes_a_bad_row(amount: str, client: AttacheClient, loopback: Loopback) -> None:
    body = listing([BALANCE]).body.replace(b"31.4512", amount.encode())
    loopback.answers(Reply(body=body))

    page = client.balances(1)

    assert usable(page.rows) == []
    (spoilt,) = bad(page.rows)
    assert (spoilt.id, spoilt.field[:2]) == ("E0042", "AL")


# --- the leave table -------------------------------------------------------------------------------------


def leave(**changes: Any) -> LeaveRow:
    amounts = {name: Decimal(str(LEAVE[name])) for name in LEAVE if isinstance(LEAVE[name], float)}
    (row,), _ = LEAVE_READER.read([{**LEAVE, **amounts, **changes}])
    return row


def test_a_leave_table_is_read_to_its_end(client: AttacheClient, loopback: Loopback) -> None:
    sick, odd = {**LEAVE, "IncomeCode": "SL"}, {**LEAVE, "IncomeCode": "LSL", "DisplayIn": "Weeks"}
    loopback.answers(listing([LEAVE], total_pages=2), listing([sick, odd], total_pages=2, page=2))

    table = client.leave_table("E 1/2")

    assert table
    assert [row.income_code for row in usable(table)] == ["AL", "SL"]
    assert [(row.id, row.field) for row in bad(table)] == [("LSL", "DisplayIn")]
    assert {seen.path for seen in loopback.seen} == {
        "/ao/api/v1/organisations/org-17/employees/E%201%2F2/leave"
    }
    assert [dict(seen.params)["page"] for seen in loopback.seen] == ["1", "2"]
    first = usable(table)[0]
    assert (first.description, first.as_at, first.calculate_by) == ("Annual Leave", date(2026, 1, 4), "Pay")
    assert (first.contingent, first.hours_per_day) == (Decimal(0), Decimal("7.6"))


def test_a_leave_table_of_nobody_is_none_and_an_empty_one_is_empty(
    client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(refused(404, "NotFound"), listing([], total_pages=0), Reply(404, b"<html>"))

    assert client.leave_table("E9") is None
    table = client.leave_table("E0042")
    assert table is not None
    assert (usable(table), bad(table)) == ([], [])
    with pytest.raises(Rejected):
        client.leave_table("E0042")


def test_a_page_that_does_not_fit_the_number_of_pages_is_for_later(
    client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(listing([LEAVE], total_pages=3), listing([], total_pages=3, page=2))

    with pytest.raises(RetryLater, match="an empty page"):
        client.leave_table("E0042")


@pytest.mark.requirement("LB-11")
@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({}, "107.4512"),
        ({"ProRataApplicable": False}, "76.0"),
        ({"ContingentOwing": 99}, "107.4512"),
        ({"DisplayIn": "Days", "EntitlementOwing": 10, "ProRataOwing": 0}, "76.0000"),
        # 0.33335 and 0.33345 by themselves, each rounded half up.
        (
            {
                "DisplayIn": "Days",
                "EntitlementOwing": Decimal("0.6667"),
                "ProRataOwing": Decimal("0.6669"),
                "HoursPerDay": Decimal("0.5"),
            },
            "0.6669",
        ),
        ({"DisplayIn": "Days", "EntitlementOwing": -1, "ProRataApplicable": False}, "-7.6000"),
    ],
    ids=["both", "no pro-rata", "never contingent", "days", "half up, each by itself", "owed to them"],
)
def test_hours_of_a_leave_row(changes: dict[str, Any], hours: str) -> None:
    assert str(leave(**changes).hours()) == hours


@pytest.mark.parametrize("day", [None, 0, -1])
def test_days_are_no_hours_without_a_standard_day(day: object) -> None:
    row = leave(DisplayIn="Days", HoursPerDay=day)

    with pytest.raises(ValueError, match="Display In is Days"):
        row.hours()
    assert leave(HoursPerDay=day).hours() == Decimal("107.4512")
    nothing = {"EntitlementOwing": 0, "ProRataOwing": 0}
    assert leave(DisplayIn="Days", HoursPerDay=day, **nothing).hours() == 0


def test_the_history_says_who_overtyped_what(client: AttacheClient, loopback: Loopback) -> None:
    loopback.answers(listing([CHANGE, {**CHANGE, "User": None}]))

    history = client.leave_history("E0042")

    (row,) = usable(history)
    assert loopback.seen[0].path == "/ao/api/v1/organisations/org-17/employees/E0042/leavehistory"
    assert (row.income_code, row.changed_at, row.user) == ("AL", MOMENT, "payroll1")
    assert (row.old, row.new, row.comment) == (Decimal(76), Decimal(76), CHANGE["Comment"])
    assert [(row.id, row.field) for row in bad(history)] == [("AL", "User")]


# --- errors and limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "seconds"),
    [
        (refused(409, "PayInProgress"), "PayInProgress", 60),
        (refused(503, "OrganisationOffline"), "OrganisationOffline", 4 * 60 * 60),
        (refused(503, "OrganisationOffline", Retry_After="30"), "OrganisationOffline", 4 * 60 * 60),
        (refused(429, "TooManyRequests", Retry_After="42"), "TooManyRequests", 42),
    ],
)
def test_what_passes_is_for_later_by_its_name(
    answer: Reply, code: str, seconds: int, client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(answer)

    for call in (client.organisation, lambda: client.balances(1), lambda: client.leave_table("E0042")):
        with pytest.raises(RetryLater) as later:
            call()
        assert (later.value.code, later.value.seconds, later.value.named) == (code, seconds, True)


def test_a_token_that_expired_is_renewed_once(loopback: Loopback, bench: Bench) -> None:
    options = replace(bench.options, renew=lambda: Secret("another-token"))
    client = AttacheClient(loopback.origin, Secret("the-token"), "org-17", options=options)
    expired = refused(401, "TokenExpired")
    loopback.answers(expired, listing([BALANCE]), expired)

    assert usable(client.balances(1).rows)
    with pytest.raises(CredentialsRefused):
        client.balances(1)

    sent = [seen.headers["Authorization"] for seen in loopback.seen]
    assert sent == [
        "Bearer the-token",
        "Bearer another-token",
        "Bearer another-token",
        "Bearer another-token",
    ]


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (refused(400, "InvalidValue"), "InvalidValue", "Said InvalidValue."),
        (refused(409, "Other"), "Other", "Said Other."),
        (Reply(400, b"<html>"), "400", "refused (HTTP 400)"),
        (reply(["Bad"], 400), "400", "refused (HTTP 400)"),
    ],
)
def test_a_refusal_has_the_vendors_words(
    answer: Reply, code: str, words: str, client: AttacheClient, loopback: Loopback
) -> None:
    loopback.answers(answer)

    with pytest.raises(Rejected) as refusal:
        client.employees(1)
    assert (refusal.value.code, refusal.value.message) == (code, words)


def test_sixty_calls_a_minute_are_not_exceeded(loopback: Loopback, bench: Bench) -> None:
    options = replace(bench.options, paced=True, clock=lambda: 0.0)
    client = AttacheClient(loopback.origin, Secret("the-token"), "org-17", options=options)
    loopback.answers(listing([]))

    for _ in range(60):
        client.employees(1)

    assert bench.pauses == [60.0]
