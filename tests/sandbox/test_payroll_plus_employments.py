"""Payroll Plus's sandbox: what is changed of an employment, and how a concept becomes an employee."""

from typing import Any

import pytest

from tests.sandbox.payroll_office import BASE, CONCEPT, HANNEKE, LEAVER, STATE, Row
from tests.sandbox.rules import check_log
from tests.sandbox.test_payroll_plus import error

TODAY, TOMORROW, YESTERDAY = "2026-03-02", "2026-03-03", "2026-03-01"
PERSON = {"birthName": "Smit", "typeOfEmployee": "Student"}


@pytest.fixture
def office(payroll_plus: Any) -> Any:
    answer = payroll_plus.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return payroll_plus


def employment(who: str, number: object) -> str:
    return f"{BASE}/employees/{who}/employments/{number}"


def patch(office: Any, who: str, number: object, body: Any) -> Any:
    return office.call("PATCH", employment(who, number), json=body)


def ended(office: Any, day: str | None) -> None:
    """The leaver's only employment ends on that day."""
    rows = [{**row, "termDate": day} if row["employeeId"] == LEAVER else row for row in STATE["employments"]]
    assert office.put_state({**STATE, "employments": rows}).status_code == 200


# --- employments --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"termDate": "2026-12-31"},
        {"jobTitle": "Manager", "costCentre": "002"},
        {"employed": "2021-10-01"},
        {"typeOfEmployee": "Temporary", "payrollNoEE": 2},
        {"costCentre": None},
        {},
    ],
)
def test_only_what_is_sent_of_an_employment_changes(office: Any, body: Row) -> None:
    before = office.get(f"{BASE}/employees/{HANNEKE}/employments").json()["items"]
    answer = patch(office, HANNEKE, 2, body)
    after = office.get(f"{BASE}/employees/{HANNEKE}/employments").json()["items"]
    assert answer.status_code == 200
    assert answer.json() == after[0] == {**before[0], **body}
    assert after[1] == before[1]


@pytest.mark.parametrize(
    ("who", "number", "body", "expected"),
    [
        (HANNEKE, 2, {"termDate": "2021-08-31"}, (400, "InvalidValue", "termDate")),
        (HANNEKE, 2, {"employed": "2022-02-30"}, (400, "InvalidValue", "employed")),
        (HANNEKE, 2, {"employed": None}, (400, "InvalidValue", "employed")),
        (HANNEKE, 2, {"termDate": ""}, (400, "InvalidValue", "termDate")),
        (HANNEKE, 2, {"payrollNoEE": 1}, (400, "InvalidValue", "payrollNoEE")),
        (HANNEKE, 2, {"typeOfEmployee": "Partner"}, (400, "InvalidValue", "typeOfEmployee")),
        (HANNEKE, 2, {"salary": "1.00"}, (400, "InvalidValue", "salary")),
        (HANNEKE, 1, {"employed": "2021-06-01"}, (400, "InvalidValue", "termDate")),
        (HANNEKE, 2, [], (400, "InvalidValue", None)),
        (HANNEKE, 3, {}, (404, "NotFound", None)),
        (HANNEKE, "first", {}, (404, "NotFound", None)),
        (CONCEPT, 1, {}, (409, "StillConcept", "employeeId")),
        ("9", 1, {}, (404, "EmployeeNotFound", "employeeId")),
        (LEAVER, 1, {"termDate": None}, (409, "AllEmploymentsInactive", "termDate")),
        (LEAVER, 1, {"termDate": TODAY}, (409, "AllEmploymentsInactive", "termDate")),
        (LEAVER, 1, {"termDate": "2030-01-01"}, (409, "AllEmploymentsInactive", "termDate")),
    ],
)
def test_a_change_that_does_not_fit_is_refused(
    office: Any, who: str, number: object, body: Any, expected: Any
) -> None:
    before = office.state()
    assert error(patch(office, who, number, body)) == expected
    assert office.state() == before


@pytest.mark.parametrize(
    ("who", "number", "body"),
    [
        (LEAVER, 1, {"employed": "2020-02-01"}),
        (LEAVER, 1, {"termDate": "2025-11-30"}),
        (LEAVER, 1, {"jobTitle": "Monteur"}),
        (HANNEKE, 1, {"termDate": None}),
    ],
)
def test_what_brings_nobody_back_may_be_changed_afterwards(
    office: Any, who: str, number: int, body: Row
) -> None:
    assert patch(office, who, number, body).status_code == 200


@pytest.mark.parametrize(
    ("last", "status"), [(None, 200), (TOMORROW, 200), (TODAY, 200), (YESTERDAY, 409), ("2025-12-31", 409)]
)
def test_the_last_day_is_still_one_of_the_employment(office: Any, last: str | None, status: int) -> None:
    ended(office, last)
    assert patch(office, LEAVER, 1, {"termDate": "2026-12-31"}).status_code == status


def test_a_day_is_that_of_the_netherlands(office: Any, clocks: Any) -> None:
    ended(office, TODAY)
    clocks.moment = clocks.moment.replace(hour=23, minute=30)
    assert error(patch(office, LEAVER, 1, {"termDate": None}))[1] == "AllEmploymentsInactive"


