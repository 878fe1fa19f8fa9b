"""Carrying requests out: Payroll Plus first, and `Processed` only once all of it was taken (RQ-8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from payrelay.domain.records import Applied, Outcome, Record, Write
from payrelay.domain.runs import Link
from payrelay.errors import CredentialsRefused, Rejected
from payrelay.flows.engine.bulk import Refusal, refused, request_of
from payrelay.flows.request_sync.compare import Payload, as_read
from payrelay.flows.request_sync.read import Sides, named
from payrelay.flows.request_sync.reasons import reason
from payrelay.flows.request_sync.records import ENTITY
from payrelay.flows.request_sync.rules import PROCESSED
from payrelay.systems.payroll_plus.employees import PERIOD_CLOSED, STILL_CONCEPT

FORBIDDEN = "403"


def deliver(
    sides: Sides, writes: Sequence[Write[Payload]], keep: Callable[[Sequence[Link]], None]
) -> list[Applied]:
    """What became of each request. `keep` notes, before anything is sent, what may be sent from now on."""
    keep([_noted(write) for write in writes])
    sent: dict[str, Record] = {}
    for write in writes:
        sent[write.record.key] = _sent(sides, write)
    done = [write for write in writes if sent[write.record.key] is write.record and write.payload.process]
    fresh = {str(one.hid): as_read(one) for one in named(sides, [int(w.record.key) for w in done]).requests}
    ended = {
        call["hid"]: call["day"] for write in writes for call in write.payload.calls if call["call"] == "end"
    }
    for write in done:
        key = write.record.key
        # An end that this very batch has given it is no edit.
        ours = {"end": ended[key]} if key in ended else {}
        sent[key] = _processed(sides, write, {**write.payload.as_read, **ours}, fresh.get(key))
    return [Applied(sent[write.record.key], f"ESE-{write.record.key}") for write in writes]


def _noted(write: Write[Payload]) -> Link:
    key = write.record.key
    return Link(ENTITY, write.record.source_id, key, f"ESE-{key}", {}, dict(write.payload.cells))


def _sent(sides: Sides, write: Write[Payload]) -> Record:
    """The record of a request all of whose calls were taken, or as it ended."""
    for values in write.payload.calls:
        try:
            _carry_out(sides, write.payload.person, values)
        except Rejected as error:
            return _refused(write, error, values)
    return write.record


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
    if now is not None and now["status"] == PROCESSED:
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
        return refused(record, Refusal.of(error))
    return record


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


def calls(writes: Sequence[Write[Payload]]) -> int:
    """How many calls these writes take."""
    return sum(len(write.payload.calls) + write.payload.process for write in writes)
