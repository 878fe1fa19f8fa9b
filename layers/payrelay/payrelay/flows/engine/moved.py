"""What moved since a plan was made, and on which side, in words (RUN-9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from payrelay.domain.reasons import reason
from payrelay.domain.records import Change, Reason, Record, Write
from payrelay.domain.sensitive import MASK, UNREADABLE
from payrelay.flows.engine.engine import stamp

MOST = 3


class Deployed(Struct, frozen=True):
    """The version that made a plan, the one that is to write it, and since when there is that one.

    A plan that somebody has looked at is `applied`.
    """

    old: str
    new: str
    at: datetime | None
    applied: bool

    @property
    def when(self) -> str:
        """Since when, in words."""
        since = f" at {stamp(self.at)[:19]}Z" if self.at else ""
        return f"since the plan was made{',' if since else ''}{since}"


class Sides(Struct, frozen=True):
    """How people know the two systems that a flow links; where it is `confidential`, no field is named.

    `deployed` tells of a plan that another version has made: which, which it is now, and when that came.
    """

    source: str
    target: str
    confidential: bool = False
    deployed: Deployed | None = None


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
    there_only = was.keys() == now.keys() and all(now[name].new == one.new for name, one in was.items())
    if sides.deployed and not there_only:
        return _by_other_rules(sides.deployed, planned.record.label, what)
    return reason("MOVED_SINCE_PREVIEW", label=planned.record.label, what=what)


def _by_other_rules(deployed: Deployed, label: str, what: str) -> Reason:
    """What is told where it can't be known whether a value moved, or the rules that it was planned by."""
    if deployed.applied:
        return reason(
            "DEPLOYED_MEANWHILE",
            old=deployed.old,
            new=deployed.new,
            when=deployed.when,
            then=f": the rules may have changed, by which {label} is planned otherwise now ({what})",
            instead=", or make a new preview and apply that one",
        )
    rules = f"{what}; or the rules changed, of which a new version was installed {deployed.when}"
    return reason("MOVED_SINCE_PREVIEW", label=label, what=rules)


def _told(record: Record) -> str:
    return f"it is {record.outcome.value} now: {record.reason.message if record.reason else ''}".rstrip(":. ")


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
    return value is not None and (MASK in value or value == UNREADABLE)
