"""Simployer's sandbox: what is answered and refused, and what follows when a person changes data there."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.rules import check_limit, check_log, check_refused

COMPANY, OTHER, TYPE, VACATION = "a" * 24, "9" * 24, "b" * 24, "c" * 24
FINANCE, SALES, EMPLOYMENT = "31" * 12, "32" * 12, "e" * 24
KARE, ASE, NOBODY = "1" * 24, "2" * 24, "3" * 24
NOW = "2026-03-02T11:30:00.000Z"
STATE: dict[str, list[dict[str, Any]]] = {
    "company": [{"id": COMPANY, "name": "Acme AS"}],
    "cost-center": [
        {"id": FINANCE, "companyId": COMPANY, "code": "310"},
        {"id": SALES, "companyId": COMPANY, "code": "320"},
    ],
    "department": [{"id": "d" * 24, "companyId": COMPANY, "name": "Sales", "costCenterId": SALES}],
    "employment-type": [{"id": TYPE, "companyId": COMPANY, "name": "permanent_employment"}],
    "leave-type": [{"id": VACATION, "name": "Vacation", "kind": "VACATION"}],
    "employment": [{"id": EMPLOYMENT, "companyId": COMPANY, "employeeId": KARE, "rate": 100}],
    "employee": json.loads("""[
      {"id": "111111111111111111111111", "active": true, "employeeNumber": "145", "firstName": "Kåre",
        "workEmail": "kare+1@acme.example", "age": 40, "hireDate": "2024-02-19T00:00:00.000Z",
        "costCenterId": "313131313131313131313131", "employmentId": "eeeeeeeeeeeeeeeeeeeeeeee",
        "custom": {"probationEndDate": "2024-08-19"}, "bankAccount": {"iban": "NO9199990000219"},
        "updated": "2026-01-04T12:30:00.000Z"},
      {"id": "222222222222222222222222", "active": false, "employeeNumber": "146", "firstName": "Åse",
        "age": 30, "hireDate": "2020-01-01", "departmentId": "dddddddddddddddddddddddd",
        "updated": "2026-02-01T00:00:00.000Z"},
      {"id": "333333333333333333333333", "employeeNumber": "147", "companyId": null, "firstName": null}]"""),
}
CODE = {"id": "e01" * 8, "companyId": COMPANY, "leaveTypeId": VACATION, "code": "ABC"}


@pytest.fixture
def acme(simployer: Any) -> Any:
    answer = simployer.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return simployer


def data(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refused(answer: Any, status: int, error: str) -> Any:
    """The messages of a refusal, which has exactly the contract's shape."""
    body = answer.json()
    assert (answer.status_code, body["statusCode"], body["error"]) == (status, status, error), body
    assert list(body) == ["statusCode", "message", "error"]
    return body["message"]


