"""The schedules of a connection's flows, in the ledger and with the scheduler (TRG-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from payrelay.domain.schedules import Schedule
from payrelay.flows.catalog import KINDS

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection
    from payrelay.flows.connecting.ports import Container, Schedules


def keep(
    container: Container, scheduler: Schedules, connection: Connection, flow: str, schedule: Schedule
) -> dict[str, Any]:
    """Set a flow's schedule, and how it is stored; the same call again finishes one that broke off."""
    where = (connection.tenant, connection.connection_id, flow)
    scheduler.put(*where, schedule, container.engine.clock())
    stored = as_stored(container, flow, schedule)
    container.ledger.connections.put_schedule(*where, stored)
    return stored


def as_stored(container: Container, flow: str, schedule: Schedule) -> dict[str, Any]:
    """A flow's schedule as it is stored when it is set now."""
    set_now = {"days": list(schedule.days), "updated_at": container.engine.stamp(), "flow": flow}
    return {**asdict(schedule), **set_now}


def keep_usual(container: Container, scheduler: Schedules, connection: Connection) -> None:
    """Give flows their usual schedules, when a connection is connected for the first time."""
    if connection.switched_at is not None:
        return
    for flow, row in KINDS[connection.kind].flows.items():
        known = container.ledger.connections.schedule(connection.tenant, connection.connection_id, flow)
        if row.usual and known is None and (not row.needs or connection.settings.get(row.needs)):
            zone = connection.settings["time_zone"]
            schedule = Schedule(time_zone=zone, **asdict(row.usual))
            keep(container, scheduler, connection, flow, schedule)


def forget(container: Container, scheduler: Schedules, connection: Connection, flow: str) -> None:
    """Forget a flow's schedule; no error when there is none."""
    scheduler.delete(connection.connection_id, flow)
    container.ledger.connections.delete_schedule(connection.tenant, connection.connection_id, flow)
