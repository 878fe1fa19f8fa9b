"""The rows of TimeWorksPlus: their fields in the contract's order, and how a tester's are completed."""

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    KEY,
    NAME,
    OBJECT,
    TEXT,
    Fields,
    Kind,
    is_day,
    is_instant,
    listed,
    misfit,
    one_of,
    or_null,
    record,
    that,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row

UP, DOWN, PUNCH = "AccrueUpScript", "AccrueDownScript", "PunchCategories"
RULES = (UP, DOWN, PUNCH)
PARTNER, SECRET = "9001", "timeworksplus-sandbox-secret"
_MOUNTAIN = ZoneInfo("America/Denver")
_CENT = Decimal("0.01")
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?", re.ASCII)
_USUAL_CATEGORIES = ("Sick", "Vacation")


def _number(value: Any) -> str:
    """With two decimals, half up."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return str(Decimal(value).quantize(_CENT, ROUND_HALF_UP))


def _hours(value: Any) -> str:
    """A state may also give hours as a number."""
    return _number(str(value) if type(value) in (int, float) else value)


def _id(value: Any) -> Any:
    """A state may also give an id as a number."""
    return KEY.take(str(value) if type(value) is int else value)


ID = Kind(KEY.words, _id)
NUMBER = Kind('a number as text, such as "24.5"', _number)
_BALANCE = Kind(f"{NUMBER.words}, or empty", lambda value: value if value == "" else _number(value))
MOMENT = that("a time such as 2025-12-22T09:10:00", lambda value: is_instant(f"{value}Z"))
NOW = that(
    "a day such as 2026-01-10, or a time of it such as 2026-01-10T18:00:00",
    lambda value: is_day(value) or MOMENT.accepts(value),
)
# What a row of a write has.
WRITTEN: Fields = {
    "id": KEY,
    "category": NAME,
    "value": NUMBER,
    "effective": DAY,
    "isHidden": FLAG,
    "expires": or_null(DAY),
}
WRITTEN_NEEDED = ("id", "category", "value", "effective")
_STATE_ROW = record({"EffectiveDate": DAY, "Variables": OBJECT}, ("EffectiveDate",))
# What is written of an employee.
EMPLOYEE: Fields = {
    "FirstName": TEXT,
    "MiddleName": TEXT,
    "LastName": TEXT,
    "Designation": TEXT,
    "Phone": TEXT,
    "Email": TEXT,
    "StartDate": or_null(DAY),
    "EndDate": or_null(DAY),
    "States": listed(_STATE_ROW),
}
_EMPTY = {name: "" for name, kind in EMPLOYEE.items() if kind is TEXT}


def employee(row: Row) -> Row:
    """A whole one; its second name is made of the others."""
    whole = {**_EMPTY, "StartDate": None, "EndDate": None, "States": [], **row}
    return {"Name2": f"{whole['LastName']}, {whole['FirstName']}".strip(", "), **whole}


def _of_site(row: Row, reading: Reading) -> None:
    """Sites come to be with their first row."""
    if row["siteId"] not in reading.store["sites"]:
        reading.store["sites"].put(_site({"siteId": row["siteId"]}, reading))


def _site(row: Row, _: Reading) -> Row:
    return {"Name": f"Site {row['siteId']}", "PartnerId": PARTNER, "Secret": SECRET, **row}


def _employee(row: Row, reading: Reading) -> Row:
    _of_site(row, reading)
    return employee({"StartDate": "2020-01-01", **row})


def _rule(row: Row, reading: Reading) -> Row:
    _of_site(row, reading)
    return {"Script": None if row["Name"] == PUNCH else "", **row}


def _period(row: Row, reading: Reading) -> Row:
    """What is accepted has been finalized; periods of a site share no day."""
    _of_site(row, reading)
    ends, accepted = row["EndDate"], row.get("IsAccepted", False)
    finalized = row.get("IsFinalized", accepted)
    if ends < row["BeginDate"]:
        raise misfit("EndDate", "must not lie before the BeginDate")
    if accepted and not finalized:
        raise misfit("IsAccepted", "can't be true of a period that is not finalized")
    for other in reading.store["payperiods"].of(row["siteId"]):
        apart = other["EndDate"] < row["BeginDate"] or ends < other["BeginDate"]
        if not apart and other["BeginDate"] != row["BeginDate"]:
            raise misfit("BeginDate", f"lies in the period {other['BeginDate']} to {other['EndDate']}")
    at = f"{date.fromisoformat(ends) + timedelta(days=1)}T09:10:00"
    made = {**row, "IsFinalized": finalized, "IsAccepted": accepted}
    made["FinalizedAt"] = (row.get("FinalizedAt") or at) if finalized else None
    # What was finalized once and is no more has been opened by somebody, if nothing else is said just now.
    opened = f"{present(reading.store, reading.now):%Y-%m-%dT%H:%M:%S}" if row.get("FinalizedAt") else None
    made["UnfinalizedAt"] = None if finalized else row.get("UnfinalizedAt") or opened
    return made


def _of_employee(row: Row, reading: Reading) -> Row:
    """Where a state names no employees at all, they come to be with their first row."""
    _of_site(row, reading)
    key = row["siteId"], row["EmployeeCode"]
    if key not in reading.store["employees"]:
        if "employees" in reading.given:
            raise misfit("EmployeeCode", f"{key[1]} is no row of employees of {key[0]}")
        person = _employee(dict(zip(("siteId", "EmployeeCode"), key, strict=True)), reading)
        reading.store["employees"].put(EMPLOYEES.in_order(person))
    return row


def complete_rules(reading: Reading) -> None:
    """Where a state names no rules, each site has all three, of the categories of its balances."""
    if "processingrules" in reading.given:
        return
    named: dict[str, set[str]] = {site["siteId"]: set() for site in reading.store["sites"].rows()}
    for row in reading.store["accruals"].rows():
        named[row["siteId"]].add(row["category"])
    for site, found in named.items():
        for name in RULES:
            row = {"siteId": site, "Name": name, "Categories": sorted(found or _USUAL_CATEGORIES)}
            reading.store["processingrules"].put(PROCESSING_RULES.in_order(_rule(row, reading)))


def present(store: Store, now: datetime) -> datetime:
    """What the sandbox takes for the present: the settings' day, or Mountain time."""
    told = store.one("settings")["now"]
    return datetime.fromisoformat(told) if told else now.astimezone(_MOUNTAIN).replace(tzinfo=None)


