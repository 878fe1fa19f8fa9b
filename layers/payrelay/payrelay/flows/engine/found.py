"""What is found at a target of writes whose answers were lost, put down as the sending run's (RUN-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.ids import first_run_id
from payrelay.domain.records import Applied, Change, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Mode, Page, Run
from payrelay.flows.catalog import flow_row
from payrelay.flows.engine import review
from payrelay.flows.engine.batch import batch_of, load, typed
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.settle import Desk, link_of_part
from payrelay.flows.flow import Flow
from payrelay.ledger import history
from payrelay.ledger.doubts import Doubt
from payrelay.ledger.plans import PlanExpired

AT_ONCE = 100
# Of what ended longer ago no plan is kept, so that nothing can be found out about it.
FORMER = timedelta(days=90)

Found = dict[str, tuple[Change, ...]]


class Afresh(Struct, frozen=True):
    """A plan made afresh of some records: which of them it tells of, would write, and found there.

    `matched` holds the target id of all that the target has, as in a `PlannedPage`.
    """

    told: Mapping[str, Record]
    writes: Mapping[str, Write[Any]]
    there: frozenset[str]
    matched: Mapping[str, str]

    @classmethod
    def of(cls, asked: Sequence[str], fresh: PlannedPage) -> Afresh:
        """What a plan of the records `asked` says of each; of one that is right as it is it says nothing."""
        told = {one.record_id: one for one in fresh.records}
        writes = {one.record.record_id: one for one in fresh.writes}
        there = {*fresh.matched, *(name for name, one in writes.items() if one.target_id)}
        there |= {name for name, one in told.items() if one.outcome is Outcome.UNCHANGED}
        quiet = {name for name in asked if name not in told and name not in writes}
        if len(quiet) == fresh.unchanged:
            there |= quiet
        return cls(told, writes, frozenset(there), fresh.matched)

    def found(self, flow: Flow, planned: Write[Any]) -> tuple[Change, ...]:
        """The changes of a write that are found to be made; what is told of a record now may hide them."""
        record_id = planned.record.record_id
        told = self.told.get(record_id)
        if told and told.outcome is not Outcome.UNCHANGED:
            return ()
        return flow.arrived(planned, self.writes.get(record_id), there=record_id in self.there)


def note_found(desk: Desk, unknown: Sequence[Write[Any]], afresh: Afresh) -> Found:
    """Put down what is found of writes that were on their way; of those of earlier runs, what it is."""
    engine, flow, run = desk.engine, desk.flow, desk.run
    plans: dict[str, Mapping[str, Write[Any]]] = {}
    begun: list[Applied] = []
    theirs: Found = {}
    for write in unknown:
        record_id = write.record.record_id
        claim = desk.claims[record_id]
        if claim.told or claim.owner is None:
            continue
        if claim.owner == desk.owner:
            changes = afresh.found(flow, write)
            if changes:
                done = replace(write.record, changes=changes)
                begun.append(Applied(done, afresh.matched.get(record_id) or write.target_id))
            continue
        sender = engine.ledger.runs.get(run.tenant, batch_of(claim.owner)[0])
        if sender is None:
            continue
        if claim.owner not in plans:
            plans[claim.owner] = planned_by(engine, flow, sender, batch_of(claim.owner)[1])
        planned = plans[claim.owner].get(record_id)
        changes = afresh.found(flow, planned) if planned else ()
        if planned and changes:
            _put_down(engine, sender, planned, changes, run)
            theirs[record_id] = changes
    desk.begin(begun)
    return theirs


def planned_by(engine: Engine, flow: Flow, sender: Run, index: int) -> Mapping[str, Write[Any]]:
    """What a batch of an earlier run was to write, by record id; empty where its plan is gone."""
    batches = review.batches_of(engine, sender, review.planned_pages(engine, sender))
    try:
        writes = [
            one
            for batch in batches
            if batch["index"] == index
            for one in typed(flow, load(engine, sender, batch))
        ]
    except PlanExpired:
        return {}
    return {one.record.record_id: one for one in writes}


def settle_doubts(engine: Engine, flow: Flow, run: Run) -> None:
    """Look what became of all that earlier runs of the flow may have written without being told.

    Crash anywhere: the doubt stays, and the next run looks again, which puts the same down again.
    """
    if run.scope or run.mode not in (Mode.SYNC, Mode.AUTO) or flow_row(run.flow).narrows(run.options):
        return
    _know_former(engine, run)
    for doubt in list(engine.ledger.doubts.of(run)):
        sender = engine.ledger.runs.get(run.tenant, doubt.run_id)
        if sender is None or _looked(engine, flow, run, sender, doubt):
            engine.ledger.doubts.settled(run, doubt)


def _looked(engine: Engine, flow: Flow, run: Run, sender: Run, doubt: Doubt) -> bool:
    """Whether all of a doubt is settled; not while somebody may still be at work on some of it."""
    deliveries = engine.ledger.deliveries
    ways = deliveries.on_their_way(sender, doubt.record_ids, now=engine.now)
    planned = planned_by(engine, flow, sender, doubt.index) if ways else {}
    open_ends = [planned[one] for one, busy in ways.items() if not busy and one in planned]
    context = engine.ledger.plans.context(run) if open_ends else {}
    for group in in_groups(open_ends, AT_ONCE):
        ids = tuple(dict.fromkeys(write.record.source_id for write in group))
        fresh = flow.plan(run, Page(index=0, ids=ids, doubtful=ids), context)
        afresh = Afresh.of([write.record.record_id for write in group], fresh)
        for write in group:
            changes = afresh.found(flow, write)
            if changes:
                _put_down(engine, sender, write, changes, run)
                _know(engine, flow, sender, write, changes, afresh)
        deliveries.tell(sender, [write.record.record_id for write in group])
    return not any(ways.values())


def _put_down(
    engine: Engine, sender: Run, write: Write[Any], changes: tuple[Change, ...], finder: Run
) -> None:
    """The trail of a write whose answer was lost: of the run that sent it, and who found it."""
    entry = history.entry(
        sender, replace(write.record, changes=changes), sender.finished_at or engine.stamp()
    )
    comment = f"The answer was lost; it was found at the target by {finder.run_id}."
    trail = engine.ledger.of_era(sender.era).history
    trail.add(sender, write.record.record_id, {**entry, "comment": comment})


def _know(
    engine: Engine, flow: Flow, sender: Run, write: Write[Any], changes: Sequence[Change], afresh: Afresh
) -> None:
    """Know what was sent of what the target does not show, so that it is not sent once more."""
    target_id = afresh.matched.get(write.record.record_id) or write.target_id
    link = None if flow.links_by_target else link_of_part(flow, write, target_id, changes)
    if link:
        engine.ledger.of_era(sender.era).links.put_many(sender.tenant, sender.connection_id, [link])


def _know_former(engine: Engine, run: Run) -> None:
    """Once, take into account what runs have left in doubt that ended before doubts were kept."""
    where = (run.tenant, run.connection_id, run.flow)
    if engine.ledger.connections.standing(*where).get("doubts_known"):
        return
    oldest = first_run_id(engine.clock() - FORMER)
    for part in engine.ledger.parts.failing(run.tenant):
        if part.run_id < oldest:
            break
        if part.flow != run.flow or part.kind != "BATCH" or "NOT_ATTEMPTED" not in part.reasons:
            continue
        former = engine.ledger.runs.get(run.tenant, part.run_id)
        if former is None or (former.connection_id, former.era) != (run.connection_id, run.era):
            continue
        records = engine.ledger.parts.part_records(former, part.kind, part.index)
        left = [one.record_id for one in records if one.reason and one.reason.code == "NOT_ATTEMPTED"]
        if former.status.final and former.run_id != run.run_id:
            engine.ledger.doubts.put(former, part.index, left, engine.ttl(former))
    engine.ledger.connections.know_doubts(*where)