# --- the state ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "row", "field", "said"),
    [
        ("employee", {"id": ""}, "id", "must be a string that is not empty"),
        ("employee", {"active": "yes"}, "active", "must be a boolean value"),
        ("employee", {"age": "40"}, "age", "must be a number"),
        ("employee", {"hireDate": "19.2.2024"}, "hireDate", "ISO 8601"),
        ("employee", {"hireDate": "2024-02-19T00:00:00+01:00"}, "hireDate", "ISO 8601"),
        ("employee", {"bankAccount": {"swift": "X"}}, "bankAccount.swift", "iban"),
        ("employee", {"bankAccount": {"iban": 1}}, "bankAccount.iban", "must be a string"),
        ("employee", {"custom": []}, "custom", "must be an object"),
        ("cost-center", {"code": ""}, "code", "must be a string that is not empty"),
        ("cost-center", {"code": None}, "code", "is required"),
        ("leave-type", {"name": "x", "kind": "REST"}, "kind", "one of the following values: SICK_LEAVE"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(
    acme: Any, resource: str, row: Any, field: str, said: str
) -> None:
    check_refused(acme, {resource: [{"id": KARE, **row}]}, 0, field, said)


def test_the_vendor_fills_in_what_it_always_has(simployer: Any) -> None:
    simployer.put_state({"employee": [{"id": KARE, "employeeNumber": "145"}]})
    (row,) = simployer.state()["employee"]
    assert (row["active"], len(row["userId"])) == (True, 24)
    assert row["created"] == row["updated"] == NOW
    assert "companyId" not in row


@pytest.mark.parametrize("name", ["leave-type-code", "leaveTypeCode"])
def test_the_payroll_code_is_reachable_only_as_a_relation(simployer: Any, name: str) -> None:
    """A tester may write the relation's name as a path would be."""
    codes = [CODE, {**CODE, "id": "e02" * 8, "companyId": OTHER, "code": "DEF"}]
    simployer.put_state({"leave-type": STATE["leave-type"], name: codes})
    body = simployer.get("/v1/leave-type?relations=leaveTypeCode").json()
    assert "code" not in body["data"][0]
    assert body["relations"]["leaveTypeCode"] == simployer.state()["leaveTypeCode"] == codes
    refused(simployer.get("/v1/leaveTypeCode"), 404, "Not Found")


# --- reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/employee", "/employee"])
def test_a_list_says_how_many_there_are(acme: Any, path: str) -> None:
    body = acme.get(f"{path}?limit=2&offset=1").json()
    assert [row["employeeNumber"] for row in body.pop("data")] == ["146", "147"]
    assert body == {"status": "ok", "total": 3, "count": 2, "offset": 1}


def test_a_row_comes_whole_and_dates_in_the_vendors_form(acme: Any) -> None:
    kare, ase, _ = data(acme.get("/v1/employee"))
    assert STATE["employee"][0].items() <= kare.items()
    assert ase["hireDate"] == "2020-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filters[employeeNumber]=146", ["146"]),
        ("filters[employeeNumber][$eq]=146", ["146"]),
        (
            "filters%5BemployeeNumber%5D%5B%24in%5D%5B%5D=147&filters[employeeNumber][$in][]=145",
            ["145", "147"],
        ),
        ("filters[employeeNumber][$nin][]=145&filters[employeeNumber][$nin][]=146", ["147"]),
        ("filters[active]=true", ["145", "147"]),
        ("filters[active][$neq]=true", ["146"]),
        ("filters[age][$gt]=30", ["145"]),
        ("filters[age][$gte]=30", ["145", "146"]),
        ("filters[age][$lt]=40", ["146"]),
        ("filters[age][$lte]=40.0", ["145", "146"]),
        ("filters[hireDate][$between][]=2019-12-31&filters[hireDate][$between][]=2020-01-01", ["146"]),
        ("filters[updated][$gte]=2026-02-01T00:00:00.000Z&filters[active]=false", ["146"]),
        ("filters[firstName]=%C3%85se", ["146"]),
        ("filters[firstName][$all][]=%C3%85se", ["146"]),
        ("filters[workEmail]=kare%2B1@acme.example", ["145"]),
        ("filters[employeeNumber]=999", []),
        ("sort[employeeNumber]=desc", ["147", "146", "145"]),
        ("sort[age]=asc", ["147", "146", "145"]),
        ("sort[active]=desc&sort[age]=desc", ["145", "147", "146"]),
    ],
)
def test_filters_and_sort_do_what_they_say(acme: Any, query: str, expected: list[str]) -> None:
    answer = acme.get(f"/v1/employee?{query}")
    assert [row["employeeNumber"] for row in data(answer)] == expected
    assert answer.json()["total"] == len(expected)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("colour=red", "property colour should not exist"),
        ("select=id,custom", "select must be some of the following values: id, active"),
        ("select=bankAccount", "select must be some of"),
        ("select=firstname", "select must be some of"),
        ("select=id&select=title", "select must be given once"),
        ("relations=boss", "relations must be some of the following values: costCenter"),
        ("limit=1001", "limit must not be greater than 1000"),
        ("limit=0", "limit must not be less than 1"),
        ("limit=many", "limit must be a number"),
        ("offset=-1", "offset must not be less than 0"),
        ("sort=id", "property sort should not exist"),
        ("sort[id]=up", "sort[id] must be one of the following values: asc, desc"),
        ("sort[custom]=asc", "property sort[custom] should not exist"),
        ("filters[shoe]=44", "property filters[shoe] should not exist"),
        ("filters[custom]=x", "property filters[custom] should not exist"),
        ("filters[age]=old", "filters[age] must be a number"),
        ("filters[active]=yes", "filters[active] must be a boolean value"),
        (
            "filters[hireDate][$gte]=01.02.2026",
            "filters[hireDate][$gte] must be a valid ISO 8601 date string",
        ),
        ("filters[age][$like]=4", "property filters[age][$like] should not exist"),
        ("filters[age][$in]=4", "property filters[age][$in] should not exist"),
        ("filters[age][$eq][]=4", "property filters[age][$eq][] should not exist"),
        ("filters[age][$in][]=4&filters[age][$in][]=x", "filters[age][$in][][1] must be a number"),
        ("filters[age][$gt]=1&filters[age][$gt]=2", "filters[age][$gt] must be given once"),
        ("filters[hireDate][$between][]=2020-01-01", "filters[hireDate][$between][] must have two values"),
    ],
)
def test_what_the_vendor_does_not_know_is_a_bad_request(acme: Any, query: str, said: str) -> None:
    (message,) = refused(acme.get(f"/v1/employee?{query}"), 400, "Bad Request")
    assert message.startswith(said)


