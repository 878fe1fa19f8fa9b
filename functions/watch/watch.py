"""Looks every quarter of an hour for runs that died, and for what should have run and did not (TRG-5)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from payrelay.domain.ids import first_run_id
from payrelay.flows.engine.watch import Watch, close_dead
from payrelay.ledger.runs import Leased
from payrelay.runtime.container import Container, this_container
from payrelay.runtime.observability import logger


def handler(event: Mapping[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Look at every run in progress and every enabled schedule.

    One that can't be judged stops no other, and fails the call after.
    """
    logger.append_keys(request_id=context.aws_request_id)
    container = this_container()
    engine = container.engine
    jitter = timedelta(minutes=int(os.environ["SCHEDULE_JITTER_MINUTES"]))
    # First: a run that is found dead has made up for no schedule.
    leases = [_close_dead(container, leased) for leased in engine.ledger.runs.leased()]
    watch = Watch(engine, jitter, first_run_id)
    found = [_look(watch, item) for item in engine.ledger.connections.enabled_schedules()]
    if "failed" in found:
        raise RuntimeError(f"{found.count('failed')} of {len(found)} schedules could not be judged")
    if "failed" in leases:
        raise RuntimeError(f"{leases.count('failed')} of {len(leases)} runs could not be judged")
    engine.measure({"SchedulesWatched": len(found)})
    answer = {"watched": len(found), "missed": found.count("missed"), "died": leases.count("died")}
    logger.info("watch", extra=answer)
    return answer


def _close_dead(container: Container, leased: Leased) -> str:
    """What was seen of a run in progress: `fine`, `died` and closed, or `failed`."""
    ids = {"tenant": leased.tenant, "run_id": leased.run_id}
    try:
        died = close_dead(container.engine, container.executions, leased)
        if died is None:
            return "fine"
        why = died.died.message if died.died else None
        about = {**ids, "connection_id": died.connection_id, "flow": died.flow, "problem": why}
        logger.warning("dead run closed", extra=about)
        return "died"
    except Exception:  # noqa: BLE001  (raised at the end, once all others were looked at)
        logger.exception("run not judged", extra=ids)
        return "failed"


def _look(watch: Watch, item: Mapping[str, Any]) -> str:
    """What became of one schedule: `fine`, `missed` and announced, or `failed`."""
    ids = {name: item[name] for name in ("tenant", "connection_id", "flow")}
    try:
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
