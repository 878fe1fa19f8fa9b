"""The fields of Payroll Plus's rows, in the contract's order, and which values they take."""

import re
from collections.abc import Mapping
from typing import Any

from local.sandbox.frame.kinds import (
    FLAG,
    NAME,
    TEXT,
    Kind,
    is_day,
    is_instant,
    like,
    misfits,
    one_of,
    or_null,
)

TYPES_OF_EMPLOYEE = ("Employee", "Student", "Contractor", "Temporary")
GENDERS = ("M", "V")
# Of a period, and of its run.
STATUSES = ("Open", "Processed", "Approved")
CONCEPT, CONVERTED = "Concept", "Converted"
_MONEY = re.compile(r"-?\d{1,9}\.\d{2}", re.ASCII)
_PERIOD = re.compile(r"\d{4}-\d{2}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
_CSN = re.compile(r"\d{9}", re.ASCII)
_CSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def passes_elfproef(digits: str) -> bool:
    """Whether nine digits can be a Dutch citizen's number."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _CSN_WEIGHTS, strict=True))
    return total % 11 == 0 and digits != "000000000"


def _is_csn(value: object) -> bool:
    return isinstance(value, str) and _CSN.fullmatch(value) is not None and passes_elfproef(value)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


KEY = Kind(
    "a text that is not blank and has no slash",
    lambda value: isinstance(value, str) and bool(value.strip()) and "/" not in value,
)
OBJECT = Kind("an object", lambda value: isinstance(value, dict))
NUMBER = Kind("a whole number, 1 or more", lambda value: _is_whole(value, 1, 999_999))
YEAR = Kind("a year such as 2026", lambda value: _is_whole(value, 1900, 2099))
DAY = Kind("a date such as 2026-01-31", is_day)
INSTANT = Kind("a time such as 2026-01-23T18:02:00Z", is_instant)
PERIOD = like("a payroll period such as 2026-01", _PERIOD)
MONEY = like('an amount as text with two decimals, such as "2541.17"', _MONEY)
COUNTRY = like("a country of two letters, such as NL", _COUNTRY)
CSN = Kind("nine digits that pass the elfproef", _is_csn)
STATUS = one_of(*STATUSES)
TYPE_OF_EMPLOYEE = one_of(*TYPES_OF_EMPLOYEE)

EMPLOYER: Mapping[str, Kind] = {
    "employerId": KEY,
    "employerName": NAME,
    "administratienummer": NAME,
    "accountActive": FLAG,
}
# What a person is written with, as an employee and as a concept employee.
PERSON: Mapping[str, Kind] = {
    "employeeId": KEY,
    "initials": or_null(TEXT),
    "nickname": or_null(TEXT),
    "birthName": NAME,
    "prefix": or_null(TEXT),
    "lastNamePartner": or_null(TEXT),
    "prefixPartner": or_null(TEXT),
    "gender": or_null(one_of(*GENDERS)),
    "dateOfBirth": or_null(DAY),
    "placeOfBirth": or_null(TEXT),
    "email": or_null(TEXT),
    "telephone": or_null(TEXT),
    "mobile": or_null(TEXT),
    "fax": or_null(TEXT),
    "street": or_null(TEXT),
    "houseNumber": or_null(TEXT),
    "postalCode": or_null(TEXT),
    "city": or_null(TEXT),
    "country": or_null(COUNTRY),
    "csn": or_null(CSN),
    "nationality": or_null(TEXT),
    "maritalStatus": or_null(TEXT),
    "dateOfDeath": or_null(DAY),
    "typeOfEmployee": TYPE_OF_EMPLOYEE,
    "fiscalDetails": or_null(OBJECT),
}
PERSON_NEEDED = ("birthName", "typeOfEmployee")
FISCAL_DETAILS: Mapping[str, Kind] = {"annualSalary": or_null(MONEY)}
# Only a state says when an employee changed last.
EMPLOYEE: Mapping[str, Kind] = {**PERSON, "modifiedAt": INSTANT}
CONCEPT_EMPLOYEE: Mapping[str, Kind] = {**PERSON, "status": one_of(CONCEPT, CONVERTED)}
# Only a state says whose an employment is: on the wire that is in the path.
EMPLOYMENT: Mapping[str, Kind] = {
    "employeeId": KEY,
    "payrollNoEE": NUMBER,
    "employed": DAY,
    "termDate": or_null(DAY),
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
    "processedAt": or_null(INSTANT),
    "approvedAt": or_null(INSTANT),
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


def person_misfits(
    fields: Mapping[str, Kind], row: Any, needed: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """The same for a person, whose fiscal details are an object of their own."""
    found = misfits(fields, row, needed)
    details = row.get("fiscalDetails") if isinstance(row, dict) else None
    if isinstance(details, dict):
        found += [(f"fiscalDetails.{name}", said) for name, said in misfits(FISCAL_DETAILS, details)]
    return found
