"""Writing planned absences to Xledger, in bulk (TO-1, RUN-4)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, Write
from payrelay.errors import TROUBLE
from payrelay.flows.engine.bulk import Sent, refused, send_in_bulk
from payrelay.flows.flow import Interrupted
from payrelay.flows.time_off_export.matched import Payload
from payrelay.systems.xledger.client import LARGEST_WRITE, XledgerClient
from payrelay.systems.xledger.refusals import SYSTEM


def deliver(xledger: XledgerClient, writes: Sequence[Write[Payload]]) -> list[Applied]:
    """Withdraw first, so that what takes its place does not overlap; then change and add.

    What Xledger refuses, or leaves alone, stops no other; the link of what was not removed stays.
    """
    sent = _Sent()
    try:
        _send(xledger, writes, sent)
    except TROUBLE as trouble:
        told = [found for write in writes if (found := _told(write, sent))]
        lost = {w.record.record_id for w in writes if _of(w, sent)[1] in _of(w, sent)[0].lost}
        raise Interrupted(told, trouble, doubtful=lost) from trouble
    return [_told(write, sent) or Applied(write.record, write.target_id) for write in writes]


class _Sent(Struct, frozen=True):
    """What was answered so far."""

    gone: Sent = field(default_factory=Sent)
    updated: Sent = field(default_factory=Sent)
    added: Sent = field(default_factory=Sent)


def _send(xledger: XledgerClient, writes: Sequence[Write[Payload]], sent: _Sent) -> None:
    gone: dict[str, dict[str, str]] = {w.target_id: {} for w in writes if w.removes and w.target_id}
    changed = {
        w.record.key: {"dbId": w.target_id, **w.payload.node} for w in writes if w.target_id and not w.removes
    }
    new = {w.record.key: w.payload.node for w in writes if w.target_id is None}
    send_in_bulk(lambda nodes: xledger.remove_absences([db_id for db_id, _ in nodes]), gone, sent.gone)
    send_in_bulk(xledger.update_absences, changed, sent.updated)
    send_in_bulk(xledger.add_absences, new, sent.added)


def _of(write: Write[Payload], sent: _Sent) -> tuple[Sent, str]:
    """Where the answer to a write is, and under which key."""
    if write.removes:
        return sent.gone, write.target_id or ""
    return (sent.updated if write.target_id else sent.added), write.record.key


def _told(write: Write[Payload], sent: _Sent) -> Applied | None:
    """What became of a write; None if that was not answered."""
    part, key = _of(write, sent)
    if key in part.refused:
        return Applied(refused(write.record, part.refused[key]), write.target_id)
    return Applied(write.record, write.target_id or part.done[key]) if key in part.done else None


def loads(writes: Sequence[Write[Payload]]) -> Loads:
    """The nodes of these writes, by kind."""
    gone = sum(write.removes for write in writes)
    new = sum(not write.removes and write.target_id is None for write in writes)
    kinds = {"gone": gone, "new": new, "changed": len(writes) - gone - new}
    return {name: Load(SYSTEM, count, LARGEST_WRITE) for name, count in kinds.items()}