def test_all_that_is_wrong_is_told(acme: Any) -> None:
    messages = refused(acme.get("/v1/employee?limit=many&colour=red"), 400, "Bad Request")
    assert messages == ["property colour should not exist", "limit must be a number"]


def test_select_gives_only_the_named_fields(acme: Any) -> None:
    rows = data(acme.get("/v1/employee?select=id,employeeNumber&limit=1"))
    assert rows == [{"id": KARE, "employeeNumber": "145"}]
    one = acme.get(f"/v1/employee/{KARE}?select=employeeNumber&relations=employment").json()
    assert one == {"status": "ok", "data": {"employeeNumber": "145"}, "relations": one["relations"]}
    assert [row["rate"] for row in one["relations"]["employment"]] == [100]


def test_relations_give_each_row_that_the_page_points_at_once(acme: Any) -> None:
    query = "relations=costCenter,effectiveCostCenter,employment,department,office&select=id"
    relations = acme.get(f"/v1/employee?{query}").json()["relations"]
    ids = {name: [row["id"] for row in rows] for name, rows in relations.items()}
    assert ids == {
        "costCenter": [FINANCE],
        "effectiveCostCenter": [FINANCE, SALES],
        "employment": [EMPLOYMENT],
        "department": ["d" * 24],
        "office": [],
    }
    page = acme.get("/v1/employee?relations=costCenter&offset=1").json()
    assert page["relations"] == {"costCenter": []}


# --- who calls, and what there is ---------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", [None, "", "Bearer wrong", "bearer ", "Token "])
def test_without_a_good_token_nothing_is_served(simployer: Any, scheme: str | None) -> None:
    header = f"{scheme}simployer-sandbox-token"
    answer = simployer.get("/v1/employee", headers={} if scheme is None else {"Authorization": header})
    assert refused(answer, 401, "Unauthorized") == "Unauthorized"


def test_the_eleventh_call_in_a_second_must_wait(simployer: Any, clocks: Any) -> None:
    words = {"statusCode": 429, "message": "Too Many Requests", "error": "Too Many Requests"}
    check_limit(simployer, clocks, "/v1/company", 10, words)
    assert [simployer.get("/v1/company").status_code for _ in range(10)] == [200] * 9 + [429]
    other = {"Authorization": "Bearer simployer-sandbox-token-2"}
    assert simployer.get("/v1/company", headers=other).status_code == 200


def test_the_log_says_what_was_asked_for(acme: Any) -> None:
    calls = [
        ("GET", "/v1/employee?limit=1", "list employee"),
        ("GET", f"/employee/{KARE}", "get employee"),
        ("POST", "/v1/leave", "create leave"),
        ("PATCH", f"/v1/leave/{KARE}", "change leave"),
        ("DELETE", f"/v1/cost-center/{KARE}", "delete cost-center"),
        ("GET", "/v1/nothing", None),
    ]
    check_log(acme, calls)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/v1/employee/{'f' * 24}", 404),
        ("GET", f"/v1/employee/{KARE}?limit=1", 400),
        ("GET", f"/v1/employee/{KARE}?sort[id]=asc", 400),
        ("GET", "/v1/employees", 404),
        ("GET", "/v2/employee", 404),
        ("GET", "/v1/employee/", 404),
        ("GET", "/v1", 404),
        ("POST", "/v1/company", 404),
        ("POST", "/v1/leave-transaction", 404),
        ("DELETE", f"/v1/company/{COMPANY}", 404),
        ("POST", f"/v1/employee/{KARE}", 404),
        ("PATCH", "/v1/employee", 404),
        ("PATCH", f"/v1/employee/{'9' * 24}", 404),
    ],
)
def test_what_there_is_not_is_not_found(acme: Any, method: str, path: str, status: int) -> None:
    answer = acme.call(method, path, json={} if method != "GET" else None)
    refused(answer, status, {400: "Bad Request", 404: "Not Found"}[status])


# --- writing ------------------------------------------------------------------------------------------------


def employment(**changes: Any) -> dict[str, Any]:
    body = {"employeeId": ASE, "typeId": TYPE, "startDate": "2024-02-19T00:00:00.000Z", "terminated": False}
    return {**body, "rate": 100, "country": "NO", **changes}


def leave(**changes: Any) -> dict[str, Any]:
    body = {"employeeId": ASE, "typeId": VACATION, "duration": "longer", "status": "APPROVED"}
    return {**body, "startDate": "2026-02-12", "endDate": "2026-02-17", **changes}


