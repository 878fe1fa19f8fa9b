"""What a run says of an employee who is not written, or not any more (EX-4, EX-6, RUN-2)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.records import Change, Outcome, Reason, Record
from payrelay.domain.runs import Link
from payrelay.flows.employee_export.reasons import reason
from payrelay.flows.employee_export.rules import NUMBER
from payrelay.systems.rows import BadRow, Unusable
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.models import EmployeeNode

ENTITY = "employee"
SOURCE, TARGET = "Simployer One", "Xledger"


def label_of(employee: Employee) -> str:
    """How messages name an employee: `Employee 1042`; no personal data."""
    return f"Employee {employee.employee_number or employee.id}"


def record_of(
    employee: Employee, outcome: Outcome, why: Reason | None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of an employee, under their number."""
    key = employee.employee_number or employee.id
    return Record(ENTITY, key, label_of(employee), outcome, employee.id, why, changes)


def unreadable_row(row: BadRow) -> Record:
    """The record of an employee of Simployer One who can't be used."""
    label = f"Employee {row.number or row.id}"
    why = row.why(label, SOURCE)
    return Record(ENTITY, row.number or row.id, label, Outcome.BLOCKED, row.id, why)


def not_found(asked: str) -> Record:
    """The record of somebody who was asked for, by `number:1042` or by a record's id, and is not there."""
    key = asked.removeprefix(NUMBER)
    label = f"Employee {key}" if asked.startswith(NUMBER) else f"Employee record {key}"
    return Record(ENTITY, key, label, Outcome.BLOCKED, asked, reason("EMPLOYEE_NOT_FOUND", label=label))


def double(employee: Employee, winner: Employee) -> Record:
    """The record of an employee who gives way; its key is the source's id, since the number is taken."""
    number = employee.employee_number
    why = reason("DUPLICATE_NUMBER", number=number, winner=f"record {winner.id}")
    return Record(ENTITY, employee.id, label_of(employee), Outcome.SKIPPED, employee.id, why)


def rival_unreadable(employee: Employee, rival: BadRow) -> Record:
    """The record of an employee whose number another record has that nobody can read: who was hired first?"""
    why = rival.why(f"{label_of(employee)}, record {rival.id}", SOURCE)
    return Record(ENTITY, employee.id, label_of(employee), Outcome.BLOCKED, employee.id, why)


def gone(link: Link, held: Mapping[str, EmployeeNode], unusable: Unusable) -> Record | None:
    """The record of somebody who is gone from the source; None once they are not employed in Xledger either.

    Whoever can't be read there may still be employed.
    """
    label, node = f"Employee {link.key}", held.get(link.key)
    bad = None if node else unusable.instead_of(link.key)
    if bad:
        why = bad.why(label, TARGET)
    elif node is None or node.employment_to or node.date_to:
        return None
    else:
        why = reason("GONE_FROM_SOURCE", label=label)
    return Record(ENTITY, link.key, label, Outcome.BLOCKED, link.source_id, why)
