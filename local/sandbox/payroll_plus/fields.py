"""The fields of Payroll Plus's rows, in the contract's order, and which values they take."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

TYPES_OF_EMPLOYEE = ("Employee", "Student", "Contractor", "Temporary")
GENDERS = ("M", "V")
# Of a period, and of its run.
STATUSES = ("Open", "Processed", "Approved")
CONCEPT, CONVERTED = "Concept", "Converted"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_MONEY = re.compile(r"-?\d{1,9}\.\d{2}", re.ASCII)
_PERIOD = re.compile(r"\d{4}-\d{2}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
_CSN = re.compile(r"\d{9}", re.ASCII)
_CSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


@dataclass(frozen=True)
class Kind:
    """`words` end the message "must be …"."""

    words: str
    accepts: Callable[[Any], bool]


def instant(moment: datetime) -> str:
    """`2026-01-23T18:02:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def passes_elfproef(digits: str) -> bool:
    """Whether nine digits can be a Dutch citizen's number."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _CSN_WEIGHTS, strict=True))
    return total % 11 == 0 and digits != "000000000"


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


def _is_csn(value: object) -> bool:
    return isinstance(value, str) and _CSN.fullmatch(value) is not None and passes_elfproef(value)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _like(words: str, pattern: re.Pattern[str]) -> Kind:
    return Kind(words, lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None)


def _one_of(*values: str) -> Kind:
    return Kind(f"one of {', '.join(values)}", values.__contains__)


def _or_null(kind: Kind) -> Kind:
    return Kind(f"{kind.words}, or null", lambda value: value is None or kind.accepts(value))


TEXT = Kind("a text", lambda value: isinstance(value, str))
NAME = Kind("a text that is not blank", lambda value: isinstance(value, str) and bool(value.strip()))
KEY = Kind(
    "a text that is not blank and has no slash",
    lambda value: isinstance(value, str) and bool(value.strip()) and "/" not in value,
)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
OBJECT = Kind("an object", lambda value: isinstance(value, dict))
NUMBER = Kind("a whole number, 1 or more", lambda value: _is_whole(value, 1, 999_999))
YEAR = Kind("a year such as 2026", lambda value: _is_whole(value, 1900, 2099))
DAY = Kind("a date such as 2026-01-31", _is_day)
INSTANT = Kind("a time such as 2026-01-23T18:02:00Z", _is_instant)
PERIOD = _like("a payroll period such as 2026-01", _PERIOD)
MONEY = _like('an amount as text with two decimals, such as "2541.17"', _MONEY)
COUNTRY = _like("a country of two letters, such as NL", _COUNTRY)
CSN = Kind("nine digits that pass the elfproef", _is_csn)
STATUS = _one_of(*STATUSES)
TYPE_OF_EMPLOYEE = _one_of(*TYPES_OF_EMPLOYEE)

EMPLOYER: Mapping[str, Kind] = {
    "employerId": KEY,
    "employerName": NAME,
    "administratienummer": NAME,
    "accountActive": FLAG,
}
# What a person is written with, as an employee and as a concept employee.
PERSON: Mapping[str, Kind] = {
    "employeeId": KEY,
    "initials": _or_null(TEXT),
    "nickname": _or_null(TEXT),
    "birthName": NAME,
    "prefix": _or_null(TEXT),
    "lastNamePartner": _or_null(TEXT),
    "prefixPartner": _or_null(TEXT),
    "gender": _or_null(_one_of(*GENDERS)),
    "dateOfBirth": _or_null(DAY),
    "placeOfBirth": _or_null(TEXT),
    "email": _or_null(TEXT),
    "telephone": _or_null(TEXT),
    "mobile": _or_null(TEXT),
    "fax": _or_null(TEXT),
    "street": _or_null(TEXT),
    "houseNumber": _or_null(TEXT),
    "postalCode": _or_null(TEXT),
    "city": _or_null(TEXT),
    "country": _or_null(COUNTRY),
    "csn": _or_null(CSN),
    "nationality": _or_null(TEXT),
    "maritalStatus": _or_null(TEXT),
    "dateOfDeath": _or_null(DAY),
    "typeOfEmployee": TYPE_OF_EMPLOYEE,
    "fiscalDetails": _or_null(OBJECT),
}
PERSON_NEEDED = ("birthName", "typeOfEmployee")
FISCAL_DETAILS: Mapping[str, Kind] = {"annualSalary": _or_null(MONEY)}
# Only a state says when an employee changed last.
EMPLOYEE: Mapping[str, Kind] = {**PERSON, "modifiedAt": INSTANT}
CONCEPT_EMPLOYEE: Mapping[str, Kind] = {**PERSON, "status": _one_of(CONCEPT, CONVERTED)}
# Only a state says whose an employment is: on the wire that is in the path.
EMPLOYMENT: Mapping[str, Kind] = {
    "employeeId": KEY,
    "payrollNoEE": NUMBER,
    "employed": DAY,
    "termDate": _or_null(DAY),
    "jobTitle": TEXT,
    "costCentre": TEXT,
    "typeOfEmployee": TYPE_OF_EMPLOYEE,
}
PAYROLL_PERIOD: Mapping[str, Kind] = {
    "prPeriod": PERIOD,
    "startDate": DAY,
    "endDate": DAY,
    "status": STATUS,
}
PAYROLL_RUN: Mapping[str, Kind] = {
    "runId": KEY,
    "prPeriod": PERIOD,
    "description": TEXT,
    "status": STATUS,
    "processedAt": _or_null(INSTANT),
    "approvedAt": _or_null(INSTANT),
}
COMPONENT: Mapping[str, Kind] = {"component": NAME, "unit": TEXT, "kind": NAME}
REPORT_ROW: Mapping[str, Kind] = {
    "employeeId": KEY,
    "year": YEAR,
    "prPeriod": PERIOD,
    "component": NAME,
    "description": TEXT,
    "amount": MONEY,
}


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


def person_misfits(
    fields: Mapping[str, Kind], row: Any, needed: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """The same for a person, whose fiscal details are an object of their own."""
    found = misfits(fields, row, needed)
    details = row.get("fiscalDetails") if isinstance(row, dict) else None
    if isinstance(details, dict):
        found += [(f"fiscalDetails.{name}", said) for name, said in misfits(FISCAL_DETAILS, details)]
    return found
