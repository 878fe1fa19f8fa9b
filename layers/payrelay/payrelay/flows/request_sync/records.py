"""What a run says of a request."""

from __future__ import annotations

from payrelay.domain.records import Change, Outcome, Reason, Record
from payrelay.flows.request_sync.types import TYPES

ENTITY = "request"
SOURCE, TARGET = "Exact Synergy", "Exact Payroll Plus"


def label_of(kind: str, hid: int | str) -> str:
    """How messages name a request: `Overtime 90017`."""
    return f"{TYPES[kind].label if kind in TYPES else 'Request'} {hid}"


def record_of(
    kind: str, hid: int | str, outcome: Outcome, why: Reason | None = None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of a request, under its number."""
    return Record(ENTITY, str(hid), label_of(kind, hid), outcome, str(hid), why, changes)
