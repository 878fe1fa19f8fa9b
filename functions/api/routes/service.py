"""For those who run Payrelay: what went wrong at any tenant, by names and codes alone (OPS-4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from call import Answer, Call
from query import cursor, moment, one_of, page, page_size, text_up_to

from payrelay.flows.catalog import flow_names
from payrelay.ledger.failed_runs import KEPT, FailedRun, Kind, place_of
from payrelay.runtime.dead_letters import dead_letters

if TYPE_CHECKING:
    from payrelay.runtime.dead_letters import DeadLetter

USUAL_SPAN = timedelta(hours=24)
LONGEST_TENANT, LONGEST_CODE = 64, 64


def list_failed_runs(call: Call) -> Answer:
    """Runs that failed, are held, died, never began, found a drift, or have failed records, newest first."""
    query = call.query(
        tenant=text_up_to(LONGEST_TENANT),
        flow=one_of(flow_names()),
        status=one_of([kind.value for kind in Kind]),
        code=text_up_to(LONGEST_CODE),
        since=moment,
        limit=page_size,
        cursor=cursor("failed_runs", str),
    )
    now = call.container.engine.clock()
    since = max(query["since"] or now - USUAL_SPAN, now - KEPT)
    after = query["cursor"][0] if query["cursor"] else None
    found = call.container.ledger.failed_runs.between(since, now, after)
    placed = (((place_of(one),), one if _fits(one, query) else None) for one in found)
    items, following = page("failed_runs", placed, query["limit"])
    return Answer({"items": [_view(call, one) for one in items], "next_cursor": following})


def list_dead_letters(call: Call) -> Answer:
    """The dead letters of all tenants, oldest first: whose they are, and what each was meant to do."""
    query = call.query(limit=page_size, cursor=cursor("all_letters", str))
    after = query["cursor"][0] if query["cursor"] else ""
    found = [one for one in dead_letters(call.container).of_all() if _place(one) > after]
    items, following = page("all_letters", (((_place(one),), _letter(one)) for one in found), query["limit"])
    return Answer({"items": items, "next_cursor": following})


def _fits(failed: FailedRun, query: dict[str, Any]) -> bool:
    told = {"tenant": failed.tenant, "flow": failed.flow, "code": failed.code}
    # The alarm "A run failed" rings for one that has died, too.
    wanted = query["status"] in (None, *failed.kinds)
    return wanted and all(query[name] in (None, value) for name, value in told.items())


def _view(call: Call, failed: FailedRun) -> dict[str, Any]:
    names = ("at", "tenant", "connection_id", "kind", "flow", "run_id", "code", "mode")
    facts = {name: getattr(failed, name) for name in names}
    standing = call.container.ledger.connections.standing(failed.tenant, failed.connection_id, failed.flow)
    well = standing.get("synced_at")
    later = well if well and datetime.fromisoformat(well) > datetime.fromisoformat(failed.at) else None
    return {**facts, "status": failed.status.value, "counts": dict(failed.counts), "ended_well_since": later}


def _place(letter: DeadLetter) -> str:
    return f"{letter.left_at} {letter.letter_id}"


def _letter(letter: DeadLetter) -> dict[str, Any]:
    names = ("letter_id", "kind", "left_at", "tenant", "connection_id", "flow", "run_id")
    return {name: getattr(letter, name) for name in names}
