"""Why an employee is or is not in Xledger as in Simployer One: ordered checks, live, writing nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from payrelay.domain.records import Record, Write
from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.employee_export.compare import Payload
from payrelay.flows.employee_export.mapping import Target
from payrelay.flows.employee_export.read import Sides
from payrelay.flows.employee_export.records import unreadable_row
from payrelay.flows.employee_export.rules import SelectionRule, first_hired
from payrelay.flows.employee_export.selection import select
from payrelay.systems.simployer.models import Employee

Compare = Callable[[Employee, Target], Write[Payload] | Record | None]


def checks(
    sides: Sides,
    key: str | None,
    rule: SelectionRule,
    today: date,
    compare: Compare,
    last: Mapping[str, Any],
) -> list[Check]:
    """Connection first; then the one employee, up to the first check that fails.

    `compare` compares one employee with the target; `last` is how the flow's last run ended.
    """
    found = [reached("Simployer One", sides.simployer), reached("Xledger", sides.xledger)]
    if key is None or not all(check.passed for check in found):
        return found
    read = sides.with_numbers([key])
    if read.bad:
        why = unreadable_row(read.bad[0]).reason
        return [*found, Check("exists in Simployer One", False, why.message, why.remedy)] if why else found
    if not read.rows:
        remedy = f"Create the employee in Simployer One, or give them the employee number {key} there."
        return [*found, Check("exists in Simployer One", False, f"no record has the number {key}", remedy)]
    seen = f"{len(read.rows)} record(s) with the number {key}"
    found.append(Check("exists in Simployer One", True, seen))
    chosen, left_out = select(read.rows, rule, today)
    if not chosen:
        refusals = [record.reason for record in left_out if record.reason]
        return found + [Check("selected for export", False, why.message, why.remedy) for why in refusals]
    found.append(Check("selected for export", True, "every rule of the selection holds"))
    employee = first_hired(chosen)
    target = sides.targets([employee])[key]
    return found + _agreement(key, target, compare(employee, target), last)


def _agreement(
    number: str, target: Target, compared: Write[Payload] | Record | None, last: Mapping[str, Any]
) -> list[Check]:
    if isinstance(compared, Record) and compared.reason:
        return [Check("references exist in Xledger", False, compared.reason.message, compared.reason.remedy)]
    found = [Check("references exist in Xledger", True, "cost centre and employee group are there")]
    there = target.employee is not None
    remedy = None if there else "Start a sync; it creates the employee."
    seen = f"employee {number} is there" if there else f"no employee has the code {number}"
    found.append(Check("exists in Xledger", there, seen, remedy))
    if isinstance(compared, Write) and there:
        fields = ", ".join(change.field for change in compared.record.changes)
        found.append(Check("both sides agree", False, f"these fields differ: {fields}", "Start a sync."))
    elif there:
        found.append(Check("both sides agree", True, "every integration data field is equal"))
    seen = f"{last['last_status']} at {last['last_finished_at']}" if last else "never"
    found.append(Check("last sync", bool(last), seen, None if last else "Start a sync."))
    return found
