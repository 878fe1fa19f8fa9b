"""Attaché's client against its sandbox, which was written from the same contract by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import requests

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, RetryLater
from payrelay.systems.attache.client import AttacheClient
from payrelay.systems.registry import system
from tests.systems.conftest import Bench
from tests.worlds.consent import consent, consented, endpoint
from tests.worlds.listed import bad, usable
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

TOKEN = Secret("attache-sandbox-token")
EMPLOYEES: list[dict[str, Any]] = [
    {
        "EmployeeCode": "E0042",
        "FullName": "Mia Chen",
        "AOemail": "mia@acme.example",
        "Location": "Sydney",
        "State": "NSW",
    },
    {"EmployeeCode": "E 7", "FullName": "Sam Holt", "HourPerDay": 8, "TerminationDate": "2026-02-28"},
]
LEAVE: list[dict[str, Any]] = [
    {"EmployeeCode": "E0042", "IncomeCode": "AL", "EntitlementOwing": 76.0, "ProRataOwing": 31.4512},
    {
        "EmployeeCode": "E0042",
        "IncomeCode": "LSL",
        "EntitlementOwing": 0.3335,
        "ProRataOwing": 0.3335,
        "DisplayIn": "Days",
        "HoursPerDay": 7.55,
    },
    {
        "EmployeeCode": "E 7",
        "IncomeCode": "SL",
        "EntitlementOwing": 38.0,
        "ProRataOwing": 4.0,
        "ContingentOwing": 5.0,
        "ProRataApplicable": False,
        "LeaveAccruedUpToAndIncluding": "2026-01-04",
    },
]
ACME = {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"}


@dataclass(frozen=True)
class Served(Sandboxed):
    """One organisation, and a client for it."""

    urls: Mapping[str, str]
    client: AttacheClient

    @property
    def url(self) -> str:
        return self.urls["attache"]

    def overtype(self, code: str, income: str, amount: str, comment: str) -> None:
        answer = requests.put(
            f"{self.url}/api/v1/organisations/org-17/employees/{code}/leave/{income}/entitlement",
            data=f'{{"EntitlementOwing": {amount}, "Comment": "{comment}"}}',
            headers={"Authorization": f"Bearer {TOKEN.reveal()}", "Content-Type": "application/json"},
            timeout=5,
        )
        assert answer.ok, answer.text


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    state = {"organisations": [ACME], "employees": EMPLOYEES, "leave": LEAVE, "tokens": []}
    sandboxes.room("attache").replace_state(state)
    client = AttacheClient(sandboxes.urls["attache"], TOKEN, "org-17", options=bench.options)
    served = Served(sandboxes.urls, client)
    served.calm("attache")
    return served


# --- consent -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2", "CON-3")
def test_a_consent_reaches_the_organisation_that_it_names(served: Served, bench: Bench) -> None:
    access = consented("attache", served.url, bench.options)

    assert access["company_id"].reveal() == "org-17"
    assert system("attache").check(served.url, access, bench.options) == "Acme Pty Ltd"


@pytest.mark.requirement("CON-2", "CON-3")
def test_tokens_are_renewed_and_given_back(served: Served, bench: Bench) -> None:
    grant, company = consent("attache", served.url, bench.options)
    tokens = endpoint("attache", served.url, bench.options)
    renewed = tokens.refresh(grant.refresh_token)

    assert (grant.company, grant.seconds) == (company.reveal(), 1800)
    with pytest.raises(CredentialsRefused) as refusal:
        tokens.refresh(grant.refresh_token)
    assert refusal.value.code == "invalid_grant"
    client = AttacheClient(served.url, renewed.access_token, "org-17", options=bench.options)
    assert client.organisation() == "Acme Pty Ltd"
    for _ in range(2):
        tokens.revoke(renewed.refresh_token)
    with pytest.raises(CredentialsRefused):
        client.organisation()


@pytest.mark.requirement("CON-2")
def test_another_organisation_is_not_reached(served: Served, bench: Bench) -> None:
    others = AttacheClient(served.url, TOKEN, "org-1", options=bench.options)
    with pytest.raises(NeedsAttention):
        others.organisation()

    token = consented("attache", served.url, bench.options)["access_token"]
    with pytest.raises(CredentialsRefused):
        AttacheClient(served.url, token, "org-1", options=bench.options).balances(1)


def test_a_token_that_expired_is_renewed_within_the_call(served: Served, bench: Bench) -> None:
    options = replace(bench.options, renew=lambda: TOKEN)

    assert usable(AttacheClient(served.url, Secret("old"), "org-17", options=options).balances(1).rows)


# --- reading -----------------------------------------------------------------------------------------------


def test_employees_are_read_as_they_are(served: Served) -> None:
    page = served.client.employees(1)

    assert (bad(page.rows), page.total_pages) == ([], 1)
    sam, mia = usable(page.rows)
    assert (mia.code, mia.online, mia.email, mia.hours_per_day) == (
        "E0042",
        True,
        "mia@acme.example",
        Decimal("7.6"),
    )
    assert (sam.code, sam.online, sam.email, sam.terminated) == ("E 7", False, None, date(2026, 2, 28))
    assert usable(served.client.employees(2).rows) == []


@pytest.mark.requirement("LB-11")
def test_the_balances_are_the_hours_of_the_leave_tables(served: Served) -> None:
    balances = {row.code: row for row in usable(served.client.balances(1).rows)}

    assert balances["E0042"].amounts["AL"] == Decimal("107.4512")
    assert balances["E 7"].amounts == {"SL": Decimal(38)}
    for code, row in balances.items():
        table = served.client.leave_table(code)
        assert table
        assert {leave.income_code: leave.hours() for leave in usable(table)} == row.amounts
    assert served.client.leave_table("nobody") is None


def test_more_employees_than_a_page_holds_are_read_page_by_page(served: Served) -> None:
    people = [{"EmployeeCode": f"E{number:04}", "FullName": "Some Body"} for number in range(1001)]
    served.put("attache", {"organisations": [ACME], "employees": people})

    pages = [served.client.employees(page) for page in (1, 2, 3)]

    assert [len(usable(page.rows)) for page in pages] == [500, 500, 1]
    assert {page.total_pages for page in pages} == {3}
    assert len({row.code for page in pages for row in usable(page.rows)}) == 1001
    assert served.client.balances(3).total_pages == 3


def test_the_same_amount_again_is_newer_and_shows_in_the_history(served: Served) -> None:
    (before,) = (row for row in usable(served.client.balances(1).rows) if row.code == "E0042")

    served.overtype("E0042", "AL", "76.0", "Resync")

    (after,) = (row for row in usable(served.client.balances(1).rows) if row.code == "E0042")
    assert (after.amounts, after.modified_at > before.modified_at) == (before.amounts, True)
    (change,) = usable(served.client.leave_history("E0042"))
    assert (change.income_code, change.old, change.new) == ("AL", Decimal(76), Decimal(76))
    assert (change.comment, change.changed_at) == ("Resync", after.modified_at)


# --- trouble -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code", "seconds"),
    [
        ("pay_in_progress", "PayInProgress", 60),
        ("organisation_offline", "OrganisationOffline", 4 * 60 * 60),
    ],
)
def test_what_passes_is_for_later_by_its_name(fault: str, code: str, seconds: int, served: Served) -> None:
    served.faults("attache", errors=[fault])

    with pytest.raises(RetryLater) as later:
        served.client.balances(1)
    assert (later.value.code, later.value.seconds) == (code, seconds)


@pytest.mark.parametrize("fault", [500, "reset", "timeout"])
def test_a_read_in_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.faults("attache", errors=[fault])

    with pytest.raises(RetryLater) as later:
        served.client.employees(1)
    assert type(later.value) is RetryLater


def test_the_limit_of_calls_is_not_met_by_one_client(bench: Bench) -> None:
    seconds = [0.0]
    clock = Options(clock=lambda: seconds[0])

    def sleep(pause: float) -> None:
        seconds[0] += pause

    options = replace(bench.options, paced=True, clock=lambda: seconds[0], sleep=sleep)
    with running(options=clock) as sandboxes:
        client = AttacheClient(sandboxes.urls["attache"], TOKEN, "org-17", options=options)
        for _ in range(125):
            client.employees(1)
    assert seconds[0] == 120
