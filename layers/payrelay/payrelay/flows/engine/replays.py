"""What a replay must leave alone, and what it would do and cost, told before it does it (OPS-1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Counts, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Run
from payrelay.domain.sensitive import UNREADABLE
from payrelay.flows.catalog import flow_row
from payrelay.flows.engine.engine import Engine
from payrelay.ledger.parts import BATCH, PAGE

# By record and field: the target's value as the replayed run saw it, and the one that it wanted there.
Then = Mapping[str, Mapping[str, tuple[str | None, str | None]]]


def planned_then(engine: Engine, run: Run) -> Then:
    """The changes that the run which is replayed had planned or made."""
    old = engine.ledger.runs.get(run.tenant, run.replay_of or "")
    if old is None:
        return {}
    return {
        record.record_id: {change.field: (change.old, change.new) for change in record.changes}
        for kind in (PAGE, BATCH)
        for _, records in engine.ledger.parts.records(old, kind)
        for record in records
        if record.changes
    }


def without_newer(engine: Engine, run: Run, planned: PlannedPage) -> PlannedPage:
    """The page without the writes that would overwrite what somebody has put at the target since that run."""
    then = engine.ledger.plans.replayed(run)
    judged = [(write, _newer(write, then.get(write.record.record_id, {}))) for write in planned.writes]
    newer = tuple(_left_alone(run, write, field) for write, field in judged if field)
    writes = tuple(write for write, field in judged if field is None)
    return replace(planned, records=(*planned.records, *newer), writes=writes) if newer else planned


def estimate(engine: Engine, run: Run) -> dict[str, int]:
    """What a run like this preview would do: records that are right, to write, refused; and its calls."""
    pages = engine.ledger.parts.summaries(run, PAGE)
    calls = run.calls + sum(page.get("calls", 0) for page in pages)
    return {
        "already_right": Counts.sum(page["counts"] for page in pages).unchanged,
        "would_write": Counts.sum(page["planned"] for page in pages).total,
        "refused": sum(page.get("newer", 0) for page in pages),
        "calls": calls if run.forecast is None else sum(run.forecast.values()),
    }


def _newer(write: Write[Any], then: Mapping[str, tuple[str | None, str | None]]) -> str | None:
    """A field that somebody else has changed at the target since, if there is one."""
    for change in write.record.changes:
        seen = change.old != UNREADABLE
        if seen and change.field in then and change.old not in then[change.field]:
            return change.field
    return None


def _left_alone(run: Run, write: Write[Any], field: str) -> Record:
    value = next(change.old for change in write.record.changes if change.field == field)
    if flow_row(run.flow).confidential:
        field, value = "a part of it", "another"
    values = {"label": write.record.label, "run_id": run.replay_of, "field": field, "value": value or "blank"}
    return replace(write.record, outcome=Outcome.BLOCKED, reason=reason("NEWER_AT_TARGET", **values))
