"""Employees and concept employees: written whole under their id, and never deleted."""

from datetime import datetime
from typing import Any

from local.sandbox.frame.kinds import instant
from local.sandbox.frame.room import Row

from .fields import CONCEPT, CONVERTED, PERSON, PERSON_NEEDED, person_misfits
from .refusals import RefusedError, invalid, refuse_misfits
from .store import Store


def put_employee(store: Store, employee_id: str, body: Any, now: datetime) -> tuple[int, Row]:
    """Status and row: 201 for a new employee. One who is still a concept is written there."""
    row = _checked(employee_id, body)
    concept = store.concepts.get(employee_id)
    old = store.employees.get(employee_id)
    if old is None and concept is not None and concept["status"] == CONCEPT:
        raise RefusedError(409, "StillConcept", "This person is still a concept employee.", "employeeId")
    store.employees.put({**row, "modifiedAt": instant(now)})
    return (201 if old is None else 200), row


def put_concept(store: Store, employee_id: str, body: Any) -> tuple[int, Row]:
    """Status and row: 201 for a new person. One who has been made an employee is written there."""
    row = {**_checked(employee_id, body), "status": CONCEPT}
    old = store.concepts.get(employee_id)
    if employee_id in store.employees or (old is not None and old["status"] == CONVERTED):
        raise RefusedError(409, "AlreadyEmployee", "This person has been made an employee.", "employeeId")
    store.concepts.put(row)
    return (201 if old is None else 200), row


def shown_employee(row: Row) -> Row:
    """An employee as the API shows it."""
    return {name: value for name, value in row.items() if name != "modifiedAt"}


def _checked(employee_id: str, body: Any) -> Row:
    """The person of a body, which may name the id of the path."""
    refuse_misfits(person_misfits(PERSON, body, PERSON_NEEDED))
    whole = {"employeeId": employee_id, **body}
    if whole["employeeId"] != employee_id:
        raise invalid("employeeId", "employeeId must be that of the path.")
    return {name: whole[name] for name in PERSON if name in whole}
