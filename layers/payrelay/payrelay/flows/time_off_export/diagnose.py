"""Why an employee's time off is or is not exported: ordered checks, live, writing nothing."""

from __future__ import annotations

from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.time_off_export.read import Sides
from payrelay.flows.time_off_export.records import TARGET


def checks(sides: Sides, key: str | None) -> list[Check]:
    """Both systems reached; then, for one employee number, whether Xledger knows the employee."""
    found = [reached("Simployer One", sides.simployer), reached("Xledger", sides.xledger)]
    if not key or not all(check.passed for check in found):
        return found
    name, number = "employee exists in Xledger", key.split("-")[0]
    employees, lost = sides.employees([number])
    bad = None if number in employees else lost.instead_of(number)
    if bad:
        why = bad.why(f"Employee {number}", TARGET)
        return [*found, Check(name, False, why.message, why.remedy)]
    there = number in employees
    seen = f"employee {number} is {'' if there else 'not '}there"
    return [*found, Check(name, there, seen, None if there else "Run the employee export first.")]
