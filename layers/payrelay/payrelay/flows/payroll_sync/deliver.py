"""Writing people to Payroll Plus: details, then employments, then the bank account, one by one."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from payrelay.domain.records import Applied, Outcome, Record, Write
from payrelay.errors import Rejected
from payrelay.flows.engine.bulk import Refusal, refused
from payrelay.flows.payroll_sync.compare import Payload
from payrelay.flows.payroll_sync.facts import CONCEPT
from payrelay.flows.payroll_sync.reasons import reason
from payrelay.systems.payroll_plus.employees import ALL_INACTIVE, ALREADY_EMPLOYEE, STILL_CONCEPT, Employees


def deliver(employees: Employees, writes: Sequence[Write[Payload]]) -> list[Applied]:
    """What became of each person: a refusal stops no other. Each call may be made again."""
    return [_delivered(employees, write) for write in writes]


def _delivered(employees: Employees, write: Write[Payload]) -> Applied:
    record, number = write.record, write.record.key
    try:
        _details(employees, number, write.payload)
        for row, values in write.payload.employments.items():
            employees.patch_employment(number, int(row), values)
        if write.payload.bank:
            employees.put_bank(number, write.payload.bank)
    except Rejected as error:
        return Applied(_refused(record, error), write.target_id)
    return Applied(record, write.target_id or number)


def _details(employees: Employees, number: str, payload: Payload) -> None:
    """The personal details; of somebody who was made an employee meanwhile, as an employee."""
    if payload.details is None:
        return
    if payload.state == CONCEPT:
        try:
            employees.put_concept(number, payload.details)
        except Rejected as error:
            if error.code != ALREADY_EMPLOYEE:
                raise
            # When they start belongs to an employment by now.
            values = {name: value for name, value in payload.details.items() if name != "employed"}
            employees.put_employee(number, values)
        return
    employees.put_employee(number, payload.details)


def _refused(record: Record, error: Rejected) -> Record:
    """What a refusal means: some are not cured by being sent again, and say who does what."""
    label = record.label
    if error.code == ALL_INACTIVE:
        why = reason("ALL_EMPLOYMENTS_INACTIVE", label=label, date="an earlier day", start="the new start")
        return replace(record, outcome=Outcome.BLOCKED, reason=why, changes=())
    if error.code == STILL_CONCEPT:
        values = {"label": label, "what": "employments and the bank account"}
        return replace(record, outcome=Outcome.BLOCKED, reason=reason("STILL_CONCEPT", **values), changes=())
    return refused(record, Refusal.of(error))


def calls(writes: Sequence[Write[Payload]]) -> int:
    """How many calls these writes take."""
    return sum(
        (write.payload.details is not None)
        + len(write.payload.employments)
        + (write.payload.bank is not None)
        for write in writes
    )
