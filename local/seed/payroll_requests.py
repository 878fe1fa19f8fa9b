"""Delft Techniek's requests: each of the ten types, what was processed before, and what can not go."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from .payroll_cards import card, gross
from .payroll_newcomers import CONCEPT, FOUR_WEEKLY, RAISE, REHIRE
from .payroll_people import PEOPLE, Colleague
from .payroll_periods import four_weeks
from .state import Row, State

OVERTIME, OVERTIME_200 = "Uren ovw 150% (overwerk)", "Uren ovw 200% (overwerk)"
MILEAGE, MILEAGE_TAXED = "KM.vergoed.onb (bedrag per eenheid)", "KM.belast (eenheden)"
# Code, words, and component as somebody typed it into free text field 1.
ITEMS = (
    ("OVW150", "Overtime 150 %", OVERTIME),
    ("OVW200", "Overtime 200 %", f"{OVERTIME_200} "),
    ("OVW999", "Overtime of a former agreement", "Uren ovw 999%"),
    ("OVWNEW", "Overtime, not set up yet", None),
    ("KMVERG", "Mileage, untaxed", MILEAGE),
    ("KMBEL", "Mileage, taxed", MILEAGE_TAXED),
    ("PHONE", "Telephone", "TELEFOON"),
    ("SHIFT", "Shift allowance", "PLOEGENTOESLAG"),
    ("LEASE", "Lease of a car", "4100"),
    ("TOOLS", "Tools", "4300"),
)
# Component, unit and kind of what can be put in, beside what pay is made of.
INPUTS = (
    ("Uren gewerkt (uren)", "uren", "variableInput"),
    ("Uren ziek (uren)", "uren", "variableInput"),
    ("Uren nsup ziek (uren)", "uren", "variableInput"),
    ("Wachturen ziek (uren)", "uren", "variableInput"),
    ("Uren onb.verz (uren)", "uren", "variableInput"),
    (OVERTIME, "uren", "variableInput"),
    (OVERTIME_200, "uren", "variableInput"),
    (MILEAGE, "bedrag per eenheid", "variableInput"),
    (MILEAGE_TAXED, "eenheden", "variableInput"),
    ("4100", "bedrag", "netDeduction"),
    ("4300", "bedrag", "grossDeduction"),
)
TYPES = {
    "GROSSWAGE": "Gross wage",
    "NETSUR": "Net surcharges",
    "GROSSSUR": "Gross surcharges",
    "NETDED": "Net deductions",
    "GROSSDED": "Gross deductions",
    "SICK": "Sick information",
    "HOURS": "Realised hours",
    "UNPAID": "Unpaid leave hours",
    "OVERTIME": "Overtime",
    "MILEAGE": "Mileage compensation",
}
# A type that payroll has no part in: it is never processed.
TRAINING = "TRAINING"
NO_UNITS, REOPENED, LEASED, RAISED = 2033, 2022, 2011, 2007
_FIRST_WAGE = 80_000


def synergy_requests(today: date) -> list[Row]:
    """Wages of everybody who has one, and the month's own requests."""
    wages = [
        _request(_FIRST_WAGE + who.id, "GROSSWAGE", "Processed", who.id, start, Amount=str(gross(who)))
        for who, start in _waged()
    ]
    rows = [*wages, *_lasting(today), *_of_the_month(today), *_that_can_not_go(today)]
    stamp = {"ModifiedDate": f"{today - timedelta(days=1)}T16:10:00"}
    return [{**row, **stamp} for row in sorted(rows, key=lambda row: row["HID"])]


def payments() -> list[Row]:
    """What Payroll Plus has of wages and deductions that were processed."""
    rows = [
        _payment(who.id, "basicWage", "BASIC", gross(who), start, _FIRST_WAGE + who.id)
        for who, start in _waged()
    ]
    return [
        *rows,
        _payment(RAISE, "basicWage", "BASIC", "3500.00", date(2018, 8, 1), 90_001),
        _payment(LEASED, "netDeduction", "4100", "275.00", date(2024, 1, 1), 91_005),
    ]


def variable_inputs(today: date) -> list[Row]:
    """The overtime that was sent before its request was opened again."""
    first = today.replace(day=1)
    return [
        {
            "employeeId": str(REOPENED),
            "component": OVERTIME,
            "prPeriod": f"{today:%Y-%m}",
            "value": "6.50",
            "paySlip": "Normale strook",
            "devidingUnit": "Delft",
            "shift": "D1",
            "startDate": str(first + timedelta(days=1)),
            "endDate": str(first + timedelta(days=3)),
            "sourceRef": "ESE-91017",
        }
    ]


def request_state(today: date) -> State:
    """Requests with their types and items, as Exact Synergy has them."""
    return {
        "Request": synergy_requests(today),
        "Item": [
            {"ItemCode": code, "Description": words, "TextFreeField1": component}
            for code, words, component in sorted(ITEMS)
        ],
        "RequestType": [
            {
                "Code": code,
                "Description": words,
                "HasRealise": True,
                "HasProcess": code != TRAINING,
                "PersonField": "All",
            }
            for code, words in sorted({**TYPES, TRAINING: "Training"}.items())
        ],
    }


