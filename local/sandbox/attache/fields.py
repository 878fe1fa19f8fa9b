"""The fields of Attaché's rows, in the contract's order, and which values they take."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from local.sandbox.frame.room import Row

# What a field of the leave balances begins with is the income code of the leave table.
PREFIXES = ("AL", "SL", "LSL", "RDO", "STL")
_LARGEST = Decimal(10) ** 9
DECIMALS = 4
# The exponents of numbers that are written without one: 1e3 is kept as 1000.
_PLAIN = range(-DECIMALS, 1)
_DAY = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


@dataclass(frozen=True)
class Kind:
    """`words` end the message "must be …"; `read` gives the value as kept, or raises ValueError."""

    words: str
    read: Callable[[Any], Any]


def entitled(prefix: str) -> str:
    """The bulk field of what an employee is entitled to, in hours."""
    return f"{prefix}EntitleHourAcc"


def pro_rata(prefix: str) -> str:
    """The bulk field of what has built up towards the next entitlement, in hours."""
    return f"{prefix}ProRataHourAcc"


def decimals_of(number: Decimal) -> int:
    """How many digits stand after the point: two in 76.00."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _that(fits: Callable[[Any], object]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not fits(value):
            raise ValueError(value)
        return value

    return read


def _number(least: Decimal, most: Decimal) -> Callable[[Any], Decimal]:
    """A number from `least` to `most` with the digits that it was sent with, never by way of a float."""

    def read(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValueError(value)
        # Only a caller in the same process gives a float: its shortest text is what was meant.
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite() or decimals_of(number) > DECIMALS or not least <= number <= most:
            raise ValueError(value)
        return number if number.as_tuple().exponent in _PLAIN else number.quantize(Decimal(1))

    return read


def _read_day(value: Any) -> str:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(value)
    return date.fromisoformat(value).isoformat()


def _read_instant(value: Any) -> str:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError(value)
    datetime.fromisoformat(value)
    return value


def _read_expiries(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(value)
    return {token: _read_instant(until) for token, until in value.items()}


def _one_of(*values: str) -> Kind:
    return Kind(f"one of {', '.join(values)}", _that(lambda value: value in values))


def _or_null(kind: Kind) -> Kind:
    return Kind(f"{kind.words}, or null", lambda value: None if value is None else kind.read(value))


TEXT = Kind("a text", _that(lambda value: isinstance(value, str)))
NAME = Kind("a text that is not blank", _that(lambda value: isinstance(value, str) and value.strip()))
CODE = Kind(
    "a text that is not blank and has no slash",
    _that(lambda value: isinstance(value, str) and value.strip() and "/" not in value),
)
FLAG = Kind("true or false", _that(lambda value: isinstance(value, bool)))
DAY = Kind("a date such as 2026-01-05", _read_day)
INSTANT = Kind("a time such as 2026-01-05T03:12:00Z", _read_instant)
AMOUNT = Kind("a number with at most four decimals", _number(-_LARGEST, _LARGEST))
HOURS = Kind("a number from 0 to 24 with at most four decimals", _number(Decimal(0), Decimal(24)))
WEEK = Kind("a number from 0 to 7 with at most four decimals", _number(Decimal(0), Decimal(7)))
COUNTRY = _one_of("Australia", "New Zealand")

ORGANISATION: Mapping[str, Kind] = {"OrganisationId": CODE, "OrganisationName": NAME, "Country": COUNTRY}
EMPLOYEE: Mapping[str, Kind] = {
    "EmployeeCode": CODE,
    "FullName": NAME,
    "AOemail": _or_null(TEXT),
    "EnableAttacheOnline": FLAG,
    "Location": TEXT,
    "State": TEXT,
    "Country": COUNTRY,
    "HourPerDay": HOURS,
    "TerminationDate": _or_null(DAY),
    "ModifiedAt": INSTANT,
}
BALANCE: Mapping[str, Kind] = {
    "EmployeeCode": CODE,
    "LeaveAccrueTo": DAY,
    **{name(prefix): AMOUNT for prefix in PREFIXES for name in (entitled, pro_rata)},
    "ModifiedAt": INSTANT,
}
LEAVE: Mapping[str, Kind] = {
    "IncomeCode": CODE,
    "Description": TEXT,
    "LeaveAccruedUpToAndIncluding": DAY,
    "LeaveStartDate": DAY,
    "LastEntitlementDate": DAY,
    "EntitlementOwing": AMOUNT,
    "ProRataOwing": AMOUNT,
    "ContingentOwing": AMOUNT,
    "HoursPerDay": HOURS,
    "DaysPerWeek": WEEK,
    "DisplayIn": _one_of("Days", "Hours"),
    "ProRataApplicable": FLAG,
    "CalculateBy": _one_of("Date", "Hour", "Pay"),
    "ModifiedAt": INSTANT,
}
HISTORY: Mapping[str, Kind] = {
    "IncomeCode": CODE,
    "ChangedAt": INSTANT,
    "OldEntitlementOwing": AMOUNT,
    "NewEntitlementOwing": AMOUNT,
    "Comment": NAME,
    "User": NAME,
}
TOKEN: Mapping[str, Kind] = {
    "refresh_token": NAME,
    "organisation_id": CODE,
    "access_tokens": Kind("an object of tokens and the times at which they end", _read_expiries),
}


def read_row(
    fields: Mapping[str, Kind], row: Any, needed: Iterable[str] = ()
) -> tuple[Row, list[tuple[str, str]]]:
    """The row as it is kept, and field and message of whatever does not fit."""
    if not isinstance(row, dict):
        return {}, [("", "an object is needed")]
    found = [(name, "is required") for name in needed if name not in row]
    read: Row = {}
    for name, value in row.items():
        kind = fields.get(name)
        if kind is None:
            found.append((str(name), f"unknown field; known are {', '.join(fields)}"))
            continue
        try:
            read[name] = kind.read(value)
        except ValueError:
            found.append((name, f"must be {kind.words}"))
    return read, found
