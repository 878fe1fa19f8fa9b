"""The fields of Express Leave's rows, in the contract's order, and which values they take."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

# From the lowest level to the highest.
USER_TYPES = ("Non-Employee", "Employee (Non-Approver)", "Employee (Approver)", "HR Manager", "Administrator")
COUNTRIES = ("Australia", "New Zealand")
PAYROLL_USER = ("Yes", "")
TRIGGERS = ("Login", "Connect", "Manual")
FINAL = ("Completed", "CompletedWithErrors", "Failed", "NotConnected")
STATUSES = ("Running", *FINAL)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_HOURS = re.compile(r"-?\d{1,9}\.\d{2,4}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Kind:
    """`words` end the message "must be …"."""

    words: str
    accepts: Callable[[Any], bool]


def instant(moment: datetime) -> str:
    """`2026-01-06T22:01:09Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _is_day(value: object) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None and _is_on_a_calendar(value)


def _is_instant(value: object) -> bool:
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None and _is_on_a_calendar(value)


def _is_on_a_calendar(text: str) -> bool:
    try:
        date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_hours(value: object) -> bool:
    return isinstance(value, str) and _HOURS.fullmatch(value) is not None


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _one_of(values: tuple[str, ...]) -> Kind:
    return Kind(f"one of {', '.join(value or 'an empty text' for value in values)}", values.__contains__)


def _or_null(kind: Kind) -> Kind:
    return Kind(f"{kind.words}, or null", lambda value: value is None or kind.accepts(value))


TEXT = Kind("a text", lambda value: isinstance(value, str))
NAME = Kind("a text that is not blank", lambda value: isinstance(value, str) and bool(value.strip()))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
COUNT = Kind("a whole number, 0 or more", lambda value: _is_whole(value, 0))
NUMBER = Kind("a whole number, 1 or more", lambda value: _is_whole(value, 1))
DAY = Kind("a date such as 2026-01-04", _is_day)
INSTANT = Kind("a time such as 2026-01-06T22:01:09Z", _is_instant)
HOURS = Kind('hours as text with two to four decimals, such as "107.4512"', _is_hours)
STANDARD_DAY = Kind(
    'hours as text with two to four decimals, such as "7.60", above 0 and at most 24',
    lambda value: _is_hours(value) and 0 < Decimal(value) <= 24,
)
EMAIL = Kind(
    "an e-mail address", lambda value: isinstance(value, str) and _EMAIL.fullmatch(value) is not None
)
USER_TYPE = _one_of(USER_TYPES)

COMPANY: Mapping[str, Kind] = {
    "CompanyId": NAME,
    "CompanyName": NAME,
    "Connection": Kind("an object", lambda value: isinstance(value, dict)),
    "LastSyncAt": _or_null(INSTANT),
}
CONNECTION: Mapping[str, Kind] = {
    "Connected": FLAG,
    "OrganisationId": _or_null(NAME),
    "OrganisationName": _or_null(NAME),
    "ConnectedAt": _or_null(INSTANT),
}
ORGANISATION: Mapping[str, Kind] = {"OrganisationId": NAME, "OrganisationName": NAME}
USER: Mapping[str, Kind] = {
    "UserId": NAME,
    "EmployeeId": NAME,
    "Name": NAME,
    "Location": _or_null(TEXT),
    "Country": _one_of(COUNTRIES),
    "State": NAME,
    "Hours": STANDARD_DAY,
    "DefaultApprover": _or_null(NAME),
    "Email": EMAIL,
    "UserType": USER_TYPE,
    "PayrollUser": _one_of(PAYROLL_USER),
    "WelcomeEmailSentAt": _or_null(INSTANT),
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
BALANCE: Mapping[str, Kind] = {**BALANCE_SENT, "SyncedAt": _or_null(INSTANT)}
SYNC: Mapping[str, Kind] = {
    "SyncId": NAME,
    "Trigger": _one_of(TRIGGERS),
    "Status": _one_of(STATUSES),
    "StartedAt": INSTANT,
    "FinishedAt": _or_null(INSTANT),
    "Employees": COUNT,
    "Balances": COUNT,
    "Errors": Kind("a list", lambda value: isinstance(value, list)),
}
SYNC_ERROR: Mapping[str, Kind] = {
    "EmployeeId": _or_null(NAME),
    "IncomeCode": _or_null(NAME),
    "Reason": NAME,
}
SYNC_WRITABLE = {name: SYNC[name] for name in ("Status", "Employees", "Balances", "Errors")}


def misfits(fields: Mapping[str, Kind], row: Any, needed: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Field and message of whatever does not fit, the `needed` fields that are missing first."""
    if not isinstance(row, dict):
        return [("", "an object is needed")]
    found = [(name, "is required") for name in needed if name not in row]
    for name, value in row.items():
        kind = fields.get(name)
        if kind is None:
            found.append((str(name), f"unknown field; known are {', '.join(fields)}"))
        elif not kind.accepts(value):
            found.append((name, f"must be {kind.words}"))
    return found


def list_misfits(
    name: str, fields: Mapping[str, Kind], rows: list[Any], needed: tuple[str, ...]
) -> list[tuple[str, str]]:
    """The same for the rows of a list; a field reads `Rows[3].AsAt`."""
    return [
        (f"{name}[{number}].{field}" if field else f"{name}[{number}]", message)
        for number, row in enumerate(rows)
        for field, message in misfits(fields, row, needed)
    ]
