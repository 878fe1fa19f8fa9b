"""Writing people to Payroll Plus: details, then employments, then the bank account, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Outcome, Record, Write
from payrelay.errors import TROUBLE, OutcomeUnknown, Rejected
from payrelay.flows.engine.bulk import Refusal, refused
from payrelay.flows.flow import Interrupted
from payrelay.flows.payroll_sync.compare import Payload
from payrelay.flows.payroll_sync.facts import CONCEPT, WRITTEN
from payrelay.flows.payroll_sync.reasons import reason
from payrelay.systems.payroll_plus.client import SYSTEM
from payrelay.systems.payroll_plus.employees import ALL_INACTIVE, ALREADY_EMPLOYEE, STILL_CONCEPT, Employees

# What the names of fields begin with, by the call that writes them; all others are details.
DETAILS, EMPLOYMENT, BANK = "", "employments.", "bank."


def deliver(
    employees: Employees, writes: Sequence[Write[Payload]], clock: Callable[[], datetime | None]
) -> list[Applied]:
    """What became of each person: a refusal stops no other. Each call may be made again.

    `clock` is what payroll's said with its newest answer: by it the next run knows that we have changed
    somebody, and perhaps nobody else. Interrupted by trouble, with all that was answered before it.
    """
    ended: list[Applied] = []
    for write in writes:
        done: list[str] = []
        try:
            ended.append(_delivered(employees, write, done, clock))
        except TROUBLE as trouble:
            part = _part(write, done)
            lost = [write.record.record_id] if isinstance(trouble, OutcomeUnknown) else []
            begun = [Applied(part, write.record.key)] if part else []
            raise Interrupted(ended, trouble, begun, lost) from trouble
    return ended


def _delivered(
    employees: Employees, write: Write[Payload], done: list[str], clock: Callable[[], datetime | None]
) -> Applied:
    """What became of a person; `done` is told each part that was taken."""
    record, number = write.record, write.record.key
    try:
        if write.payload.details is not None:
            _details(employees, number, write.payload, write.payload.details)
            done.append(DETAILS)
        for row, values in write.payload.employments.items():
            employees.patch_employment(number, int(row), values)
            done.append(f"{EMPLOYMENT}{row}.")
        if write.payload.bank:
            employees.put_bank(number, write.payload.bank)
            done.append(BANK)
    except Rejected as error:
        return Applied(_refused(record, error), write.target_id, _part(write, done))
    at = clock()
    return Applied(record, write.target_id or number, facts={WRITTEN: at.isoformat() if at else ""})


def _part(write: Write[Payload], done: Sequence[str]) -> Record | None:
    """The record with the changes that Payroll Plus has taken; None if there are none."""
    changes = tuple(
        change
        for change in write.record.changes
        if any(change.field.startswith(part) for part in done if part)
        or (DETAILS in done and not change.field.startswith((EMPLOYMENT, BANK)))
    )
    return replace(write.record, changes=changes) if changes else None


def _details(employees: Employees, number: str, payload: Payload, details: Mapping[str, Any]) -> None:
    """The personal details; of somebody who was made an employee meanwhile, as an employee."""
    if payload.state == CONCEPT:
        try:
            employees.put_concept(number, details)
        except Rejected as error:
            if error.code != ALREADY_EMPLOYEE:
                raise
            # When they start belongs to an employment by now.
            values = {name: value for name, value in details.items() if name != "employed"}
            employees.put_employee(number, values)
        return
    employees.put_employee(number, details)


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


def loads(writes: Sequence[Write[Payload]]) -> Loads:
    """The parts of these writes: each is a call."""
    parts = sum(
        (write.payload.details is not None)
        + len(write.payload.employments)
        + (write.payload.bank is not None)
        for write in writes
    )
    return {"parts": Load(SYSTEM, parts)}
