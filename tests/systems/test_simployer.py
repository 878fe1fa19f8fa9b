"""Simployer One's client: employees, and what every listing has in common."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import BankAccount, Secret, SocialSecurityNumber
from payrelay.errors import NeedsAttention, Rejected, RetryLater
from payrelay.systems.simployer.client import SimployerClient
from tests.systems.conftest import Bench
from tests.systems.lists import halves, rows
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.simployer_answers import listing

EMPLOYEE = {
    "id": "e1",
    "active": True,
    "companyId": "c1",
    "employeeNumber": "145",
    "title": "Controller",
    "firstName": "Kari",
    "lastName": "Nordmann",
    "workEmail": "kari@acme.example",
    "privatePhone": "+4790000001",
    "hireDate": "2024-02-19T00:00:00.000Z",
    "birthDate": "1990-01-01T00:00:00.000Z",
    "gender": "female",
    "ssn": "01019012345",
    "departmentId": "d1",
    "costCenterId": "cc1",
    "managerEmployeeId": "e9",
    "employmentId": "m2",
    "employmentTypeId": "t1",
    "compensationId": "p1",
    "bankAccount": {"iban": "NO9386011117947", "bic": "DNBANOKK"},
    "homeAddress": {"street": "Storgata 1", "postalCode": "0155", "city": "Oslo", "country": "NO"},
    "custom": {"probationEnd": "2024-08-19", "grade": 3},
    "updated": "2026-01-04T12:30:00.000Z",
    "avatarUrl": None,
}
RELATIONS: dict[str, list[dict[str, Any]]] = {
    "costCenter": [{"id": "cc1", "companyId": "c1", "code": "310", "name": "Finance"}],
    "effectiveCostCenter": [{"id": "cc2", "companyId": "c1", "code": "320", "name": "Sales"}],
    "department": [{"id": "d1", "name": "Finance", "costCenterId": "cc1", "effectiveCostCenterId": "cc2"}],
    "employment": [
        {"id": "m1", "employeeId": "e1", "typeId": "t1", "startDate": "2020-01-01T00:00:00.000Z", "rate": 50},
        {
            "id": "m2",
            "employeeId": "e1",
            "typeId": "t1",
            "startDate": "2024-02-19T00:00:00.000Z",
            "endDate": None,
            "terminated": False,
            "rate": 87.5,
            "country": "NO",
        },
    ],
    "employmentType": [{"id": "t1", "name": "permanent_employment"}],
    "compensation": [{"id": "p1", "amount": 42000.10, "currency": "NOK", "payoutPeriod": "MONTHLY"}],
    "managerEmployee": [{"id": "e9", "employeeNumber": "9"}],
}


def changed(**fields: Any) -> dict[str, Any]:
    return copy.deepcopy(EMPLOYEE) | fields


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> SimployerClient:
    return SimployerClient(f"{loopback.origin}/simployer/v1", Secret("the-token"), options=bench.options)


@pytest.mark.parametrize("base", ["/simployer/v1", "/simployer", "/simployer/", "/simployer/v1/"])
def test_the_base_may_end_with_its_version_or_not(base: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(listing([{"id": "c1", "name": "Acme AS"}]))

    SimployerClient(loopback.origin + base, Secret("the-token"), options=bench.options).organisation()

    assert loopback.seen[0].path == "/simployer/v1/company"
    assert loopback.seen[0].headers["Authorization"] == "Bearer the-token"


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(("total", "name"), [(1, "Acme AS"), (3, "Acme AS and 2 more")])
def test_the_organisation_is_the_company(
    total: int, name: str, client: SimployerClient, loopback: Loopback
) -> None:
    loopback.answers(listing([{"id": "c1", "name": "Acme AS"}], total=total))

    assert client.organisation() == name


def test_a_token_that_shows_no_company_needs_a_person(client: SimployerClient, loopback: Loopback) -> None:
    loopback.answers(listing([]))

    with pytest.raises(NeedsAttention) as needs:
        client.organisation()
    assert needs.value.code == "NO_COMPANY"


def test_a_page_is_asked_for_sorted_with_all_relations(client: SimployerClient, loopback: Loopback) -> None:
    loopback.answers(listing([EMPLOYEE], RELATIONS, total=2001))

    page = client.employees(1000, 1)

    assert loopback.seen[0].path == "/simployer/v1/employee"
    assert dict(loopback.seen[0].params) == {
        "relations": "costCenter,effectiveCostCenter,employment,employmentType,department,compensation",
        "sort[id]": "asc",
        "limit": "1",
        "offset": "1000",
    }
    assert (page.total, page.offset, len(page.listed), page.is_last) == (2001, 1000, 1, False)


@pytest.mark.requirement("EX-3")
def test_an_employee_comes_with_all_that_belongs_to_them(client: SimployerClient, loopback: Loopback) -> None:
    loopback.answers(listing([EMPLOYEE], RELATIONS))

    (kari,) = rows(client.employees(0).listed)

    assert (kari.employee_number, kari.first_name, kari.title) == ("145", "Kari", "Controller")
    assert (kari.hire_date, kari.birth_date, kari.end_date) == (date(2024, 2, 19), date(1990, 1, 1), None)
    assert kari.ssn == SocialSecurityNumber("01019012345")
    assert kari.bank_account
    assert kari.bank_account.iban == BankAccount("NO9386011117947")
    assert kari.home_address
    assert kari.home_address.postal_code == "0155"
    assert kari.custom == {"probationEnd": "2024-08-19", "grade": 3}
    assert kari.cost_center
    assert kari.cost_center.code == "310"
    assert [employment.id for employment in kari.employments] == ["m1", "m2"]
    assert kari.employment
    assert (kari.employment.id, kari.employment.rate) == ("m2", Decimal("87.5"))
    assert kari.employment_type
    assert kari.employment_type.name == "permanent_employment"
    assert kari.compensation
    assert kari.compensation.payout_period == "MONTHLY"
    assert kari.department
    assert kari.department.name == "Finance"


@pytest.mark.parametrize(
    ("own", "department", "code"),
    [
        ("cc1", "d1", "310"),
        (None, "d1", "320"),
        ("", "d1", "320"),
        (None, None, None),
    ],
)
def test_without_a_cost_centre_of_their_own_the_departments_holds(
    own: str | None, department: str | None, code: str | None, client: SimployerClient, loopback: Loopback
) -> None:
    loopback.answers(listing([changed(costCenterId=own, departmentId=department)], RELATIONS))

    (kari,) = rows(client.employees(0).listed)

    assert (kari.cost_center.code if kari.cost_center else None) == code


def test_what_is_absent_is_none(client: SimployerClient, loopback: Loopback) -> None:
    loopback.answers(reply({"status": "ok", "data": [{"id": "e1", "active": False}], "total": 1, "count": 1}))

    (kari,) = rows(client.employees(0).listed)

    assert (kari.employee_number, kari.employments, kari.employment, kari.ssn) == (None, (), None, None)


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("row", "relations", "field"),
    [
        pytest.param(changed(active="perhaps"), {}, "active", id="a field of its own"),
        pytest.param(changed(employeeNumber=145), {}, "employeeNumber", id="a number that is none"),
        pytest.param(changed(hireDate="soon"), {}, "hireDate", id="a date"),
        pytest.param(changed(departmentId=["d1"]), {}, "departmentId", id="an id that is none"),
        pytest.param(changed(bankAccount={"iban": 5}), {}, "bankAccount.iban", id="inside an object"),
        pytest.param(changed(costCenterId="gone"), {}, "costCenterId", id="a relation that did not come"),
        pytest.param(changed(employmentId="gone"), {}, "employmentId", id="an employment that did not come"),
        pytest.param(EMPLOYEE, {"costCenter": [{"id": "cc1"}]}, "costCenter.code", id="a related row"),
        pytest.param(
            EMPLOYEE,
            {"compensation": [{"id": "p1", "payoutPeriod": ["much"]}]},
            "compensation.payoutPeriod",
            id="pay that is none",
        ),
        pytest.param(
            EMPLOYEE,
            {"employment": [*RELATIONS["employment"], {"id": "m3", "employeeId": "e1", "rate": "full"}]},
            "employment.rate",
            id="another employment",
        ),
    ],
)
def test_a_row_that_can_not_be_used_is_named_and_stops_no_other(
    row: dict[str, Any],
    relations: dict[str, Any],
    field: str,
    client: SimployerClient,
    loopback: Loopback,
) -> None:
    other = {"id": "e2", "active": True, "employeeNumber": "146"}
    loopback.answers(listing([row, other], RELATIONS | relations))

    page = client.employees(0)

    good, (bad,) = halves(page.listed)
    assert [employee.id for employee in good] == ["e2"]
    assert (bad.id, bad.field) == ("e1", field)
    assert (len(page.listed), page.is_last) == (2, True)
    assert "much" not in bad.problem


@pytest.mark.requirement("RUN-4")
def test_an_employment_that_does_not_tell_whose_it_is_spoils_those_who_would_have_none(
    client: SimployerClient, loopback: Loopback
) -> None:
    lost = {"employment": [*RELATIONS["employment"], {"id": "m3"}]}
    other = {"id": "e2", "active": True, "employeeNumber": "146"}
    loopback.answers(listing([EMPLOYEE, other], RELATIONS | lost))

    good, (bad,) = halves(client.employees(0).listed)

    assert [employee.id for employee in good] == ["e1"]
    assert (bad.number, bad.field, bad.problem) == ("146", "employment.employeeId", "is missing")


@pytest.mark.requirement("RUN-4")
def test_a_page_is_complete_even_if_the_server_gives_less_at_a_time(
    client: SimployerClient, loopback: Loopback
) -> None:
    raws = [{"id": f"e{number}", "active": True} for number in range(5)]
    loopback.answers(listing(raws[:2], total=9), listing(raws[2:4], total=9), listing(raws[4:], total=9))

    page = client.employees(0, 5)

    assert [employee.id for employee in rows(page.listed)] == ["e0", "e1", "e2", "e3", "e4"]
    asked = [dict(seen.params) for seen in loopback.seen]
    assert [(one["offset"], one["limit"]) for one in asked] == [("0", "5"), ("2", "3"), ("4", "1")]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"data": [], "total": 3}, id="rows missing"),
        pytest.param({"data": [{"id": "e1", "active": True}] * 3, "total": 9}, id="more than asked"),
        pytest.param({"data": {}, "total": 1}, id="no list"),
        pytest.param({"data": []}, id="no total"),
        pytest.param({"data": [], "total": 0, "relations": [1]}, id="relations are a list"),
        pytest.param({"data": [], "total": 0, "relations": {"employment": {}}}, id="a relation is no list"),
    ],
)
def test_an_answer_that_is_no_page_is_for_later(
    body: dict[str, Any], client: SimployerClient, loopback: Loopback
) -> None:
    loopback.answers(reply(body))

    with pytest.raises(RetryLater, match="unreadable answer"):
        client.employees(0, 2)


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, 0), (0, 1001)])
def test_a_page_has_its_limits(offset: int, limit: int, client: SimployerClient) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        client.employees(offset, limit)


def test_employees_by_id_are_asked_for_in_short_enough_urls(
    client: SimployerClient, loopback: Loopback
) -> None:
    ids = [f"65d3a1f0{number:016x}" for number in range(250)]
    found = [
        [{"id": employee_id, "active": True} for employee_id in ids[at : at + 100]] for at in (0, 100, 200)
    ]
    loopback.answers(*(listing(part) for part in found))

    assert [employee.id for employee in rows(client.employees_by_id([*ids, ids[0]]))] == ids
    assert [len(seen.params) - 4 for seen in loopback.seen] == [100, 100, 50]
    assert all(name == "filters[id][$in][]" for name, _ in loopback.seen[0].params[1:101])


def test_nobody_by_id_needs_no_call(client: SimployerClient, loopback: Loopback) -> None:
    assert len(client.employees_by_id([])) == 0
    assert loopback.seen == []


def test_employees_by_number_may_be_several(client: SimployerClient, loopback: Loopback) -> None:
    raws = [{"id": employee_id, "active": True, "employeeNumber": "145"} for employee_id in ("e1", "e2")]
    loopback.answers(listing(raws))

    assert [employee.id for employee in rows(client.employees_by_number(["145"]))] == ["e1", "e2"]
    assert ("filters[employeeNumber][$in][]", "145") in loopback.seen[0].params


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            reply({"statusCode": 400, "message": ["limit must be a number", "sort"], "error": "Bad"}, 400),
            "limit must be a number; sort",
        ),
        (reply({"statusCode": 404, "message": "Cannot GET /x", "error": "Not Found"}, 404), "Cannot GET /x"),
        (Reply(400, b"<html>"), "refused (HTTP 400)"),
        (reply({"error": "Bad"}, 400), "refused (HTTP 400)"),
    ],
)
def test_a_refusal_has_the_vendors_words(
    body: Reply, words: str, client: SimployerClient, loopback: Loopback
) -> None:
    loopback.answers(body)

    with pytest.raises(Rejected) as refusal:
        client.employees(0)
    assert refusal.value.message == words
