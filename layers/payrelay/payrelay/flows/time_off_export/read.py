"""From Simployer One's days of leave to days that can be exported, and what stands in the way (TO-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from payrelay.domain.reasons import reason
from payrelay.domain.records import Outcome, Record
from payrelay.flows.time_off_export import compare as matching
from payrelay.flows.time_off_export.compare import ENTITY
from payrelay.flows.time_off_export.rules import Absence, LeaveDay, Period
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.models import LeaveTransaction, LeaveType


class Scope(Struct, frozen=True):
    """What one run is about: the period, and which absence codes and employees (None for all)."""

    period: Period
    codes: frozenset[str] | None
    numbers: frozenset[str] | None

    def takes(self, code: str, number: str) -> bool:
        """Whether an absence of this code and employee is to be exported."""
        return (self.codes is None or code in self.codes) and (self.numbers is None or number in self.numbers)


def type_of(kind: LeaveType) -> dict[str, Any]:
    """A leave type as the context of a run keeps it: its name, and its codes by company."""
    return {"name": kind.name, "codes": {code.company_id: code.code for code in kind.codes}}


def days_of(
    rows: Sequence[LeaveTransaction],
    context: Mapping[str, Any],
    numbers: Mapping[str, str],
    scope: Scope,
) -> tuple[list[LeaveDay], dict[str, Record]]:
    """The days that can be exported, and by its leave a record for each that can't."""
    days: list[LeaveDay] = []
    stuck: dict[str, Record] = {}
    for row in rows:
        number = numbers.get(row.employee_id)
        if scope.numbers is not None and (number or "") not in scope.numbers:
            continue
        parent = row.parent.id if row.parent else row.id
        if number is None or row.employee is None:
            stuck[parent] = ownerless(row.employee_id, parent)
            continue
        kind = context["types"].get(row.leave_type_id, {"name": row.leave_type_id, "codes": {}})
        code = kind["codes"].get(row.employee.company_id or "")
        if code is not None and not scope.takes(code, number):
            continue
        if code is None or code not in context["codes"]:
            stuck[parent] = no_code(f"{number}-{parent}", row.employee_id, parent, kind["name"], code)
            continue
        extent = row.extent if row.extent is not None else Decimal(100)
        days.append(LeaveDay(row.employee_id, parent, code, row.date, extent, row.description or ""))
    return days, stuck


def named_by(ids: Sequence[str], known: Sequence[str]) -> frozenset[str]:
    """Those of the `known` source ids that `ids` name.

    An id that is not there any more, since its leave was moved, or that never had a first day, since its
    leave could not be exported, names all of its leave; one without a leave names all of its employee.
    """
    named = set(ids) & set(known)
    for source_id in set(ids) - named:
        employee, _, rest = source_id.partition(":")
        parent = rest.partition(":")[0]
        start = f"{employee}:{parent}:" if parent else f"{employee}:"
        named |= {one for one in known if one.startswith(start)}
    return frozenset(named)


def no_code(key: str, employee_id: str, parent: str, type_name: str, code: str | None) -> Record:
    """The record of a leave whose type has no code in Simployer One, or one that Xledger does not have."""
    label = matching.label(key)
    if code is None:
        why = reason("ABSENCE_CODE_MISSING", label=label, value=type_name)
    else:
        why = reason("ABSENCE_CODE_UNKNOWN", label=label, value=code)
    return Record(ENTITY, key, label, Outcome.BLOCKED, f"{employee_id}:{parent}:", why)


def unknown_employee(absence: Absence, number: str) -> Record:
    """The record of an absence whose employee is not in Xledger."""
    key = matching.record_key(number or absence.employee, absence.start.isoformat(), absence.code)
    why = reason("EMPLOYEE_UNKNOWN", label=matching.label(key), value=number or "without a number")
    return Record(ENTITY, key, matching.label(key), Outcome.BLOCKED, matching.source_id(absence), why)


def ownerless(employee_id: str, parent: str) -> Record:
    """The record of a leave whose employee is not in Simployer One any more."""
    key = f"{employee_id}-{parent}"
    why = reason("EMPLOYEE_UNKNOWN", label=matching.label(key), value=employee_id)
    return Record(ENTITY, key, matching.label(key), Outcome.BLOCKED, f"{employee_id}:{parent}:", why)


def unreadable_day(row: BadRow) -> Record:
    """The record of a day of leave that can't be used."""
    label = f"Leave transaction {row.id}"
    why = reason("VALUE_NOT_VALID", label=label, field=row.field, problem=row.problem, system="Simployer One")
    return Record(ENTITY, row.id, label, Outcome.BLOCKED, f"{row.number}::", why)
