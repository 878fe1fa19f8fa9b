"""Payroll Plus's sandbox: the account, people who are written whole, and refusals."""

import json
from typing import Any

import pytest

from tests.sandbox.rules import check_limit, check_log, check_refused

BASE = "/api/v1/employers/emp-500"
EMPLOYEE, CONCEPTS = f"{BASE}/employees/7", f"{BASE}/conceptEmployees/7"
REPORT = "/componentReport?year=2026&prPeriod=2026-01"
NOW = "2026-03-02T11:30:00Z"
Row = dict[str, Any]
# The contract's own rows.
STATE: dict[str, list[Row]] = json.loads("""{
  "employer": [{"employerId": "emp-500", "employerName": "Acme BV", "administratienummer": "500",
    "accountActive": true}],
  "employees": [{"employeeId": "1042", "initials": "H.", "nickname": "Hanneke", "birthName": "Graaf",
    "prefix": "de", "lastNamePartner": "Schaik", "prefixPartner": "van", "gender": "V",
    "dateOfBirth": "1985-04-25", "email": "hanneke@acme.example", "street": "Markt", "houseNumber": "1",
    "postalCode": "2611GP", "city": "Delft", "country": "NL", "csn": "999999990", "maritalStatus": "Gehuwd",
    "typeOfEmployee": "Employee", "fiscalDetails": {"annualSalary": "42000.00"},
    "modifiedAt": "2026-01-05T09:00:00Z"}],
  "conceptEmployees": [{"employeeId": "1050", "birthName": "Smit", "typeOfEmployee": "Student",
    "status": "Concept"}],
  "employments": [{"employeeId": "1042", "payrollNoEE": 2, "employed": "2018-03-01", "termDate": null,
    "jobTitle": "Controller", "costCentre": "001", "typeOfEmployee": "Employee"}],
  "payrollPeriods": [{"employeeId": "1042", "prPeriod": "2026-01", "startDate": "2026-01-01",
    "endDate": "2026-01-31", "status": "Approved"}],
  "payrollRuns": [{"runId": "run-55", "prPeriod": "2026-01", "description": "Januari 2026",
    "status": "Approved", "processedAt": "2026-01-23T18:02:00Z", "approvedAt": "2026-01-24T08:00:00Z"}],
  "components": [{"component": "NETTOLOON", "unit": "euro", "kind": "payslip"}],
  "componentReport": [{"employeeId": "1042", "year": 2026, "prPeriod": "2026-01", "component": "NETTOLOON",
    "description": "Nettoloon", "amount": "2541.17"}]}""")
EMPLOYER, HANNEKE, CONCEPT, EMPLOYMENT, PERIOD, RUN, COMPONENT, ROW = (rows[0] for rows in STATE.values())
SHOWN = {name: value for name, value in HANNEKE.items() if name != "modifiedAt"}
WRITTEN = {"birthName": "Prins", "typeOfEmployee": "Employee", "csn": "111222333"}


@pytest.fixture
def payroll(payroll_plus: Any) -> Any:
    answer = payroll_plus.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return payroll_plus


def error(answer: Any) -> tuple[int, str, str | None]:
    """Status, code and field of a refusal, which has exactly the contract's shape."""
    body = answer.json()
    assert list(body) == ["code", "message", "field", "traceId"]
    assert body["message"]
    assert body["traceId"]
    return answer.status_code, body["code"], body["field"]


# --- the state ----------------------------------------------------------------------------------------------


def kept(payroll: Any) -> dict[str, list[Row]]:
    """The rows of the resources that the state names."""
    state = payroll.state()
    return {name: state[name] for name in STATE}


def test_the_contracts_own_rows_are_kept_as_they_are(payroll: Any) -> None:
    assert kept(payroll) == STATE
    counts = payroll.put_state(STATE).json()["rows"]
    assert {counts[name] for name in STATE} == {1}


