"""Payroll Plus's rules for all calls: states, account, employer, limit, people, log and faults."""

from typing import Any

import pytest

from tests.sandbox.payroll_plus_employer import (
    BASE,
    CONCEPT,
    EMPLOYER,
    EMPLOYMENT,
    HANNEKE,
    NOW,
    PERIOD,
    ROW,
    RUN,
    STATE,
    WRITTEN,
    error,
)


@pytest.fixture
def payroll(payroll_plus: Any) -> Any:
    answer = payroll_plus.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return payroll_plus


# --- the state -------------------------------------------------------------------------------------------


def test_the_contracts_own_rows_are_kept_as_they_are(payroll: Any) -> None:
    assert payroll.state() == STATE
    assert set(payroll.put_state(STATE).json()["rows"].values()) == {1}


def test_a_state_in_part_is_completed(payroll_plus: Any) -> None:
    run = {"runId": "run-1", "prPeriod": "2026-01"}
    answer = payroll_plus.put_state(
        {
            "employees": [{"employeeId": "7"}],
            "conceptEmployees": [{"employeeId": "8"}],
            "employments": [{"employeeId": "7", "payrollNoEE": 1, "employed": "2020-01-01"}],
            "payrollRuns": [
                {**run, "status": "Open"},
                {**run, "runId": "run-2", "status": "Processed"},
                {**run, "runId": "run-3", "status": "Approved", "processedAt": "2026-01-23T18:02:00Z"},
            ],
            "componentReport": [
                {"employeeId": "7", "prPeriod": "2026-01", "component": "NETTOLOON", "amount": "1.00"}
            ],
        }
    )
    assert answer.status_code == 200, answer.text

    state = payroll_plus.state()

    assert state["employer"] == [EMPLOYER]
    assert state["employees"] == [{"employeeId": "7", "typeOfEmployee": "Employee", "modifiedAt": NOW}]
    assert state["conceptEmployees"] == [{"employeeId": "8", "status": "Concept"}]
    assert state["employments"] == [
        {
            "employeeId": "7",
            "payrollNoEE": 1,
            "employed": "2020-01-01",
            "termDate": None,
            "jobTitle": "",
            "costCentre": "",
            "typeOfEmployee": "Employee",
        }
    ]
    assert [(row["description"], row["processedAt"], row["approvedAt"]) for row in state["payrollRuns"]] == [
        ("2026-01", None, None),
        ("2026-01", NOW, None),
        ("2026-01", "2026-01-23T18:02:00Z", NOW),
    ]
    assert state["componentReport"] == [
        {**ROW, "employeeId": "7", "description": "NETTOLOON", "amount": "1.00"}
    ]


