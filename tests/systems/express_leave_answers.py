"""Express Leave's answers, as its tests script them: the contract's own examples."""

from __future__ import annotations

from typing import Any

from payrelay.systems.express_leave.models import USERS, User
from tests.systems.loopback import Reply, reply

COMPANY: dict[str, Any] = {
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
USER: dict[str, Any] = {
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
LEAVE_TYPE: dict[str, Any] = {
    "IncomeCode": "AL",
    "Description": "Annual Leave",
    "AssociatedLeaveBalance": "AL",
    "LeavePolicyNotes": "",
    "VisibleTo": "Employee (Non-Approver)",
}
BALANCE: dict[str, Any] = {
    "EmployeeId": "E0042",
    "IncomeCode": "AL",
    "BalanceHours": "107.4512",
    "AsAt": "2026-01-04",
    "SyncedAt": "2026-01-06T22:01:15Z",
}
SYNC: dict[str, Any] = {
    "SyncId": "sy-31",
    "Trigger": "Login",
    "Status": "Running",
    "StartedAt": "2026-01-06T22:01:10Z",
    "FinishedAt": None,
    "Employees": 0,
    "Balances": 0,
    "Errors": [],
}


def user(**changes: Any) -> User:
    (row,), _ = USERS.read([USER | changes])
    return row


def listing(rows: list[Any], following: str | None = None) -> Reply:
    return reply({"Items": rows, "Next": following})


def refused(status: int, code: str, field: str | None = None, **headers: str) -> Reply:
    return reply({"Error": {"Code": code, "Message": f"Said {code}.", "Field": field}}, status, **headers)
