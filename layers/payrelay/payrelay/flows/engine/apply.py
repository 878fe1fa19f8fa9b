"""ApplyPage: write one batch of a plan, once, whatever crashes (RUN-5, RUN-9)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Outcome, Reason, Record, Write
from payrelay.domain.runs import Link, Mode, Page, Run
from payrelay.flows.catalog import flow_row, sides_of
from payrelay.flows.engine.answers import Answer, Done, Halted, Later
from payrelay.flows.engine.engine import TROUBLE, Engine, stamp_at
from payrelay.flows.engine.moved import Sides, moved
from payrelay.flows.engine.step import Event, flow_step, tries
from payrelay.flows.flow import Flow, Interrupted, Opening
from payrelay.ledger import history, plans
from payrelay.ledger.deliveries import Claim, Intent, Settled, Standing
from payrelay.ledger.plans import PlanExpired

WRITTEN = (Outcome.CREATED, Outcome.UPDATED)
# Somebody else is at work on some of the same records.
BUSY_SECONDS = 30


@flow_step
def apply_page(engine: Engine, opening: Opening, run: Run, event: Event) -> Answer:
    """Apply one batch: claim its deliveries, write what is not done, and store how each one ended."""
    batch = event["batch"]
    if engine.ledger.parts.batch_done(run, batch["index"]):
        return Done()
    try:
        writes = load(engine, run, batch)
    except PlanExpired:
        return engine.halt(run, reason("PLAN_EXPIRED", run_id=run.plan_run_id))
    if run.halt:
        give_up(engine, run, batch["index"], writes, run.halt.reason)
        return Halted()
    flow = opening(run)
    return _apply(engine, flow, run, batch["index"], _typed(flow, writes), tries(event))


def _typed(flow: Flow, writes: Sequence[Write[Any]]) -> list[Write[Any]]:
    """The writes with their payloads as the flow's own type."""
    return [replace(write, payload=plans.typed(write.payload, flow.payload)) for write in writes]


def load(engine: Engine, run: Run, batch: Mapping[str, Any]) -> list[Write[Any]]:
    """The writes of a batch, each record once."""
    found: dict[str, Write[Any]] = {}
    for part in batch["slices"]:
        writes = engine.ledger.plans.writes(run.tenant, run.connection_id, run.plan_run_id, int(part["page"]))
        for write in writes[int(part["start"]) : int(part["stop"])]:
            found.setdefault(write.record.record_id, write)
    return list(found.values())


def _apply(
    engine: Engine, flow: Flow, run: Run, index: int, writes: Sequence[Write[Any]], tried: int
) -> Answer:
    owner, intents = _owner(run, index), _intents(run, writes)
    until = engine.now + engine.limits.claim_seconds
    claims = engine.ledger.deliveries.claim(run, owner, intents, now=engine.now, until=until)
    if any(claim.standing is Standing.BUSY for claim in claims.values()):
        ends = max(claim.until or engine.now for claim in claims.values())
        engine.ledger.runs.change(run, waits_until=stamp_at(ends))
        return Later(BUSY_SECONDS, tried)
    todo = [w for w in writes if claims[w.record.record_id].standing is not Standing.DONE]
    results: list[Applied] = []
    try:
        ready, applied = look_up(engine, flow, run, todo, claims)
        for group in in_groups(ready, flow.at_once or len(ready) or 1):
            trouble = None
            try:
                applied += flow.apply(run, group)
            except Interrupted as stop:
                # What has more to tell than its outcome is looked up by the next try, and tells it then.
                applied += [one for one in stop.applied if one.record.reason is None]
                trouble = stop.trouble
            _settle(engine, flow, run, owner, todo, applied)
            results, applied = results + applied, []
            if trouble:
                raise trouble
    except TROUBLE as error:
        answer = engine.trouble(run, error, tried)
        if isinstance(answer, Halted):
            settled = {one.record.record_id for one in results}
            _abandon(engine, run, owner, [w for w in todo if w.record.record_id not in settled])
            halted = engine.ledger.runs.get(run.tenant, run.run_id)
            why = halted.halt.reason if halted and halted.halt else reason("RUN_DIED", problem=str(error))
            give_up(engine, run, index, writes, why)
        return answer
    if applied:
        _settle(engine, flow, run, owner, todo, applied)
        results += applied
    done = [
        _as_done(w, claims[w.record.record_id])
        for w in writes
        if claims[w.record.record_id].standing is Standing.DONE
    ]
    records = [applied.record for applied in results] + done
    flow.ended(run, writes, records)
    engine.ledger.parts.put_batch(run, index, records, engine.ttl(run))
    engine.journal(records)
    engine.tell_blocked(run, records)
    return Done()


