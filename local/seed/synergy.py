"""Delft Techniek in Exact Synergy: people, contracts, accounts and requests, and who manages whom."""

from datetime import UTC, date, datetime, timedelta

from .payroll_cards import card
from .payroll_newcomers import Newcomer, newcomers
from .payroll_people import PEOPLE, Colleague
from .payroll_requests import request_state
from .state import Row, State

PAYROLL, HR = "PAYROLLPLUS", "HR"
# One person for every cause.
HR_PERSON = 2002
NO_ROLE = (2038, 2039)  # paid, but without the role of payroll
INACTIVE = 2040  # left a month ago; the role is still there
OWN_MANAGER = 2020  # the card names the person as their own manager
CIRCLE = (2021, 2022)  # each is the other's manager
_MANAGERS = {OWN_MANAGER: OWN_MANAGER, CIRCLE[0]: CIRCLE[1], CIRCLE[1]: CIRCLE[0]}
_ROLES = {PAYROLL: "Payroll Plus employee", HR: "HR"}


def synergy_state(today: date | None = None) -> State:
    """63 people, of whom all but two have the role of payroll; the licence is active."""
    today = today or datetime.now(UTC).date()
    people = sorted(PEOPLE, key=lambda person: person.id)
    new = newcomers(today)
    ids = [person.id for person in people] + [one.person.id for one in new]
    members = [(number, PAYROLL) for number in ids if number not in NO_ROLE]
    return {
        "License": [{"Code": "YA1740", "Option": 36, "Active": True}],
        "Resource": [resource(person, today) for person in people] + [newcomer(one, today) for one in new],
        "RoleMember": [_member(person_id, code) for person_id, code in [*members, (HR_PERSON, HR)]],
        "Contract": [_contract(person, today) for person in people]
        + [row for one in new for row in _contracts(one, today)],
        "BankAccount": [_account(person) for person in people]
        + [{**_account(one.person), **one.account} for one in new if one.account is not None],
        **request_state(today),
        "HRMSetting": [{"PayrollSlipDocumentType": 310, "AnnualStatementDocumentType": 311}],
    }


def resource(person: Colleague, today: date) -> Row:
    """A person card."""
    left = left_on(person, today)
    facts = card(person)
    names = (person.first, person.middle, person.last)
    return {
        "ID": person.id,
        "Initials": person.initials,
        "FirstName": person.first,
        "MiddleName": person.middle or None,
        "LastName": person.last,
        "BirthPrefix": None,
        "MaidenName": None,
        "FullName": " ".join(name for name in names if name),
        "Gender": person.gender,
        "BirthDate": _midnight(facts.born),
        "BirthPlace": facts.birth_place,
        "Email": person.email,
        "Mobile": facts.mobile,
        "JobTitle": facts.title,
        "CostCenter": facts.cost_centre,
        "ManagerID": _MANAGERS.get(person.id, person.manager),
        "AddressLine1": facts.street,
        "AddressHouseNumber": facts.house_number,
        "PostCode": facts.postal_code,
        "City": "Delft",
        "CountryCode": "NL",
        "SocialSecurityNumber": facts.csn,
        "Nationality": "Nederlandse",
        "MaritalStatus": "M" if facts.married else "S",
        "EmployeeType": person.type,
        "EmployeeStatus": "I" if left else "A",
        "StartDate": _midnight(facts.started),
        "ContractEnd": _midnight(left) if left else None,
        "InactiveDate": _midnight(left) if left else None,
        "AnnualSalary": None if facts.salary is None else str(facts.salary),
        "ModifiedDate": _midnight(left or today - timedelta(days=60)),
        "CreatedDate": _midnight(facts.started),
    }


def newcomer(one: Newcomer, today: date) -> Row:
    """The card of somebody who shows a rule: entered yesterday, with what is odd about it."""
    usual, start = resource(one.person, today), one.contracts[-1][0]
    odd = {name: _midnight(value) if isinstance(value, date) else value for name, value in one.card.items()}
    dates = {"StartDate": _midnight(one.contracts[0][0]), "CreatedDate": _midnight(min(start, today))}
    return {**usual, **dates, "ModifiedDate": f"{today - timedelta(days=1)}T14:05:00", **odd}


def left_on(person: Colleague, today: date) -> date | None:
    """The last day of somebody who has left."""
    return today - timedelta(days=30) if person.id == INACTIVE else None


def _contracts(one: Newcomer, today: date) -> list[Row]:
    return [
        {
            **_contract(one.person, today),
            "StartDate": _midnight(start),
            "EndDate": _midnight(end) if end else None,
        }
        for start, end in one.contracts
    ]


def _contract(person: Colleague, today: date) -> Row:
    facts, left = card(person), left_on(person, today)
    return {
        "ResourceID": person.id,
        "StartDate": _midnight(facts.started),
        "EndDate": _midnight(left) if left else None,
        "JobTitle": facts.title,
        "CostCenter": facts.cost_centre,
        "Active": left is None,
        "ModifiedDate": _midnight(left or today - timedelta(days=60)),
    }


def _account(person: Colleague) -> Row:
    return {
        "ResourceID": person.id,
        "SequenceNumber": 1,
        "IsDefault": True,
        "IBAN": card(person).iban,
        "BIC": "BANKNL2A",
    }


def _member(person_id: int, code: str) -> Row:
    return {
        "ResourceID": person_id,
        "RoleCode": code,
        "RoleDescription": _ROLES[code],
        "Level": "Employee",
    }


def _midnight(day: date) -> str:
    return f"{day}T00:00:00"
