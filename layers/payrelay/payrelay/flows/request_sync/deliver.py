"""Carrying requests out: Payroll Plus first, and `Processed` only once all of it was taken (RQ-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Outcome, Record, Write
from payrelay.domain.runs import Link
from payrelay.errors import (
    TROUBLE,
    CredentialsRefused,
    NeedsAttention,
    OutcomeUnknown,
    Rejected,
    VendorError,
)
from payrelay.flows.engine.bulk import Refusal, refused, request_of
from payrelay.flows.flow import Interrupted
from payrelay.flows.request_sync import facts
from payrelay.flows.request_sync.compare import Payload, as_read
from payrelay.flows.request_sync.read import Sides, named
from payrelay.flows.request_sync.reasons import reason
from payrelay.flows.request_sync.records import ENTITY
from payrelay.flows.request_sync.rules import PROCESSED, Cell
from payrelay.flows.request_sync.types import TYPES, VARIABLE_INPUT
from payrelay.systems.payroll_plus.client import SYSTEM as PAYROLL
from payrelay.systems.payroll_plus.employees import PERIOD_CLOSED, STILL_CONCEPT
from payrelay.systems.synergy.odata import AT_ONCE
from payrelay.systems.synergy.odata import SYSTEM as SYNERGY

FORBIDDEN = "403"


class Notes(Protocol):
    """What is kept of where something of a request may stand."""

    def keep(self, links: Sequence[Link]) -> None:
        """These places may be written from now on."""

    def drop(self, link: Link) -> None:
        """Of the places that were kept for a request only these were written."""


class _Told(Struct):
    """What is known so far: how many calls of each request were taken, how each ended, and what was asked."""

    taken: dict[str, int] = field(default_factory=dict)
    processed: set[str] = field(default_factory=set)
    ended: dict[str, Record] = field(default_factory=dict)
    asked: str = ""


def deliver(sides: Sides, writes: Sequence[Write[Payload]], notes: Notes) -> list[Applied]:
    """What became of each request; what may be sent is noted before anything is.

    Interrupted by trouble, with all that was answered before it.
    """
    notes.keep([_noted(write, write.payload.cells) for write in writes])
    told = _Told()
    try:
        _deliver(sides, writes, notes, told)
    except TROUBLE as trouble:
        raise _interrupted(writes, told, trouble) from trouble
    return [_applied(write, told.ended[write.record.key], told) for write in writes]


def _deliver(sides: Sides, writes: Sequence[Write[Payload]], notes: Notes, told: _Told) -> None:
    sent = told.ended
    for write in writes:
        key = told.asked = write.record.key
        record, calls = _sent(sides, write, told)
        if calls:
            notes.drop(_noted(write, _written(write, calls)))
        if record is not write.record or not write.payload.process:
            sent[key] = record
    done = [write for write in writes if write.record.key not in sent]
    fresh = _as_now(sides, done)
    ended = {
        str(call["hid"]): call["day"]
        for write in writes
        for call in write.payload.calls
        if call["call"] == "end"
    }
    # An end that this very batch has given it is no edit.
    ours = {key: {"end": day} for key, day in ended.items()}
    expected = {w.record.key: {**w.payload.as_read, **ours.get(w.record.key, {})} for w in done}
    processed = []
    for write in done:
        key = told.asked = write.record.key
        record = _processed(sides, write, expected[key], fresh.get(key))
        if record is write.record:
            told.processed.add(key)
            processed.append(write)
        else:
            sent[key] = record
    after = _as_now(sides, processed)
    for write in processed:
        key = write.record.key
        sent[key] = _as_processed(write, expected[key], after.get(key))


def _applied(write: Write[Payload], record: Record, told: _Told) -> Applied:
    """How a request ended; of one that is not carried out, what was written of it."""
    part = _part(write, told) if record.outcome in (Outcome.FAILED, Outcome.BLOCKED) else None
    return Applied(record, f"ESE-{write.record.key}", part)


def _interrupted(
    writes: Sequence[Write[Payload]], told: _Told, trouble: VendorError | NeedsAttention
) -> Interrupted:
    """What is known of each request when trouble came in between."""
    applied = [_applied(w, told.ended[w.record.key], told) for w in writes if w.record.key in told.ended]
    parts = [(w, _part(w, told)) for w in writes if w.record.key not in told.ended]
    begun = [Applied(part, f"ESE-{write.record.key}") for write, part in parts if part]
    asked = [write.record.record_id for write in writes if write.record.key == told.asked]
    return Interrupted(applied, trouble, begun, asked if isinstance(trouble, OutcomeUnknown) else [])


def _part(write: Write[Payload], told: _Told) -> Record | None:
    """The record with the changes that were taken; None if there are none."""
    key = write.record.key
    taken = [_field(call) for call in write.payload.calls[: told.taken.get(key, 0)]]
    taken += ["StatusCode"] if key in told.processed else []
    changes = tuple(one for one in write.record.changes if one.field.startswith(tuple(taken)))
    return replace(write.record, changes=changes) if changes else None


def _field(call: Mapping[str, Any]) -> str:
    """What the names of the changes of a call begin with."""
    if call["call"] == "input":
        return f"{VARIABLE_INPUT}.{call['prPeriod']}.{call['component']}"
    if call["call"] == "payment":
        return f"{call['kind']}.{call['component']}.{call['start']}."
    return f"request {call['hid']}."


def _as_now(sides: Sides, writes: Sequence[Write[Payload]]) -> dict[str, dict[str, str]]:
    """These requests as Synergy has them now, by their numbers; who is deleted is not among them."""
    return {str(one.hid): as_read(one) for one in named(sides, [int(w.record.key) for w in writes]).requests}


def _noted(write: Write[Payload], cells: Mapping[str, str]) -> Link:
    key = write.record.key
    return Link(ENTITY, write.record.source_id, key, f"ESE-{key}", {}, dict(cells))


def _sent(sides: Sides, write: Write[Payload], told: _Told) -> tuple[Record, Sequence[Mapping[str, Any]]]:
    """The record of a request all of whose calls were taken, or as it ended; and the calls that were not."""
    calls = write.payload.calls
    for number, values in enumerate(calls):
        try:
            _carry_out(sides, write.payload.person, values)
        except Rejected as error:
            return _refused(write, error, values), calls[number:]
        told.taken[write.record.key] = number + 1
    return write.record, ()


def _written(write: Write[Payload], untaken: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What may have been written of a request of which these calls were not taken, as it is kept."""
    known, refused_cells = facts.known(_noted(write, write.payload.cells)), set(map(_cell, untaken))
    cells = {cell: value for cell, value in known.cells.items() if cell not in refused_cells}
    return facts.stored(cells, known.ends if len(untaken) < len(write.payload.calls) else None)


