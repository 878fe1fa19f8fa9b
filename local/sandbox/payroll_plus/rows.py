"""The rows of Payroll Plus: their fields in the contract's order, and how a tester's are completed."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    INSTANT,
    KEY,
    NAME,
    TEXT,
    Fields,
    Kind,
    instant,
    like,
    one_of,
    or_null,
    record,
    that,
    whole,
    whole_text,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource, at_time
from local.sandbox.frame.room import Row

CONCEPT, CONVERTED = "Concept", "Converted"
_ZONE = ZoneInfo("Europe/Amsterdam")
_CSN = re.compile(r"\d{9}", re.ASCII)
_CSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def _passes_elfproef(digits: str) -> bool:
    """Whether nine digits can be a Dutch citizen's number."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _CSN_WEIGHTS, strict=True))
    return total % 11 == 0 and digits != "000000000"


MONEY = like('an amount as text with two decimals, such as "2541.17"', r"-?\d{1,9}\.\d{2}")
PERIOD = like("a payroll period such as 2026-01", r"\d{4}-\d{2}")
YEAR = whole_text(1900, 2099, "a year such as 2026")
# Of a period, and of its run.
STATUS = one_of("Open", "Processed", "Approved")
TYPE = one_of("Employee", "Student", "Contractor", "Temporary")
_MARITAL_STATUS = one_of(
    "Gescheiden",
    "Samenwonend",
    "Gehuwd",
    "Onbekend",
    "Geregistreerd partnerschap",
    "Ongehuwd",
    "Verweduwd",
)
_CSN_KIND = that(
    "nine digits that pass the elfproef",
    lambda value: isinstance(value, str) and _CSN.fullmatch(value) is not None and _passes_elfproef(value),
)


def _texts(names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), or_null(TEXT))


# What a person is written with, as an employee and as a concept employee.
PERSON: Fields = {
    "employeeId": KEY,
    **_texts("initials nickname"),
    "birthName": NAME,
    **_texts("prefix lastNamePartner prefixPartner"),
    "gender": or_null(one_of("M", "V", "O")),
    "dateOfBirth": or_null(DAY),
    **_texts("placeOfBirth email telephone mobile fax street houseNumber postalCode city"),
    "country": or_null(like("a country of two letters, such as NL", r"[A-Z]{2}")),
    "csn": or_null(_CSN_KIND),
    "nationality": or_null(TEXT),
    "maritalStatus": or_null(_MARITAL_STATUS),
    "dateOfDeath": or_null(DAY),
    "typeOfEmployee": TYPE,
    "fiscalDetails": or_null(record({"annualSalary": or_null(MONEY)})),
}
PERSON_NEEDED = ("birthName", "typeOfEmployee")
# A concept is not employed yet: it also says from when on it will be.
CONCEPT_PERSON: Fields = {**PERSON, "employed": or_null(DAY)}
# What may be changed of an employment.
EMPLOYMENT: Fields = {
    "employed": DAY,
    "termDate": or_null(DAY),
    "jobTitle": or_null(TEXT),
    "costCentre": or_null(TEXT),
    "typeOfEmployee": TYPE,
}


def today(now: datetime) -> str:
    """The day that it is in the Netherlands."""
    return str(now.astimezone(_ZONE).date())


def _employment(row: Row, reading: Reading) -> Row:
    """Of the type of its employee, where it names none."""
    employee = reading.store["employees"].get(row["employeeId"]) or {}
    return {"typeOfEmployee": employee.get("typeOfEmployee"), **row}


def _run(row: Row, reading: Reading) -> Row:
    """One that is processed was processed at some time, and one that is approved also approved."""
    processed = None if row["status"] == "Open" else reading.at
    approved = reading.at if row["status"] == "Approved" else None
    made = {"description": row["prPeriod"], "processedAt": processed, "approvedAt": approved}
    return {**made, **row}


def _report_row(row: Row, _: Reading) -> Row:
    return {"year": int(row["prPeriod"][:4]), "description": row["component"], **row}