@pytest.mark.parametrize(
    ("resource", "rows", "row", "field", "said"),
    [
        ("people", [], None, "", "unknown resource"),
        ("employees", {}, None, "", "a list of rows is needed"),
        ("employees", ["Hanneke"], 0, "", "an object is needed"),
        ("employees", [{**HANNEKE, "shoe": 44}], 0, "shoe", "unknown field"),
        ("employees", [{"birthName": "Graaf"}], 0, "employeeId", "is required"),
        ("employees", [{**HANNEKE, "employeeId": 1042}], 0, "employeeId", "a text that is not blank"),
        ("employees", [{**HANNEKE, "csn": "123456789"}], 0, "csn", "elfproef"),
        ("employees", [{**HANNEKE, "csn": "000000000"}], 0, "csn", "elfproef"),
        ("employees", [{**HANNEKE, "csn": "99999999"}], 0, "csn", "nine digits"),
        ("employees", [{**HANNEKE, "typeOfEmployee": "Applicant"}], 0, "typeOfEmployee", "one of Employee"),
        ("employees", [{**HANNEKE, "gender": "F"}], 0, "gender", "one of M, V"),
        ("employees", [{**HANNEKE, "dateOfBirth": "1985-02-30"}], 0, "dateOfBirth", "a date"),
        ("employees", [{**HANNEKE, "country": "nl"}], 0, "country", "two letters"),
        ("employees", [{**HANNEKE, "fiscalDetails": 42000}], 0, "fiscalDetails", "an object"),
        (
            "employees",
            [{**HANNEKE, "fiscalDetails": {"annualSalary": 42000}}],
            0,
            "fiscalDetails.annualSalary",
            "two decimals",
        ),
        ("employees", [HANNEKE, HANNEKE], 1, "employeeId", "1042 is used twice"),
        ("conceptEmployees", [{**CONCEPT, "status": "New"}], 0, "status", "one of Concept, Converted"),
        ("employments", [{**EMPLOYMENT, "employeeId": "9"}], 0, "employeeId", "9 is no employee"),
        ("employments", [{**EMPLOYMENT, "payrollNoEE": "2"}], 0, "payrollNoEE", "a whole number"),
        ("employments", [EMPLOYMENT, EMPLOYMENT], 1, "payrollNoEE", "2 of 1042 is used twice"),
        ("payrollPeriods", [{**PERIOD, "prPeriod": "2026-1"}], 0, "prPeriod", "a payroll period"),
        ("payrollPeriods", [{"prPeriod": "2026-01"}], 0, "startDate", "is required"),
        ("payrollRuns", [{**RUN, "status": "Closed"}], 0, "status", "one of Open, Processed, Approved"),
        ("payrollRuns", [{**RUN, "approvedAt": "2026-01-24"}], 0, "approvedAt", "a time"),
        ("payrollRuns", [RUN, RUN], 1, "runId", "run-55 is used twice"),
        ("components", [{"component": "X"}], 0, "unit", "is required"),
        ("componentReport", [{**ROW, "amount": 2541.17}], 0, "amount", "as text with two decimals"),
        ("componentReport", [{**ROW, "amount": "2541.1"}], 0, "amount", "as text with two decimals"),
        ("componentReport", [{**ROW, "year": "2026"}], 0, "year", "a year"),
        ("componentReport", [ROW, ROW], 1, "component", "NETTOLOON of 1042 in 2026-01 is used twice"),
        ("employer", [EMPLOYER, EMPLOYER], 1, "", "there is one employer"),
        ("employer", [{**EMPLOYER, "accountActive": "no"}], 0, "accountActive", "true or false"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(
    payroll: Any, resource: str, rows: Any, row: int | None, field: str, said: str
) -> None:
    answer = payroll.put_state({**STATE, resource: rows})
    assert answer.status_code == 400
    problem = answer.json()["errors"][0]
    assert (problem["resource"], problem["row"], problem["field"]) == (resource, row, field)
    assert said in problem["message"]
    assert payroll.state() == STATE


# --- account, employer, limit ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        (f"{BASE}/employees", {}, (401, "BadCredentials", None)),
        (f"{BASE}/employees", {"Authorization": "Basic d3Jvbmc6d3Jvbmc="}, (401, "BadCredentials", None)),
        (f"{BASE}/employees", {"Authorization": "Bearer token"}, (401, "BadCredentials", None)),
        ("/elsewhere", {}, (401, "BadCredentials", None)),
        ("/api/v1/employers/emp-501/employees", None, (403, "OtherEmployer", None)),
        ("/employers/emp-501/nothing", None, (403, "OtherEmployer", None)),
        ("/api/v1/employers/emp-501", None, (403, "OtherEmployer", None)),
    ],
)
def test_an_account_is_good_for_its_employer(payroll: Any, path: str, headers: Any, expected: Any) -> None:
    more = {} if headers is None else {"headers": headers}
    assert error(payroll.get(path, **more)) == expected


def test_an_account_that_is_not_active_opens_nothing(payroll: Any) -> None:
    payroll.put_state({**STATE, "employer": [{"accountActive": False}]})
    assert error(payroll.get(f"{BASE}/generalData")) == (401, "AccountInactive", None)
    assert error(payroll.call("PUT", f"{BASE}/employees/7", json=WRITTEN)) == (401, "AccountInactive", None)


def test_general_data_and_one_employee_are_as_in_the_contract(payroll: Any) -> None:
    for base in (BASE, "/employers/emp-500"):
        assert payroll.get(f"{base}/generalData").json() == {
            "employerName": "Acme BV",
            "administratienummer": "500",
        }
        assert payroll.get(f"{base}/employees/1042").json() == HANNEKE


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "", "NotFound"),
        ("GET", "/", "NotFound"),
        ("GET", "/employees/", "NotFound"),
        ("GET", "/employees/99", "EmployeeNotFound"),
        ("GET", "/employees/99/employments", "EmployeeNotFound"),
        ("GET", "/employees/99/payrollPeriods?year=2026", "EmployeeNotFound"),
        ("GET", "/employees/1042/payments", "NotFound"),
        ("GET", "/payrollPeriods?year=2026", "NotFound"),
        ("GET", "/journalEntries?runId=run-55", "NotFound"),
        ("GET", "/paySlips?runId=run-55", "NotFound"),
        ("PUT", "/employees", "NotFound"),
        ("PUT", "/componentReport", "NotFound"),
        ("POST", "/employees", "NotFound"),
        ("DELETE", "/employees/1042", "NotFound"),
        ("PATCH", "/employees/1042", "NotFound"),
    ],
)
def test_what_is_not_there_is_not_found(payroll: Any, method: str, path: str, code: str) -> None:
    assert error(payroll.call(method, BASE + path))[:2] == (404, code)


def test_the_sixth_call_in_a_second_must_wait(payroll: Any, clocks: Any) -> None:
    payroll.session.hooks["response"].clear()
    clocks.seconds += 1
    calls = [payroll.get(f"{BASE}/generalData") for _ in range(6)]
    assert [answer.status_code for answer in calls] == [200] * 5 + [429]
    assert error(calls[-1]) == (429, "TooManyRequests", None)
    assert calls[-1].headers["Retry-After"] == "1"
    clocks.seconds += 1
    assert payroll.get(f"{BASE}/generalData").status_code == 200


# --- people ----------------------------------------------------------------------------------------------


