"""How the writes of a batch ended: delivery, link and trail of each, whatever became of the run (RUN-6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import WRITTEN_IN_PART, Applied, Change, Outcome, Reason, Record, Write
from payrelay.domain.runs import Link, Run
from payrelay.flows.catalog import flow_row
from payrelay.flows.engine.batch import intents, owner_of
from payrelay.flows.engine.engine import Engine
from payrelay.flows.flow import Flow
from payrelay.ledger import history
from payrelay.ledger.deliveries import Answered, Begun, Claim, Settled, Standing
from payrelay.systems.registry import label

WRITTEN = (Outcome.CREATED, Outcome.UPDATED)
# So many fields are named; of more it is said how many there are.
MOST = 5


class Desk(Struct, frozen=True):
    """Where one try of a batch puts down what it is told: its claims are what it found at the start."""

    engine: Engine
    flow: Flow
    run: Run
    index: int
    writes: Mapping[str, Write[Any]]
    claims: Mapping[str, Claim]

    @property
    def owner(self) -> str:
        """Whose claims the batch has."""
        return owner_of(self.run, self.index)

    def settle(self, results: Sequence[Applied], found: Collection[str] = ()) -> None:
        """Put down writes that are done, refused or left alone; those `found` were done by an earlier run."""
        self.engine.ledger.deliveries.settle(
            self.run, self.owner, [self._settled(one, found) for one in results]
        )

    def begin(self, begun: Sequence[Applied]) -> None:
        """Put down what was taken of writes that are not done, so that nobody has to find it out again."""
        at = self.engine.stamp()
        told = []
        for one in begun:
            record = self._with_earlier(one.record)
            write = self.writes[record.record_id]
            answered = Answered(record.outcome, record.changes)
            if answered != self.claims[record.record_id].answered:
                link = link_of_part(self.flow, write, one.target_id, record.changes)
                told.append(Begun(record.record_id, answered, history.entry(self.run, record, at), link))
        self.engine.ledger.deliveries.begin(self.run, self.owner, told)

    def release(self, record_ids: Sequence[str]) -> None:
        """Give up the claims of what was certainly not sent."""
        self._end(record_ids, unknown=False)

    def abandon(self, record_ids: Sequence[str]) -> None:
        """Give up the claims of what may have been written: whoever comes next looks it up."""
        self._end(record_ids, unknown=True)

    def _end(self, record_ids: Sequence[str], *, unknown: bool) -> None:
        self.engine.ledger.deliveries.settle(self.run, self.owner, _given_up(record_ids, unknown=unknown))

    def _settled(self, applied: Applied, found: Collection[str]) -> Settled:
        record, write = applied.record, self.writes[applied.record.record_id]
        ours = record.outcome in WRITTEN
        there = ours or record.record_id in found
        target_id = applied.target_id or write.target_id
        part = self._with_earlier(applied.partly) if applied.partly else None
        link = _link(self.flow, write, target_id, applied.facts) if there else None
        if part:
            link = link_of_part(self.flow, write, target_id, part.changes)
        trail = record if ours else part
        return Settled(
            record_id=record.record_id,
            written=there,
            outcome=record.outcome,
            target_id=target_id,
            link=None if write.removes else link,
            unlink=(record.entity, _link_id(self.flow, write, target_id))
            if there and write.removes
            else None,
            history=history.entry(self.run, trail, self.engine.stamp()) if trail else None,
        )

    def _with_earlier(self, part: Record) -> Record:
        """A part of a write with what an earlier try of this run was told of it."""
        claim = self.claims[part.record_id]
        earlier = claim.answered.changes if claim.answered and claim.owner == self.owner else ()
        fields = {change.field: change for change in (*earlier, *part.changes)}
        return replace(part, changes=tuple(fields.values()))


def _given_up(record_ids: Sequence[str], *, unknown: bool) -> list[Settled]:
    """Claims that nobody has any more; `unknown` are those of what may have been written."""
    return [Settled(one, written=False, outcome=Outcome.FAILED, unknown=unknown) for one in record_ids]


def _link(
    flow: Flow, write: Write[Any], target_id: str | None, told: Mapping[str, str] | None = None
) -> Link | None:
    """The link of a write; its facts are those of the plan, and what the target `told` in its answer."""
    if target_id is None:
        return None
    link_id, record, facts = _link_id(flow, write, target_id), write.record, {**write.facts, **(told or {})}
    return Link(record.entity, link_id, record.key, target_id, dict(write.digests), facts)


def link_of_part(
    flow: Flow, write: Write[Any], target_id: str | None, changes: Sequence[Change]
) -> Link | None:
    """The link of a write of which these changes were made; None where a part is nothing to know of."""
    digests = flow.sent_of(write, changes)
    link = _link(flow, write, target_id) if digests is not None and not write.removes else None
    return replace(link, digests=dict(digests or {})) if link else None


def _link_id(flow: Flow, write: Write[Any], target_id: str | None) -> str:
    """Links are found by the source's id, or by the target's where the source has no lasting one."""
    return target_id or "" if flow.links_by_target else write.record.source_id


class _Ended(Struct, frozen=True):
    """How records of a batch ended before the time of a function was over."""

    records: list[Record]


def keep_ended(engine: Engine, run: Run, index: int, ended: Mapping[str, Record]) -> None:
    """Keep how these records of a batch ended, for the function that goes on with it."""
    engine.ledger.plans.keep(run, _name(index), _Ended(list(ended.values())))


def ended_before(engine: Engine, run: Run, index: int) -> dict[str, Record]:
    """How records of a batch ended in functions before this one, by record id."""
    kept = engine.ledger.plans.kept(run, _name(index), _Ended)
    return {one.record_id: one for one in kept.records} if kept else {}


def _name(index: int) -> str:
    return f"ended-{index:05d}"


def as_done(write: Write[Any], claim: Claim) -> Record:
    """The record of a write that was done already."""
    return replace(write.record, outcome=claim.outcome or write.record.outcome)


def give_up(
    engine: Engine,
    run: Run,
    index: int,
    writes: Sequence[Write[Any]],
    why: Reason,
    ended: Mapping[str, Record] | None = None,
    doubtful: Collection[str] | None = None,
    *,
    at_rest: bool = False,
) -> None:
    """Record a batch that will not be finished: what was answered stands, the rest failed with the reason.

    `ended` are those whose end is known; without `doubtful`, each that was claimed may have been written.
    Where the run is `at_rest` nobody is at work on it any more, and its claims are given up.
    """
    owner, ledger = owner_of(run, index), engine.ledger
    claims = ledger.deliveries.standings(run, owner, intents(None, run, writes), now=engine.now)
    ended = {**ended_before(engine, run, index), **(ended or {})}
    records, open_ends = [], []
    for write in writes:
        record_id = write.record.record_id
        claim = claims[record_id]
        ours = claim.standing is Standing.UNKNOWN and claim.owner == owner
        in_doubt = ours and (doubtful is None or record_id in doubtful)
        if in_doubt:
            open_ends.append(record_id)
        if record_id in ended:
            records.append(ended[record_id])
        elif claim.standing is Standing.DONE:
            records.append(as_done(write, claim))
        elif ours and claim.answered:
            records.append(_in_part(run, write, claim.answered, why))
        else:
            code = "OUTCOME_UNKNOWN" if in_doubt else "NOT_ATTEMPTED"
            cause = reason(code, label=write.record.label, problem=why.message)
            records.append(replace(write.record, outcome=Outcome.FAILED, reason=cause))
    if at_rest:
        ledger.deliveries.settle(run, owner, _given_up(open_ends, unknown=True))
    if open_ends:
        ledger.doubts.put(run, index, open_ends, engine.ttl(run))
    ledger.parts.put_batch(run, index, records, engine.ttl(run), engine.tally.take())
    engine.journal(records)


def _in_part(run: Run, write: Write[Any], answered: Answered, why: Reason) -> Record:
    """The record of a write of which only a part was answered: that stands, and says what is missing."""
    done = {change.field for change in answered.changes}
    left = [change.field for change in write.record.changes if change.field not in done]
    record = replace(write.record, outcome=answered.outcome, changes=answered.changes)
    row = flow_row(run.flow)
    what = "a part of it" if row.confidential else _named(left)
    if not left:
        what = f"what is told to {label(row.source)} of it"
    return replace(record, reason=reason(WRITTEN_IN_PART, label=record.label, what=what, problem=why.message))


def _named(fields: Sequence[str]) -> str:
    more = f" and {len(fields) - MOST} more fields" if len(fields) > MOST else ""
    return ", ".join(fields[:MOST]) + more
