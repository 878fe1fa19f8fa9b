"""What failed or is blocked, over all connections (OPS-2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from call import Answer, Call
from query import cursor, moment, one_of, page, page_size
from withheld import failure_views

from payrelay.flows.catalog import flow_names
from payrelay.flows.reasons import every_reason
from payrelay.ledger.failures import Failure, Failures, Position
from payrelay.ledger.open_failures import Found, OpenFailures, by_reason


def list_failures(call: Call) -> Answer:
    """What failed or is blocked and is wrong still, or ever was; and the number of them by reason code."""
    query = call.query(
        open=one_of(("true", "false")),
        reason=one_of(every_reason()),
        flow=one_of(flow_names()),
        since=moment,
        limit=page_size,
        cursor=cursor("failures", str, int),
    )
    return _ever(call, query) if query["open"] == "false" else _open(call, query)


def _open(call: Call, query: dict[str, Any]) -> Answer:
    """Each record once, with the run that saw it last."""
    found, whole = OpenFailures(call.container.ledger, call.tenant, query["flow"]).found(query["since"])
    code, start = query["reason"], query["cursor"]
    found = [one for one in found if code in (None, _code(one))]
    placed = ((one.position, one.failure) for one in found if start is None or _is_after(one.position, start))
    items, following = page("failures", placed, query["limit"])
    return _answer(items, by_reason(found), following, whole=whole)


def _code(one: Found) -> str | None:
    reason = one.failure.record.reason
    return reason.code if reason else None


def _is_after(position: Position, start: Position) -> bool:
    """Whether a position comes after another one: places are told newest first."""
    return position[0] < start[0] or (position[0] == start[0] and position[1] > start[1])


def _ever(call: Call, query: dict[str, Any]) -> Answer:
    """The history of failures: what each run told."""
    found = Failures(call.container.ledger, call.tenant, query["reason"], query["flow"], query["since"])
    items, following = page("failures", found.after(query["cursor"]), query["limit"])
    counts, whole = found.by_reason()
    return _answer(items, counts, following, whole=whole)


def _answer(
    items: Sequence[Failure], counts: Sequence[tuple[str, int]], following: str | None, *, whole: bool
) -> Answer:
    return Answer(
        {
            "items": failure_views(items),
            "groups": [{"code": code, "count": count} for code, count in counts],
            "groups_complete": whole,
            "next_cursor": following,
        }
    )
