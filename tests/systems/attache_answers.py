"""Attaché's answers, as its tests script them: the contract's own examples."""

from __future__ import annotations

from typing import Any

from tests.systems.loopback import Reply, reply

EMPLOYEE: dict[str, Any] = {
    "EmployeeCode": "E0042",
    "FullName": "Mia Chen",
    "AOemail": "mia@acme.example",
    "EnableAttacheOnline": True,
    "Location": "Sydney",
    "State": "NSW",
    "Country": "Australia",
    "HourPerDay": 7.6,
    "TerminationDate": None,
    "ModifiedAt": "2026-01-05T03:12:00Z",
}
BALANCE: dict[str, Any] = {
    "EmployeeCode": "E0042",
    "LeaveAccrueTo": "2026-01-04",
    "ALEntitleHourAcc": 76.0,
    "ALProRataHourAcc": 31.4512,
    "SLEntitleHourAcc": 38.0,
    "SLProRataHourAcc": 0.0,
    "ModifiedAt": "2026-01-05T03:12:00Z",
}
LEAVE: dict[str, Any] = {
    "IncomeCode": "AL",
    "Description": "Annual Leave",
    "LeaveAccruedUpToAndIncluding": "2026-01-04",
    "LeaveStartDate": "2020-03-01",
    "LastEntitlementDate": "2025-03-01",
    "EntitlementOwing": 76.0,
    "ProRataOwing": 31.4512,
    "ContingentOwing": 0.0,
    "HoursPerDay": 7.6,
    "DaysPerWeek": 5,
    "DisplayIn": "Hours",
    "ProRataApplicable": True,
    "CalculateBy": "Pay",
    "ModifiedAt": "2026-01-05T03:12:00Z",
}
CHANGE: dict[str, Any] = {
    "IncomeCode": "AL",
    "ChangedAt": "2026-01-05T03:12:00Z",
    "OldEntitlementOwing": 76.0,
    "NewEntitlementOwing": 76.0,
    "Comment": "Updated to resync Express Leave balance",
    "User": "payroll1",
}


def listing(rows: list[Any], total_pages: int = 1, page: int = 1) -> Reply:
    return reply({"Data": rows, "Page": page, "PageSize": 500, "TotalPages": total_pages})


def organisations(*ids: str) -> Reply:
    rows = [{"OrganisationId": one, "OrganisationName": f"Name of {one}", "Country": "X"} for one in ids]
    return listing(rows)


def refused(status: int, code: str, **headers: str) -> Reply:
    return reply({"Code": code, "Message": f"Said {code}.", "CorrelationId": "c-1"}, status, **headers)
