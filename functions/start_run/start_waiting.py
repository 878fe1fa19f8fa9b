"""StartWaiting: a run has ended, and the one that waited for it starts (an EventBridge rule)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payrelay.flows.engine.start import start_waiting
from payrelay.runtime.container import this_container
from payrelay.runtime.observability import logger


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """`event` is `RunFinished`; the id of the run that was started, if one waited."""
    named = {name: event["detail"][name] for name in ("tenant", "connection_id", "flow")}
    container = this_container()
    started = start_waiting(container.engine, container.executions, **named)
    answer = {"run_id": started.run_id if started else None}
    logger.info("waiting", extra={**named, **answer, "request_id": context.aws_request_id})
    return answer
