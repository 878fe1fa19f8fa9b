"""NextBatch: a session that goes on by itself, batch after batch, until its time is over (IN-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any

from payrelay.domain.runs import Page, Run, Status
from payrelay.flows.engine.answers import Answer, Finish, Halted, Plan, Wait
from payrelay.flows.engine.budget import reserved
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.step import Event, flow_step
from payrelay.flows.flow import AutoOpening
from payrelay.ledger.parts import PAGE


@flow_step
def next_batch(engine: Engine, opening: AutoOpening, run: Run, event: Event) -> Answer:
    """`plan` with the next page, `wait` while nothing can be done, or `finish`: time over, or list empty.

    What is left of a vendor's day is left to scheduled runs: then it ends, and says so (RUN-11).

    Crash after the batch was noted and before it was planned: the same batch comes again, since its page has
    no summary.
    """
    del event
    if run.halt:
        return Halted()
    if time_is_over(engine, run):
        return Finish()
    why = reserved(engine, run)
    if why:
        return engine.halt(run, why, Status.STOPPED)
    tried = engine.ledger.plans.tried(run)
    last = _unplanned(engine, run, tried)
    if last is not None:
        return Plan(last.as_dict())
    batch = opening(run).next_batch(run, tried.get("looks", {}))
    if not batch.ids:
        return Finish() if batch.listed == 0 else Wait(_pause(engine, run))
    page = Page(run.pages or 0, ids=batch.ids)
    looks = {**tried.get("looks", {}), **batch.looks}
    engine.ledger.plans.put_tried(run, {"looks": looks, "last": page.as_dict()})
    asked = engine.tally.take()
    engine.ledger.runs.change(run, asked=asked, pages=page.index + 1, total=len(looks) + batch.untried)
    return Plan(page.as_dict())


def time_is_over(engine: Engine, run: Run) -> bool:
    """Whether no batch may start any more."""
    return _seconds_left(engine, run) <= 0


def _pause(engine: Engine, run: Run) -> int:
    """How long to wait before the list is looked at again, and no longer than the session lasts."""
    return max(1, min(engine.limits.auto_pause_seconds, ceil(_seconds_left(engine, run))))


def _seconds_left(engine: Engine, run: Run) -> float:
    """How long the session still lasts."""
    now = engine.clock()
    began = datetime.fromisoformat(run.started_at) if run.started_at else now
    return engine.limits.auto_seconds - (now - began).total_seconds()


def _unplanned(engine: Engine, run: Run, tried: Mapping[str, Any]) -> Page | None:
    """The batch that was noted last, if it was not planned yet."""
    last = tried.get("last")
    if last is None:
        return None
    planned = {item["index"] for item in engine.ledger.parts.summaries(run, PAGE)}
    return None if last["index"] in planned else Page.from_dict(last)
