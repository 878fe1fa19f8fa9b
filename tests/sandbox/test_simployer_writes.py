"""Writing through Simployer's own API, as a person changes data there."""

from datetime import timedelta
from typing import Any

import pytest

COMPANY, TYPE, VACATION = "a" * 24, "b" * 24, "c" * 24
KARI = "1" * 24
STATE: dict[str, list[dict[str, Any]]] = {
    "company": [{"id": COMPANY, "name": "Acme AS"}],
    "employment-type": [{"id": TYPE, "companyId": COMPANY, "name": "permanent_employment", "country": "NO"}],
    "leave-type": [{"id": VACATION, "name": "Vacation", "kind": "VACATION"}],
    "employee": [
        {
            "id": KARI,
            "employeeNumber": "145",
            "companyId": COMPANY,
            "firstName": "Kari",
            "updated": "2026-01-04T12:30:00.000Z",
        }
    ],
}


@pytest.fixture
def acme(simployer: Any) -> Any:
    simployer.put_state(STATE)
    return simployer


def employment(**changes: Any) -> dict[str, Any]:
    body = {"employeeId": KARI, "typeId": TYPE, "startDate": "2024-02-19T00:00:00.000Z", "terminated": False}
    return {**body, "rate": 100, "country": "NO", **changes}


def leave(**changes: Any) -> dict[str, Any]:
    body = {"employeeId": KARI, "typeId": VACATION, "duration": "longer", "status": "APPROVED"}
    return {**body, "startDate": "2026-02-12", "endDate": "2026-02-17", **changes}


def test_a_change_moves_updated_and_keeps_the_rest(acme: Any, clocks: Any) -> None:
    clocks.moment += timedelta(hours=1)
    answer = acme.call(
        "PATCH", f"/v1/employee/{KARI}", json={"title": "Controller", "privatePhone": "+47 900 00 001"}
    )
    row = answer.json()["data"]
    assert answer.status_code == 200
    assert (row["firstName"], row["title"]) == ("Kari", "Controller")
    assert row["privatePhoneSanitized"] == "+4790000001"
    assert row["updated"] == "2026-03-02T12:30:00.000Z"


def test_a_new_employee_gets_what_the_vendor_makes(acme: Any) -> None:
    answer = acme.call("POST", "/v1/employee", json={"employeeNumber": "146", "firstName": "Åse"})
    row = answer.json()["data"]
    assert answer.status_code == 201
    assert row["companyId"] == COMPANY
    assert row["active"] is True
    assert len(row["id"]) == 24
    assert acme.get(f"/v1/employee/{row['id']}").json()["data"] == row


def test_an_employment_shows_on_the_employee_whose_updated_stands_still(acme: Any) -> None:
    made = acme.call("POST", "/v1/employment", json=employment()).json()["data"]
    row = acme.get(f"/v1/employee/{KARI}").json()["data"]
    assert (row["employmentId"], row["employmentTypeId"], row["employmentCountry"]) == (
        made["id"],
        TYPE,
        "NO",
    )
    assert row["updated"] == "2026-01-04T12:30:00.000Z"
    acme.call("DELETE", f"/v1/employment/{made['id']}")
    assert acme.get(f"/v1/employee/{KARI}").json()["data"]["employmentId"] is None


def test_an_approved_leave_has_a_transaction_per_working_day(acme: Any) -> None:
    made = acme.call("POST", "/v1/leave", json=leave()).json()["data"]

    def dates() -> list[str]:
        return [row["date"][:10] for row in acme.get("/v1/leave-transaction?sort[date]=asc").json()["data"]]

    assert dates() == ["2026-02-12", "2026-02-13", "2026-02-16", "2026-02-17"]
    acme.call("PATCH", f"/v1/leave/{made['id']}", json={"endDate": "2026-02-13"})
    assert dates() == ["2026-02-12", "2026-02-13"]
    acme.call("PATCH", f"/v1/leave/{made['id']}", json={"status": "CANCELLED"})
    assert dates() == []


def test_a_half_day_has_half_the_hours(acme: Any) -> None:
    acme.call("POST", "/v1/leave", json=leave(duration="half_day", endDate="2026-02-12"))
    row = acme.get("/v1/leave-transaction").json()["data"][0]
    assert (row["hours"], row["extent"]) == (3.75, 50)


def test_a_deleted_employee_takes_what_was_theirs_along(acme: Any) -> None:
    acme.call("POST", "/v1/employment", json=employment())
    acme.call("POST", "/v1/leave", json=leave())
    assert acme.call("DELETE", f"/v1/employee/{KARI}").status_code == 204
    state = acme.state()
    assert [state[name] for name in ("employee", "employment", "leave", "leave-transaction")] == [
        [],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("PATCH", f"employee/{KARI}", {"shoeSize": 44}, "property shoeSize should not exist"),
        ("PATCH", f"employee/{KARI}", {"id": "x"}, "property id should not exist"),
        ("PATCH", f"employee/{KARI}", {"updated": "2026-01-01"}, "property updated should not exist"),
        ("PATCH", f"employee/{KARI}", {"title": 5}, "title must be a string"),
        ("PATCH", f"employee/{KARI}", {"hireDate": "soon"}, "hireDate must be a valid ISO 8601 date string"),
        (
            "PATCH",
            f"employee/{KARI}",
            {"costCenterId": "f" * 24},
            "must be the id of an existing cost-center",
        ),
        ("PATCH", f"employee/{KARI}", [], "the body must be an object"),
        ("POST", "employment", {"employeeId": KARI}, "typeId should not be empty"),
        ("POST", "employment", employment(rate="100"), "rate must be a number"),
        ("POST", "employment", employment(endDate="2023-01-01"), "endDate must not be before startDate"),
        ("POST", "leave", leave(status="MAYBE"), "status must be one of the following values"),
        ("POST", "cost-center", {"name": "Finance"}, "code should not be empty"),
        ("POST", "cost-center?select=id", {"code": "1"}, "no query parameters"),
    ],
)
def test_a_body_that_does_not_fit_is_refused(acme: Any, method: str, path: str, body: Any, said: str) -> None:
    before = acme.state()
    answer = acme.call(method, f"/v1/{path}", json=body)
    assert answer.status_code == 400
    assert any(said in message for message in answer.json()["message"]), answer.text
    assert acme.state() == before


def test_a_body_that_is_no_json_is_refused(acme: Any) -> None:
    assert acme.call("PATCH", f"/v1/employee/{KARI}", data=b"{").status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "company"),
        ("POST", "leave-transaction"),
        ("DELETE", f"company/{COMPANY}"),
        ("POST", f"employee/{KARI}"),
        ("PATCH", "employee"),
        ("PATCH", f"employee/{'9' * 24}"),
    ],
)
def test_what_can_not_be_written_is_not_found(acme: Any, method: str, path: str) -> None:
    assert acme.call(method, f"/v1/{path}", json={}).status_code == 404