def look_up(
    engine: Engine, flow: Flow, run: Run, todo: Sequence[Write[Any]], claims: Mapping[str, Claim]
) -> tuple[list[Write[Any]], list[Applied]]:
    """What is to be sent now, and what is decided without sending.

    Looked up, by planning them afresh, are all records of an earlier run's plan, or of one that another
    version made, all of a plan that has become old (the run had to wait), each that somebody began to send
    and never reported, and each that another run has sent since this one began.
    """
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
        return list(todo), []
    context = engine.ledger.plans.context(replace(run, run_id=run.plan_run_id))
    ids = tuple(dict.fromkeys(write.record.source_id for write in suspects))
    sent = tuple(w.record.source_id for w in suspects if w.record.record_id in unknown | overtaken)
    fresh = flow.plan(run, Page(index=0, ids=ids, doubtful=sent), context)
    found = {write.record.record_id: write for write in fresh.writes}
    told = {record.record_id: record for record in fresh.records}
    by_source = {record.source_id: record for record in fresh.records}
    looked_up = {write.record.record_id for write in suspects}
    ready = [write for write in todo if write.record.record_id not in looked_up]
    decided: list[Applied] = []
    sides = Sides(*sides_of(run.flow, run.settings), flow_row(run.flow).confidential)
    for write in suspects:
        record_id = write.record.record_id
        sent_before = record_id in unknown
        now = found.get(record_id)
        instead = told.get(record_id) or by_source.get(write.record.source_id)
        there = record_id in fresh.matched
        why = moved(sides, write, now, instead, sent_before=sent_before, there=there) if as_planned else None
        if why:
            decided.append(Applied(replace(write.record, outcome=Outcome.BLOCKED, reason=why)))
            continue
        left = _judge(flow, write, now, sent_before=sent_before)
        if left == write.record and record_id in told and record_id not in fresh.matched:
            # It never arrived, and is not to be sent any more.
            left = told[record_id]
        if left is None:
            left = told.get(record_id) or replace(write.record, outcome=Outcome.UNCHANGED, changes=())
        if isinstance(left, Write):
            ready.append(left)
        else:
            decided.append(Applied(left, fresh.matched.get(record_id)))
    return ready, decided


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


def _is_since(run: Run, moment: int | None) -> bool:
    """Whether something happened after the run began, to the second."""
    return moment is not None and run.started_at is not None and moment >= int(_seconds(run.started_at))


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def fingerprint(run: Run, write: Write[Any]) -> str:
    """What identifies this very write: the plan it belongs to, what is sent, and what it replaces."""
    shape = {
        "plan": run.plan_run_id,
        "send": plans.shape(write.payload),
        "changes": [[c.field, c.old, c.new] for c in write.record.changes],
        "digests": dict(write.digests),
        "target": write.target_id,
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()


def _settle(
    engine: Engine, flow: Flow, run: Run, owner: str, todo: Sequence[Write[Any]], results: Sequence[Applied]
) -> None:
    by_id = {write.record.record_id: write for write in todo}
    at = engine.stamp()
    settled = []
    for applied in results:
        record, write = applied.record, by_id[applied.record.record_id]
        written = record.outcome in WRITTEN
        target_id = applied.target_id or write.target_id
        settled.append(
            Settled(
                record_id=record.record_id,
                written=written,
                outcome=record.outcome,
                target_id=target_id,
                link=_link(flow, record, write, target_id) if written and not write.removes else None,
                unlink=(record.entity, _link_id(flow, record, target_id))
                if written and write.removes
                else None,
                history=history.entry(run, record, at) if written else None,
            )
        )
    engine.ledger.deliveries.settle(run, owner, settled)


def _link(flow: Flow, record: Record, write: Write[Any], target_id: str | None) -> Link | None:
    if target_id is None:
        return None
    link_id = _link_id(flow, record, target_id)
    return Link(record.entity, link_id, record.key, target_id, dict(write.digests), dict(write.facts))


def _link_id(flow: Flow, record: Record, target_id: str | None) -> str:
    """Links are found by the source's id, or by the target's where the source has no lasting one."""
    return target_id or "" if flow.links_by_target else record.source_id


def _abandon(engine: Engine, run: Run, owner: str, todo: Sequence[Write[Any]]) -> None:
    """Give the claims up; as unknown, since part of the batch may have been written before the trouble."""
    settled = [
        Settled(write.record.record_id, written=False, outcome=Outcome.FAILED, unknown=True) for write in todo
    ]
    engine.ledger.deliveries.settle(run, owner, settled)


def _as_done(write: Write[Any], claim: Claim) -> Record:
    return replace(write.record, outcome=claim.outcome or write.record.outcome)


def give_up(engine: Engine, run: Run, index: int, writes: Sequence[Write[Any]], why: Reason) -> None:
    """Record a batch that will not be finished: all that is not written yet failed, with the run's reason."""
    claims = engine.ledger.deliveries.standings(
        run, _owner(run, index), _intents(run, writes), now=engine.now
    )
    records = []
    for write in writes:
        claim = claims[write.record.record_id]
        if claim.standing is Standing.DONE:
            records.append(_as_done(write, claim))
            continue
        cause = reason("NOT_ATTEMPTED", label=write.record.label, problem=why.message)
        records.append(replace(write.record, outcome=Outcome.FAILED, reason=cause))
    engine.ledger.parts.put_batch(run, index, records, engine.ttl(run))


def _owner(run: Run, index: int) -> str:
    return f"{run.run_id}/{index}"


def _intents(run: Run, writes: Sequence[Write[Any]]) -> list[Intent]:
    return [Intent(w.record.record_id, w.record.source_id, fingerprint(run, w)) for w in writes]