# --- a concept becomes an employee --------------------------------------------------------------------------


def converted(office: Any) -> None:
    """A person makes an employee of the concept, and nothing else is said."""
    state = office.state()
    rows = [{**row, "status": "Converted"} for row in state["conceptEmployees"]]
    answer = office.put_state({**state, "conceptEmployees": rows})
    assert answer.status_code == 200, answer.text


def check_converted(office: Any) -> None:
    """An employee now, whose first employment begins as the concept said."""
    below = f"{BASE}/employees/{CONCEPT}"
    refused = office.call("PUT", f"{BASE}/conceptEmployees/{CONCEPT}", json=PERSON)
    assert error(refused) == (409, "AlreadyEmployee", "employeeId")
    assert office.get(below).json() == {"employeeId": CONCEPT, **PERSON}
    first = {
        "payrollNoEE": 1,
        "employed": "2026-04-01",
        "termDate": None,
        "jobTitle": "",
        "costCentre": "",
        "typeOfEmployee": "Student",
    }
    assert office.get(f"{below}/employments").json()["items"] == [first]
    assert office.call("PUT", below, json=PERSON).status_code == 200
    assert patch(office, CONCEPT, 1, {"jobTitle": "Stagiair"}).status_code == 200


def test_a_concept_that_a_state_calls_converted_is_an_employee_with_employment_1(office: Any) -> None:
    converted(office)
    check_converted(office)


def test_a_concept_may_be_converted_just_before_it_is_written(office: Any) -> None:
    office.faults(errors=["converted"], count=1)
    check_converted(office)
    assert office.get(f"{BASE}/employees?modifiedSince=2026-03-02T11:30:00Z").json()["items"]


def test_what_a_state_says_of_a_converted_one_stays(office: Any) -> None:
    concept = {**STATE["conceptEmployees"][0], "status": "Converted"}
    employee = {"employeeId": CONCEPT, "birthName": "Smit", "typeOfEmployee": "Temporary"}
    first = {"employeeId": CONCEPT, "payrollNoEE": 3, "employed": "2026-05-01"}
    state = {
        **STATE,
        "conceptEmployees": [concept],
        "employees": [*STATE["employees"], employee],
        "employments": [*STATE["employments"], first],
    }
    assert office.put_state(state).status_code == 200
    assert office.get(f"{BASE}/employees/{CONCEPT}").json() == employee
    numbers = [row["payrollNoEE"] for row in office.state()["employments"] if row["employeeId"] == CONCEPT]
    assert numbers == [3]


def test_a_concept_without_a_start_becomes_an_employee_without_an_employment(office: Any) -> None:
    assert office.call("PUT", f"{BASE}/conceptEmployees/{CONCEPT}", json=PERSON).status_code == 200
    converted(office)
    assert office.get(f"{BASE}/employees/{CONCEPT}/employments").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**PERSON, "employed": "2026-13-01"}, "employed"),
        ({**PERSON, "termDate": "2026-12-31"}, "termDate"),
        ({**PERSON, "gender": "F"}, "gender"),
        ({**PERSON, "gender": ""}, "gender"),
        ({**PERSON, "maritalStatus": "M"}, "maritalStatus"),
        ({**PERSON, "maritalStatus": "gehuwd"}, "maritalStatus"),
        ({**PERSON, "csn": "12345678"}, "csn"),
        ({**PERSON, "csn": "123456789"}, "csn"),
        ({**PERSON, "dateOfBirth": "2001-02-29"}, "dateOfBirth"),
        ({**PERSON, "country": "Nederland"}, "country"),
    ],
)
def test_a_concept_that_does_not_fit_is_refused(office: Any, body: Row, field: str) -> None:
    refused = office.call("PUT", f"{BASE}/conceptEmployees/{CONCEPT}", json=body)
    assert error(refused) == (400, "InvalidValue", field)


@pytest.mark.parametrize(
    "more",
    [
        *({"gender": one} for one in ("M", "V", "O", None)),
        *(
            {"maritalStatus": one}
            for one in (
                "Gescheiden",
                "Samenwonend",
                "Gehuwd",
                "Onbekend",
                "Geregistreerd partnerschap",
                "Ongehuwd",
                "Verweduwd",
                None,
            )
        ),
        {"csn": "123456782", "dateOfBirth": "2004-02-29"},
        {"employed": "2026-04-01"},
        {"employed": None},
    ],
)
def test_a_concept_that_fits_is_taken(office: Any, more: Row) -> None:
    answer = office.call("PUT", f"{BASE}/conceptEmployees/{CONCEPT}", json={**PERSON, **more})
    assert (answer.status_code, answer.json()) == (
        200,
        {"employeeId": CONCEPT, **PERSON, **more, "status": "Concept"},
    )


def test_an_employee_has_no_start_of_their_own(office: Any) -> None:
    refused = office.call("PUT", f"{BASE}/employees/{HANNEKE}", json={**PERSON, "employed": "2026-04-01"})
    assert error(refused) == (400, "InvalidValue", "employed")


def test_the_log_names_a_change_of_an_employment(office: Any) -> None:
    check_log(office, [("PATCH", employment(HANNEKE, 2), "change employments")])
