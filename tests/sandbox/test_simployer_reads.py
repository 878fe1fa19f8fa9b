"""Simployer's listings: what is answered, and what is refused."""

from typing import Any

import pytest

COMPANY, OTHER = "65d3a1f00000000000000001", "65d3a1f00000000000000002"
FINANCE, SALES = "65d3a1f00000000000000310", "65d3a1f00000000000000320"
EMPLOYMENT = "65d3a1f00000000000000701"


def employee_id(number: int) -> str:
    return f"65d3a1f0000000000{number:07x}"


STATE: dict[str, list[dict[str, Any]]] = {
    "company": [{"id": COMPANY, "name": "Acme AS", "orgNumber": "000000000"}],
    "cost-center": [
        {"id": FINANCE, "companyId": COMPANY, "code": "310", "name": "Finance"},
        {"id": SALES, "companyId": COMPANY, "code": "320", "name": "Sales"},
    ],
    "department": [
        {"id": "d" * 24, "companyId": COMPANY, "name": "Sales", "costCenterId": SALES},
    ],
    "employment": [
        {
            "id": EMPLOYMENT,
            "companyId": COMPANY,
            "employeeId": employee_id(1),
            "typeId": "8" * 24,
            "startDate": "2024-02-19",
            "terminated": False,
            "rate": 100,
            "country": "NO",
        }
    ],
    "employee": [
        {
            "id": employee_id(1),
            "active": True,
            "companyId": COMPANY,
            "employeeNumber": "145",
            "firstName": "Kåre",
            "workEmail": "kare+1@acme.example",
            "age": 40,
            "hireDate": "2024-02-19T00:00:00.000Z",
            "costCenterId": FINANCE,
            "employmentId": EMPLOYMENT,
            "custom": {"probationEndDate": "2024-08-19"},
            "bankAccount": {"iban": "NO9199990000219"},
            "updated": "2026-01-04T12:30:00.000Z",
        },
        {
            "id": employee_id(2),
            "active": False,
            "companyId": COMPANY,
            "employeeNumber": "146",
            "firstName": "Åse",
            "age": 30,
            "hireDate": "2020-01-01",
            "departmentId": "d" * 24,
            "updated": "2026-02-01T00:00:00.000Z",
        },
        {"id": employee_id(3), "employeeNumber": "147", "companyId": None, "firstName": None},
    ],
}


@pytest.fixture
def acme(simployer: Any) -> Any:
    assert simployer.put_state(STATE).status_code == 200
    return simployer


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["employeeNumber"] for row in answer.json()["data"]]


@pytest.mark.parametrize("path", ["/v1/employee", "/employee"])
def test_a_list_says_how_many_there_are(acme: Any, path: str) -> None:
    body = acme.get(f"{path}?limit=2&offset=1").json()
    assert {key: body[key] for key in ("status", "total", "count", "offset")} == {
        "status": "ok",
        "total": 3,
        "count": 2,
        "offset": 1,
    }
    assert [row["employeeNumber"] for row in body["data"]] == ["146", "147"]
    assert "relations" not in body


def test_a_row_comes_whole_without_select(acme: Any) -> None:
    row = acme.get("/v1/employee").json()["data"][0]
    assert row["custom"] == {"probationEndDate": "2024-08-19"}
    assert row["bankAccount"]["iban"] == "NO9199990000219"
    assert row["hireDate"] == "2024-02-19T00:00:00.000Z"


def test_a_pure_date_in_the_state_is_kept_in_the_vendors_form(acme: Any) -> None:
    assert acme.get("/v1/employee").json()["data"][1]["hireDate"] == "2020-01-01T00:00:00.000Z"


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
    assert numbers(answer) == expected
    assert answer.json()["total"] == len(expected)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("colour=red", "property colour should not exist"),
        ("select=id,custom", "select"),
        ("select=bankAccount", "select"),
        ("select=firstname", "select"),
        ("select=id&select=title", "select must be given once"),
        ("relations=boss", "relations"),
        ("limit=1001", "limit must not be greater than 1000"),
        ("limit=0", "limit must not be less than 1"),
        ("limit=many", "limit must be a number"),
        ("offset=-1", "offset must not be less than 0"),
        ("sort=id", "property sort should not exist"),
        ("sort[id]=up", "asc, desc"),
        ("sort[custom]=asc", "property custom should not exist"),
        ("filters[shoe]=44", "property shoe should not exist"),
        ("filters[custom]=x", "property custom should not exist"),
        ("filters[age]=old", "age must be a number"),
        ("filters[active]=yes", "active must be a boolean value"),
        ("filters[hireDate][$gte]=01.02.2026", "hireDate must be a valid ISO 8601 date string"),
        ("filters[age][$like]=4", "age[$like] should not exist"),
        ("filters[age][$in]=4", "it is written $in[]"),
        ("filters[age][$eq][]=4", "age[$eq] should not exist"),
        ("filters[age][$gt]=1&filters[age][$gt]=2", "must be given once"),
        ("filters[hireDate][$between][]=2020-01-01", "must have two values"),
    ],
)
def test_what_the_vendor_does_not_know_is_a_bad_request(acme: Any, query: str, said: str) -> None:
    answer = acme.get(f"/v1/employee?{query}")
    body = answer.json()
    assert answer.status_code == body["statusCode"] == 400
    assert body["error"] == "Bad Request"
    assert any(said in message for message in body["message"]), body


