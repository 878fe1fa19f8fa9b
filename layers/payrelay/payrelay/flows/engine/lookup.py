"""What of a batch is to be sent, once the target was asked for all of which that is not certain (RUN-5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.records import Applied, Change, Outcome, Record, Write
from payrelay.domain.runs import Mode, Page, Run
from payrelay.flows.catalog import flow_row, sides_of
from payrelay.flows.engine.engine import stamp_at
from payrelay.flows.engine.found import Afresh, note_found
from payrelay.flows.engine.moved import Deployed, Sides, moved
from payrelay.flows.engine.settle import Desk
from payrelay.flows.flow import Flow
from payrelay.flows.versions import installed_at
from payrelay.ledger.deliveries import Standing


class LookedUp(Struct, frozen=True):
    """What is to be sent now, what is decided without sending, and whose writes earlier runs had made."""

    ready: tuple[Write[Any], ...]
    decided: tuple[Applied, ...]
    theirs: frozenset[str]


def look_up(desk: Desk, todo: Sequence[Write[Any]]) -> LookedUp:
    """What of a batch is still to be sent.

    Looked up, by planning them afresh, are all records of an earlier run's plan, or of one that another
    version made, all of a plan that has become old (the run had to wait), each that somebody began to send
    and never reported, and each that another run has sent since this one began.
    """
    engine, flow, run, claims = desk.engine, desk.flow, desk.run, desk.claims
    unknown = {r for r, claim in claims.items() if claim.standing is Standing.UNKNOWN}
    # A plan that somebody has looked at, or that another version made, is written as it is, or not at all.
    as_planned = run.mode is Mode.APPLY or run.flow_version != flow.version
    # A session that goes on by itself applies each page as soon as it is planned.
    ages = flow.plans_age and run.mode is not Mode.AUTO
    old = ages and (
        run.started_at is None
        or engine.clock().timestamp() - _seconds(run.started_at) > engine.limits.plan_fresh_seconds
    )
    everything = old or as_planned
    overtaken = {r for r, claim in claims.items() if _is_since(run, claim.others_at)}
    suspects = [
        w for w in todo if everything or w.payload is None or w.record.record_id in unknown | overtaken
    ]
    if not suspects:
        return LookedUp(tuple(todo), (), frozenset())
    context = engine.ledger.plans.context(replace(run, run_id=run.plan_run_id))
    ids = tuple(dict.fromkeys(write.record.source_id for write in suspects))
    sent = tuple(w.record.source_id for w in suspects if w.record.record_id in unknown | overtaken)
    fresh_since = stamp_at(engine.clock().timestamp() - engine.limits.plan_fresh_seconds)
    page = Page(index=0, ids=ids, doubtful=sent, at=engine.stamp(), fresh=fresh_since)
    fresh = flow.plan(run, page, context)
    afresh = Afresh.of([write.record.record_id for write in suspects], fresh)
    told = afresh.told
    by_source = {record.source_id: record for record in fresh.records}
    looked_up = {write.record.record_id for write in suspects}
    ready = [write for write in todo if write.record.record_id not in looked_up]
    decided: list[Applied] = []
    found_before: list[str] = []
    theirs = note_found(desk, [w for w in suspects if w.record.record_id in unknown], afresh)
    sides = Sides(*sides_of(run.flow, run.settings), flow_row(run.flow).confidential, _deployed(desk))
    for write in suspects:
        record_id = write.record.record_id
        sent_before = record_id in unknown
        now = afresh.writes.get(record_id)
        instead = told.get(record_id) or by_source.get(write.record.source_id)
        there = record_id in afresh.matched
        why = moved(sides, write, now, instead, sent_before=sent_before, there=there) if as_planned else None
        if why:
            decided.append(Applied(replace(write.record, outcome=Outcome.BLOCKED, reason=why)))
            continue
        left = _judge(flow, write, now, sent_before=sent_before)
        if left == write.record and record_id in told and record_id not in afresh.matched:
            # It never arrived, and is not to be sent any more.
            left = told[record_id]
        if left == write.record and _covers(theirs.get(record_id, ()), write.record):
            # An earlier run has written it: nothing is left for this one.
            found_before.append(record_id)
            left = None
        if left is None:
            left = told.get(record_id) or replace(write.record, outcome=Outcome.UNCHANGED, changes=())
        if isinstance(left, Write):
            ready.append(left)
        else:
            decided.append(Applied(left, afresh.matched.get(record_id)))
    return LookedUp(tuple(ready), tuple(decided), frozenset(found_before))


def _deployed(desk: Desk) -> Deployed | None:
    """That the plan was made by another version, if it was."""
    run, now = desk.run, desk.flow.version
    plan = desk.engine.ledger.runs.get(run.tenant, run.plan_of) if run.plan_of else run
    if plan is None or plan.flow_version == now:
        return None
    return Deployed(plan.flow_version, now, installed_at(run.flow), run.mode is Mode.APPLY)


def _judge(
    flow: Flow, planned: Write[Any], fresh: Write[Any] | None, *, sent_before: bool
) -> Write[Any] | Record | None:
    """What to send of a planned write, or the record when there is nothing to; None as planned afresh."""
    if not sent_before:
        return fresh
    if planned.payload is None:
        # Planned by a version that kept it otherwise: whatever still differs is left to send.
        return replace(fresh, record=planned.record) if fresh else planned.record
    return flow.remaining(planned, fresh) or planned.record


def _covers(found: Sequence[Change], record: Record) -> bool:
    """Whether all that a record was to change is among what was found."""
    made = {change.field: change.new for change in found}
    return bool(found) and all(made.get(one.field) == one.new for one in record.changes)


def _is_since(run: Run, moment: int | None) -> bool:
    """Whether something happened after the run began, to the second."""
    return moment is not None and run.started_at is not None and moment >= int(_seconds(run.started_at))


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
