"""Why a request waits: both systems, the request types, then the request or the person (LB-10, RQ-8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.request_sync.read import named
from payrelay.flows.request_sync.records import SOURCE, TARGET
from payrelay.flows.request_sync.types import TYPES
from payrelay.systems.rows import BadRow

if TYPE_CHECKING:
    from payrelay.flows.request_sync.flow import RequestSync

_SETUP = "in Exact Synergy (Workflow, Setup, Request types)"


def checks(flow: RequestSync, key: str | None) -> list[Check]:
    """Both systems reached and the request types set up; then the request with this number."""
    sides = flow.sides
    found = [reached(SOURCE, sides.synergy), reached(TARGET, sides.payroll)]
    if not all(check.passed for check in found):
        return found
    found += _types(flow)
    return [*found, *_of_request(flow, key)] if key else found


def _types(flow: RequestSync) -> Iterator[Check]:
    """Each of the ten types that is there: both steps, and for everybody (RQ-8)."""
    for code, kind in flow.sides.steps.items():
        if code not in TYPES:
            continue
        name = f"{TYPES[code].label} takes part"
        if not kind.has_realise or not kind.has_process:
            step = "Realise" if not kind.has_realise else "Process"
            yield Check(name, False, f"no {step} step", f"Give the request type the step {step} {_SETUP}.")
        elif kind.person_field != "All":
            seen = f"Person is {kind.person_field}: not for students, temporary people and contractors"
            yield Check(name, False, seen, f"Set the field Person of the request type to All {_SETUP}.")
        else:
            yield Check(name, True, "has Realise and Process, for all")


def _of_request(flow: RequestSync, key: str) -> Iterator[Check]:
    found = named(flow.sides, [int(key)] if key.isdigit() else [])
    bad: list[BadRow] = list(found.bad)
    if bad:
        why = f"{bad[0].field} {bad[0].problem}"
        yield Check(f"request {key} can be read", False, why, "Correct the request in Exact Synergy.")
        return
    there = bool(found.requests)
    remedy = None if there else f"Look for another number: {SOURCE} has no request {key}."
    yield Check(f"request {key} is there", there, found.requests[0].status if there else "no such", remedy)
    if not there:
        return
    yield from flow.look_at(found.requests[0])
