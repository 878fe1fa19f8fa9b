"""Whether a run in progress is alive: one that has died is closed by whoever looks at it (RUN-1, RUN-2).

Nobody is told when a process dies. A run in progress is dead when its execution has ended without closing
it, or when its lease has run out: each of its steps renews that, and so does each wait.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from payrelay.domain.runs import Run, Status
from payrelay.flows.engine.close import finish_dead
from payrelay.flows.engine.engine import GONE, Engine, Executions, stamp_at
from payrelay.ledger.runs import Life

# So long after its last sign of life a run without an execution has lost it; before, it may not be shown yet.
GONE_SECONDS = 60


class Signs(Struct, frozen=True):
    """A run in progress as it shows itself: its last sign of life, and what it waits for (RFC 3339)."""

    last_at: str
    waits: dict[str, Any] | None = None


def looked_at(engine: Engine, executions: Executions, run: Run, life: Life | None = None) -> Run:
    """The run as it is; closed, and alarmed, if it is found dead. `life` is what its lease says, if read."""
    problem = None if run.status.final else _problem(engine, executions, run, life)
    if problem is None:
        return run
    # It may have ended by itself while it was looked at.
    now = engine.ledger.runs.get(run.tenant, run.run_id) or run
    if not now.status.final:
        finish_dead(engine, now, problem)
    return engine.ledger.runs.get(run.tenant, run.run_id) or now


def _problem(engine: Engine, executions: Executions, run: Run, life: Life | None) -> str | None:
    """What shows that a run in progress is dead; None while nothing does."""
    life = life or engine.ledger.runs.life(run)
    if not life.own:
        return None if _waits_its_turn(engine, run) else "another run has its lease"
    if life.until < engine.now:
        return "its lease ran out"
    ended = executions.ended(run)
    if ended is None:
        return None
    if ended != GONE:
        return f"its execution is {ended}"
    # Of one that is queued, the next one who asks for such a run starts the execution.
    silent = engine.now - (life.seen_at or 0)
    began = run.status is Status.RUNNING and silent >= GONE_SECONDS
    return "its execution is gone" if began else None


def _waits_its_turn(engine: Engine, run: Run) -> bool:
    """Whether a run without a lease is queued until another one has ended, or was given it just now."""
    if run.status is not Status.QUEUED:
        return False
    return engine.ledger.runs.waits_its_turn(run) or engine.ledger.runs.life(run).own


def signs(engine: Engine, run: Run) -> Signs:
    """What a run in progress shows of itself."""
    life = engine.ledger.runs.life(run)
    # What the ledger keeps is in whole seconds.
    last_at = max(run.started_at or run.queued_at, stamp_at(life.seen_at) if life.seen_at else "")
    if not life.own and run.status is Status.QUEUED:
        before = engine.ledger.runs.in_the_way(run)
        return Signs(last_at, _behind(before) if before else None)
    return Signs(last_at, _waits(engine, run))


def _behind(run: Run) -> dict[str, Any]:
    message = f"waits until {run.run_id} has ended"
    return {"what": run.run_id, "until": None, "why": None, "tries": None, "message": message}


def _waits(engine: Engine, run: Run) -> dict[str, Any] | None:
    """What it waits for, as long as that time is not over."""
    told = run.waits
    if told is None or told.until <= engine.stamp():
        return None
    shown = {"what": told.what, "until": told.until, "why": told.why or None, "tries": told.tries or None}
    return {**shown, "message": told.message}
