"""What a schedule calls: starts a run of a flow, or says why not (TRG-1, OPS-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from payrelay.domain.runs import Mode, Trigger
from payrelay.domain.schedules import schedule_of, shifted_run_is_due
from payrelay.errors import NeedsAttention
from payrelay.flows.engine.start import Order, start_run
from payrelay.runtime.container import Container, this_container
from payrelay.runtime.ids import run_id
from payrelay.runtime.observability import logger, metrics

CONNECTION_GONE = "CONNECTION_GONE"
NOT_TODAY = "NOT_TODAY"


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Start the run that `event` ({tenant, connection_id, flow}) asks for; errors go to the dead letters.

    A dead letter that is redriven also says what its `trigger` was.
    """
    logger.append_keys(
        request_id=context.aws_request_id,
        tenant=event["tenant"],
        connection_id=event["connection_id"],
        flow=event["flow"],
    )
    try:
        answer = start(this_container(), event)
        logger.info("schedule", extra=answer)
        return answer
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()
        logger.remove_keys(["tenant", "connection_id", "flow"])


def start(container: Container, event: Mapping[str, Any]) -> dict[str, Any]:
    """The run that was started or joined, or the reason why there is none."""
    tenant, connection_id, flow = event["tenant"], event["connection_id"], event["flow"]
    connection = container.ledger.connections.get(tenant, connection_id)
    if connection is None:
        return _not_started(event, CONNECTION_GONE, "The connection does not exist any more.")
    # Who redrives a letter wants its run, whatever day it is.
    if (
        event.get("shifted")
        and not event.get("redriven")
        and not _shifted_run_is_due(container, tenant, connection_id, flow)
    ):
        return {"started": False, "reason": NOT_TODAY}
    if "trigger" not in event:
        # One that was stored before there was a watch is seen by it from now on.
        container.ledger.connections.see_to_watch(tenant, connection_id, flow)
    trigger = Trigger(event.get("trigger", Trigger.SCHEDULE))
    order = Order(flow, Mode.SYNC, trigger, requested_by=trigger.value)
    try:
        run, joined = start_run(container.engine, container.executions, connection, order, run_id())
    except NeedsAttention as error:
        return _not_started(event, error.code, error.message, error.remedy)
    return {"started": True, "run_id": run.run_id, "joined": joined}


def _shifted_run_is_due(container: Container, tenant: str, connection_id: str, flow: str) -> bool:
    """Whether the flow's own time was left out today because clocks went forward."""
    stored = container.ledger.connections.schedule(tenant, connection_id, flow)
    return stored is not None and shifted_run_is_due(schedule_of(stored), container.engine.clock())


def _not_started(event: Mapping[str, Any], code: str, problem: str, remedy: str = "") -> dict[str, Any]:
    """Why no run was started; who redrives a letter is told in words, too."""
    metrics.add_metric(name="RunsNotStarted", unit=MetricUnit.Count, value=1)
    words = {"problem": problem, "remedy": remedy} if event.get("redriven") else {}
    return {"started": False, "reason": code, **words}
