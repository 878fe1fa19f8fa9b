"""What moved since a plan was made, and on which side, in words (RUN-9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from payrelay.domain.reasons import reason
from payrelay.domain.records import Change, Reason, Record, Write
from payrelay.domain.sensitive import MASK

MOST = 3


class Sides(Struct, frozen=True):
    """How people know the two systems that a flow links; where it is `confidential`, no field is named."""

    source: str
    target: str
    confidential: bool = False


def moved(
    sides: Sides,
    planned: Write[Any],
    fresh: Write[Any] | None,
    told: Record | None,
    *,
    sent_before: bool,
    there: bool,
) -> Reason | None:
    """Why a plan that was looked at must not be written any more, or None.

    `fresh` is the write as it would be planned now, `told` the record that would stand in its place, and
    `there` whether the target has the thing. What is left of a write that was begun may be less than planned,
    never other than planned; where nothing is left of what is there, the target is as planned already.
    """
    was = {change.field: change for change in planned.record.changes}
    now = {change.field: change for change in fresh.record.changes} if fresh else {}
    if fresh is None and told is None and (there or sent_before):
        return None
    if sent_before and fresh and all(f in was and c.new == was[f].new for f, c in now.items()):
        return None
    if fresh and now == was and fresh.target_id == planned.target_id and fresh.digests == planned.digests:
        return None
    if fresh is None:
        what = _told(told) if told else f"it is gone from {sides.source} or {sides.target}"
    else:
        what = _what(sides, was, now)
    return reason("MOVED_SINCE_PREVIEW", label=planned.record.label, what=what)


def _told(record: Record) -> str:
    return f"it is {record.outcome.value} now: {record.reason.message if record.reason else ''}".rstrip(": ")


def _what(sides: Sides, was: Mapping[str, Change], now: Mapping[str, Change]) -> str:
    """The fields that moved, each with its side, its value now and the one before."""
    found = []
    for field in {**was, **now}:
        before, after = was.get(field), now.get(field)
        if before and after is None:
            found.append(f"{field} needs no change any more")
        elif after and before is None:
            found.append(f"{field} differs now, too{_values(after.old, after.new)}")
        elif before and after and before.new != after.new:
            found.append(f"in {sides.source}, {field} is {_shown(after.new, before.new)}")
        elif before and after and before.old != after.old:
            found.append(f"in {sides.target}, {field} is {_shown(after.old, before.old)}")
    if sides.confidential or not found:
        return f"a value that is not shown was changed in {sides.source} or {sides.target}"
    more = f"; and {len(found) - MOST} more fields" if len(found) > MOST else ""
    return "; ".join(found[:MOST]) + more


def _values(old: str | None, new: str | None) -> str:
    return "" if _hidden(old) or _hidden(new) else f" ({old or 'blank'} → {new or 'blank'})"


def _shown(now: str | None, then: str | None) -> str:
    if _hidden(now) or _hidden(then):
        return "another value, which is not shown"
    return f"{now or 'blank'}, not {then or 'blank'}"


def _hidden(value: str | None) -> bool:
    return value is not None and MASK in value
