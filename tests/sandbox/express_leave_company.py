"""A small company for the tests of Express Leave's sandbox, and how its calls are made."""

import json
from typing import Any

BASE, NOW = "/api/v1/companies/c-9", "2026-03-02T11:30:00Z"
Row = dict[str, Any]
# The contract's own rows, but for the first and the last user.
STATE: dict[str, list[Row]] = json.loads("""{
  "company": [{"CompanyId": "c-9", "CompanyName": "Acme", "Connection": {"Connected": true,
    "OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd", "ConnectedAt": "2025-07-01T01:00:00Z"},
    "LastSyncAt": "2026-01-05T22:00:10Z"}],
  "leavetypes": [
    {"IncomeCode": "AL", "Description": "Annual Leave", "AssociatedLeaveBalance": "AL",
     "LeavePolicyNotes": "", "VisibleTo": "Employee (Non-Approver)"},
    {"IncomeCode": "SL", "Description": "Sick Leave", "AssociatedLeaveBalance": "AL",
     "LeavePolicyNotes": "", "VisibleTo": "Employee (Non-Approver)"}],
  "users": [
    {"UserId": "u-1", "EmployeeId": "E0001", "Name": "Anna Price", "Location": "Sydney",
     "Country": "Australia", "State": "NSW", "Hours": "7.60", "DefaultApprover": null,
     "Email": "anna@acme.example", "UserType": "Administrator", "PayrollUser": "Yes",
     "WelcomeEmailSentAt": null, "Version": 4},
    {"UserId": "u-10", "EmployeeId": "C1", "Name": "Kim Ford", "Location": "Sydney", "Country": "Australia",
     "State": "NSW", "Hours": "7.60", "DefaultApprover": "u-1", "Email": "kim@ford.example",
     "UserType": "Non-Employee", "PayrollUser": "", "WelcomeEmailSentAt": null, "Version": 4},
    {"UserId": "u-77", "EmployeeId": "E0042", "Name": "Mia Chen", "Location": "Sydney",
     "Country": "Australia", "State": "NSW", "Hours": "7.60", "DefaultApprover": "u-1",
     "Email": "mia@acme.example", "UserType": "Employee (Non-Approver)", "PayrollUser": "Yes",
     "WelcomeEmailSentAt": null, "Version": 4}],
  "balances": [{"EmployeeId": "E0042", "IncomeCode": "AL", "BalanceHours": "107.4512",
    "AsAt": "2026-01-04", "SyncedAt": "2026-01-06T22:01:15Z"}],
  "syncs": [{"SyncId": "sy-31", "Trigger": "Login", "Status": "Completed",
    "StartedAt": "2026-01-06T22:01:10Z", "FinishedAt": "2026-01-06T22:01:19Z", "Employees": 1,
    "Balances": 2, "Errors": []}]}""")
COMPANY, LEAVE_TYPE, ANNA, BALANCE, SYNC = (rows[0] for rows in STATE.values())
CONTRACTOR, MIA = STATE["users"][1:]
# What a client may write of a user, as it read it.
WRITTEN = {name: MIA[name] for name in MIA if name not in ("UserId", "WelcomeEmailSentAt", "Version")}


def new_user(**changes: Any) -> Row:
    """What a POST of a payroll user sends."""
    return {**WRITTEN, "EmployeeId": "E0100", "Name": "Lee Wong", "Email": "lee@acme.example", **changes}


def many(numbers: range) -> list[Row]:
    """Payroll users of these numbers."""
    return [{**MIA, "UserId": f"u-{n}", "EmployeeId": f"E{n}", "Email": f"{n}@acme.example"} for n in numbers]


def call(client: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """A call below the company; a header's name has `_` for `-`."""
    more = {"json": body} if body is not None else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.call(method, BASE + path, headers={**client.headers, **named}, **more)


def error(answer: Any) -> tuple[int, str, str | None]:
    """Status, code and field of a refusal, which has exactly the contract's shape."""
    body = answer.json()
    assert set(body) - {"SyncId"} == {"Error"}
    assert set(body["Error"]) == {"Code", "Message", "Field"}
    assert body["Error"]["Message"]
    return answer.status_code, body["Error"]["Code"], body["Error"]["Field"]


def check_unfit(answer: Any, field: str | None) -> None:
    """What was sent does not fit, by this field."""
    assert error(answer) == (400, "ValidationFailed", field)
