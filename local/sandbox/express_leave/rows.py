"""The rows of Express Leave: their fields in the contract's order, and how a tester's are completed."""

import re
from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    INSTANT,
    NAME,
    TEXT,
    Fields,
    fitting,
    like,
    listed,
    misfit,
    one_of,
    or_null,
    record,
    that,
    whole,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row

_HOURS = re.compile(r"-?\d{1,9}\.\d{2,4}", re.ASCII)
_HOURS_WORDS = "hours as text with two to four decimals, such as"
HOURS = like(f'{_HOURS_WORDS} "107.4512"', _HOURS)
_STANDARD_DAY = that(
    f'{_HOURS_WORDS} "7.60", from 0 (a casual has no standard day) to 24',
    lambda value: isinstance(value, str) and _HOURS.fullmatch(value) and 0 <= Decimal(value) <= 24,
)
# From the lowest level to the highest.
_USER_TYPE = one_of(
    "Non-Employee", "Employee (Non-Approver)", "Employee (Approver)", "HR Manager", "Administrator"
)
PAYROLL_USER = one_of("Yes", "")
RUNNING = "Running"
_NOT_CONNECTED = {"Connected": False, "OrganisationId": None, "OrganisationName": None, "ConnectedAt": None}
_USUAL_LEAVE_TYPES = {
    "AL": "Annual Leave",
    "SL": "Sick Leave",
    "LSL": "Long Service Leave",
    "RDO": "Rostered Day Off",
    "STL": "Study Leave",
}


def connection(organisation: str | None = None, name: str | None = None, at: str | None = None) -> Row:
    """A link to an organisation; without one, the green "Connect to Organisation" button shows."""
    made = {"Connected": True, "OrganisationId": organisation, "OrganisationName": name, "ConnectedAt": at}
    return made if organisation else dict(_NOT_CONNECTED)


def changes(fields: Fields, body: Any) -> Row:
    """The fields that a change names, at least one."""
    given: Row = fitting(fields, body)
    if not given:
        raise misfit("", "at least one field is needed")
    return given


def _company(row: Row, reading: Reading) -> Row:
    """One that is connected names the organisation, and one that is not names none."""
    given = row.get("Connection", connection("org-17", "Acme Pty Ltd"))
    organisation = given.get("OrganisationId") if given["Connected"] else None
    if given["Connected"] and not organisation:
        raise misfit("Connection.OrganisationId", "is required where the company is connected")
    name, at = given.get("OrganisationName") or organisation, given.get("ConnectedAt") or reading.at
    return {**row, "Connection": connection(organisation, name, at)}


def leave_type(row: Row) -> Row:
    """A whole leave type."""
    made = {
        "AssociatedLeaveBalance": row["IncomeCode"],
        "LeavePolicyNotes": "",
        "VisibleTo": "Employee (Non-Approver)",
    }
    return LEAVE_TYPES.in_order({**made, **row})


def _balance(row: Row, reading: Reading) -> Row:
    """Of a payroll user."""
    user = next(iter(reading.store["users"].find("EmployeeId", [row["EmployeeId"]])), None)
    if user is None or user["PayrollUser"] != "Yes":
        said = "no user's EmployeeId" if user is None else "no payroll user"
        raise misfit("EmployeeId", f"{row['EmployeeId']} is {said}")
    return {**row, "SyncedAt": row.get("SyncedAt") or reading.at}


def _sync(row: Row, reading: Reading) -> Row:
    """One that has finished did so at some time."""
    whole_row = {"StartedAt": reading.at, "FinishedAt": None, **row}
    if row["Status"] != RUNNING:
        whole_row["FinishedAt"] = whole_row["FinishedAt"] or whole_row["StartedAt"]
    elif whole_row["FinishedAt"] is not None:
        raise misfit("FinishedAt", "must be null while the sync is running")
    return whole_row


