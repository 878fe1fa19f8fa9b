"""The fields of Express Leave's rows, in the contract's order, and which values they take."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import (
    FLAG,
    NAME,
    TEXT,
    Kind,
    is_day,
    is_instant,
    misfits,
    one_of,
    or_null,
    that,
)

# From the lowest level to the highest.
USER_TYPES = ("Non-Employee", "Employee (Non-Approver)", "Employee (Approver)", "HR Manager", "Administrator")
COUNTRIES = ("Australia", "New Zealand")
PAYROLL_USER = ("Yes", "")
TRIGGERS = ("Login", "Connect", "Manual")
FINAL = ("Completed", "CompletedWithErrors", "Failed", "NotConnected")
STATUSES = ("Running", *FINAL)
_HOURS = re.compile(r"-?\d{1,9}\.\d{2,4}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def _is_hours(value: object) -> bool:
    return isinstance(value, str) and _HOURS.fullmatch(value) is not None


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


COUNT = that("a whole number, 0 or more", lambda value: _is_whole(value, 0))
NUMBER = that("a whole number, 1 or more", lambda value: _is_whole(value, 1))
DAY = that("a date such as 2026-01-04", is_day)
INSTANT = that("a time such as 2026-01-06T22:01:09Z", is_instant)
HOURS = that('hours as text with two to four decimals, such as "107.4512"', _is_hours)
STANDARD_DAY = that(
    'hours as text with two to four decimals, such as "7.60", above 0 and at most 24',
    lambda value: _is_hours(value) and 0 < Decimal(value) <= 24,
)
EMAIL = that(
    "an e-mail address", lambda value: isinstance(value, str) and _EMAIL.fullmatch(value) is not None
)
USER_TYPE = one_of(*USER_TYPES)

COMPANY: Mapping[str, Kind] = {
    "CompanyId": NAME,
    "CompanyName": NAME,
    "Connection": that("an object", lambda value: isinstance(value, dict)),
    "LastSyncAt": or_null(INSTANT),
}
CONNECTION: Mapping[str, Kind] = {
    "Connected": FLAG,
    "OrganisationId": or_null(NAME),
    "OrganisationName": or_null(NAME),
    "ConnectedAt": or_null(INSTANT),
}
ORGANISATION: Mapping[str, Kind] = {"OrganisationId": NAME, "OrganisationName": NAME}
USER: Mapping[str, Kind] = {
    "UserId": NAME,
    "EmployeeId": NAME,
    "Name": NAME,
    "Location": or_null(TEXT),
    "Country": one_of(*COUNTRIES),
    "State": NAME,
    "Hours": STANDARD_DAY,
    "DefaultApprover": or_null(NAME),
    "Email": EMAIL,
    "UserType": USER_TYPE,
    "PayrollUser": one_of(*PAYROLL_USER),
    "WelcomeEmailSentAt": or_null(INSTANT),
    "Version": NUMBER,
}
USER_SYSTEM = ("UserId", "WelcomeEmailSentAt", "Version")
USER_OPTIONAL = ("Location", "DefaultApprover")
USER_WRITABLE = {name: kind for name, kind in USER.items() if name not in USER_SYSTEM}
USER_NEEDED = tuple(name for name in USER_WRITABLE if name not in USER_OPTIONAL)
LEAVE_TYPE: Mapping[str, Kind] = {
    "IncomeCode": NAME,
    "Description": NAME,
    "AssociatedLeaveBalance": TEXT,
    "LeavePolicyNotes": TEXT,
    "VisibleTo": USER_TYPE,
}
BALANCE_SENT: Mapping[str, Kind] = {
    "EmployeeId": NAME,
    "IncomeCode": NAME,
    "BalanceHours": HOURS,
    "AsAt": DAY,
}
BALANCE: Mapping[str, Kind] = {**BALANCE_SENT, "SyncedAt": or_null(INSTANT)}
SYNC: Mapping[str, Kind] = {
    "SyncId": NAME,
    "Trigger": one_of(*TRIGGERS),
    "Status": one_of(*STATUSES),
    "StartedAt": INSTANT,
    "FinishedAt": or_null(INSTANT),
    "Employees": COUNT,
    "Balances": COUNT,
    "Errors": that("a list", lambda value: isinstance(value, list)),
}
SYNC_ERROR: Mapping[str, Kind] = {
    "EmployeeId": or_null(NAME),
    "IncomeCode": or_null(NAME),
    "Reason": NAME,
}
SYNC_WRITABLE = {name: SYNC[name] for name in ("Status", "Employees", "Balances", "Errors")}


def list_misfits(
    name: str, fields: Mapping[str, Kind], rows: list[Any], needed: tuple[str, ...]
) -> list[tuple[str, str]]:
    """The same for the rows of a list; a field reads `Rows[3].AsAt`."""
    return [
        (f"{name}[{number}].{field}" if field else f"{name}[{number}]", message)
        for number, row in enumerate(rows)
        for field, message in misfits(fields, row, needed)
    ]