def test_an_employee_is_written_whole(payroll: Any) -> None:
    first = payroll.call("PUT", f"{BASE}/employees/7", json={**WRITTEN, "nickname": "Hugo"})
    second = payroll.call("PUT", f"{BASE}/employees/7", json={**WRITTEN, "employeeId": "7"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {"employeeId": "7", "nickname": "Hugo", **WRITTEN}
    assert second.json() == payroll.get(f"{BASE}/employees/7").json() == {"employeeId": "7", **WRITTEN}
    since = payroll.get(f"{BASE}/employees?modifiedSince={NOW}").json()
    assert since == {"items": [second.json()], "nextCursor": None}


def test_a_new_person_is_a_concept_until_somebody_makes_an_employee_of_it(payroll: Any) -> None:
    concept, employee = f"{BASE}/conceptEmployees/7", f"{BASE}/employees/7"
    first, second = (payroll.call("PUT", concept, json=WRITTEN) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == {"employeeId": "7", **WRITTEN, "status": "Concept"}
    assert error(payroll.call("PUT", employee, json=WRITTEN)) == (409, "StillConcept", "employeeId")
    assert error(payroll.get(employee))[1] == "EmployeeNotFound"

    state = payroll.state()
    converted = [{**row, "status": "Converted"} for row in state["conceptEmployees"]]
    payroll.put_state({**state, "conceptEmployees": converted})
    assert error(payroll.call("PUT", concept, json=WRITTEN)) == (409, "AlreadyEmployee", "employeeId")
    assert payroll.call("PUT", employee, json=WRITTEN).status_code == 201
    other = payroll.call("PUT", f"{BASE}/conceptEmployees/1042", json=WRITTEN)
    assert error(other) == (409, "AlreadyEmployee", "employeeId")


@pytest.mark.parametrize("resource", ["employees", "conceptEmployees"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**WRITTEN, "shoe": 44}, "shoe"),
        ({**WRITTEN, "status": "Concept"}, "status"),
        ({**WRITTEN, "modifiedAt": NOW}, "modifiedAt"),
        ({**WRITTEN, "employeeId": "8"}, "employeeId"),
        ({**WRITTEN, "csn": "123456789"}, "csn"),
        ({**WRITTEN, "birthName": " "}, "birthName"),
        ({"typeOfEmployee": "Employee"}, "birthName"),
        ({"birthName": "Prins"}, "typeOfEmployee"),
        ({**WRITTEN, "fiscalDetails": {"bonus": "1.00"}}, "fiscalDetails.bonus"),
        ([], None),
    ],
)
def test_a_person_that_does_not_fit_is_refused(payroll: Any, resource: str, body: Any, field: str) -> None:
    refused = payroll.call("PUT", f"{BASE}/{resource}/7", json=body)
    assert error(refused) == (400, "InvalidValue", field)
    assert payroll.state() == STATE


@pytest.mark.parametrize(
    ("query", "more", "field"),
    [
        ("?force=1", {"json": WRITTEN}, "force"),
        ("", {"data": b"{}"}, "Content-Type"),
        ("", {"data": b"{", "headers": {"Content-Type": "application/json"}}, None),
    ],
)
def test_a_write_that_is_no_json_is_refused(payroll: Any, query: str, more: Any, field: str | None) -> None:
    more = {**more, "headers": {**payroll.headers, **more.get("headers", {})}}
    refused = payroll.call("PUT", f"{BASE}/employees/7{query}", **more)
    assert error(refused) == (400, "InvalidValue", field)


# --- log and faults --------------------------------------------------------------------------------------


def test_the_log_says_what_was_asked_for(payroll: Any) -> None:
    payroll.call("DELETE", "/_sandbox/requests")
    payroll.get(f"{BASE}/generalData")
    payroll.get(f"{BASE}/componentReport?year=2026&prPeriod=2026-01")
    payroll.get("/employers/emp-500/payrollRuns")
    payroll.get(f"{BASE}/employees/1042")
    payroll.get(f"{BASE}/employees/1042/employments")
    payroll.call("PUT", f"{BASE}/conceptEmployees/7", json=WRITTEN)
    payroll.get("/elsewhere")
    assert [(row["operation"], row["writes"]) for row in payroll.log()] == [
        ("get generalData", False),
        ("list componentReport", False),
        ("list payrollRuns", False),
        ("get employees", False),
        ("list employments", False),
        ("change conceptEmployees", True),
        (None, False),
    ]


@pytest.mark.parametrize(
    ("fault", "expected", "wait"),
    [
        ("credentials", (401, "BadCredentials", None), None),
        ("unavailable", (503, "Unavailable", None), None),
        (429, (429, "TooManyRequests", None), "1"),
        (500, (500, "Unavailable", None), None),
        (503, (503, "Unavailable", None), None),
    ],
)
def test_a_fault_is_worded_as_the_system_words_it(payroll: Any, fault: Any, expected: Any, wait: Any) -> None:
    assert payroll.faults(errors=[fault], count=1).status_code == 200
    refused = payroll.get(f"{BASE}/generalData")
    assert error(refused) == expected
    assert refused.headers.get("Retry-After") == wait
    assert payroll.get(f"{BASE}/generalData").status_code == 200