ORGANISATION: Fields = {"OrganisationId": NAME, "OrganisationName": NAME}
_CONNECTION: Fields = {
    "Connected": FLAG,
    **{name: or_null(kind) for name, kind in {**ORGANISATION, "ConnectedAt": INSTANT}.items()},
}
COMPANY = Resource(
    "company",
    "CompanyId",
    {
        "CompanyId": NAME,
        "CompanyName": NAME,
        "Connection": record(_CONNECTION, ("Connected",)),
        "LastSyncAt": or_null(INSTANT),
    },
    defaults={"CompanyId": "c-9", "CompanyName": "Acme", "LastSyncAt": None},
    made=_company,
    single=True,
)
LEAVE_TYPES = Resource(
    "leavetypes",
    "IncomeCode",
    {
        "IncomeCode": NAME,
        "Description": NAME,
        "AssociatedLeaveBalance": TEXT,
        "LeavePolicyNotes": TEXT,
        "VisibleTo": _USER_TYPE,
    },
    needed=("IncomeCode", "Description"),
    made=lambda row, _: leave_type(row),
    rank=None,
)
USUAL_LEAVE_TYPES = [{"IncomeCode": code, "Description": name} for code, name in _USUAL_LEAVE_TYPES.items()]
USERS = Resource(
    "users",
    "UserId",
    {
        "UserId": NAME,
        "EmployeeId": NAME,
        "Name": NAME,
        "Location": or_null(TEXT),
        "Country": one_of("Australia", "New Zealand"),
        "State": NAME,
        "Hours": _STANDARD_DAY,
        "DefaultApprover": or_null(NAME),
        "Email": like("an e-mail address", r"[^@\s]+@[^@\s]+"),
        "UserType": _USER_TYPE,
        "PayrollUser": PAYROLL_USER,
        "WelcomeEmailSentAt": or_null(INSTANT),
        "Version": whole(1),
    },
    needed=("EmployeeId", "Name", "Email", "PayrollUser"),
    defaults={
        "Location": None,
        "Country": "Australia",
        "State": "NSW",
        "Hours": "7.60",
        "DefaultApprover": None,
        "UserType": "Employee (Non-Approver)",
        "WelcomeEmailSentAt": None,
        "Version": 1,
    },
    fresh=lambda number: f"u-{number}",
    indexed=("EmployeeId",),
    folded=("Email",),
    unique=("EmployeeId", "Email"),
    moved={"Version": lambda version, _: version + 1},
)
# What a user is written with; the system itself makes the rest.
OPTIONAL = ("Location", "DefaultApprover")
WRITABLE = {
    name: kind
    for name, kind in USERS.fields.items()
    if name not in ("UserId", "WelcomeEmailSentAt", "Version")
}
NEEDED = tuple(name for name in WRITABLE if name not in OPTIONAL)
BALANCE_SENT: Fields = {"EmployeeId": NAME, "IncomeCode": NAME, "BalanceHours": HOURS, "AsAt": DAY}
BALANCES = Resource(
    "balances",
    ("EmployeeId", "IncomeCode"),
    {**BALANCE_SENT, "SyncedAt": or_null(INSTANT)},
    needed=tuple(BALANCE_SENT),
    made=_balance,
    refers={"IncomeCode": "leavetypes"},
    group=("EmployeeId",),
    rank=None,
)
_SYNC_ERROR: Fields = {"EmployeeId": or_null(NAME), "IncomeCode": or_null(NAME), "Reason": NAME}
SYNCS = Resource(
    "syncs",
    "SyncId",
    {
        "SyncId": NAME,
        "Trigger": one_of("Login", "Connect", "Manual"),
        "Status": one_of(RUNNING, "Completed", "CompletedWithErrors", "Failed", "NotConnected"),
        "StartedAt": INSTANT,
        "FinishedAt": or_null(INSTANT),
        "Employees": whole(0),
        "Balances": whole(0),
        "Errors": listed(record(_SYNC_ERROR, tuple(_SYNC_ERROR))),
    },
    needed=("Trigger", "Status"),
    defaults={"Employees": 0, "Balances": 0, "Errors": []},
    made=_sync,
    fresh=lambda number: f"sy-{number}",
    order=("StartedAt", "SyncId"),
    indexed=("Status",),
)
RESOURCES = (COMPANY, LEAVE_TYPES, USERS, BALANCES, SYNCS)
