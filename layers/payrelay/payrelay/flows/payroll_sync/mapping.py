"""The person card in Exact Synergy to the personal details in Exact Payroll Plus: one table (PE-4, PE-6).

From it the docs are made. What this user may not see of a card is UNSET: nothing is said of it, and what
Payroll Plus has of it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from msgspec import UNSET, Struct

from payrelay.domain.records import Risk
from payrelay.domain.sensitive import Secret, SocialSecurityNumber
from payrelay.domain.spelling import seen, trimmed
from payrelay.flows.payroll_sync.rules import (
    EMPLOYEE,
    GENDERS,
    MARITAL_STATUSES,
    TYPES,
    Names,
    names,
    social_security,
)
from payrelay.systems.payroll_plus.employees import Employee
from payrelay.systems.synergy.cards import Card


class ValueProblem(ValueError):
    """A value of the card that Payroll Plus has no form for: a reason's code and what it names."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Field(Struct, frozen=True, eq=False):
    """One row: what the card says (`wanted`), and what Payroll Plus holds of it (`held`).

    `name` is the member of Payroll Plus' employee; `risk` is what the brake sees in a change, `clears` what
    it sees in a change to blank; of what is `private` only that it changed is shown.
    """

    source: str
    screen: str
    name: str
    conversion: str
    wanted: Callable[[Card], Any]
    held: Callable[[Employee], Any]
    risk: Risk | None = None
    clears: Risk | None = None
    private: bool = False


def text(value: Any) -> Any:
    """A text without blanks around it; None where it is empty, UNSET where it can't be seen."""
    if value is None or value is UNSET:
        return value
    return trimmed(value) or None


def _plain(name: str) -> Callable[[Card], Any]:
    read = attrgetter(name)
    return lambda card: text(read(card))


def _names(card: Card) -> Names | None:
    """The parts of the name; None where one of them can't be seen."""
    parts = [
        text(value)
        for value in (card.first_name, card.middle_name, card.last_name, card.birth_prefix, card.maiden_name)
    ]
    return None if any(part is UNSET for part in parts) else names(*(part or "" for part in parts))


def _name(part: str) -> Callable[[Card], Any]:
    def read(card: Card) -> Any:
        found = _names(card)
        return UNSET if found is None else getattr(found, part) or None

    return read


def _coded(name: str, field: str, words: Mapping[str, str], blank: str | None) -> Callable[[Card], Any]:
    read = attrgetter(name)

    def wanted(card: Card) -> Any:
        value = text(read(card))
        if value is UNSET:
            return UNSET
        if value is None:
            return blank
        if value not in words:
            raise ValueProblem("CODE_UNKNOWN", field=field, value=value)
        return words[value]

    return wanted


def national(card: Card) -> Any:
    """The social security number with nine digits; UNSET where it can't be seen."""
    number = card.social_security
    if not isinstance(number, SocialSecurityNumber):
        return number
    found = social_security(number.reveal())
    if found is None and trimmed(number.reveal()):
        raise ValueProblem(
            "VALUE_NOT_VALID", field="Social security no.", problem="is no BSN of nine digits (elfproef)"
        )
    return SocialSecurityNumber(found) if found else None


def _salary(card: Card) -> Any:
    """Of employees only: whoever is none has no annual salary in payroll (PE-4)."""
    salary = card.annual_salary if card.employee_type == EMPLOYEE else None
    return Secret(salary.reveal()) if isinstance(salary, Secret) else salary


def _fiscal(employee: Employee) -> Secret | None:
    return employee.fiscal_details.annual_salary if employee.fiscal_details else None


def _day(name: str) -> Callable[[Card], Any]:
    read = attrgetter(name)

    def wanted(card: Card) -> Any:
        value = read(card)
        return value.isoformat() if value else value

    return wanted


def _held_day(name: str) -> Callable[[Employee], Any]:
    read = attrgetter(name)

    def held(employee: Employee) -> Any:
        value = read(employee)
        return value.isoformat() if value else None

    return held


def _same(source: str, screen: str, name: str, wanted: str, held: str) -> Field:
    read = attrgetter(held)
    return Field(source, screen, name, AS_IT_STANDS, _plain(wanted), lambda one: text(read(one)))


def _part(source: str, screen: str, name: str, part: str) -> Field:
    read = attrgetter(part)
    with_partner = "with a maiden name: see the table of names"
    return Field(source, screen, name, with_partner, _name(part), lambda one: text(read(one)))


