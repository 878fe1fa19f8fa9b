"""Who is for export, and who gives way to another record with the same number (EX-6, EX-8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct

from payrelay.domain.records import Record
from payrelay.flows.employee_export.records import double, label_of, record_of, rival_unreadable
from payrelay.flows.employee_export.rules import SelectionRule, employed, first_hired, selection
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.models import Employee


def select(
    employees: Iterable[Employee], rule: SelectionRule, today: date
) -> tuple[list[Employee], list[Record]]:
    """Who is for export, and the records of those who are not (EX-6, EX-8)."""
    chosen: list[Employee] = []
    records: list[Record] = []
    for employee in employees:
        refusal = selection(employee, employed(employee, today), rule, label_of(employee))
        if refusal:
            records.append(record_of(employee, *refusal))
        else:
            chosen.append(employee)
    return chosen, records


class Rivals(Struct, frozen=True):
    """Other records that have the numbers of planned writes, by number; and those that can't be used."""

    employees: Mapping[str, list[Employee]]
    unreadable: Mapping[str, BadRow]


def giving_way(employees: Iterable[Employee], rivals: Rivals) -> dict[str, Record]:
    """Whose write gives way to another record with the same number, by source id, and why (EX-6).

    A person hired again has a new record and the old number: only a record that is for export itself is a
    rival. One that can't be read may be one.
    """
    found = {}
    for employee in employees:
        number = employee.employee_number or ""
        winner = first_hired([employee, *rivals.employees.get(number, ())])
        if number in rivals.unreadable:
            found[employee.id] = rival_unreadable(employee, rivals.unreadable[number])
        elif winner is not employee:
            found[employee.id] = double(employee, winner)
    return found
