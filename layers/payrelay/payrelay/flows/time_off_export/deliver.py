"""Writing planned absences to Xledger, in bulk (TO-1, RUN-4)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from payrelay.domain.records import Applied, Write
from payrelay.flows.engine.bulk import refused, send_in_bulk
from payrelay.flows.time_off_export.matched import Payload
from payrelay.systems.xledger.client import LARGEST_WRITE, XledgerClient


def deliver(xledger: XledgerClient, writes: Sequence[Write[Payload]]) -> list[Applied]:
    """Withdraw first, so that what takes its place does not overlap; then change and add.

    What Xledger refuses, or leaves alone, stops no other; the link of what was not removed stays.
    """
    gone: dict[str, dict[str, str]] = {w.target_id: {} for w in writes if w.removes and w.target_id}
    left = send_in_bulk(lambda nodes: xledger.remove_absences([db_id for db_id, _ in nodes]), gone).refused
    changed = {
        w.record.key: {"dbId": w.target_id, **w.payload.node} for w in writes if w.target_id and not w.removes
    }
    new = {w.record.key: w.payload.node for w in writes if w.target_id is None}
    updated = send_in_bulk(xledger.update_absences, changed)
    added = send_in_bulk(xledger.add_absences, new)
    refusals = {**updated.refused, **added.refused}

    def told(write: Write[Payload]) -> Applied:
        key = write.record.key
        why = left.get(write.target_id or "") if write.removes else refusals.get(key)
        record = refused(write.record, why) if why else write.record
        return Applied(record, write.target_id or added.done.get(key))

    return [told(write) for write in writes]


def calls(writes: Sequence[Write[Payload]]) -> int:
    """How many calls these writes take: one for so many nodes of each kind as Xledger takes at once."""
    gone = sum(write.removes for write in writes)
    new = sum(not write.removes and write.target_id is None for write in writes)
    return sum(ceil(count / LARGEST_WRITE) for count in (gone, new, len(writes) - gone - new))