def test_select_gives_only_the_named_fields(acme: Any) -> None:
    assert acme.get("/v1/employee?select=id,employeeNumber&limit=1").json()["data"] == [
        {"id": employee_id(1), "employeeNumber": "145"}
    ]


def test_relations_give_each_related_row_once(acme: Any) -> None:
    query = "relations=costCenter,effectiveCostCenter,employment,department,office&select=id"
    relations = acme.get(f"/v1/employee?{query}").json()["relations"]
    assert [row["code"] for row in relations["costCenter"]] == ["310"]
    assert [row["code"] for row in relations["effectiveCostCenter"]] == ["310", "320"]
    assert [row["id"] for row in relations["employment"]] == [EMPLOYMENT]
    assert [row["name"] for row in relations["department"]] == ["Sales"]
    assert relations["office"] == []


def test_relations_cover_the_page_only(acme: Any) -> None:
    relations = acme.get("/v1/employee?relations=costCenter&offset=1").json()["relations"]
    assert relations == {"costCenter": []}


def test_one_row_is_answered_alone(acme: Any) -> None:
    body = acme.get(f"/v1/employee/{employee_id(1)}?select=employeeNumber&relations=employment").json()
    assert body["data"] == {"employeeNumber": "145"}
    assert [row["rate"] for row in body["relations"]["employment"]] == [100]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v1/employee/{'f' * 24}", 404),
        (f"/v1/employee/{employee_id(1)}?limit=1", 400),
        ("/v1/employees", 404),
        ("/v1/leaveTypeCode", 404),
        ("/v2/employee", 404),
        ("/v1/employee/", 404),
        ("/v1", 404),
    ],
)
def test_a_wrong_path_is_answered_in_the_error_shape(acme: Any, path: str, status: int) -> None:
    answer = acme.get(path)
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)


def test_the_payroll_code_is_reachable_only_as_a_relation(simployer: Any) -> None:
    types = [{"id": "c01" * 8, "name": "Vacation", "kind": "VACATION"}]
    codes = [
        {"id": "e01" * 8, "companyId": COMPANY, "leaveTypeId": "c01" * 8, "code": "ABC"},
        {"id": "e02" * 8, "companyId": OTHER, "leaveTypeId": "c01" * 8, "code": "DEF"},
    ]
    simployer.put_state({"leave-type": types, "leaveTypeCode": codes})
    body = simployer.get("/v1/leave-type?relations=leaveTypeCode").json()
    assert "code" not in body["data"][0]
    assert body["relations"]["leaveTypeCode"] == codes


@pytest.mark.parametrize(
    "header",
    [
        None,
        "simployer-sandbox-token",
        "Bearer wrong",
        "bearer simployer-sandbox-token",
        "Token simployer-sandbox-token",
    ],
)
def test_without_a_good_token_nothing_is_served(simployer: Any, header: str | None) -> None:
    answer = simployer.get("/v1/employee", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json() == {"statusCode": 401, "message": "Unauthorized", "error": "Unauthorized"}


def test_the_eleventh_call_in_a_second_must_wait(simployer: Any, clocks: Any) -> None:
    assert [simployer.get("/v1/company").status_code for _ in range(11)] == [200] * 10 + [429]
    other = {"Authorization": "Bearer simployer-sandbox-token-2"}
    assert simployer.get("/v1/company", headers=other).status_code == 200
    refused = simployer.get("/v1/company")
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["statusCode"] == 429
    clocks.seconds += 1
    assert simployer.get("/v1/company").status_code == 200
