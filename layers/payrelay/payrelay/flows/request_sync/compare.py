"""A decision as it is planned: the record with its changes, and the calls that carry it out (RQ-7, RQ-8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from payrelay.domain.records import Change, Outcome, Record, Risk, Write
from payrelay.domain.sensitive import MASK, Secret
from payrelay.flows.request_sync import facts
from payrelay.flows.request_sync.payments import Payment, cell_of
from payrelay.flows.request_sync.person import (
    Decision,
    EndRequest,
    Known,
    Office,
    PutInput,
    PutPayment,
    Step,
)
from payrelay.flows.request_sync.reasons import reason
from payrelay.flows.request_sync.records import SOURCE, label_of, record_of
from payrelay.flows.request_sync.rules import PROCESSED, REOPENED, Cell, Problem, Request, written
from payrelay.flows.request_sync.types import BASIC_WAGE, FIELDS, LABELS, TYPES

PAY_SLIP = "Normale strook"
# Hours of sickness are about somebody's health.
_PRIVATE = "SICK"


class Payload(Struct, frozen=True):
    """What is sent of one request: calls in their order, each with its kind and its values.

    `as_read` is the request as it was planned, to be looked at once more before it is set to processed;
    `cells` are the places that may be written.
    """

    person: str
    kind: str
    calls: Sequence[Mapping[str, Any]] = ()
    process: bool = False
    as_read: Mapping[str, str] = {}
    cells: Mapping[str, str] = {}


def planned(
    decision: Decision, office: Office, before: Known | None, name_of: Callable[[int], str]
) -> Write[Payload] | Record | None:
    """What is planned of a decision: a write, a record that says why not, or None for nothing.

    `before` is what was sent of the request, if anything was.
    """
    request = decision.request
    if decision.problem:
        outcome = Outcome.SKIPPED if decision.problem.code in SKIPS else Outcome.BLOCKED
        return refused(request, decision.problem, name_of(request.person), outcome)
    note = _reason(request, decision.note, name_of(request.person)) if decision.note else None
    steps = decision.steps
    if not steps:
        return record_of(request.type, request.hid, Outcome.UNCHANGED, note) if note else None
    ends = {step.hid: step.day for step in steps if isinstance(step, EndRequest)}
    calls = [
        _call(step, request, office) for step in steps if isinstance(step, PutPayment | PutInput | EndRequest)
    ]
    return Write(
        record=record_of(
            request.type,
            request.hid,
            Outcome.UPDATED if before or request.status == REOPENED else Outcome.CREATED,
            note,
            _changes(decision, office, before or Known()),
        ),
        payload=Payload(
            person=str(request.person),
            kind=request.type,
            calls=tuple(calls),
            process=request.status != REOPENED,
            as_read=as_read(request),
            cells=facts.stored(dict.fromkeys(decision.cells, facts.MAYBE), ends),
        ),
        target_id=request.ref if before else None,
        risks=_risks(decision, office),
        facts=facts.stored(decision.cells),
    )


# These are no work for anybody.
SKIPS = frozenset({"REQUEST_TYPE_UNKNOWN"})


def refused(request: Request, problem: Problem, person: str, outcome: Outcome = Outcome.BLOCKED) -> Record:
    """The record of a request that can not go as it is; `person` is how messages name whose it is."""
    return record_of(request.type, request.hid, outcome, _reason(request, problem, person))


def _reason(request: Request, problem: Problem, person: str) -> Any:
    kind = TYPES.get(request.type)
    values = dict(problem.values)
    if "field" in values:
        values["field"] = LABELS.get(values["field"], values["field"])
    if "other" in values and values["other"].startswith("ESE-"):
        values["other"] = label_of(request.type, values["other"].removeprefix("ESE-"))
    common = {
        "label": label_of(request.type, request.hid),
        "person": person,
        "place": kind.screen if kind else "",
        "start": f"{request.start}",
        "end": f"{request.end or ''}",
        "system": SOURCE,
    }
    return reason(problem.code, **{**common, **values})


def as_read(request: Request) -> dict[str, str]:
    """What of a request must still be so when it is set to processed."""
    names = ("type", "status", "person", "start", "end", "item", "quantity")
    numbers = ("number_1", "number_2", "number_3", "salary_scale")
    found = {name: str(getattr(request, name)) for name in (*names, *numbers)}
    amount = request.amount
    return {**found, "amount": "" if amount is None else Secret(f"{amount:f}").fingerprint(b"as read")}


def _call(step: Step, request: Request, office: Office) -> dict[str, Any]:
    match step:
        case PutPayment(payment):
            return {
                "call": "payment",
                "kind": payment.kind,
                "component": payment.component,
                "start": payment.start.isoformat(),
                "amount": Secret(written(payment.amount)),
                "endDate": payment.end.isoformat() if payment.end else None,
                "sourceRef": payment.ref,
            }
        case PutInput(cell, value, start, end):
            return {
                "call": "input",
                "component": cell.component,
                "prPeriod": cell.at,
                "value": Secret(written(value)),
                "paySlip": PAY_SLIP,
                "devidingUnit": office.dividing_unit,
                "shift": office.shift,
                "startDate": start.isoformat(),
                "endDate": end.isoformat(),
                "sourceRef": request.ref,
            }
        case EndRequest(hid, day):
            return {"call": "end", "hid": str(hid), "day": day.isoformat()}
    raise TypeError(f"{type(step).__name__} is no call")


def _changes(decision: Decision, office: Office, before: Known) -> tuple[Change, ...]:
    """What a person sees of it: amounts of pay and hours of sickness only as changed."""
    found: list[Change] = []
    request = decision.request
    there = {cell_of(one): one for one in office.payments}
    for step in decision.steps:
        match step:
            case PutPayment(payment):
                found += _payment_changes(payment, there.get(cell_of(payment)))
            case PutInput(cell, value, _, _):
                was = before.cells.get(cell, facts.MAYBE)
                old = None if was.is_nan() else _input_shown(request, office, cell, was)
                new = _input_shown(request, office, cell, value)
                found.append(Change(f"variableInput.{cell.at}.{cell.component}", old, new))
            case EndRequest(hid, day):
                found.append(Change(f"request {hid}.EndDate", None, day.isoformat()))
    if request.status != REOPENED:
        found.append(Change("StatusCode", request.status, PROCESSED))
    return tuple(found)


def _input_shown(request: Request, office: Office, cell: Cell, value: Decimal) -> str:
    """Hours and kilometres; of sickness and of money only that there is some."""
    component = office.components.get(cell.component)
    is_money = component is not None and FIELDS.get(component.unit) == "amount"
    return MASK if value and (request.type == _PRIVATE or is_money) else written(value)


def _payment_changes(now: Payment, before: Payment | None) -> list[Change]:
    name = f"{now.kind}.{now.component}.{now.start}"
    found = []
    if before is None or before.amount != now.amount:
        zero = written(Decimal(0))
        found.append(
            Change(f"{name}.amount", _pay(before.amount) if before else None, _pay(now.amount) or zero)
        )
    if (before.end if before else None) != now.end:
        old, new = before.end if before else None, now.end
        found.append(Change(f"{name}.endDate", f"{old}" if old else None, f"{new}" if new else None))
    return found


def _pay(amount: Decimal) -> str | None:
    return MASK if amount else None


def _risks(decision: Decision, office: Office) -> tuple[Risk, ...]:
    """What the brake sees: a wage that replaces another, or that is emptied (RUN-10)."""
    wages = [
        step.payment
        for step in decision.steps
        if isinstance(step, PutPayment) and step.payment.kind == BASIC_WAGE
    ]
    if not wages:
        return ()
    if decision.request.status == REOPENED:
        return (Risk.EMPTY,)
    before = any(one.kind == BASIC_WAGE and one.in_force for one in office.payments)
    return (Risk.PAY,) if before else ()