def made(acme: Any, name: str, body: Any) -> dict[str, Any]:
    answer = acme.call("POST", f"/v1/{name}", json=body)
    assert (answer.status_code, answer.json()["status"]) == (201, "ok"), answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_change_moves_updated_and_keeps_the_rest(acme: Any, clocks: Any, method: str) -> None:
    clocks.moment += timedelta(hours=1)
    body = {"title": "Controller", "privatePhone": "+47 900 00 001"}
    row = data(acme.call(method, f"/v1/employee/{KARE}", json=body))
    assert (row["firstName"], row["title"]) == ("Kåre", "Controller")
    assert row["privatePhoneSanitized"] == "+4790000001"
    assert row["updated"] == "2026-03-02T12:30:00.000Z"


def test_a_new_employee_gets_what_the_vendor_makes(acme: Any) -> None:
    row = made(acme, "employee", {"employeeNumber": "148", "firstName": "Liv"})
    assert (row["companyId"], row["active"], len(row["id"])) == (COMPANY, True, 24)
    assert data(acme.get(f"/v1/employee/{row['id']}")) == row


def test_an_employment_shows_on_the_employee_whose_updated_stands_still(acme: Any) -> None:
    row = made(acme, "employment", employment())
    ase = data(acme.get(f"/v1/employee/{ASE}"))
    mirrored = (ase["employmentId"], ase["employmentTypeId"], ase["employmentCountry"])
    assert mirrored == (row["id"], TYPE, "NO")
    assert ase["updated"] == "2026-02-01T00:00:00.000Z"
    assert acme.call("DELETE", f"/v1/employment/{row['id']}").status_code == 204
    assert data(acme.get(f"/v1/employee/{ASE}"))["employmentId"] is None


def test_an_approved_leave_has_a_transaction_per_working_day(acme: Any) -> None:
    def days() -> list[str]:
        return [row["date"][8:10] for row in data(acme.get("/v1/leave-transaction?sort[date]=asc"))]

    path = f"/v1/leave/{made(acme, 'leave', leave())['id']}"
    assert days() == ["12", "13", "16", "17"]
    acme.call("PATCH", path, json={"endDate": "2026-02-13"})
    assert days() == ["12", "13"]
    acme.call("PATCH", path, json={"status": "CANCELLED"})
    assert days() == []


def test_a_half_day_has_half_the_hours(acme: Any) -> None:
    made(acme, "leave", leave(duration="half_day", endDate="2026-02-12"))
    (row,) = data(acme.get("/v1/leave-transaction"))
    assert (row["hours"], row["extent"]) == (3.75, 50)


def test_a_deleted_employee_takes_what_was_theirs_along(acme: Any) -> None:
    made(acme, "employment", employment())
    made(acme, "leave", leave())
    assert acme.call("DELETE", f"/v1/employee/{ASE}").status_code == 204
    state = acme.state()
    assert [row["id"] for row in state["employee"]] == [KARE, NOBODY]
    assert (state["employment"], state["leave"], state["leave-transaction"]) == (
        [{**STATE["employment"][0]}],
        [],
        [],
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("PATCH", f"employee/{KARE}", {"shoeSize": 44}, "property shoeSize should not exist"),
        ("PATCH", f"employee/{KARE}", {"id": "x"}, "property id should not exist"),
        ("PATCH", f"employee/{KARE}", {"updated": "2026-01-01"}, "property updated should not exist"),
        ("PATCH", f"employee/{KARE}", {"title": 5}, "title must be a string"),
        ("PATCH", f"employee/{KARE}", {"hireDate": "soon"}, "hireDate must be a valid ISO 8601 date string"),
        (
            "PATCH",
            f"employee/{KARE}",
            {"costCenterId": "f" * 24},
            "costCenterId must be the id of an existing cost-center",
        ),
        ("PATCH", f"employee/{KARE}", [], "an object is needed"),
        ("PATCH", f"employee/{KARE}", b"{", "JSON is needed"),
        ("POST", "employment", {"employeeId": KARE}, "typeId should not be empty"),
        ("POST", "employment", employment(rate="100"), "rate must be a number"),
        ("POST", "employment", employment(endDate="2023-01-01"), "endDate must not be before startDate"),
        ("POST", "leave", leave(status="MAYBE"), "status must be one of the following values: PENDING"),
        ("POST", "cost-center", {"name": "Finance"}, "code should not be empty"),
        ("POST", "cost-center?select=id", {"code": "1"}, "property select should not exist"),
    ],
)
def test_a_body_that_does_not_fit_is_refused(acme: Any, method: str, path: str, body: Any, said: str) -> None:
    before = acme.state()
    headers = {**acme.headers, "Content-Type": "application/json"}
    more = {"data": body, "headers": headers} if isinstance(body, bytes) else {"json": body}
    messages = refused(acme.call(method, f"/v1/{path}", **more), 400, "Bad Request")
    assert messages[0].startswith(said)
    assert acme.state() == before
