"""Why an employee is or is not in Xledger as in Simployer One: ordered checks, live, writing nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payrelay.domain.employees import selection
from payrelay.domain.records import Record, Write
from payrelay.domain.runs import Check
from payrelay.errors import VendorError
from payrelay.flows.employee_comparison import ENTITY, label_of
from payrelay.flows.employee_sides import employed

if TYPE_CHECKING:
    from payrelay.flows.employee_export import EmployeeExport
    from payrelay.systems.simployer.models import Employee


def checks(flow: EmployeeExport, key: str | None) -> list[Check]:
    """Connection first; then the one employee, up to the first check that fails."""
    found = [_reached("simployer", "Simployer One", flow), _reached("xledger", "Xledger", flow)]
    if key is None or not all(check.passed for check in found):
        return found
    rows = flow.sides.simployer.employees_by_number([key]).rows
    if not rows:
        remedy = f"Create the employee in Simployer One, or give them the employee number {key} there."
        return [*found, Check("exists in Simployer One", False, f"no record has the number {key}", remedy)]
    found.append(Check("exists in Simployer One", True, f"{len(rows)} record(s) with the number {key}"))
    return found + _for_export(flow, rows)


def _reached(system: str, label: str, flow: EmployeeExport) -> Check:
    client = flow.sides.simployer if system == "simployer" else flow.sides.xledger
    try:
        return Check(f"{label} accepts the credentials", True, client.organisation())
    except VendorError as error:
        remedy = f"Make a new token in {label}, put it into the connection and connect again."
        return Check(f"{label} accepts the credentials", False, error.message, remedy)


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
    target = flow.sides.targets([employee])[number]
    link = flow.ledger.links.get(flow.tenant, flow.connection_id, ENTITY, [employee.id]).get(employee.id)
    compared = flow.comparer(flow.sides.context()).compare(employee, target, link)
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
    last = flow.ledger.connections.standing(flow.tenant, flow.connection_id, flow.name)
    seen = f"{last['last_status']} at {last['last_finished_at']}" if last else "never"
    found.append(Check("last sync", bool(last), seen, None if last else "Start a sync."))
    return found