def test_a_state_in_part_is_completed(payroll_plus: Any) -> None:
    run = {"prPeriod": "2026-01", "runId": "run-1"}
    given: dict[str, list[Row]] = {
        "employees": [{"employeeId": "7"}],
        "conceptEmployees": [{"employeeId": "8"}],
        "employments": [{"employeeId": "7", "payrollNoEE": 1, "employed": "2020-01-01"}],
        "payrollRuns": [
            {**run, "status": "Open"},
            {**run, "runId": "run-2", "status": "Processed"},
            {**run, "runId": "run-3", "status": "Approved", "processedAt": RUN["processedAt"]},
        ],
        "componentReport": [{"employeeId": "7", "prPeriod": "2026-01", "component": "C", "amount": "1.00"}],
    }
    assert payroll_plus.put_state(given).status_code == 200
    state = payroll_plus.state()
    assert state["employer"] == [EMPLOYER]
    assert state["employees"] == [{"employeeId": "7", "typeOfEmployee": "Employee", "modifiedAt": NOW}]
    assert state["conceptEmployees"] == [{"employeeId": "8", "status": "Concept"}]
    made = {"termDate": None, "jobTitle": "", "costCentre": "", "typeOfEmployee": "Employee"}
    assert state["employments"] == [{**given["employments"][0], **made}]
    assert [(row["description"], row["processedAt"], row["approvedAt"]) for row in state["payrollRuns"]] == [
        ("2026-01", None, None),
        ("2026-01", NOW, None),
        ("2026-01", RUN["processedAt"], NOW),
    ]
    assert state["componentReport"] == [{**given["componentReport"][0], "year": 2026, "description": "C"}]


@pytest.mark.parametrize(
    ("resource", "field", "value", "said"),
    [
        ("employer", "accountActive", "no", "true or false"),
        ("employees", "employeeId", 1042, "a text that is not blank"),
        ("employees", "csn", "123456789", "elfproef"),
        ("employees", "csn", "000000000", "elfproef"),
        ("employees", "csn", "99999999", "nine digits"),
        ("employees", "typeOfEmployee", "Applicant", "one of Employee"),
        ("employees", "gender", "F", "one of M, V, O"),
        ("employees", "maritalStatus", "M", "one of Gescheiden"),
        ("conceptEmployees", "employed", "1 januari", "a date"),
        ("employees", "dateOfBirth", "1985-02-30", "a date"),
        ("employees", "country", "nl", "two letters"),
        ("employees", "fiscalDetails", 42000, "an object"),
        ("employees", "fiscalDetails.annualSalary", 42000, "two decimals"),
        ("conceptEmployees", "status", "New", "one of Concept, Converted"),
        ("employments", "employeeId", "9", "9 is no row of employees"),
        ("employments", "payrollNoEE", "2", "a whole number"),
        ("payrollPeriods", "prPeriod", "2026-1", "a payroll period"),
        ("payrollRuns", "status", "Closed", "one of Open, Processed, Approved"),
        ("payrollRuns", "approvedAt", "2026-01-24", "a time"),
        ("componentReport", "amount", 2541.17, "as text with two decimals"),
        ("componentReport", "amount", "2541.1", "as text with two decimals"),
        ("componentReport", "year", "2026", "a year"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    payroll: Any, resource: str, field: str, value: Any, said: str
) -> None:
    name, _, inside = field.partition(".")
    row = {**STATE[resource][0], name: {inside: value} if inside else value}
    check_refused(payroll, {**STATE, resource: [row]}, 0, field, said)


# --- the account, routes and the limit ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        (f"{BASE}/generalData", {}, (401, "BadCredentials", None)),
        (f"{BASE}/generalData", {"Authorization": "Bearer x"}, (401, "BadCredentials", None)),
        (f"{BASE}/generalData", {"Authorization": "Basic eDp5"}, (401, "BadCredentials", None)),
        ("/elsewhere", {}, (401, "BadCredentials", None)),
        ("/api/v1/employers/emp-501/employees", None, (403, "OtherEmployer", None)),
        ("/employers/emp-501/nothing", None, (403, "OtherEmployer", None)),
        ("/api/v1/employers/emp-501", None, (403, "OtherEmployer", None)),
    ],
)
def test_an_account_is_good_for_its_employer(payroll: Any, path: str, headers: Any, expected: Any) -> None:
    assert error(payroll.get(path, **({} if headers is None else {"headers": headers}))) == expected


