"""CloseRun: counts, final status, the lease given back, and `RunFinished` (RUN-2, EVT-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.forecast import made_of
from payrelay.domain.reasons import ASKED_AGAIN, reason
from payrelay.domain.records import Counts, Reason
from payrelay.domain.runs import Mode, Run, Status
from payrelay.flows.catalog import flow_row, kind_of
from payrelay.flows.engine import cured, replays, review
from payrelay.flows.engine.answers import Closed
from payrelay.flows.engine.batch import load
from payrelay.flows.engine.engine import Engine, stamp_at
from payrelay.flows.engine.settle import give_up
from payrelay.flows.engine.step import Event, Payload, payload
from payrelay.ledger.failed_runs import item_of, of_run
from payrelay.ledger.parts import BATCH
from payrelay.ledger.plans import PlanExpired
from payrelay.ledger.table import Item
from payrelay.ledger.told import Told


def close_run(engine: Engine, event: Event) -> Payload:
    """End the run that `event` names; `problem` says what ended it, when it was not its own plan, and `left`
    why the first batch was left that broke off.

    Also called for executions that timed out or were aborted, which never reach their Catch. A run that
    has ended already stays as it is.
    """
    run = engine.ledger.runs.get(event["run"]["tenant"], event["run"]["run_id"])
    if run is None or run.status.final:
        return payload(Closed())
    problem = event.get("problem")
    if problem:
        finish_dead(engine, run, str(problem))
        return payload(Closed())
    _finish(engine, run, _ending(run), run.halt.reason if run.halt else None, left=event.get("left"))
    return payload(Closed())


def finish_dead(engine: Engine, run: Run, problem: str) -> None:
    """Close a run that can't close itself: as its halt says, or as failed with what was seen of its end.

    That it died is kept with it either way.
    """
    seen_at = engine.ledger.runs.life(run).seen_at
    seen = f"; its last sign of life was at {stamp_at(seen_at)[:19]}Z" if seen_at else ""
    died = reason("RUN_DIED", problem=f"{problem}{seen}")
    run = replace(run, died=died)
    if run.halt:
        _finish(engine, run, run.halt.status, run.halt.reason)
    else:
        _finish(engine, run, Status.FAILED, died)


def finish_at_rest(engine: Engine, run: Run) -> None:
    """Close a run that was told to stop while no step of it is at work: nobody holds its claims any more."""
    if run.halt:
        _finish(engine, run, run.halt.status, run.halt.reason, at_rest=True)


def _ending(run: Run) -> Status:
    """The status that the run's own story gives, before its records are counted."""
    if run.halt:
        return run.halt.status
    # A preview only tells what the brake would do.
    return Status.HELD if run.held and run.mode is not Mode.PREVIEW else Status.SUCCEEDED


def _finish(
    engine: Engine,
    run: Run,
    status: Status,
    error: Reason | None,
    *,
    at_rest: bool = False,
    left: str | None = None,
) -> None:
    why = error or _not_done(1, left)
    missing = 0 if status is Status.HELD else _finish_batches(engine, run, why, at_rest=at_rest)
    if missing and status is Status.SUCCEEDED:
        status = Status.FAILED
        error = _not_done(missing, left)
        run = replace(run, died=error)
    pages, batches = _summaries(engine, run)
    counts = count(run, status, pages, batches)
    told = told_by(run, status, pages, batches)
    if status is Status.SUCCEEDED and counts.needs_people:
        status = Status.PARTIAL
    finished = replace(
        run,
        status=status,
        finished_at=engine.stamp(),
        counts=counts.as_dict(),
        done=counts.total - sum(batch.get("untried", 0) for batch in batches),
        error=error,
        request=run.halt.request if run.halt else None,
        estimate=replays.estimate(engine, run) if run.mode is Mode.PREVIEW else None,
        reasons=told.reasons,
        # Which fields of somebody's confidential records change is for those who may see them.
        fields={} if flow_row(run.flow).confidential else told.fields,
        asked=asked_by(run, pages, batches),
        drift=_drift(run, pages),
    )
    if finished.mode is Mode.APPLY and finished.status.well:
        # First: after a crash in between, the run is closed once more, and not its plan applied once more.
        engine.ledger.runs.note_applied(finished)
    listed = of_run(finished, kind_of(finished.flow).name, _reasons([*pages, *batches]))
    wrong = item_of(listed) if listed else None
    standing = _standing(finished)
    settled = cured.settle(engine, finished)
    if standing:
        standing |= settled
    if engine.ledger.runs.finish(finished, standing=standing, failed_run=wrong):
        if finished.status.well and kind_of(finished.flow).joining:
            # It has asked the systems whether they know of the connection: they do.
            where = (finished.tenant, finished.connection_id)
            engine.ledger.connections.mended(*where, ASKED_AGAIN, engine.stamp())
        engine.measure(measured(finished), flow=finished.flow)
        engine.events.publish([("RunFinished", as_event(finished))])


