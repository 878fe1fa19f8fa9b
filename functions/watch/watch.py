"""Looks every quarter of an hour for what should have run by schedule and did not (TRG-5)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from payrelay.domain.ids import first_run_id
from payrelay.flows.engine.watch import Watch
from payrelay.runtime.container import this_container
from payrelay.runtime.observability import logger


def handler(event: Mapping[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Look at every enabled schedule; one that can't be judged stops no other, and fails the call after."""
    logger.append_keys(request_id=context.aws_request_id)
    engine = this_container().engine
    jitter = timedelta(minutes=int(os.environ["SCHEDULE_JITTER_MINUTES"]))
    watch = Watch(engine, jitter, first_run_id)
    found = [_look(watch, item) for item in engine.ledger.connections.enabled_schedules()]
    if "failed" in found:
        raise RuntimeError(f"{found.count('failed')} of {len(found)} schedules could not be judged")
    engine.measure({"SchedulesWatched": len(found)})
    answer = {"watched": len(found), "missed": found.count("missed")}
    logger.info("watch", extra=answer)
    return answer


def _look(watch: Watch, item: Mapping[str, Any]) -> str:
    """What became of one schedule: `fine`, `missed` and announced, or `failed`."""
    ids = {name: item[name] for name in ("tenant", "connection_id", "flow")}
    try:
        if dead := watch.close_dead(dict(item)):
            logger.warning("dead runs closed", extra={**ids, "dead": dead})
        missed = watch.look(dict(item))
        if missed is None:
            return "fine"
        about = {**ids, "due_at": missed.due_at, "reason": missed.reason.code}
        logger.warning("schedule missed", extra=about)
        watch.tell(missed)
        return "missed"
    except Exception:  # noqa: BLE001  (raised at the end, once all others were looked at)
        logger.exception("schedule not judged", extra=ids)
        return "failed"
