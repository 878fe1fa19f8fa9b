"""What every step function shares: log keys, metrics, and the flow opened over the run's own settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from payrelay.domain.runs import Run
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.step import Payload
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container, in_era
from payrelay.runtime.container import this_container
from payrelay.runtime.observability import logger

Event = Mapping[str, Any]
Handler = Callable[[Event, Any], Payload]
F = TypeVar("F", bound=Flow)


def run_step(step: Callable[[Engine, Event], Payload]) -> Handler:
    """The Lambda handler of a step that speaks to no outside system."""

    def handler(event: Event, context: Any) -> Payload:
        return _observed(event, context, lambda: step(this_container().engine, event))

    return handler


def flow_step(
    step: Callable[[Engine, Callable[[Run], F], Event], Payload],
    open_flow: Callable[[Container, str, str, Mapping[str, Any]], F],
) -> Handler:
    """The Lambda handler of a flow's step; the flow is opened with the settings that the run began with."""

    def opening(run: Run) -> F:
        container = in_era(this_container(), run.era)
        return open_flow(container, run.tenant, run.connection_id, run.settings)

    def handler(event: Event, context: Any) -> Payload:
        return _observed(event, context, lambda: step(this_container().engine, opening, event))

    return handler


def after_run(
    act: Callable[[F, Run], None],
    open_flow: Callable[[Container, str, str, Mapping[str, Any]], F],
) -> Handler:
    """The Lambda handler of what follows a run of one flow, called with its event `RunFinished`."""

    def handler(event: Event, context: Any) -> Payload:
        detail = event["detail"]
        named = {"run": {name: detail[name] for name in ("tenant", "connection_id", "run_id")}}
        return _observed(named, context, lambda: _followed(act, open_flow, detail))

    return handler


def _followed(
    act: Callable[[F, Run], None],
    open_flow: Callable[[Container, str, str, Mapping[str, Any]], F],
    detail: Mapping[str, Any],
) -> Payload:
    container = this_container()
    run = container.ledger.runs.get(detail["tenant"], detail["run_id"])
    if run is None:
        return {"status": "forgotten"}
    act(open_flow(in_era(container, run.era), run.tenant, run.connection_id, run.settings), run)
    container.engine.put_down_calls(run)
    return {"status": "done"}


def seconds_left(context: Any) -> float:
    """How long Lambda lets a function go on; where nobody says so, it is as long as it takes."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return left() / 1000 if left else math.inf


def _observed(event: Event, context: Any, step: Callable[[], Payload]) -> Payload:
    """Every log line of the step carries the ids by which on-call engineers search (OPS-5)."""
    ids = {
        **event["run"],
        "page": event.get("page", {}).get("index"),
        "batch": event.get("batch", {}).get("index"),
        "request_id": context.aws_request_id,
    }
    logger.append_keys(**ids)
    this_container().begin(seconds_left(context))
    try:
        answer = step()
        logger.info("step", extra={"status": answer["status"], "tries": answer.get("tries")})
        return answer
    except Exception:
        logger.exception("step failed")
        raise
    finally:
        logger.remove_keys(list(ids))
