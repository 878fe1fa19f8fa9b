"""Stopping a run: one at work ends at its next step, one that only waits ends at once."""

from __future__ import annotations

from payrelay.domain.runs import Halt, Run, Status
from payrelay.flows.engine.close import finish_at_rest
from payrelay.flows.engine.engine import Engine, stamp_at

# A wait that is nearly over may be over by now.
NEARLY_OVER_SECONDS = 2


def stop(engine: Engine, run: Run, halt: Halt) -> Run:
    """Tell a run to stop; what was written stays written. The run as it is then.

    Timeline of one that waits for a vendor: its step has ended and told until when the wait lasts, and the
    next one does not begin before. So nobody is at work, and it is closed here; when the wait is over, its
    execution finds a run that has ended, and ends too. One that waits for another run to end is taken out of
    the queue.
    """
    runs = engine.ledger.runs
    runs.halt(run, halt)
    now = runs.get(run.tenant, run.run_id) or run
    if now.halt and not now.status.final and _is_at_rest(engine, now):
        runs.leave_queue(now)
        finish_at_rest(engine, now)
        return runs.get(run.tenant, run.run_id) or now
    return now


def stop_all(engine: Engine, tenant: str, connection_id: str, halt: Halt) -> None:
    """Tell so all runs of a connection that have not ended."""
    for run in list(engine.ledger.runs.all_in_progress(tenant, connection_id)):
        stop(engine, run, halt)


def _is_at_rest(engine: Engine, run: Run) -> bool:
    """Whether no step of a run is at work, nor will be before long."""
    if run.status is Status.QUEUED:
        return engine.ledger.runs.waits_its_turn(run)
    return run.waits is not None and run.waits.until > stamp_at(engine.now + NEARLY_OVER_SECONDS)
