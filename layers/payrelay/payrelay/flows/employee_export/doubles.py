"""Several records with one employee number: the one hired first is exported, the others say so (EX-6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from payrelay.domain.reasons import reason
from payrelay.domain.records import Outcome, Record, Write
from payrelay.domain.runs import Link
from payrelay.flows.employee_export.compare import ENTITY, label_of
from payrelay.flows.employee_export.read import Sides
from payrelay.flows.employee_export.rules import first_hired
from payrelay.ledger import Ledger
from payrelay.systems.simployer.models import Employee

Eligible = Callable[[Employee], bool]


def on_one_page(chosen: Sequence[Employee]) -> tuple[list[Employee], list[Record]]:
    """One employee per number, and the records of those who give way."""
    by_number: dict[str, list[Employee]] = defaultdict(list)
    for employee in chosen:
        by_number[employee.employee_number or ""].append(employee)
    keep: list[Employee] = []
    doubles: list[Record] = []
    for group in by_number.values():
        winner = first_hired(group)
        keep += [employee for employee in group if employee is winner]
        doubles += [double(employee, winner.id) for employee in group if employee is not winner]
    return keep, doubles


def elsewhere(
    writes: Sequence[Write[Any]],
    employees: Mapping[str, Employee],
    links: Mapping[str, Link],
    sides: Sides,
    ledger: Ledger,
    connection_key: tuple[str, str],
    eligible: Eligible,
) -> dict[str, Record]:
    """The planned writes that give way to a record on another page, by source id.

    Looked up for what would be written only: in the source by number, where the employee was never written
    before, and by the number's last delivery. A person hired again has a new record and the old number, so
    another record counts only while it is for export itself.
    """
    if not writes:
        return {}
    new = [write.record.key for write in writes if write.record.source_id not in links]
    others = {one.id: one for one in sides.with_numbers(new)}
    owners = ledger.deliveries.owners(*connection_key, [write.record.record_id for write in writes])
    unknown = set(owners.values()) - others.keys() - employees.keys()
    if unknown:
        others |= {one.id: one for one in sides.simployer.employees_by_id(sorted(unknown)).rows}
    rivals: dict[str, list[Employee]] = defaultdict(list)
    for one in others.values():
        if one.id not in employees and one.employee_number and eligible(one):
            rivals[one.employee_number].append(one)
    found = {}
    for write in writes:
        employee = employees[write.record.source_id]
        winner = first_hired([employee, *rivals[write.record.key]])
        if winner is not employee:
            found[employee.id] = double(employee, winner.id)
    return found


def double(employee: Employee, winner: str) -> Record:
    """The record of an employee who gives way; its key is the source's id, since the number is taken."""
    number = employee.employee_number
    why = reason("DUPLICATE_NUMBER", number=number, winner=f"record {winner}")
    return Record(ENTITY, employee.id, label_of(employee), Outcome.SKIPPED, employee.id, why)