def _not_done(missing: int, left: str | None) -> Reason:
    lost = "a batch of writes was" if missing == 1 else f"{missing} batches of writes were"
    return reason("RUN_DIED", problem=f"{lost} not done: {left}" if left else f"{lost} not done")


def _finish_batches(engine: Engine, run: Run, why: Reason, *, at_rest: bool) -> int:
    """Record the batches that were planned and never came to their turn; how many."""
    if run.mode is Mode.PREVIEW:
        return 0
    done = {item["index"] for item in engine.ledger.parts.summaries(run, BATCH)}
    found = review.batches_of(engine, run, review.planned_pages(engine, run))
    missing = [batch for batch in found if batch["index"] not in done]
    for batch in missing:
        try:
            writes = load(engine, run, batch)
        except PlanExpired:
            continue
        give_up(engine, run, batch["index"], writes, why, at_rest=at_rest)
    return len(missing)


def _summaries(engine: Engine, run: Run) -> tuple[list[Item], list[Item]]:
    """The pages of the plan that a run writes, and the batches that it has written."""
    return review.planned_pages(engine, run), engine.ledger.parts.summaries(run, BATCH)


def _drift(run: Run, pages: Iterable[Item]) -> int | None:
    """How many records a full comparison found otherwise than was known of them; None where none was made."""
    return sum(page.get("drift", 0) for page in pages) if run.full else None


def _reasons(parts: Iterable[Item]) -> Counter[str]:
    """Why records of these parts failed, and how many for each reason."""
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part.get("failed", {}))
    return found


def count(run: Run, status: Status, pages: Sequence[Item], batches: Sequence[Item]) -> Counts:
    """The run's counts: of what was settled by planning, and of what was written, or would be.

    They add up to the records looked at. An applied plan counts its own writes only.
    """
    settled, planned = _counted(run, status, pages, batches)
    return Counts.sum([part["counts"] for part in settled] + [page["planned"] for page in planned])


def told_by(run: Run, status: Status, pages: Sequence[Item], batches: Sequence[Item]) -> Told:
    """What the same records tell: their reasons, and the fields that they change."""
    settled, planned = _counted(run, status, pages, batches)
    told = [part.get("told", {}) for part in settled]
    return Told.sum(told + [page.get("planned_told", {}) for page in planned])


def asked_by(run: Run, pages: Sequence[Item], batches: Sequence[Item]) -> dict[str, int]:
    """What all calls of a run have come to, by system: those of its steps, and of its pages and batches."""
    asked = Counter(run.asked)
    for part in [*([] if run.mode is Mode.APPLY else pages), *batches]:
        asked.update(part.get("asked", {}))
    return dict(asked)


def _counted(
    run: Run, status: Status, pages: Sequence[Item], batches: Sequence[Item]
) -> tuple[list[Item], list[Item]]:
    """The parts of a run whose records are settled, and those whose writes stay a plan."""
    own = [] if run.mode is Mode.APPLY else [*pages]
    stays = run.mode is Mode.PREVIEW or status is Status.HELD
    return [*own, *batches], own if stays else []


