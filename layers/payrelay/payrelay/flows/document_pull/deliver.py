"""Putting documents into dossiers one by one: fetched, checked, stored, and forgotten (DOC-1, DOC-3)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.records import Applied, Outcome, Record, Write
from payrelay.errors import TROUBLE, OutcomeUnknown, Rejected, RetryLater
from payrelay.flows.document_pull.reasons import reason
from payrelay.flows.document_pull.rules import wrong_with
from payrelay.flows.engine.bulk import Refusal, refused, request_of
from payrelay.flows.exact import ExactSystems
from payrelay.flows.flow import Interrupted
from payrelay.systems.payroll_plus.documents import NOT_THERE

_BUSINESS = 500
_SHOWN, _RECOGNISED = 8, 16


class Payload(Struct, frozen=True):
    """What is stored of a document, but for its content, which is fetched only then."""

    document: str
    language: str
    sha256: str
    link: str
    key: str
    person: int
    type: int
    subject: str
    day: str
    file_name: str


def deliver(sides: ExactSystems, writes: Sequence[Write[Payload]]) -> list[Applied]:
    """What became of each document; those before some trouble count."""
    done: list[Applied] = []
    for write in writes:
        try:
            done.append(Applied(_stored(sides, write), write.payload.link))
        except TROUBLE as trouble:
            lost = [write.record.record_id] if isinstance(trouble, OutcomeUnknown) else []
            raise Interrupted(done, trouble, doubtful=lost) from trouble
    return done


def _stored(sides: ExactSystems, write: Write[Payload]) -> Record:
    """The record of a document that was fetched, is what was announced, and is in its dossier."""
    payload, record = write.payload, write.record
    try:
        content = sides.payroll.documents.content(payload.document, payload.language)
    except Rejected as error:
        if error.code != NOT_THERE:
            return refused(record, Refusal.of(error))
        return _blocked(record, "DOCUMENT_WITHDRAWN", error)
    wrong = wrong_with(content, payload.sha256)
    if wrong:
        seen = hashlib.sha256(content).hexdigest()
        values = {"announced": payload.sha256[:_SHOWN], "seen": seen[:_SHOWN], "size": len(content)}
        return _blocked(record, wrong, None, id=payload.document, **values)
    encoded = base64.b64encode(content).decode()
    del content
    return _created(sides, write, encoded)


def _created(sides: ExactSystems, write: Write[Payload], encoded: str) -> Record:
    payload, record = write.payload, write.record
    body = {
        "DocumentType": payload.type,
        "Subject": payload.subject,
        "ResourceID": payload.person,
        "DocumentDate": f"{payload.day}T00:00:00",
        "FileName": payload.file_name,
        "Content": encoded,
        "TextFreeField1": payload.key,
    }
    try:
        sides.synergy.documents.create(body)
    except OutcomeUnknown as error:
        # A mistake of business is told like a breakdown: whether it was stored is looked up at once.
        if error.call is None or error.call.status != _BUSINESS:
            raise
        if len(sides.synergy.documents.filed([payload.key])):
            return record
        return _refused(record, error, encoded)
    except Rejected as error:
        return _refused(record, error, encoded)
    return record


def _refused(record: Record, error: Rejected | RetryLater, encoded: str) -> Record:
    """The record of a document that Exact Synergy refused; nothing of the content shows in its words."""
    refusal = Refusal.of(error)
    if encoded[:_RECOGNISED] in refusal.problem:
        refusal = replace(refusal, problem="the content, which is not repeated here")
    return refused(record, refusal)


def _blocked(record: Record, code: str, error: Rejected | None, **values: object) -> Record:
    why = reason(code, label=record.label, **values)
    request = request_of(error) if error else None
    return replace(record, outcome=Outcome.BLOCKED, reason=why, changes=(), request=request)
