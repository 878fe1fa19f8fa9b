"""From Simployer One's days of leave to absences that can be exported, and what stands in the way (TO-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, convert

from payrelay.domain.records import Reason, Record
from payrelay.flows.time_off_export import records
from payrelay.flows.time_off_export.reasons import reason
from payrelay.flows.time_off_export.records import SOURCE, TARGET, label_of
from payrelay.flows.time_off_export.rules import (
    Absence,
    LeaveDay,
    Period,
    Scope,
    touches_end,
    touches_start,
)
from payrelay.systems.rows import BadRow, Unusable
from payrelay.systems.simployer.models import Leave, LeaveTransaction, LeaveType


class Codes(Struct, frozen=True):
    """The leave types of Simployer One, the absence codes of Xledger, and those that can't be used."""

    types: Mapping[str, Mapping[str, Any]]
    known: frozenset[str]
    lost_types: Unusable
    lost_codes: Unusable

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Codes:
        """As the context of a run keeps them."""
        bad = convert(context.get("unreadable", {}), dict[str, list[BadRow]])
        return cls(
            context["types"],
            frozenset(context["codes"]),
            Unusable(bad.get("types", ()), lambda row: row.id),
            Unusable(bad.get("codes", ()), lambda row: row.number),
        )

    def code(self, type_id: str, company_id: str | None) -> str | None:
        """The payroll code of a leave type in a company, if it has one that can be told."""
        kind = self.types.get(type_id)
        code: str | None = kind["codes"].get(company_id or "") if kind else None
        return code

    def refusal(self, type_id: str, code: str | None, label: str) -> Reason | None:
        """Why leave of this type and code can't be exported; None if it can."""
        if code is None:
            lost = self.lost_types.instead_of(type_id)
            if lost:
                return lost.why(f"Leave type {lost.number or lost.id}", SOURCE)
            name = self.types[type_id]["name"] if type_id in self.types else type_id
            return reason("ABSENCE_CODE_MISSING", label=label, value=name)
        if code in self.known:
            return None
        lost = self.lost_codes.instead_of(code)
        if lost:
            return lost.why(f"Absence code {lost.number or lost.id}", TARGET)
        return reason("ABSENCE_CODE_UNKNOWN", label=label, value=code)


def type_of(kind: LeaveType) -> dict[str, Any]:
    """A leave type as the context of a run keeps it: its name, and its codes by company."""
    return {"name": kind.name, "codes": {code.company_id: code.code for code in kind.codes}}


def days_of(
    rows: Iterable[LeaveTransaction], codes: Codes, scope: Scope
) -> tuple[list[LeaveDay], dict[str, Record]]:
    """The days that can be exported, and by its leave a record for each leave that can't."""
    days: list[LeaveDay] = []
    stuck: dict[str, Record] = {}
    for row in rows:
        employee, parent = row.employee, row.parent.id if row.parent else row.id
        number = (employee.employee_number or "") if employee else None
        if scope.numbers is not None and (number or "") not in scope.numbers:
            continue
        if employee is None or number is None:
            stuck[parent] = records.ownerless(row.employee_id, parent)
            continue
        code = codes.code(row.leave_type_id, employee.company_id)
        if code is not None and not scope.takes(code, number):
            continue
        key = f"{number}-{parent}"
        why = codes.refusal(row.leave_type_id, code, label_of(key))
        if why is None and row.extent is None:
            # Whole days, half days: nobody knows, and nothing says what it means to leave it out.
            missing = {"label": label_of(key), "field": "extent", "problem": "is missing"}
            why = reason("VALUE_NOT_VALID", **missing, system=SOURCE)
        if why is not None:
            stuck[parent] = records.leave_blocked(key, row.employee_id, parent, why)
        elif code is not None and row.extent is not None:
            text = row.description or ""
            days.append(LeaveDay(row.employee_id, parent, code, row.date, row.extent, text))
    return [day for day in days if day.parent not in stuck], stuck


def at_edge(absences: Iterable[Absence], period: Period) -> list[Absence]:
    """The absences that may go on beyond the period."""
    return [one for one in absences if touches_start(one, period) or touches_end(one, period)]


def cuts(edge: Sequence[Absence], leaves: Mapping[str, Leave], period: Period) -> dict[str, Reason]:
    """Which absences at the edge go on beyond the period, with the words that say so (TO-2)."""
    found: dict[str, Reason] = {}
    for absence in edge:
        leave = leaves.get(absence.parent)
        if leave is None or (leave.start_date >= period.start and leave.end_date <= period.end):
            continue
        found[absence.source_id] = reason(
            "CUT_TO_PERIOD",
            label=f"Leave {absence.parent}",
            start=leave.start_date,
            end=leave.end_date,
            cut_start=absence.start,
            cut_end=absence.end,
        )
    return found


def unreadable_leaves(
    edge: Iterable[Absence], leaves: Mapping[str, Leave], lost: Unusable, numbers: Mapping[str, str]
) -> dict[str, Record]:
    """A record for each leave at the edge of which nobody can tell whether it goes on beyond."""
    found = {}
    for one in edge:
        bad = None if one.parent in leaves else lost.instead_of(one.parent)
        if bad:
            key, why = f"{numbers[one.employee]}-{one.parent}", bad.why(f"Leave {bad.id}", SOURCE)
            found[one.parent] = records.leave_blocked(key, one.employee, one.parent, why)
    return found
