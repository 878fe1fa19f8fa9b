"""A small company for the tests of Express Leave's sandbox, and how its calls are made."""

from typing import Any

BASE = "/api/v1/companies/c-9"

MIA = {
    "UserId": "u-77",
    "EmployeeId": "E0042",
    "Name": "Mia Chen",
    "Location": "Sydney",
    "Country": "Australia",
    "State": "NSW",
    "Hours": "7.60",
    "DefaultApprover": "u-1",
    "Email": "mia@acme.example",
    "UserType": "Employee (Non-Approver)",
    "PayrollUser": "Yes",
    "WelcomeEmailSentAt": None,
    "Version": 4,
}
ANNA = {
    **MIA,
    "UserId": "u-1",
    "EmployeeId": "E0001",
    "Name": "Anna Price",
    "DefaultApprover": None,
    "Email": "anna@acme.example",
    "UserType": "Administrator",
}
CONTRACTOR = {
    **MIA,
    "UserId": "u-10",
    "EmployeeId": "C1",
    "Name": "Kim Ford",
    "Email": "kim@ford.example",
    "UserType": "Non-Employee",
    "PayrollUser": "",
}
LEAVE_TYPE = {
    "IncomeCode": "AL",
    "Description": "Annual Leave",
    "AssociatedLeaveBalance": "AL",
    "LeavePolicyNotes": "",
    "VisibleTo": "Employee (Non-Approver)",
}
BALANCE = {
    "EmployeeId": "E0042",
    "IncomeCode": "AL",
    "BalanceHours": "107.4512",
    "AsAt": "2026-01-04",
    "SyncedAt": "2026-01-06T22:01:15Z",
}
SYNC = {
    "SyncId": "sy-31",
    "Trigger": "Login",
    "Status": "Completed",
    "StartedAt": "2026-01-06T22:01:10Z",
    "FinishedAt": "2026-01-06T22:01:19Z",
    "Employees": 1,
    "Balances": 2,
    "Errors": [],
}
COMPANY = {
    "CompanyId": "c-9",
    "CompanyName": "Acme",
    "Connection": {
        "Connected": True,
        "OrganisationId": "org-17",
        "OrganisationName": "Acme Pty Ltd",
        "ConnectedAt": "2025-07-01T01:00:00Z",
    },
    "LastSyncAt": "2026-01-05T22:00:10Z",
}
STATE: dict[str, list[dict[str, Any]]] = {
    "company": [COMPANY],
    "users": [ANNA, MIA, CONTRACTOR],
    "leavetypes": [LEAVE_TYPE, {**LEAVE_TYPE, "IncomeCode": "SL", "Description": "Sick Leave"}],
    "balances": [BALANCE],
    "syncs": [SYNC],
}
# What a client may write of a user, as it read it.
WRITTEN = {name: MIA[name] for name in MIA if name not in ("UserId", "WelcomeEmailSentAt", "Version")}


def new_user(**changes: Any) -> dict[str, Any]:
    """What a POST of a payroll user sends."""
    return {**WRITTEN, "EmployeeId": "E0100", "Name": "Lee Wong", "Email": "lee@acme.example", **changes}


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
