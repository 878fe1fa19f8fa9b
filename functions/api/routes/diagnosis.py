"""Diagnosis of a connection or of one record, and the audit trail of one record (LB-10, RUN-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from call import Answer, Call
from query import cursor, one_of, page, page_size, text_up_to
from views import check_view, history_view

from payrelay.domain.runs import Check, ConnectionStatus
from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting.lapse import as_of, not_connected
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection
    from payrelay.flows.catalog import FlowRow

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
    checks = [check for row in chosen for check in _checks(call, connection, row, query["key"])]
    return Answer({"checks": checks})


def _checks(call: Call, connection: Connection, row: FlowRow, key: str | None) -> list[dict[str, Any]]:
    first = _connected(as_of(call.container.ledger, connection, call.container.engine.now))
    found = [first]
    if first.passed:
        from payrelay.flows.opening import open_flow  # noqa: PLC0415  (rooms: only where they are used)

        found += open_flow(call.container, row.name, connection).diagnose(key)
    return [check_view(row.name, check) for check in found]


def _connected(connection: Connection) -> Check:
    """The first check of every flow; nothing is called over a connection that is not connected."""
    if connection.status is ConnectionStatus.CONNECTED:
        reached = ", ".join(connection.organisations.values())
        return Check("connection is connected", True, f"connected to {reached}")
    why = connection.reason or not_connected(connection)
    return Check("connection is connected", False, why.message, why.remedy)


def history(call: Call, connection_id: str) -> Answer:
    """Every field ever written of one record, newest first."""
    connection = call.connection(connection_id)
    flows = KINDS[connection.kind].flows.values()
    entities = dict.fromkeys(entity for row in flows for entity in row.entities)
    if KINDS[connection.kind].packages:
        entities["account"] = None
    query = call.query(
        "entity",
        "key",
        entity=one_of(entities),
        key=text_up_to(LONGEST_KEY),
        limit=page_size,
        cursor=cursor("history", str),
    )
    after = query["cursor"][0] if query["cursor"] else None
    record_id = f"{query['entity']}:{query['key']}"
    found = call.container.ledger.history.of(call.tenant, connection_id, record_id, after)
    items, following = page("history", (((entry["run_id"],), entry) for entry in found), query["limit"])
    return Answer({"items": [history_view(entry) for entry in items], "next_cursor": following})
