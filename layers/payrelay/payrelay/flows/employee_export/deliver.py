"""Writing planned employees to Xledger, in bulk (EX-4, RUN-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Change, Record, Write
from payrelay.errors import TROUBLE, NeedsAttention, VendorError
from payrelay.flows.employee_export.compare import Payload
from payrelay.flows.employee_export.mapping import BY_NAME, CONTACT, EMPLOYEE
from payrelay.flows.employee_export.read import FACT
from payrelay.flows.engine.bulk import Refusal, Sent, refused, send_in_bulk
from payrelay.flows.flow import Interrupted
from payrelay.systems.xledger.client import LARGEST_WRITE, XledgerClient
from payrelay.systems.xledger.refusals import SYSTEM


class _Sent(Struct, frozen=True):
    """What was answered so far: of new employees, of those that are there, and of contacts."""

    created: Sent = field(default_factory=Sent)
    updated: Sent = field(default_factory=Sent)
    contacts: Sent = field(default_factory=Sent)


def deliver(xledger: XledgerClient, writes: Sequence[Write[Payload]], secret: bytes) -> list[Applied]:
    """Create and update employees, then their contacts; a refused one stops no other.

    Interrupted by trouble, with all that was answered before it. `secret` keys hashes.
    """
    sent = _Sent()
    try:
        people = _send(xledger, writes, sent)
    except TROUBLE as trouble:
        raise _interrupted(writes, sent, trouble, secret) from trouble
    return [_ended(write, sent, secret, done=write.record.key in people) for write in writes]


def _send(xledger: XledgerClient, writes: Sequence[Write[Payload]], sent: _Sent) -> Mapping[str, Any]:
    """Send what is planned, and put down each answer in `sent`; the contacts that were sent."""
    new = {w.record.key: w.payload.employee or {} for w in writes if w.target_id is None}
    old = {
        w.record.key: {"dbId": w.target_id, **w.payload.employee}
        for w in writes
        if w.target_id is not None and w.payload.employee
    }
    send_in_bulk(xledger.add_employees, new, sent.created)
    change, touch = _changing(xledger, writes)
    send_in_bulk(change, old, sent.updated)
    contacts = {key: ref.contact_db_id for key, ref in sent.created.done.items()}
    contacts |= {w.record.key: w.payload.contact_id for w in writes if w.target_id is not None}
    people: Mapping[str, Mapping[str, Any]] = {
        w.record.key: {"dbId": contacts[w.record.key], **w.payload.contact}
        for w in writes
        if w.payload.contact and contacts.get(w.record.key) and not _refusal(w, sent)
    }
    send_in_bulk(touch, people, sent.contacts)
    return people


def _changing(xledger: XledgerClient, writes: Sequence[Write[Payload]]) -> tuple[Any, Any]:
    """What changes employees, and contacts; the answers tell how they stand, where that is to be known."""
    if not any(write.payload.known for write in writes):
        return xledger.update_employees, xledger.update_contacts
    return partial(xledger.update_employees, told=True), partial(xledger.update_contacts, told=True)


def _ended(write: Write[Payload], sent: _Sent, secret: bytes, *, done: bool) -> Applied:
    """How a write ended that was sent whole; who has no contact in Xledger has no fields of it written."""
    refusal, part = _refusal(write, sent), _part(write, sent)
    target_id = _target(write, sent)
    if refusal:
        return Applied(refused(write.record, refusal), target_id, part)
    whole = done or not write.payload.contact
    if not whole and part is not None:
        return Applied(part, target_id)
    return Applied(write.record, target_id, facts=_facts(write, sent, secret) if write.payload.known else {})


def _facts(write: Write[Payload], sent: _Sent, secret: bytes) -> dict[str, str]:
    """What the answers let be known of a write later."""
    from payrelay.flows.employee_export.answers import fact  # noqa: PLC0415  (small companies need none)

    name = write.record.key
    found = fact(write, sent.updated.done.get(name), sent.contacts.done.get(name), secret)
    return {FACT: found} if found else {}


def _interrupted(
    writes: Sequence[Write[Payload]], sent: _Sent, trouble: VendorError | NeedsAttention, secret: bytes
) -> Interrupted:
    """What is known of each write when trouble came in between."""
    applied, begun = [], []
    for write in writes:
        key, part = write.record.key, _part(write, sent)
        if _refusal(write, sent) or (part and (key in sent.contacts.done or not write.payload.contact)):
            applied.append(_ended(write, sent, secret, done=True))
        elif part:
            begun.append(Applied(part, _target(write, sent)))
    lost = sent.created.lost | sent.updated.lost | sent.contacts.lost
    return Interrupted(applied, trouble, begun, [w.record.record_id for w in writes if w.record.key in lost])


def _refusal(write: Write[Payload], sent: _Sent) -> Refusal | None:
    key = write.record.key
    found = (one.refused.get(key) for one in (sent.contacts, sent.updated, sent.created))
    return next((one for one in found if one), None)


def _target(write: Write[Payload], sent: _Sent) -> str | None:
    ref = sent.created.done.get(write.record.key)
    return write.target_id or (ref.db_id if ref else None)


def _part(write: Write[Payload], sent: _Sent) -> Record | None:
    """The record with the changes that Xledger has taken; None if there are none."""
    key, done = write.record.key, set()
    if key in sent.created.done or key in sent.updated.done:
        done.add(EMPLOYEE)
    if key in sent.contacts.done:
        done.add(CONTACT)
    changes = tuple(one for one in write.record.changes if BY_NAME[one.field].resource in done)
    return replace(write.record, changes=changes) if done else None


def digests_of(write: Write[Payload], changes: Sequence[Change]) -> Mapping[str, str] | None:
    """What is known as sent once these changes were taken: all fields that do not show are the employee's."""
    return write.digests if any(BY_NAME[one.field].resource == EMPLOYEE for one in changes) else None


def arrived(planned: Write[Payload], fresh: Write[Payload] | None, *, there: bool) -> tuple[Change, ...]:
    """The changes that Xledger has taken of a write whose answer was lost: a resource as a whole."""
    if not there:
        return ()
    done = {CONTACT, EMPLOYEE}
    if fresh is not None:
        modified = planned.payload is not None and fresh.payload.modified_at != planned.payload.modified_at
        done = {EMPLOYEE} if planned.target_id is None else set()
        done |= {EMPLOYEE} if _arrived(planned, fresh, EMPLOYEE, modified=modified) else set()
        done |= {CONTACT} if _arrived(planned, fresh, CONTACT, modified=False) else set()
    return tuple(one for one in planned.record.changes if BY_NAME[one.field].resource in done)


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


def loads(writes: Sequence[Write[Payload]]) -> Loads:
    """The nodes of these writes, by kind."""
    kinds = {
        "new": sum(write.target_id is None for write in writes),
        "changed": sum(write.target_id is not None and bool(write.payload.employee) for write in writes),
        "contacts": sum(bool(write.payload.contact) for write in writes),
    }
    return {name: Load(SYSTEM, count, LARGEST_WRITE) for name, count in kinds.items()}