def categories(store: Store, site: str, rule: str) -> list[str]:
    """The categories of a rule; none without the rule."""
    row = store["processingrules"].get((site, rule))
    names: list[str] = row["Categories"] if row else []
    return names


PARTNERS = Resource(
    "partners",
    "PartnerId",
    {"PartnerId": ID, "Secret": NAME},
    defaults={"Secret": SECRET},
    usual=({"PartnerId": PARTNER, "Secret": SECRET},),
)
SITES = Resource(
    "sites",
    "siteId",
    {"siteId": ID, "Name": TEXT, "PartnerId": or_null(ID), "Secret": NAME},
    made=_site,
    usual=({"siteId": "51234", "Name": "ACME"}, {"siteId": "51235", "Name": "BETA"}),
)
# `now` is what the sandbox takes for the present, in Mountain time; null is the present. With `timePart` days
# of answers come with a time behind them.
SETTINGS = Resource(
    "settings",
    "now",
    {"now": or_null(NOW), "timePart": FLAG},
    defaults={"now": None, "timePart": False},
    single=True,
)
EMPLOYEES = Resource(
    "employees",
    ("siteId", "EmployeeCode"),
    {
        "siteId": ID,
        "EmployeeCode": KEY,
        **dict(list(EMPLOYEE.items())[:3]),
        "Name2": TEXT,
        **dict(list(EMPLOYEE.items())[3:]),
    },
    made=_employee,
    group=("siteId",),
    hidden=("siteId",),
)
PROCESSING_RULES = Resource(
    "processingrules",
    ("siteId", "Name"),
    {"siteId": ID, "Name": one_of(*RULES), "Script": or_null(TEXT), "Categories": listed(NAME)},
    defaults={"Categories": []},
    made=_rule,
    group=("siteId",),
    hidden=("siteId",),
)
# `UnfinalizedAt` is when a period was opened again, which the API does not show.
PAY_PERIODS = Resource(
    "payperiods",
    ("siteId", "BeginDate"),
    {
        "siteId": ID,
        "BeginDate": DAY,
        "EndDate": DAY,
        "IsFinalized": FLAG,
        "IsAccepted": FLAG,
        "FinalizedAt": or_null(MOMENT),
        "UnfinalizedAt": or_null(MOMENT),
    },
    needed=("siteId", "BeginDate", "EndDate"),
    made=_period,
    rank=None,
    group=("siteId",),
    hidden=("siteId", "UnfinalizedAt"),
)
# What a balance was set to, and as of when.
ACCRUALS = Resource(
    "accruals",
    ("siteId", "EmployeeCode", "category", "effective"),
    {
        "siteId": ID,
        "EmployeeCode": KEY,
        "category": NAME,
        "value": _BALANCE,
        "effective": DAY,
        "isHidden": FLAG,
        "expires": or_null(DAY),
        "notes": TEXT,
        "SavedBy": TEXT,
        "SavedFrom": TEXT,
    },
    needed=("siteId", "EmployeeCode", "category", "value", "effective"),
    defaults={"isHidden": False, "expires": None, "notes": "", "SavedBy": "integration", "SavedFrom": "API"},
    made=_of_employee,
    rank=None,
    group=("siteId", "EmployeeCode"),
)
# Hours used, as the time cards have them.
USAGE = Resource(
    "usage",
    "usageId",
    {
        "siteId": ID,
        "EmployeeCode": KEY,
        "category": NAME,
        "date": DAY,
        "hours": Kind("hours, such as 8 or 7.5", _hours),
        "usageId": ID,
    },
    needed=("siteId", "EmployeeCode", "category", "date", "hours"),
    made=_of_employee,
    fresh=lambda number: f"use-{number}",
    order=("date", "usageId"),
    rank=None,
    group=("siteId", "EmployeeCode"),
)
RESOURCES = (PARTNERS, SITES, SETTINGS, EMPLOYEES, PROCESSING_RULES, PAY_PERIODS, ACCRUALS, USAGE)
