"""Why an employee is or is not in Xledger as in Simployer One: ordered checks, live, writing nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payrelay.domain.records import Record, Write
from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.employee_export.compare import ENTITY, label_of, unreadable_row
from payrelay.flows.employee_export.read import employed
from payrelay.flows.employee_export.rules import selection

if TYPE_CHECKING:
    from payrelay.flows.employee_export.flow import EmployeeExport
    from payrelay.systems.simployer.models import Employee


def checks(flow: EmployeeExport, key: str | None) -> list[Check]:
    """Connection first; then the one employee, up to the first check that fails."""
    found = [reached("Simployer One", flow.sides.simployer), reached("Xledger", flow.sides.xledger)]
    if key is None or not all(check.passed for check in found):
        return found
    read = flow.sides.simployer.employees_by_number([key])
    if read.bad_rows:
        why = unreadable_row(read.bad_rows[0]).reason
        return [*found, Check("exists in Simployer One", False, why.message, why.remedy)] if why else found
    if not read.rows:
        remedy = f"Create the employee in Simployer One, or give them the employee number {key} there."
        return [*found, Check("exists in Simployer One", False, f"no record has the number {key}", remedy)]
    seen = f"{len(read.rows)} record(s) with the number {key}"
    found.append(Check("exists in Simployer One", True, seen))
    return found + _for_export(flow, read.rows)


def _for_export(flow: EmployeeExport, rows: list[Employee]) -> list[Check]:
    today = datetime.now(UTC).date()
    found: list[Check] = []
    chosen = []
    for employee in rows:
        refusal = selection(employee, employed(employee, today), flow.rule(), label_of(employee))
        if refusal is None:
            chosen.append(employee)
        else:
            found.append(Check("selected for export", False, refusal[1].message, refusal[1].remedy))
    if not chosen:
        return found
    found = [Check("selected for export", True, "every rule of the selection holds")]
    employee = min(chosen, key=lambda one: (str(one.hire_date), one.id))
    return found + _agreement(flow, employee)


def _agreement(flow: EmployeeExport, employee: Employee) -> list[Check]:
    number = employee.employee_number or ""
    targets = flow.sides.targets([employee])
    link = flow.ledger.links.get(flow.tenant, flow.connection_id, ENTITY, [employee.id]).get(employee.id)
    compared = flow.compare_one(flow.comparer(flow.sides.context()), employee, targets, link)
    if isinstance(compared, Record) and compared.reason:
        return [Check("references exist in Xledger", False, compared.reason.message, compared.reason.remedy)]
    found = [Check("references exist in Xledger", True, "cost centre and employee group are there")]
    there = targets[number].employee is not None
    remedy = None if there else "Start a sync; it creates the employee."
    seen = f"employee {number} is there" if there else f"no employee has the code {number}"
    found.append(Check("exists in Xledger", there, seen, remedy))
    if isinstance(compared, Write) and there:
        fields = ", ".join(change.field for change in compared.record.changes)
        found.append(Check("both sides agree", False, f"these fields differ: {fields}", "Start a sync."))
    elif there:
        found.append(Check("both sides agree", True, "every integration data field is equal"))
    last = flow.ledger.connections.standing(flow.tenant, flow.connection_id, flow.name)
    seen = f"{last['last_status']} at {last['last_finished_at']}" if last else "never"
    found.append(Check("last sync", bool(last), seen, None if last else "Start a sync."))
    return found
