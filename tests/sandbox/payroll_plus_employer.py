"""An employer in Payroll Plus for its sandbox's tests: the contract's own rows."""

from typing import Any

BASE = "/api/v1/employers/emp-500"
NOW = "2026-03-02T11:30:00Z"
EMPLOYER = {
    "employerId": "emp-500",
    "employerName": "Acme BV",
    "administratienummer": "500",
    "accountActive": True,
}
HANNEKE: dict[str, Any] = {
    "employeeId": "1042",
    "initials": "H.",
    "nickname": "Hanneke",
    "birthName": "Graaf",
    "prefix": "de",
    "lastNamePartner": "Schaik",
    "prefixPartner": "van",
    "gender": "V",
    "dateOfBirth": "1985-04-25",
    "email": "hanneke@acme.example",
    "street": "Markt",
    "houseNumber": "1",
    "postalCode": "2611GP",
    "city": "Delft",
    "country": "NL",
    "csn": "999999990",
    "maritalStatus": "Gehuwd",
    "typeOfEmployee": "Employee",
    "fiscalDetails": {"annualSalary": "42000.00"},
}
CONCEPT = {"employeeId": "1050", "birthName": "Smit", "typeOfEmployee": "Student", "status": "Concept"}
EMPLOYMENT: dict[str, Any] = {
    "employeeId": "1042",
    "payrollNoEE": 2,
    "employed": "2018-03-01",
    "termDate": None,
    "jobTitle": "Controller",
    "costCentre": "001",
    "typeOfEmployee": "Employee",
}
PERIOD = {"prPeriod": "2026-01", "startDate": "2026-01-01", "endDate": "2026-01-31", "status": "Approved"}
RUN: dict[str, Any] = {
    "runId": "run-55",
    "prPeriod": "2026-01",
    "description": "Januari 2026",
    "status": "Approved",
    "processedAt": "2026-01-23T18:02:00Z",
    "approvedAt": "2026-01-24T08:00:00Z",
}
COMPONENT = {"component": "NETTOLOON", "unit": "euro", "kind": "payslip"}
ROW: dict[str, Any] = {
    "employeeId": "1042",
    "year": 2026,
    "prPeriod": "2026-01",
    "component": "NETTOLOON",
    "description": "Nettoloon",
    "amount": "2541.17",
}
STATE: dict[str, list[dict[str, Any]]] = {
    "employer": [EMPLOYER],
    "employees": [{**HANNEKE, "modifiedAt": "2026-01-05T09:00:00Z"}],
    "conceptEmployees": [CONCEPT],
    "employments": [EMPLOYMENT],
    "payrollPeriods": [PERIOD],
    "payrollRuns": [RUN],
    "components": [COMPONENT],
    "componentReport": [ROW],
}
WRITTEN = {"birthName": "Prins", "typeOfEmployee": "Employee", "csn": "111222333"}


def error(answer: Any) -> tuple[int, str, str | None]:
    """Status, code and field of a refusal, which has exactly the contract's shape."""
    body = answer.json()
    assert list(body) == ["code", "message", "field", "traceId"]
    assert body["message"]
    assert body["traceId"]
    return answer.status_code, body["code"], body["field"]
