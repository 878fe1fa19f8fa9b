"""What an ended run has cured of earlier failures, so that open ones are known without looking (OPS-2)."""

from __future__ import annotations

from typing import Any

from payrelay.domain.records import Counts
from payrelay.domain.runs import Mode, Run, Status
from payrelay.flows.catalog import flow_row, is_confined
from payrelay.flows.engine.engine import Engine
from payrelay.ledger.open_failures import Found, OpenFailures
from payrelay.ledger.told import Told


def is_base(run: Run) -> bool:
    """Whether a run has looked at everything that there is for its flow, or that had moved, to the end."""
    read = run.complete or run.nothing_to_prove
    return run.mode is Mode.SYNC and run.status.well and read and not is_confined(run)


def settle(engine: Engine, run: Run) -> dict[str, Any]:
    """What the standing of the flow learns of open failures from an ended run.

    What a run that is no base has cured is noted: it is put again if the run is closed once more. How many
    records wait for somebody is None where there are too many to be looked through.
    """
    if run.mode is Mode.PREVIEW or run.status is Status.HELD:
        return {}
    base, own = is_base(run), _failing(run)
    if base and not run.moved_only:
        return {"base_run_id": run.run_id, "carried": {}, "waiting": own}
    before, whole = _before(engine, run)
    if base:
        # What earlier runs of this kind left has been looked at: the flow sees to that.
        before = [one for one in before if not _seen_to(one.failure.run)]
    looked_at = _looked_at(engine, run) if before else set()
    cured = [one for one in before if one.failure.record.source_id in looked_at]
    waiting = {"waiting": own + len(before) - len(cured) if whole else None}
    if base:
        carried = _places([one for one in before if one not in cured])
        return {"base_run_id": run.run_id, "carried": carried, **waiting}
    if cured:
        records = [one.failure.record.record_id for one in cured]
        engine.ledger.parts.put_cured(run, records, engine.ttl(run))
    return waiting


def _failing(run: Run) -> int:
    """How many records of an ended run wait for somebody."""
    counts = Counts.sum([run.counts or {}])
    return counts.failed + counts.blocked + Told(run.reasons or {}).in_part


def _before(engine: Engine, run: Run) -> tuple[list[Found], bool]:
    """What was open before the run, and is not among its own failures; and whether that is all."""
    every = OpenFailures(engine.ledger, run.tenant, run.flow, run.connection_id)
    return every.found(before=run.run_id)


def _seen_to(run: Run) -> bool:
    """Whether what a run left is looked at by the next one that reads what has moved."""
    return is_base(run) or (
        run.moved_only
        and run.mode is Mode.SYNC
        and run.only is None
        and not flow_row(run.flow).narrows(run.options)
    )


def _looked_at(engine: Engine, run: Run) -> set[str]:
    named = set(engine.ledger.plans.only(run)) if run.only is not None else set()
    return named | engine.ledger.parts.looked_at(run)


def _places(found: list[Found]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for one in found:
        places.setdefault(one.position[0], []).append(one.failure.record.record_id)
    return places