def _cell(call: Mapping[str, Any]) -> Cell | None:
    """The place that a call writes; None for one that writes to Synergy."""
    if call["call"] == "input":
        return Cell(VARIABLE_INPUT, call["component"], call["prPeriod"])
    return Cell(call["kind"], call["component"], call["start"]) if call["call"] == "payment" else None


def _carry_out(sides: Sides, person: str, values: Mapping[str, Any]) -> None:
    employees = sides.payroll.employees
    match values["call"]:
        case "payment":
            body = {name: values[name] for name in ("amount", "endDate", "sourceRef")}
            start = date.fromisoformat(values["start"])
            employees.put_payment(person, values["kind"], values["component"], start, body)
        case "input":
            employees.put_input(person, {name: one for name, one in values.items() if name != "call"})
        case "end":
            sides.synergy.requests.end(int(values["hid"]), date.fromisoformat(values["day"]))
        case unknown:
            raise ValueError(f"no such call: {unknown}")


def _processed(
    sides: Sides, write: Write[Payload], expected: Mapping[str, str], now: Mapping[str, str] | None
) -> Record:
    """Set a request to processed, if it is still the one that was sent."""
    record = write.record
    if now is None:
        return _deleted(write)
    if now["status"] == PROCESSED:
        return record
    if now != expected:
        return replace(record, reason=reason("EDITED_MEANWHILE", label=record.label))
    try:
        sides.synergy.requests.process(int(record.key))
    except CredentialsRefused as error:
        if error.code != FORBIDDEN:
            raise
        why = reason("NO_RIGHT_TO_PROCESS", label=record.label, problem=error.message)
        return replace(record, outcome=Outcome.FAILED, reason=why, request=request_of(error))
    except Rejected as error:
        return refused(record, Refusal.of(error)) if _as_now(sides, [write]) else _deleted(write)
    return record


def _as_processed(
    write: Write[Payload], expected: Mapping[str, str], now: Mapping[str, str] | None
) -> Record:
    """The record of a request that was set to processed: Synergy does so whatever was edited just before."""
    if now is None:
        return _deleted(write)
    if now["status"] != PROCESSED or now == {**expected, "status": PROCESSED}:
        return write.record
    why = reason("EDITED_AS_PROCESSED", label=write.record.label)
    return replace(write.record, outcome=Outcome.BLOCKED, reason=why)


def _deleted(write: Write[Payload]) -> Record:
    """The record of a request that somebody deleted while it was sent: no run sees it any more."""
    what = ", ".join(_place(call) for call in write.payload.calls if call["call"] != "end")
    values = {"label": write.record.label, "what": what, "place": TYPES[write.payload.kind].screen}
    return replace(write.record, outcome=Outcome.BLOCKED, reason=reason("DELETED_MEANWHILE", **values))


def _place(call: Mapping[str, Any]) -> str:
    """Where in Payroll Plus a call writes."""
    if call["call"] == "input":
        return f"{call['component']} of {call['prPeriod']}"
    return f"{call['component']} from {call['start']}"


def _refused(write: Write[Payload], error: Rejected, call: Mapping[str, Any]) -> Record:
    """What a refusal of a call means; one that no repeating cures is a person's work."""
    record = write.record
    if error.code == PERIOD_CLOSED:
        values = {"label": record.label, "period": call["prPeriod"], "status": "Processed", "held": ""}
        why = reason("PAYROLL_PERIOD_CLOSED", **values, open="a period that is open")
        return replace(record, outcome=Outcome.BLOCKED, reason=why, changes=(), request=request_of(error))
    if error.code == STILL_CONCEPT:
        person = f"employee {write.payload.person}"
        why = reason("REQUEST_WAITS_FOR_CONCEPT", label=record.label, person=person)
        return replace(record, outcome=Outcome.BLOCKED, reason=why, changes=(), request=request_of(error))
    return refused(record, Refusal.of(error))


def loads(writes: Sequence[Write[Payload]]) -> Loads:
    """The calls of these writes; a request that is processed is looked at before and after that."""
    ends = sum(call["call"] == "end" for write in writes for call in write.payload.calls)
    processed = sum(write.payload.process for write in writes)
    return {
        "paid": Load(PAYROLL, sum(len(write.payload.calls) for write in writes) - ends),
        "ended": Load(SYNERGY, ends),
        "processed": Load(SYNERGY, processed),
        "looked at before": Load(SYNERGY, processed, AT_ONCE),
        "looked at after": Load(SYNERGY, processed, AT_ONCE),
    }
