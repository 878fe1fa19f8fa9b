"""Diagnosis of a connection or of one record, and the audit trail of one record (LB-10, RUN-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from call import Answer, Call
from query import cursor, moment, one_of, page, page_size, text_up_to
from spent import within_share
from views import check_view
from withheld import history_views, no_secret_field

from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting import diagnosis
from payrelay.flows.engine.engine import stamp
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from payrelay.ledger.table import Item

LONGEST_KEY = 200


def diagnose(call: Call, connection_id: str) -> Answer:
    """Ordered checks, live on both sides, of the flows that are asked for; nothing is written."""
    connection = call.connection(connection_id)
    flows = KINDS[connection.kind].flows
    entities = dict.fromkeys(entity for row in flows.values() for entity in row.entities)
    query = call.query(flow=one_of(flows), entity=one_of(entities), key=text_up_to(LONGEST_KEY))
    chosen = [
        row
        for row in flows.values()
        if query["flow"] in (None, row.name) and query["entity"] in (None, *row.entities)
    ]
    if not chosen:
        detail = f"The flow {query['flow']} has the entity {flows[query['flow']].entity}."
        raise Problem("BAD_REQUEST", detail, errors=[("entity", detail)])
    if query["key"] and len({row.entity for row in chosen}) > 1:
        detail = f"A key needs its entity, one of: {', '.join(entities)}."
        raise Problem("BAD_REQUEST", detail, errors=[("entity", detail)])
    now = call.container.engine.now
    with within_share(call, connection):
        checks = [
            check_view(row.name, check, connection_id)
            for row in chosen
            for check in diagnosis.diagnose(call.container, connection, row.name, query["key"], now)
        ]
    return Answer({"checks": checks})


def history(call: Call, connection_id: str) -> Answer:
    """Every field ever written of one record, newest first; or those of some name, of some time."""
    connection = call.connection(connection_id)
    flows = KINDS[connection.kind].flows.values()
    entities = dict.fromkeys(entity for row in flows for entity in (*row.entities, *row.by_hand))
    query = call.query(
        "entity",
        "key",
        entity=one_of(entities),
        key=text_up_to(LONGEST_KEY),
        field=text_up_to(LONGEST_KEY),
        since=moment,
        until=moment,
        limit=page_size,
        cursor=cursor("history", str),
    )
    for row in flows:
        if query["entity"] in row.entities:
            no_secret_field(row.name, query["field"])
    after = query["cursor"][0] if query["cursor"] else None
    record_id = f"{query['entity']}:{query['key']}"
    kept = call.container.ledger.of_era(connection.era).history
    found = kept.of(call.tenant, connection_id, record_id, after)
    placed = (((entry["run_id"],), _asked_for(entry, query)) for entry in found)
    items, following = page("history", placed, query["limit"])
    shown = history_views(call, connection, query["entity"], query["key"], items)
    return Answer({"items": shown, "next_cursor": following})


def _asked_for(entry: Item, query: dict[str, Any]) -> Item | None:
    """An entry with the changes that are asked for; None if there are none, or it is of another time."""
    since, until, field = query["since"], query["until"], query["field"]
    if (since and entry["at"] < stamp(since)) or (until and entry["at"] > stamp(until)):
        return None
    if field is None:
        return entry
    name = field.casefold()
    changes = [change for change in entry["changes"] if name in change["field"].casefold()]
    return {**entry, "changes": changes} if changes else None
