"""ApplyPage: write one batch of a plan, once, whatever crashes (RUN-5, RUN-9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from msgspec import Struct, field

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Record, Write
from payrelay.domain.runs import Run, Waits
from payrelay.errors import TROUBLE, Unfinished
from payrelay.flows.engine.answers import Answer, Done, Halted, Later
from payrelay.flows.engine.batch import intents, load, owner_of, typed
from payrelay.flows.engine.engine import Engine, stamp_at
from payrelay.flows.engine.late import Watch
from payrelay.flows.engine.lookup import look_up
from payrelay.flows.engine.settle import Desk, as_done, ended_before, give_up, keep_ended
from payrelay.flows.engine.step import Event, flow_step, tries
from payrelay.flows.flow import Flow, Interrupted, Opening
from payrelay.ledger.deliveries import Standing
from payrelay.ledger.plans import PlanExpired

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
    return _apply(engine, flow, run, batch["index"], typed(flow, writes), tries(event))


class _Told(Struct):
    """What is known of a batch so far: how records ended, of which a part is done, and what is in doubt."""

    doubtful: set[str]
    begun: set[str] = field(default_factory=set)
    ended: dict[str, Record] = field(default_factory=dict)

    def end(self, applied: Iterable[Applied]) -> None:
        """These records have ended."""
        self.ended |= {one.record.record_id: one.record for one in applied}

    def release_unsent(self, desk: Desk, on_their_way: Collection[str]) -> None:
        """Give up the claims of what was certainly not sent: of that nobody has to find out anything."""
        left = [one for one in _todo_of(desk) if one not in on_their_way and one not in self.ended]
        desk.release(left)


def _apply(
    engine: Engine, flow: Flow, run: Run, index: int, writes: Sequence[Write[Any]], tried: int
) -> Answer:
    # Only of a batch that is sent in groups some may be left to the next function.
    in_parts = len(writes) > (flow.at_once or len(writes))
    ended = ended_before(engine, run, index) if in_parts else {}
    left = [write for write in writes if write.record.record_id not in ended]
    until = engine.now + engine.limits.claim_seconds
    claims = engine.ledger.deliveries.claim(
        run, owner_of(run, index), intents(flow, run, left), now=engine.now, until=until
    )
    if any(claim.standing is Standing.BUSY for claim in claims.values()):
        ends = max(claim.until or engine.now for claim in claims.values())
        what = f"what another run has begun to send, whose claims end at {stamp_at(ends)[11:19]},"
        # Until the next look, and no longer: a run that waits may be ended while it does.
        waits = Waits(what, stamp_at(engine.now + BUSY_SECONDS))
        engine.ledger.runs.change(run, waits_until=stamp_at(ends), waits=waits)
        return Later(BUSY_SECONDS, tried)
    desk = Desk(engine, flow, run, index, {write.record.record_id: write for write in left}, claims)
    unknown = {name for name, claim in claims.items() if claim.standing is Standing.UNKNOWN}
    told = _Told(set(unknown), ended=ended)
    try:
        _send(desk, told)
    except TROUBLE as error:
        answer = engine.trouble(run, error, tried)
        on_their_way = unknown | told.doubtful | told.begun
        told.release_unsent(desk, on_their_way)
        if isinstance(answer, Halted):
            desk.abandon([one for one in _todo_of(desk) if one in on_their_way and one not in told.ended])
            halted = engine.ledger.runs.get(run.tenant, run.run_id)
            why = halted.halt.reason if halted and halted.halt else reason("RUN_DIED", problem=str(error))
            give_up(engine, run, index, writes, why, told.ended, told.doubtful)
        return answer
    except Unfinished:
        # The time of this function is over, not that of the batch: the next one goes on with the rest.
        keep_ended(engine, run, index, told.ended)
        told.release_unsent(desk, unknown | told.doubtful | told.begun)
        raise
    done = [as_done(one, claims[name]) for name, one in desk.writes.items() if name not in told.ended]
    records = [*told.ended.values(), *done]
    flow.ended(run, writes, records)
    engine.ledger.parts.put_batch(run, index, records, engine.ttl(run), engine.tally.take())
    engine.journal(records)
    engine.tell_blocked(run, records)
    return Done()


def _todo_of(desk: Desk) -> list[str]:
    """The ids of what was not done when the batch was claimed."""
    return [name for name, claim in desk.claims.items() if claim.standing is not Standing.DONE]


def _send(desk: Desk, told: _Told) -> None:
    """Look up and send what is not done, and put down each answer; the trouble is raised after that."""
    todo = [desk.writes[name] for name in _todo_of(desk)]
    found = look_up(desk, todo)
    told.doubtful.clear()
    settled, ready = [*found.decided], found.ready
    watch = Watch(desk.engine.time_left)
    for place, group in enumerate(in_groups(ready, desk.flow.at_once or len(ready) or 1)):
        if place and watch.is_late():
            raise Unfinished
        stop = None
        try:
            settled += desk.flow.apply(desk.run, group)
        except Interrupted as interrupted:
            stop = interrupted
        except TROUBLE as trouble:
            # It tells nothing of what was answered before.
            stop = Interrupted((), trouble, doubtful=[one.record.record_id for one in group])
        if stop:
            _stop(desk, told, settled, group, stop, found.theirs)
        desk.settle(settled, found.theirs)
        told.end(settled)
        settled = []
    if settled:
        desk.settle(settled, found.theirs)
        told.end(settled)


def _stop(
    desk: Desk,
    told: _Told,
    settled: Sequence[Applied],
    group: Sequence[Write[Any]],
    stop: Interrupted,
    theirs: Collection[str],
) -> None:
    """Put down what was answered before the trouble, and raise it.

    What has more to tell than its outcome is looked up by the next try, and tells it then; what the groups
    before told is kept for it.
    """
    if told.ended:
        keep_ended(desk.engine, desk.run, desk.index, told.ended)
    settled = [*settled, *(one for one in stop.applied if one.record.reason is None)]
    desk.settle(settled, theirs)
    begun = [*stop.begun, *(Applied(one.partly, one.target_id) for one in stop.applied if one.partly)]
    desk.begin(begun)
    told.begun |= {one.record.record_id for one in begun}
    told.end((*settled, *stop.applied))
    told.doubtful |= stop.in_doubt(group)
    raise stop.trouble
