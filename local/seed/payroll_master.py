"""What Exact Payroll Plus has of Delft Techniek's people: who they are, where and when they work."""

from datetime import date, datetime
from typing import Any

from .payroll_cards import card
from .payroll_newcomers import FOUR_WEEKLY, Newcomer, newcomers
from .payroll_people import ONLY_IN_PAYROLL, PEOPLE, Colleague
from .payroll_periods import four_weekly, monthly
from .payroll_requests import NO_UNITS
from .state import Row, State
from .synergy import left_on, newcomer, resource

TYPES = {"E": "Employee", "C": "Contractor", "S": "Student", "T": "Temporary"}
# Who has moved, and whose address payroll does not know yet; who has a new number.
MOVED, NEW_MOBILE = 2011, 2023
_MARRIED = {"M": "Gehuwd", "S": "Ongehuwd"}
_MONTHLY_UNITS = ("Delft", "Breda")


def employees(today: date) -> list[Row]:
    """Everybody who is paid: all but two as Exact Synergy has them."""
    rows = [_person(person, resource(person, today)) for person in _paid()]
    rows += [_person(one.person, newcomer(one, today)) for one in _of(today, "employee")]
    changed = f"{today.year - 1}-11-03T09:15:00Z"
    return [{**row, **_behind(row), "modifiedAt": changed} for row in rows]


def concepts(today: date) -> list[Row]:
    """Who has been sent and is not an employee yet."""
    return [
        {
            **_person(one.person, newcomer(one, today)),
            "employed": str(one.contracts[0][0]),
            "status": "Concept",
        }
        for one in _of(today, "concept")
    ]


def employments(today: date) -> list[Row]:
    """One for each contract; new ends have not been sent."""
    rows = [_employment(person, 1, card(person).started, left_on(person, today)) for person in _paid()]
    for one in _of(today, "employee"):
        spans = one.employments or one.contracts
        rows += [_employment(one.person, number, start, end) for number, (start, end) in enumerate(spans, 1)]
    return rows


def places(today: date) -> State:
    """Where people work, when they are paid, and on which account."""
    people = [*_paid(), *(one.person for one in _of(today, "employee"))]
    return {
        "organizationalEntities": [
            {"employeeId": str(person.id), "devidingUnit": unit}
            for person in people
            if person.id != NO_UNITS
            for unit in _MONTHLY_UNITS
        ],
        "workDetails": [
            {"employeeId": str(person.id), "shift": "D1", "hoursPerWeek": _hours(person)} for person in people
        ],
        "payrollPeriods": [
            {"employeeId": str(person.id), **row}
            for person in people
            for row in (four_weekly(today) if person.id == FOUR_WEEKLY else monthly(today))
        ],
        "sepaBankPayments": [_account(person, resource(person, today)) for person in _paid()]
        + [_new_account(one, today) for one in _of(today, "employee")],
    }


def _paid() -> tuple[Colleague, ...]:
    return (*PEOPLE, ONLY_IN_PAYROLL)


def _of(today: date, payroll: str) -> list[Newcomer]:
    return [one for one in newcomers(today) if one.payroll == payroll]


def _person(person: Colleague, there: Row) -> Row:
    """A card of Exact Synergy, as it was sent."""
    partner = there["MaidenName"] is not None
    row: Row = {
        "employeeId": str(person.id),
        "initials": there["Initials"],
        "nickname": there["FirstName"],
        "birthName": there["MaidenName"] if partner else there["LastName"],
        "prefix": there["BirthPrefix"] if partner else there["MiddleName"],
        **_partner(there, partner),
        "gender": there["Gender"] or "O",
        "dateOfBirth": _day(there["BirthDate"]),
        "placeOfBirth": there["BirthPlace"],
        "email": there["Email"],
        "mobile": there["Mobile"],
        "street": there["AddressLine1"],
        "houseNumber": there["AddressHouseNumber"],
        "postalCode": there["PostCode"],
        "city": there["City"],
        "country": there["CountryCode"],
        "csn": there["SocialSecurityNumber"],
        "nationality": there["Nationality"],
        "maritalStatus": _MARRIED[there["MaritalStatus"]],
        "typeOfEmployee": TYPES[person.type],
    }
    if person.type == "E":
        row["fiscalDetails"] = {"annualSalary": there["AnnualSalary"]}
    return row


def _partner(there: Row, partner: bool) -> dict[str, Any]:
    if not partner:
        return {}
    return {"lastNamePartner": there["LastName"], "prefixPartner": there["MiddleName"]}


def _behind(row: Row) -> Row:
    """What Exact Synergy has changed since."""
    changes: dict[str, Row] = {
        str(MOVED): {"street": "Koornmarkt", "houseNumber": "12", "postalCode": "2611EB"},
        str(NEW_MOBILE): {"mobile": "0610000001"},
    }
    return changes.get(row["employeeId"], {})


def _employment(person: Colleague, number: int, start: date, end: date | None) -> Row:
    facts = card(person)
    return {
        "employeeId": str(person.id),
        "payrollNoEE": number,
        "employed": str(start),
        "termDate": str(end) if end else None,
        "jobTitle": facts.title,
        "costCentre": facts.cost_centre,
        "typeOfEmployee": TYPES[person.type],
    }


def _account(person: Colleague, there: Row) -> Row:
    return {
        "employeeId": str(person.id),
        "component": "NETTOLOON",
        "iban": card(person).iban,
        "visibleOnPaySlip": True,
        "beneficiary": there["FullName"],
        "city": there["City"],
        "description1": "",
        "description2": "",
    }


def _new_account(one: Newcomer, today: date) -> Row:
    row, odd = _account(one.person, newcomer(one, today)), one.account or {}
    iban = odd.get("IBAN", row["iban"]).replace(" ", "").upper()
    return {**row, "iban": iban, **({"bic": odd["BIC"]} if "BIC" in odd else {})}


def _hours(person: Colleague) -> str:
    return "16.00" if person.type == "S" else "38.00"


def _day(midnight: str) -> str:
    return str(datetime.fromisoformat(midnight).date())