def test_an_account_that_is_not_active_opens_nothing(payroll: Any) -> None:
    payroll.put_state({**STATE, "employer": [{"accountActive": False}]})
    assert error(payroll.get(f"{BASE}/generalData")) == (401, "AccountInactive", None)
    assert error(payroll.call("PUT", EMPLOYEE, json=WRITTEN)) == (401, "AccountInactive", None)


def test_general_data_and_one_employee_are_as_in_the_contract(payroll: Any) -> None:
    for base in (BASE, "/employers/emp-500"):
        general = payroll.get(f"{base}/generalData").json()
        assert general == {"employerName": "Acme BV", "administratienummer": "500"}
        assert payroll.get(f"{base}/employees/1042").json() == SHOWN


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "", "NotFound"),
        ("GET", "/", "NotFound"),
        ("GET", "/employees/", "NotFound"),
        ("GET", "/employees/1042/variableInputs", "NotFound"),
        ("GET", "/employees/1042/sepaBankPayments/NETTOLOON", "NotFound"),
        ("GET", "/payrollPeriods?year=2026", "NotFound"),
        ("GET", "/employees/1042/workDetails", "NotFound"),
        ("GET", "/documents/ps-881/content?language=nl", "NotFound"),
        ("GET", "/employees/99", "EmployeeNotFound"),
        ("GET", "/employees/99/employments", "EmployeeNotFound"),
        ("GET", "/employees/99/payrollPeriods?year=2026", "EmployeeNotFound"),
        ("PUT", "/employees", "NotFound"),
        ("PUT", "/componentReport", "NotFound"),
        ("POST", "/employees", "NotFound"),
        ("DELETE", "/employees/1042", "NotFound"),
        ("PATCH", "/employees/1042", "NotFound"),
    ],
)
def test_what_is_not_there_is_not_found(payroll: Any, method: str, path: str, code: str) -> None:
    assert error(payroll.call(method, BASE + path))[:2] == (404, code)


def test_a_concept_employee_is_read_as_it_was_written_and_once_it_is_converted(payroll: Any) -> None:
    """(fidelity: `GET /conceptEmployees/{id}` after its PUT)"""
    assert error(payroll.get(CONCEPTS))[0] == 404
    assert payroll.call("PUT", CONCEPTS, json=WRITTEN).status_code == 201
    assert payroll.get(CONCEPTS).json() == {**WRITTEN, "employeeId": "7", "status": "Concept"}
    state = payroll.state()
    converted = [{**row, "status": "Converted"} for row in state["conceptEmployees"]]
    payroll.put_state({**state, "conceptEmployees": converted})
    assert payroll.get(CONCEPTS).json()["status"] == "Converted"


def test_the_report_may_have_a_component_twice_for_one_person(payroll: Any) -> None:
    """The contract names no key of its rows: two bonuses are two rows, page by page (faults F4)."""
    one = STATE["componentReport"][0]
    rows = [{**one, "component": "BONUS", "amount": amount} for amount in ("1.00", "2.00", "1.00")]
    payroll.put_state({**STATE, "componentReport": [*rows, one]})
    found, cursor = [], ""
    while cursor is not None:
        answer = payroll.get(f"{BASE}{REPORT}&limit=2{cursor and '&cursor=' + cursor}").json()
        found += answer["items"]
        cursor = answer["nextCursor"]
    assert [row["amount"] for row in found] == ["1.00", "2.00", "1.00", one["amount"]]
    assert payroll.state()["componentReport"] == found


def test_the_sixth_call_in_a_second_must_wait(payroll: Any, clocks: Any) -> None:
    words = {"code": "TooManyRequests", "field": None}
    check_limit(payroll, clocks, f"{BASE}/generalData", 5, words)


