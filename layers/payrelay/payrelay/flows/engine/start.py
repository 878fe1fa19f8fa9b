"""Starting a run, or joining the one in progress (RUN-1, LB-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from payrelay.domain.joining import lacking
from payrelay.domain.reasons import reason
from payrelay.domain.runs import Connection, Mode, Run, Status, Trigger
from payrelay.errors import Declined, NeedsAttention
from payrelay.flows.catalog import flow_row
from payrelay.flows.connecting.lapse import as_of, not_connected
from payrelay.flows.engine.close import finish_dead
from payrelay.flows.engine.engine import Engine, Executions
from payrelay.flows.engine.life import looked_at
from payrelay.ledger.runs import Arrival
from payrelay.systems.registry import label

# Previews have a lease of their own, and stand in no sync's way.
PREVIEWS = "~preview"
# Whoever asks for these is there to read an answer; all others are kept until the way is free.
BY_PEOPLE = (Trigger.MANUAL, Trigger.REPLAY)


class Order(Struct, frozen=True):
    """What was asked for."""

    flow: str
    mode: Mode
    trigger: Trigger
    requested_by: str
    options: Mapping[str, Any] = field(default_factory=dict)
    replay_of: str | None = None
    plan_of: str | None = None
    only: tuple[str, ...] | None = None
    scope: str = ""


def start_run(
    engine: Engine,
    executions: Executions,
    connection: Connection,
    order: Order,
    run_id: str,
    arrival: Arrival | None = None,
) -> tuple[Run, bool]:
    """The run that is now in progress, or waits for it, and whether the order joined one that was already.

    Nobody joins a run that has died: it is closed. Declined (RUN_IN_PROGRESS) when the run in progress does
    less than a person asks for, or something else.

    Crash between the ledger and the state machine: the run stays queued, and the next trigger, which
    joins it, starts its execution again under the same name.
    """
    ready(engine, connection)
    _configured(connection, order.flow)
    run = _queued(engine, connection, order, run_id)
    if order.only is not None:
        engine.ledger.plans.put_only(run, order.only)
    limits = engine.limits
    narrowing = flow_row(order.flow).narrowing
    started = engine.ledger.runs.start(
        run,
        now=engine.now,
        lease_seconds=limits.lease_seconds,
        ttl=engine.ttl(run),
        arrival=arrival,
        lacking=lambda running: lacking(running, run, narrowing) or _others(engine, running, order),
        alive=lambda running, life: not looked_at(engine, executions, running, life).status.final,
    )
    if started.lacking and order.trigger in BY_PEOPLE:
        now = started.run
        since = f"{now.requested_by} asked for it at {now.queued_at[:19]}Z"
        detail = f"The run {now.run_id} is in progress and can't be joined ({since}): {started.lacking}."
        remedy = "Wait until it has ended, or stop it; then ask again."
        raise Declined("RUN_IN_PROGRESS", detail, remedy=remedy)
    if started.lacking:
        kept = engine.ledger.runs.wait(run, ttl=engine.ttl(run), arrival=arrival)
        return kept, kept.run_id != run_id
    if started.dead:
        before = engine.ledger.runs.get(run.tenant, started.dead)
        if before and not before.status.final:
            finish_dead(engine, before, "its lease ran out")
    if started.run.status is Status.QUEUED:
        executions.start(started.run)
    return started.run, started.run.run_id != run_id


def _others(engine: Engine, running: Run, order: Order) -> str | None:
    """That a replay in progress is of other records than those that are asked for, though of as many."""
    if running.only is None or order.only is None:
        return None
    if set(engine.ledger.plans.only(running)) == set(order.only):
        return None
    return f"it replays other records of {running.replay_of}"


def _queued(engine: Engine, connection: Connection, order: Order, run_id: str) -> Run:
    """The run that was ordered, over the connection as it is now."""
    return Run(
        tenant=connection.tenant,
        connection_id=connection.connection_id,
        run_id=run_id,
        flow=order.flow,
        trigger=order.trigger,
        mode=order.mode,
        status=Status.QUEUED,
        requested_by=order.requested_by,
        queued_at=engine.stamp(),
        options=order.options,
        settings=connection.settings,
        replay_of=order.replay_of,
        plan_of=order.plan_of,
        scope=order.scope,
        only=len(order.only) if order.only is not None else None,
        era=connection.era,
        lease=f"{PREVIEWS}{order.scope}" if order.mode is Mode.PREVIEW else order.scope,
    )


def ready(engine: Engine, connection: Connection) -> None:
    """Refuse a connection that can't sync now, with the reason: NeedsAttention (LB-9, IN-8)."""
    connection = as_of(engine.ledger, connection, engine.now)
    if connection.usable:
        return
    why = connection.reason or not_connected(connection)
    raise NeedsAttention(why.code, why.message, why.remedy)


def _configured(connection: Connection, flow: str) -> None:
    """Refuse a flow that needs a setting which the connection has not: NeedsAttention."""
    row = flow_row(flow)
    if not row.needs or connection.settings.get(row.needs):
        return
    values = {"setting": row.needs, "flow": flow, "system": label(row.target)}
    why = reason("NOT_CONFIGURED", name=connection.name, **values)
    raise NeedsAttention(why.code, why.message, why.remedy)


def start_waiting(
    engine: Engine, executions: Executions, tenant: str, connection_id: str, flow: str
) -> Run | None:
    """Start the run that waited until the flow's run in progress had ended; None if there is none to start.

    Should nobody call this, the next run of the flow does it when it ends.
    """
    waiting = engine.ledger.runs.waiting(tenant, connection_id, flow)
    if waiting is None:
        return None
    if not engine.ledger.runs.release(waiting, now=engine.now, lease_seconds=engine.limits.lease_seconds):
        return None
    executions.start(waiting)
    return waiting
