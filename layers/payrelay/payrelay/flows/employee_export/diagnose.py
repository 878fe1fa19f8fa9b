"""Why an employee is or is not in Xledger as in Simployer One: ordered checks, live, writing nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from payrelay.domain.records import Outcome, Record, Write
from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.employee_export.mapping import FIELDS
from payrelay.flows.employee_export.planning import Plan
from payrelay.flows.employee_export.read import Sides, Source
from payrelay.flows.employee_export.records import ENTITY, unreadable_row
from payrelay.flows.employee_export.selection import Case
from payrelay.systems.simployer.models import Employee

EXISTS, SELECTED, WHO = "exists in Simployer One", "selected for export", "is the same person in Xledger"
REFERENCES, THERE, AGREE = "references exist in Xledger", "exists in Xledger", "both sides agree"
KNOWN = "runs look at what moved"
# Which check a reason belongs to; those of the selection are not named here.
_ABOUT_WHO = frozenset(
    {
        "NUMBER_OF_ANOTHER",
        "RECORD_OF_ANOTHER",
        "NUMBER_SPELLED_OTHERWISE",
        "NUMBER_DOUBTFUL",
        "CODE_CHANGED_IN_XLEDGER",
        "PERSON_TWICE",
    }
)
_ABOUT_REFERENCES = frozenset(
    {
        "COST_CENTRE_UNKNOWN",
        "EMPLOYMENT_TYPE_NOT_MAPPED",
        "EMPLOYEE_GROUP_UNKNOWN",
        "REFERENCE_UNKNOWN",
        "NUMBER_CHANGED",
        "NUMBER_CHANGED_TO_ONE_IN_USE",
        "VALUE_NOT_VALID",
        "DATE_NOT_PLAUSIBLE",
    }
)
# As people know the fields that Xledger does not show.
_HIDDEN = {
    "employee.bankAccount": "bank account",
    "employee.socialSec": "social security number",
    "employee.compensationType": "compensation type",
    "employee.employeeType": "employee type",
    "employee.paymentNotification": "payment notification",
}


class Known(Struct, frozen=True):
    """What runs go by of somebody until something moves: which run has found that, and what has moved since.

    Nothing is `moved` where the next run takes them for what they were, which is right only if they are
    `equal` still. `why` the last run has compared everybody, if it has.
    """

    run_id: str
    moved: str = ""
    equal: bool = True
    why: str = ""


class Live(Struct, frozen=True):
    """What the checks ask: who has the number, the plan for them, who is gone, and what was sent when.

    Last, what runs know of them, or of all if nobody is asked for; None where each run looks at everybody.
    """

    read: Callable[[], Source]
    plan: Callable[[Sequence[Employee]], Plan]
    gone: Callable[[Source], Record | None]
    sent: Callable[[str], Mapping[str, str]]
    known: Callable[[Plan | None], Known | None]


def checks(sides: Sides, key: str | None, live: Live, last: Mapping[str, Any]) -> list[Check]:
    """Connection first; then the one employee, up to the first check that fails.

    What is said of the employee is what a run would say now; `last` is how the flow's last run ended.
    """
    found = [reached("Simployer One", sides.simployer), reached("Xledger", sides.xledger)]
    if not all(check.passed for check in found):
        return found
    if key is None:
        last_read = live.known(None)
        return [*found, _last_read(last_read)] if last_read else found
    read = live.read()
    if read.bad:
        why = unreadable_row(read.bad[0]).reason
        return [*found, Check(EXISTS, False, why.message, why.remedy)] if why else found
    if not read.rows:
        return [*found, _nobody(key, live.gone(read))]
    found.append(Check(EXISTS, True, f"{len(read.rows)} record(s) with the number {key}"))
    plan = live.plan(read.rows)
    going_on = plan.equal or any(plan.writes)
    known = live.known(plan)
    told = [_known(known)] if known else []
    if not going_on:
        return [*found, *_refused(plan.records), *told]
    write = plan.writes[0] if plan.writes else None
    leaver = write is not None and write.record.source_id in plan.leavers
    seen = "every rule of the selection holds"
    if leaver:
        seen = "not for export any more; what differs of somebody who leaves is written all the same"
    found.append(Check(SELECTED, True, seen))
    return [*found, *_agreement(key, plan, write, live, last), *told]


def _last_read(known: Known) -> Check:
    """What the last run has read, and why it was everything."""
    seen = (
        f"{known.run_id} has compared everybody: {known.why}" if known.why else f"{known.run_id} has done so"
    )
    return Check(KNOWN, True, seen)


def _known(known: Known) -> Check:
    """That a run looks at them once something moved, or that what it goes by is wrong."""
    if known.moved:
        why = f"; the last run compared everybody: {known.why}" if known.why else ""
        return Check(KNOWN, True, f"the next run looks at both sides: {known.moved}{why}")
    if known.equal:
        return Check(KNOWN, True, f"nothing moved since {known.run_id}, which has compared them")
    seen = (
        f"{known.run_id} has left them as they should be, and neither side says that anything changed since; "
        "but they differ, and runs that read what moved do not see it"
    )
    return Check(KNOWN, False, seen, "Start a sync with the option `full`: it compares everybody.")


def _nobody(key: str, gone: Record | None) -> Check:
    if gone and gone.reason and gone.reason.code != "EMPLOYEE_NOT_FOUND":
        return Check(EXISTS, False, gone.reason.message, gone.reason.remedy)
    remedy = f"Create the employee in Simployer One, or give them the employee number {key} there."
    return Check(EXISTS, False, f"no record has the number {key}", remedy)


def _refused(records: Sequence[Record]) -> list[Check]:
    """The check at which the records end, those of the selection first."""
    told = [record for record in records if record.reason]
    selection = [one for one in told if one.reason and one.reason.code not in _ABOUT_WHO | _ABOUT_REFERENCES]
    others = [one for one in told if one not in selection]
    if not others:
        return [Check(SELECTED, False, one.reason.message, one.reason.remedy) for one in told if one.reason]
    blocked = next((one for one in others if one.outcome is Outcome.BLOCKED), others[0])
    assert blocked.reason
    name = WHO if blocked.reason.code in _ABOUT_WHO else REFERENCES
    return [
        Check(SELECTED, True, "every rule of the selection holds"),
        Check(name, False, blocked.reason.message, blocked.reason.remedy),
    ]


def _agreement(
    number: str, plan: Plan, write: Write[Any] | None, live: Live, last: Mapping[str, Any]
) -> list[Check]:
    found = [Check(REFERENCES, True, "cost centre and employee group are there")]
    there = write is None or write.target_id is not None
    remedy = None if there else "Start a sync; it creates the employee."
    seen = f"employee {number} is there" if there else f"no employee has the code {number}"
    found.append(Check(THERE, there, seen, remedy))
    if write is not None and there:
        fields = ", ".join(change.field for change in write.record.changes)
        found.append(Check(AGREE, False, f"these fields differ: {fields}", "Start a sync."))
    elif there:
        found.append(Check(AGREE, True, _equal(plan.equal[0], live)))
    seen = f"{last['last_status']} at {last['last_finished_at']}" if last else "never"
    found.append(Check("last sync", bool(last), seen, None if last else "Start a sync."))
    return found


def _equal(case: Case, live: Live) -> str:
    """That what Xledger shows is equal, and what it does not show, with when that was sent last."""
    sent = live.sent(f"{ENTITY}:{case.employee.employee_number}")
    digests = case.link.digests if case.link else {}
    hidden = [
        (field.name, field.target) for field in FIELDS if field.held is None and field.target in digests
    ]
    contact = case.target.contact
    if contact and contact.social_sec:
        hidden = [one for one in hidden if one[1] != "socialSec"]
    if not hidden:
        return "every integration data field is equal"
    said = "every integration data field that Xledger shows is equal"
    days = (f"{_HIDDEN.get(name, name)} as last sent{_on(sent.get(name))}" for name, _ in hidden)
    return f"{said}; what can't be read there: {', '.join(days)}"


def _on(day: str | None) -> str:
    return f" on {day}" if day else ""
