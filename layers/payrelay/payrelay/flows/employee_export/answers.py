"""What Xledger's answer to a write lets be known: the rest of it is as it was compared (RUN-11).

Between the reading and the writing somebody may have changed another field of the same person. The answer
shows how the row stands now: where it does not have what was sent, or the rest of it is not as it was
compared, it is compared again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from payrelay.domain.records import Write
from payrelay.domain.spelling import seen
from payrelay.flows.employee_export.compare import Payload
from payrelay.flows.employee_export.glance import fact_of
from payrelay.flows.employee_export.mapping import (
    CONTACT,
    EMPLOYEE,
    FIELDS,
    OPENED,
    SHOWN_AS_CODES,
    Field,
    Target,
)
from payrelay.systems.xledger.models import ContactNode, ContactRef, EmployeeNode, EmployeeRef
from payrelay.systems.xledger.times import seconds_of

_SIZE = 8
_SHOWN = tuple(field for field in (*FIELDS, OPENED) if field.held)
_PARTS = 6


def to_be_known(write: Write[Payload], target: Target, run_id: str, digest: bytes, key: bytes) -> str | None:
    """What is to be known of a write once it is answered, as far as its plan can tell."""
    node, contact, sent = target.employee, target.contact, write.payload.employee or {}
    if node is None or contact is None or node.contact_db_id is None:
        return None
    rests = (
        _rest_of_employee(node, sent, key),
        _rest_of_contact(contact, write.payload.contact or {}, sent, key),
    )
    versions = seconds_of(node.modified_at), seconds_of(contact.modified_at)
    return ":".join([run_id, digest.hex(), *rests, *map(str, versions)])


def fact(
    write: Write[Payload], employee: EmployeeRef | None, contact: ContactRef | None, key: bytes
) -> str | None:
    """What the link of a write keeps of its answers; None where they do not show that all is as compared."""
    payload = write.payload
    known = (payload.known or "").split(":")
    if len(known) != _PARTS or not payload.contact_id or not write.target_id:
        return None
    run_id, digest, *rests = known[:4]
    versions = [int(known[4]), int(known[5])]
    sent = payload.employee or {}
    if payload.employee:
        now = employee.now if employee else None
        if now is None or not _has(EMPLOYEE, now, sent) or _rest_of_employee(now, sent, key) != rests[0]:
            return None
        versions[0] = seconds_of(now.modified_at)
    if payload.contact:
        there = contact.now if contact else None
        if there is None or not _has(CONTACT, there, payload.contact):
            return None
        if _rest_of_contact(there, payload.contact, sent, key) != rests[1]:
            return None
        versions[1] = seconds_of(there.modified_at)
    if not all(versions):
        return None
    return fact_of(run_id, digest, versions, (write.target_id, payload.contact_id))


def _has(resource: str, row: Any, sent: Mapping[str, Any]) -> bool:
    """Whether a row has what was sent of it; of most references it tells the dbId, and was sent the code."""
    for field in _SHOWN:
        name, _, inner = field.target.partition(".")
        if field.resource != resource or name not in sent or field.held is None or not _tells(field):
            continue
        value = sent[name]
        if isinstance(value, Mapping):
            if (inner or "code") not in value:
                continue
            value = value[inner or "code"]
        if _plain(field.held(row)) != _plain(value):
            return False
    return True


def _tells(field: Field) -> bool:
    return field.lookup is None or field.lookup in SHOWN_AS_CODES


def _plain(value: Any) -> Any:
    return seen(value) if isinstance(value, str) and value else None if value == "" else value


def _rest_of_employee(node: EmployeeNode, sent: Collection[str], key: bytes) -> str:
    more = [node.code, node.contact_db_id]
    if "socialSec" not in sent:
        more.append(node.social_security_masked)
    return _rest(EMPLOYEE, node, sent, more, key)


def _rest_of_contact(
    contact: ContactNode, sent: Collection[str], of_employee: Collection[str], key: bytes
) -> str:
    number = contact.social_sec
    more = [number.reveal() if number and "socialSec" not in of_employee else None]
    return _rest(CONTACT, contact, sent, more, key)


def _rest(resource: str, row: Any, sent: Collection[str], more: list[Any], key: bytes) -> str:
    """A keyed hash of what is compared of a row and was not sent."""
    fields = (one for one in _SHOWN if one.resource == resource and one.target.partition(".")[0] not in sent)
    values = [one.held(row) for one in fields if one.held]
    return blake2b(msgspec.json.encode([values, more], enc_hook=str), digest_size=_SIZE, key=key).hexdigest()