def _waged() -> list[tuple[Colleague, date]]:
    return [(who, card(who).started) for who in PEOPLE if who.type == "E"]


def _lasting(today: date) -> list[Row]:
    """Requests that hold until further notice; a new one ends the one before."""
    first, year_end = today.replace(day=1), today.replace(month=12, day=31)
    return [
        _request(90_001, "GROSSWAGE", "Processed", RAISE, date(2018, 8, 1), Amount="3500.00"),
        _request(90_044, "GROSSWAGE", "Realised", RAISE, date(2018, 10, 1), Amount="3650.00"),
        _request(91_001, "GROSSWAGE", "Realised", RAISED, first, Amount="4875.00"),
        _request(91_002, "NETSUR", "Realised", 2008, first, ItemCode="PHONE", Amount="15.00"),
        _request(91_003, "GROSSSUR", "Realised", 2009, first, ItemCode="SHIFT", Amount="120.00"),
        _request(91_004, "NETDED", "Realised", 2010, first, ItemCode="LEASE", Amount="250.00"),
        _request(91_005, "NETDED", "Processed", LEASED, date(2024, 1, 1), ItemCode="LEASE", Amount="275.00"),
        _request(91_006, "GROSSDED", "Realised", 2012, first, year_end, ItemCode="TOOLS", Amount="40.00"),
    ]


def _of_the_month(today: date) -> list[Row]:
    """Requests of the open period."""
    day = _days_of(today)
    week = four_weeks(today)
    return [
        _request(
            91_007, "SICK", "Realised", 2013, day(3), day(4), NumberFreeField1=16.0, NumberFreeField2=2.0
        ),
        _request(91_009, "HOURS", "Realised", 2015, day(2), day(5), Quantity=30.5),
        _request(91_011, "UNPAID", "Realised", 2016, day(2), day(2), Quantity=8.0),
        _request(91_012, "UNPAID", "Realised", 2016, day(5), day(5), Quantity=4.0),
        _request(91_013, "OVERTIME", "Realised", 2017, day(2), day(4), ItemCode="OVW150", Quantity=6.5),
        _request(91_014, "OVERTIME", "Realised", 2019, day(3), day(3), ItemCode="OVW200", Quantity=0.25),
        _request(91_017, "OVERTIME", "Reopened", REOPENED, day(2), day(4), ItemCode="OVW150", Quantity=6.5),
        _request(91_018, "MILEAGE", "Realised", 2023, day(2), day(6), ItemCode="KMVERG", Amount="46.00"),
        _request(91_019, "MILEAGE", "Realised", 2023, day(2), day(6), ItemCode="KMBEL", Quantity=120.0),
        _request(
            91_022, "HOURS", "Realised", FOUR_WEEKLY, week[0], week[0] + timedelta(days=4), Quantity=32.0
        ),
        _request(91_028, "HOURS", "Realised", 2025, day(2), day(3), Quantity=12.0),
    ]


def _that_can_not_go(today: date) -> list[Row]:
    """Requests that wait for something, or that somebody has to mend."""
    day = _days_of(today)
    before = day(1) - timedelta(days=2)
    return [
        _request(91_008, "SICK", "Realised", 2014, before, day(2), NumberFreeField1=24.0),
        _request(91_010, "HOURS", "Realised", CONCEPT, day(2), day(4), Quantity=24.0),
        _request(91_015, "OVERTIME", "Realised", 2020, day(2), day(2), ItemCode="OVW999", Quantity=2.0),
        _request(91_016, "OVERTIME", "Realised", 2021, day(2), day(2), ItemCode="OVWNEW", Quantity=2.0),
        _request(91_020, "HOURS", "Realised", 2024, day(2), Quantity=8.0),
        _request(91_021, "OVERTIME", "Realised", NO_UNITS, day(2), day(2), ItemCode="OVW150", Quantity=1.0),
        _request(91_023, "TRAINING", "Realised", 2026, day(2), day(3), Quantity=16.0),
        _request(91_024, "HOURS", "Draft", 2027, day(2), day(3), Quantity=8.0),
        _request(91_025, "HOURS", "Approved", 2028, day(2), day(3), Quantity=8.0),
        _request(91_026, "GROSSWAGE", "Rejected", 2029, day(1), Amount="9999.00"),
        _request(91_027, "HOURS", "Realised", REHIRE, day(2), day(3), Quantity=8.0),
        _request(91_029, "HOURS", "Realised", 2031, before, before, Quantity=8.0),
    ]


def _days_of(today: date) -> Callable[[int], date]:
    return lambda number: today.replace(day=number)


def _request(
    number: int, kind: str, status: str, who: int, start: date, end: date | None = None, **more: Any
) -> Row:
    return {
        "HID": number,
        "RequestTypeCode": kind,
        "StatusCode": status,
        "ResourceID": who,
        "StartDate": f"{start}T00:00:00",
        "EndDate": f"{end}T00:00:00" if end else None,
        **more,
    }


def _payment(who: int, kind: str, component: str, amount: object, start: date, number: int) -> Row:
    return {
        "employeeId": str(who),
        "kind": kind,
        "component": component,
        "amount": str(amount),
        "startDate": str(start),
        "endDate": None,
        "sourceRef": f"ESE-{number}",
    }