class Progress(Struct, frozen=True):
    """How far a run is: counts, how many of how many records are done, and what was asked of each system."""

    counts: Counts
    done: int
    total: int
    asked: Mapping[str, int]


def progress(engine: Engine, run: Run) -> Progress:
    """How far a run is that is in progress, or has ended (RUN-3).

    A record that is planned for writing counts half until it is written, so that a bar moves while a long
    plan is made. What an ended run never tried is not done.
    """
    if run.counts is not None:
        counts = Counts.sum([run.counts])
        done = counts.total if run.done is None else run.done
        total = max(counts.total, 0 if run.status is not Status.FAILED else run.total or 0)
        return Progress(counts, done, total, run.asked)
    pages, batches = _summaries(engine, run)
    asked = asked_by(run, pages, batches)
    counts = count(run, run.status, pages, batches)
    total = run.total or 0
    planned = sum(page["writes"] for page in pages)
    if run.mode is Mode.APPLY:
        return Progress(counts, counts.total, max(planned, counts.total), asked)
    if run.mode is Mode.PREVIEW:
        return Progress(counts, counts.total, max(total, counts.total), asked)
    pending = max(0, planned - Counts.sum(batch["counts"] for batch in batches).total)
    done = counts.total + pending // 2
    return Progress(counts, done, max(total, done), asked)


def _standing(run: Run) -> dict[str, Any]:
    """What the flow's standing learns of an ended run; nothing from one of a single person's own."""
    if run.scope:
        return {}
    found: dict[str, Any] = {
        "last_run_id": run.run_id,
        "last_status": run.status.value,
        "last_finished_at": run.finished_at,
    }
    complete = run.complete and run.status.well
    if complete and run.mode is Mode.SYNC and not flow_row(run.flow).narrows(run.options):
        found |= _complete(run)
    if run.status is Status.SUCCEEDED and complete and run.mode is Mode.SYNC:
        found["agreed_at"] = run.finished_at
    if run.whole and run.status.well:
        found["synced_at"] = run.finished_at
        if run.mode is Mode.SYNC:
            found["calls"] = made_of(run.asked)
    return found


def _complete(run: Run) -> dict[str, Any]:
    """What the standing learns of a complete read of all that a run of the flow looks at."""
    found: dict[str, Any] = {
        "first_load_done": True,
        "complete_since": run.started_at,
        "complete_run_id": run.run_id,
        "marks": dict(run.marks),
    }
    moments = {
        "first_at": run.first_load,
        "full_at": not run.moved_only if run.full is None else run.full,
        "reconciled_at": run.reconciles,
    }
    return found | {name: run.started_at for name, holds in moments.items() if holds}


def measured(run: Run) -> dict[str, float]:
    """An ended run in numbers (OPS-4); what a preview finds in its records is for who asked."""
    counts = {} if run.mode is Mode.PREVIEW else run.counts or {}
    began, ended = run.started_at or run.queued_at, run.finished_at or run.queued_at
    seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
    return {
        "RunsFinished": 1,
        f"Runs{run.status.value.capitalize()}": 1,
        **({"RunsDied": 1} if run.died else {}),
        "RunSeconds": seconds,
        **({"MirrorDrift": run.drift} if run.drift is not None and run.mode is not Mode.PREVIEW else {}),
        **{f"Records{outcome.capitalize()}": number for outcome, number in counts.items() if number},
    }


def as_event(run: Run) -> dict[str, Any]:
    """A finished run as its event tells it: no personal data."""
    return {
        "id": run.run_id,
        "tenant": run.tenant,
        "connection_id": run.connection_id,
        "run_id": run.run_id,
        "flow": run.flow,
        "trigger": run.trigger.value,
        "mode": run.mode.value,
        "status": run.status.value,
        "counts": dict(run.counts or {}),
        "error_code": run.error.code if run.error else None,
        "finished_at": run.finished_at,
    }
