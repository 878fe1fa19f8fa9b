"""What failed or is blocked, over all connections (OPS-2)."""

from __future__ import annotations

from call import Answer, Call
from query import cursor, moment, one_of, page, page_size
from withheld import failure_views

from payrelay.flows.catalog import flow_names
from payrelay.flows.reasons import every_reason
from payrelay.ledger.failures import Failures


def list_failures(call: Call) -> Answer:
    """Failed and blocked records, each with its run, and the number of them by reason code."""
    query = call.query(
        reason=one_of(every_reason()),
        flow=one_of(flow_names()),
        since=moment,
        limit=page_size,
        cursor=cursor("failures", str, int),
    )
    found = Failures(call.container.ledger, call.tenant, query["reason"], query["flow"], query["since"])
    items, following = page("failures", found.after(query["cursor"]), query["limit"])
    counts, whole = found.by_reason()
    return Answer(
        {
            "items": failure_views(items),
            "groups": [{"code": code, "count": count} for code, count in counts],
            "groups_complete": whole,
            "next_cursor": following,
        }
    )