EMPLOYER = Resource(
    "employer",
    "employerId",
    {"employerId": KEY, "employerName": NAME, "administratienummer": NAME, "accountActive": FLAG},
    defaults={
        "employerId": "emp-500",
        "employerName": "Acme BV",
        "administratienummer": "500",
        "accountActive": True,
    },
    single=True,
)
EMPLOYEES = Resource(
    "employees",
    "employeeId",
    {**PERSON, "modifiedAt": INSTANT},
    defaults={"typeOfEmployee": "Employee"},
    made=lambda row, reading: {"modifiedAt": reading.at, **row},
    moved={"modifiedAt": at_time(instant)},
    # Only a state says when an employee changed last.
    hidden=("modifiedAt",),
)
CONCEPTS = Resource(
    "conceptEmployees",
    "employeeId",
    {**CONCEPT_PERSON, "status": one_of(CONCEPT, CONVERTED)},
    defaults={"status": CONCEPT},
)
EMPLOYMENTS = Resource(
    "employments",
    ("employeeId", "payrollNoEE"),
    {
        "employeeId": KEY,
        "payrollNoEE": whole(1, 999_999, "a whole number, 1 or more"),
        **EMPLOYMENT,
    },
    needed=("employeeId", "payrollNoEE", "employed"),
    defaults={"termDate": None, "jobTitle": "", "costCentre": ""},
    made=_employment,
    refers={"employeeId": "employees"},
    group=("employeeId",),
    # On the wire it is in the path.
    hidden=("employeeId",),
)
# The periods of one employee; those that name none are of everybody who has none of their own.
PERIODS = Resource(
    "payrollPeriods",
    ("employeeId", "prPeriod"),
    {
        "employeeId": or_null(KEY),
        "prPeriod": PERIOD,
        "startDate": DAY,
        "endDate": DAY,
        "status": STATUS,
    },
    needed=("prPeriod", "startDate", "endDate", "status"),
    made=lambda row, _: {"employeeId": None, **row},
    order=("prPeriod",),
    group=("employeeId",),
    hidden=("employeeId",),
)
RUNS = Resource(
    "payrollRuns",
    "runId",
    {
        "runId": KEY,
        "prPeriod": PERIOD,
        "description": TEXT,
        "status": STATUS,
        "processedAt": or_null(INSTANT),
        "approvedAt": or_null(INSTANT),
    },
    needed=("runId", "prPeriod", "status"),
    made=_run,
    order=("prPeriod", "runId"),
)
_STANDARD = (
    ("Uren gewerkt (uren)", "uren"),
    ("Uren ziek (uren)", "uren"),
    ("Uren nsup ziek (uren)", "uren"),
    ("Wachturen ziek (uren)", "uren"),
    ("Uren onb.verz (uren)", "uren"),
    ("KM.vergoed.onb (bedrag per eenheid)", "bedrag per eenheid"),
    ("KM.belast (eenheden)", "eenheden"),
)
VARIABLE = "variableInput"
# Components of variable input that every employer has, listed or not.
STANDARD = frozenset(name for name, _ in _STANDARD)
COMPONENTS = Resource(
    "components",
    "component",
    {"component": NAME, "unit": TEXT, "kind": NAME},
    needed=("component", "unit", "kind"),
    usual=tuple({"component": name, "unit": unit, "kind": VARIABLE} for name, unit in _STANDARD),
)
# Someone may have the same component twice in a period: two bonuses, and so no field names a row.
REPORT = Resource(
    "componentReport",
    "row",
    {
        "row": whole(1),
        "employeeId": KEY,
        "year": whole(1900, 2099, "a year such as 2026"),
        "prPeriod": PERIOD,
        "component": NAME,
        "description": TEXT,
        "amount": MONEY,
    },
    needed=("employeeId", "prPeriod", "component", "amount"),
    made=_report_row,
    fresh=lambda number: number,
    order=("employeeId", "component", "row"),
    group=("year", "prPeriod"),
    hidden=("row",),
)
RESOURCES = (EMPLOYER, EMPLOYEES, CONCEPTS, EMPLOYMENTS, PERIODS, RUNS, COMPONENTS, REPORT)
