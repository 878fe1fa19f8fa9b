"""Writing planned employees to Xledger, in bulk (EX-4, RUN-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from msgspec.structs import replace

from payrelay.domain.records import Applied, Write
from payrelay.flows.employee_export.compare import Payload
from payrelay.flows.employee_export.mapping import BY_NAME, CONTACT, EMPLOYEE
from payrelay.flows.engine.bulk import refused, send_in_bulk
from payrelay.systems.xledger.client import LARGEST_WRITE, XledgerClient


def deliver(xledger: XledgerClient, writes: Sequence[Write[Payload]]) -> list[Applied]:
    """Create and update employees, then their contacts; a refused one stops no other."""
    new = {w.record.key: w.payload.employee or {} for w in writes if w.target_id is None}
    old = {
        w.record.key: {"dbId": w.target_id, **w.payload.employee}
        for w in writes
        if w.target_id is not None and w.payload.employee
    }
    created = send_in_bulk(xledger.add_employees, new)
    updated = send_in_bulk(xledger.update_employees, old)
    refusals = {**created.refused, **updated.refused}
    contacts = {key: ref.contact_db_id for key, ref in created.done.items()}
    contacts |= {w.record.key: w.payload.contact_id for w in writes if w.target_id is not None}
    people: Mapping[str, Mapping[str, Any]] = {
        w.record.key: {"dbId": contacts[w.record.key], **w.payload.contact}
        for w in writes
        if w.payload.contact and contacts.get(w.record.key) and w.record.key not in refusals
    }
    refusals |= send_in_bulk(xledger.update_contacts, people).refused
    ids = {key: ref.db_id for key, ref in created.done.items()}
    return [
        Applied(
            refused(w.record, refusals[w.record.key]) if w.record.key in refusals else w.record,
            w.target_id or ids.get(w.record.key),
        )
        for w in writes
    ]


def left_of(planned: Write[Payload], fresh: Write[Payload] | None) -> Write[Payload] | None:
    """What is left of a write that may have been sent.

    A resource whose shown fields are all right is done if one of them had been wrong. Where only fields
    were sent that Xledger does not show, it is done if Xledger says that it was modified since.
    """
    if fresh is None:
        return None
    now, then = fresh.payload, planned.payload
    modified = then is not None and now.modified_at != then.modified_at
    left = replace(
        now,
        employee=None if _arrived(planned, fresh, EMPLOYEE, modified=modified) else now.employee,
        contact=None if _arrived(planned, fresh, CONTACT, modified=False) else now.contact,
    )
    if not left.employee and not left.contact:
        return None
    return replace(fresh, payload=left, record=planned.record)


def _arrived(planned: Write[Payload], fresh: Write[Payload], resource: str, *, modified: bool) -> bool:
    return not _shown(fresh, resource) and (_shown(planned, resource) or modified)


def _shown(write: Write[Payload], resource: str) -> bool:
    """Whether the write changes fields of this resource that the target shows."""
    changed = [BY_NAME[change.field] for change in write.record.changes]
    return any(field.resource == resource and field.held is not None for field in changed)


def calls(writes: Sequence[Write[Payload]]) -> int:
    """How many calls these writes take: one for so many nodes of each kind as Xledger takes at once."""
    new = sum(write.target_id is None for write in writes)
    old = sum(write.target_id is not None and bool(write.payload.employee) for write in writes)
    contacts = sum(bool(write.payload.contact) for write in writes)
    return sum(ceil(count / LARGEST_WRITE) for count in (new, old, contacts))