def test_the_log_says_what_was_asked_for(payroll: Any) -> None:
    calls = [
        ("GET", f"{BASE}/generalData", "get generalData"),
        ("GET", BASE + REPORT, "list componentReport"),
        ("GET", "/employers/emp-500/payrollRuns", "list payrollRuns"),
        ("GET", f"{BASE}/employees/1042", "get employees"),
        ("GET", f"{BASE}/employees/1042/employments", "list employments"),
        ("PUT", CONCEPTS, "change conceptEmployees"),
        ("GET", CONCEPTS, "get conceptEmployees"),
        ("GET", "/elsewhere", None),
    ]
    check_log(payroll, calls)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("credentials", 401, "BadCredentials"),
        ("unavailable", 503, "Unavailable"),
        (429, 429, "TooManyRequests"),
        (500, 500, "Unavailable"),
        (503, 503, "Unavailable"),
    ],
)
def test_a_fault_is_worded_as_the_system_words_it(payroll: Any, fault: Any, status: int, code: str) -> None:
    payroll.faults(errors=[fault], count=1)
    refused = payroll.get(f"{BASE}/generalData")
    assert error(refused) == (status, code, None)
    assert refused.headers.get("Retry-After") == ("1" if fault == 429 else None)
    assert payroll.get(f"{BASE}/generalData").status_code == 200


# --- people -------------------------------------------------------------------------------------------------


def test_an_employee_is_written_whole(payroll: Any) -> None:
    first = payroll.call("PUT", EMPLOYEE, json={**WRITTEN, "nickname": "Hugo"})
    second = payroll.call("PUT", EMPLOYEE, json={**WRITTEN, "employeeId": "7"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {"employeeId": "7", "nickname": "Hugo", **WRITTEN}
    assert second.json() == payroll.get(EMPLOYEE).json() == {"employeeId": "7", **WRITTEN}
    since = payroll.get(f"{BASE}/employees?modifiedSince={NOW}").json()
    assert since == {"items": [second.json()], "nextCursor": None}


def test_a_new_person_is_a_concept_until_somebody_makes_an_employee_of_it(payroll: Any) -> None:
    first, second = (payroll.call("PUT", CONCEPTS, json=WRITTEN) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == {"employeeId": "7", **WRITTEN, "status": "Concept"}
    assert error(payroll.call("PUT", EMPLOYEE, json=WRITTEN)) == (409, "StillConcept", "employeeId")
    assert error(payroll.get(EMPLOYEE))[1] == "EmployeeNotFound"

    state = payroll.state()
    converted = [{**row, "status": "Converted"} for row in state["conceptEmployees"]]
    payroll.put_state({**state, "conceptEmployees": converted})
    assert error(payroll.call("PUT", CONCEPTS, json=WRITTEN)) == (409, "AlreadyEmployee", "employeeId")
    assert payroll.get(EMPLOYEE).json() == {"employeeId": "7", **WRITTEN}
    assert payroll.call("PUT", EMPLOYEE, json=WRITTEN).status_code == 200
    other = payroll.call("PUT", f"{BASE}/conceptEmployees/1042", json=WRITTEN)
    assert error(other) == (409, "AlreadyEmployee", "employeeId")


@pytest.mark.parametrize("path", [EMPLOYEE, CONCEPTS])
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
        (b"{", None),
    ],
)
def test_a_person_that_does_not_fit_is_refused(payroll: Any, path: str, body: Any, field: str) -> None:
    headers = {**payroll.headers, "Content-Type": "application/json"}
    more = {"data": body, "headers": headers} if isinstance(body, bytes) else {"json": body}
    assert error(payroll.call("PUT", path, **more)) == (400, "InvalidValue", field)
    assert kept(payroll) == STATE


def test_a_write_is_json_without_parameters(payroll: Any) -> None:
    refused = payroll.call("PUT", f"{EMPLOYEE}?force=1", json=WRITTEN)
    assert error(refused) == (400, "InvalidValue", "force")
    assert error(payroll.call("PUT", EMPLOYEE, data=b"{}")) == (400, "InvalidValue", "Content-Type")
