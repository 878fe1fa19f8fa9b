"""The schedule of one flow of a connection (TRG-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from call import Answer, Call
from query import one_of
from views import schedule_view

from payrelay.domain.schedules import read_schedule
from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting.schedules import as_stored, forget, keep
from payrelay.flows.engine.start import runs_here
from payrelay.ledger.changes import Act
from payrelay.runtime.problems import Problem
from payrelay.runtime.schedules import schedules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from payrelay.domain.runs import Connection


def put(call: Call, connection_id: str, flow: str) -> Answer:
    """Set a flow's schedule, whatever it was; the same call again finishes one that broke off.

    A preview shows what would be set, with its next runs, and sets nothing.
    """
    preview = call.query(preview=one_of(("true", "false")))["preview"] == "true"
    connection = _connection(call, connection_id, flow)
    schedule = read_schedule(call.body(), often=KINDS[connection.kind].flows[flow].often)
    if schedule.enabled:
        runs_here(connection, flow)
    if preview:
        would_be = as_stored(call.container, flow, schedule)
        return Answer(schedule_view(call.container, connection, would_be, preview=True))
    stored = keep(call.container, schedules(call.container), connection, flow, schedule)
    call.note(connection_id, Act.SCHEDULE_SET, [f"schedules.{flow}"])
    return Answer(schedule_view(call.container, connection, stored))


def read(call: Call, connection_id: str, flow: str) -> Answer:
    """A flow's schedule with its next runs."""
    call.query()
    connection = _connection(call, connection_id, flow)
    stored = _stored(call, connection, flow)
    return Answer(schedule_view(call.container, connection, stored))


def delete(call: Call, connection_id: str, flow: str) -> Answer:
    """Forget a flow's schedule."""
    call.query()
    connection = _connection(call, connection_id, flow)
    _stored(call, connection, flow)
    forget(call.container, schedules(call.container), connection, flow)
    call.note(connection_id, Act.SCHEDULE_DELETED, [f"schedules.{flow}"])
    return Answer(status=204)


def _connection(call: Call, connection_id: str, flow: str) -> Connection:
    connection = call.connection(connection_id)
    flows = KINDS[connection.kind].flows
    if flow not in flows:
        raise Problem("NOT_FOUND", f"This connection has no such flow; it has: {', '.join(flows)}.")
    return connection


def _stored(call: Call, connection: Connection, flow: str) -> Mapping[str, Any]:
    """The schedule as it is stored; problem 404 if there is none."""
    stored = call.container.ledger.connections.schedule(call.tenant, connection.connection_id, flow)
    if stored is None:
        raise Problem("NOT_FOUND", f"The flow {flow} of this connection has no schedule.")
    return stored