AS_IT_STANDS = "as it stands"
SALARY = "fiscalDetails.annualSalary"

FIELDS: tuple[Field, ...] = (
    _same("Initials", "Initials", "initials", "initials", "initials"),
    _part("First name", "Nickname", "nickname", "nickname"),
    _part("Last name, Maiden name", "Birth name", "birthName", "birth_name"),
    _part("Middle name, Prefix", "Prefix", "prefix", "prefix"),
    _part("Last name", "Last name partner", "lastNamePartner", "last_name_partner"),
    _part("Middle name", "Prefix partner", "prefixPartner", "prefix_partner"),
    Field(
        "Gender",
        "Gender",
        "gender",
        "M, V; blank is O",
        _coded("gender", "Gender", GENDERS, "O"),
        lambda one: text(one.gender),
    ),
    Field(
        "Date of birth",
        "Date of birth",
        "dateOfBirth",
        "the day",
        _day("birth_date"),
        _held_day("date_of_birth"),
        private=True,
    ),
    _same("Place of birth", "Place of birth", "placeOfBirth", "birth_place", "place_of_birth"),
    _same("E-Mail", "Email", "email", "email", "email"),
    _same("Phone", "Telephone", "telephone", "phone", "telephone"),
    _same("Mobile", "Mobile", "mobile", "mobile", "mobile"),
    _same("Fax", "Fax", "fax", "fax", "fax"),
    _same("Address", "Street", "street", "street", "street"),
    _same("Number", "No.", "houseNumber", "house_number", "house_number"),
    _same("Postcode", "Postal code", "postalCode", "post_code", "postal_code"),
    _same("City", "City", "city", "city", "city"),
    _same("Country", "Country", "country", "country", "country"),
    Field(
        "Social security no.",
        "CSN/SSN",
        "csn",
        "nine digits, with the zero in front that got lost",
        national,
        lambda one: one.csn or None,
    ),
    _same("Nationality", "Nationality", "nationality", "nationality", "nationality"),
    Field(
        "Marital status",
        "Marital status",
        "maritalStatus",
        "the word of the code",
        _coded("marital_status", "Marital status", MARITAL_STATUSES, None),
        lambda one: text(one.marital_status),
    ),
    Field(
        "Date of death",
        "Date of death",
        "dateOfDeath",
        "the day",
        _day("date_of_death"),
        _held_day("date_of_death"),
        risk=Risk.END,
    ),
    Field(
        "Type",
        "Type of employee",
        "typeOfEmployee",
        "Employee, Student, Contractor, Temporary",
        _coded("employee_type", "Type", TYPES, None),
        lambda one: text(one.type_of_employee),
        risk=Risk.EMPLOYMENT,
    ),
    Field(
        "Annual salary",
        "Payroll, Fiscal details, Annual salary",
        SALARY,
        "of the type Employee only; of others blank",
        _salary,
        _fiscal,
        risk=Risk.PAY,
        clears=Risk.EMPTY,
    ),
)
SOURCES: Mapping[str, str] = {field.name: field.source for field in FIELDS}


def wanted(card: Card) -> dict[str, Any]:
    """What the card says, by the fields' names; ValueProblem for one that has no form there."""
    return {field.name: field.wanted(card) for field in FIELDS}


def held(employee: Employee) -> dict[str, Any]:
    """What Payroll Plus has, by the fields' names."""
    return {field.name: field.held(employee) for field in FIELDS}


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: texts that the eye can't tell apart are one."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or seen(one) == seen(other)
    return bool(one == other)


def meaning(values: Mapping[str, Any]) -> dict[str, Any]:
    """What values mean, by the fields' names: two sides are equal here if `same` finds each of them so.

    Those that can't be seen are left out, and blanks are None.
    """
    return {
        name: (seen(value) if isinstance(value, str) else value) or None
        for name, value in values.items()
        if value is not UNSET
    }


def body(values: Mapping[str, Any], there: Employee | None) -> dict[str, Any]:
    """The whole of the details as they are put: what can't be seen stays; blanks are left out."""
    now = held(there) if there else {}
    found: dict[str, Any] = {}
    for name, value in values.items():
        chosen = now.get(name) if value is UNSET else value
        if chosen is None:
            continue
        outer, _, inner = name.partition(".")
        if inner:
            found.setdefault(outer, {})[inner] = chosen
        else:
            found[outer] = chosen
    return found
