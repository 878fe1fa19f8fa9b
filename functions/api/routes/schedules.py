"""The schedule of one flow of a connection (TRG-1)."""

from __future__ import annotations

from typing import Any

from call import Answer, Call
from msgspec.structs import asdict
from views import schedule_view

from payrelay.domain.runs import Connection
from payrelay.domain.schedules import InvalidSchedule, Schedule, read_schedule
from payrelay.flows.catalog import KINDS
from payrelay.runtime.problems import Problem, invalid


def put(call: Call, connection_id: str, flow: str) -> Answer:
    """Set a flow's schedule, whatever it was; the same call again finishes one that broke off."""
    _connection(call, connection_id, flow)
    try:
        schedule = read_schedule(call.body())
    except InvalidSchedule as error:
        raise invalid(error.problems) from error
    stored = _keep(call, connection_id, flow, schedule)
    return Answer(schedule_view(connection_id, stored, call.container.engine.clock()))


def keep_usual(call: Call, connection: Connection) -> None:
    """Give flows that run weekly their usual schedules, when a connection is connected for the first time."""
    if connection.switched_at is not None:
        return
    for flow, row in KINDS[connection.kind].flows.items():
        known = call.container.ledger.connections.schedule(call.tenant, connection.connection_id, flow)
        if row.weekly and known is None:
            day, time = row.weekly
            schedule = Schedule((day,), time, connection.settings["time_zone"])
            _keep(call, connection.connection_id, flow, schedule)


def read(call: Call, connection_id: str, flow: str) -> Answer:
    """A flow's schedule with its next runs."""
    call.query()
    _connection(call, connection_id, flow)
    stored = call.container.ledger.connections.schedule(call.tenant, connection_id, flow)
    if stored is None:
        raise _no_schedule(flow)
    return Answer(schedule_view(connection_id, stored, call.container.engine.clock()))


def delete(call: Call, connection_id: str, flow: str) -> Answer:
    """Forget a flow's schedule."""
    call.query()
    _connection(call, connection_id, flow)
    if call.container.ledger.connections.schedule(call.tenant, connection_id, flow) is None:
        raise _no_schedule(flow)
    call.container.schedules.delete(connection_id, flow)
    call.container.ledger.connections.delete_schedule(call.tenant, connection_id, flow)
    return Answer(status=204)


def _keep(call: Call, connection_id: str, flow: str, schedule: Schedule) -> dict[str, Any]:
    """Set a flow's schedule; the same call again finishes one that broke off."""
    call.container.schedules.put(call.tenant, connection_id, flow, schedule, call.container.engine.clock())
    stored = {**asdict(schedule), "days": list(schedule.days), "updated_at": call.container.engine.stamp()}
    call.container.ledger.connections.put_schedule(call.tenant, connection_id, flow, stored)
    return {**stored, "flow": flow}


def _connection(call: Call, connection_id: str, flow: str) -> Connection:
    connection = call.connection(connection_id)
    flows = KINDS[connection.kind].flows
    if flow not in flows:
        raise Problem("NOT_FOUND", f"This connection has no such flow; it has: {', '.join(flows)}.")
    return connection


def _no_schedule(flow: str) -> Problem:
    return Problem("NOT_FOUND", f"The flow {flow} of this connection has no schedule.")
