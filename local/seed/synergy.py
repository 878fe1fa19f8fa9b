"""Delft Techniek in Exact Synergy: its people, who manages whom, and who has which role."""

from datetime import UTC, date, datetime, timedelta

from .payroll_people import PEOPLE, Colleague
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
    """40 people, of whom 38 have the role of payroll and one has left; the licence is active."""
    today = today or datetime.now(UTC).date()
    people = sorted(PEOPLE, key=lambda person: person.id)
    members = [(person.id, PAYROLL) for person in people if person.id not in NO_ROLE]
    return {
        "License": [{"Code": "YA1740", "Option": 36, "Active": True}],
        "Resource": [resource(person, today) for person in people],
        "RoleMember": [_member(person_id, code) for person_id, code in [*members, (HR_PERSON, HR)]],
    }


def resource(person: Colleague, today: date) -> Row:
    """A person card."""
    left = today - timedelta(days=30) if person.id == INACTIVE else None
    # The first ones have been there longest.
    started = date(2009, 1, 1) + timedelta(days=120 * (person.id - 2001))
    names = (person.first, person.middle, person.last)
    return {
        "ID": person.id,
        "Initials": person.initials,
        "FirstName": person.first,
        "MiddleName": person.middle or None,
        "LastName": person.last,
        "FullName": " ".join(name for name in names if name),
        "Gender": person.gender,
        "Email": person.email,
        "ManagerID": _MANAGERS.get(person.id, person.manager),
        "CountryCode": "NL",
        "EmployeeType": person.type,
        "EmployeeStatus": "I" if left else "A",
        "StartDate": _midnight(started),
        "ContractEnd": _midnight(left) if left else None,
        "InactiveDate": _midnight(left) if left else None,
        "ModifiedDate": _midnight(left or today - timedelta(days=60)),
        "CreatedDate": _midnight(started),
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
