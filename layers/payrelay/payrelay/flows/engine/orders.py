"""Runs ordered from an earlier one: its replay, and the writing of its plan (OPS-1, RUN-9, RUN-10)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.records import Outcome
from payrelay.domain.runs import Connection, Mode, Run, Status, Trigger
from payrelay.errors import Declined, InvalidFields, NotShown
from payrelay.flows.engine.engine import Engine, Executions
from payrelay.flows.engine.review import planned_pages
from payrelay.flows.engine.start import Order, start_run
from payrelay.ledger.parts import BATCH, PAGE
from payrelay.ledger.records import records_of
from payrelay.ledger.runs import AlreadyApplied

# With what failed goes what is written in part: the rest of it failed.
FAILED = Outcome.FAILED.value
# What a replay for a reason is of, if no outcome is named.
UNDONE = frozenset({FAILED, Outcome.BLOCKED.value})


class Replay(Struct, frozen=True):
    """What of a run is to be repeated: named records, or those with some outcomes; without either, all of it.

    With `reasons`, of these only what has one of those codes. A preview tells what the replay would do, and
    writes nothing.
    """

    records: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    preview: bool = False


def replay(
    engine: Engine, executions: Executions, old: Run, asked: Replay, who: str, run_id: str
) -> tuple[Run, bool]:
    """The run that replays `old`, its data read afresh, and whether another one was joined instead.

    Declined, or InvalidFields for names that the run does not have.
    """
    order = replay_order(engine, old, asked, who)
    return start_run(engine, executions, _connection(engine, old), order, run_id)


def replay_order(engine: Engine, old: Run, asked: Replay, who: str) -> Order:
    """What a replay of `old` is confined to."""
    _check_finished(old)
    order = Order(
        flow=old.flow,
        mode=Mode.PREVIEW if asked.preview else Mode.SYNC,
        trigger=Trigger.REPLAY,
        requested_by=who,
        options=old.options,
        replay_of=old.run_id,
    )
    if asked.records:
        return replace(order, only=_named(engine, old, asked.records))
    if not asked.outcomes and not asked.reasons:
        return replace(order, only=_scope(engine, old))
    only = _chosen(engine, old, asked)
    if not only:
        by = "for these reasons" if asked.reasons else "with these outcomes"
        raise Declined("NOTHING_TO_REPLAY", f"The run has no records {by}.")
    return replace(order, only=only)


def apply_plan(
    engine: Engine, executions: Executions, old: Run, who: str, run_id: str, need_admin: Callable[[], None]
) -> tuple[Run, bool]:
    """The run that writes exactly what a finished preview planned, or a run that the brake held.

    `need_admin` is called where only an admin may have it written, and raises for anybody else. The second
    value is whether a run that writes this plan already was joined. Declined if there is nothing to write.
    """
    _check_finished(old)
    _check_plan(engine, old, need_admin)
    order = Order(
        flow=old.flow,
        mode=Mode.APPLY,
        trigger=Trigger.MANUAL,
        requested_by=who,
        options=old.options,
        plan_of=old.run_id,
    )
    try:
        return start_run(engine, executions, _connection(engine, old), order, run_id)
    except AlreadyApplied:
        raise _applied(engine, engine.ledger.runs.get(old.tenant, old.run_id) or old) from None


def _applied(engine: Engine, old: Run) -> Declined:
    """Who has applied a plan, when, and how that ended."""
    by = engine.ledger.runs.get(old.tenant, old.applied_by or "")
    told = f" {by.requested_by} started it at {by.queued_at[:19]}Z; it is {by.status.value}." if by else ""
    detail = f"The plan of this run was applied by {old.applied_by}.{told}"
    return Declined("ALREADY_APPLIED", detail, remedy="Look at that run, and replay what failed in it.")


def _check_plan(engine: Engine, old: Run, need_admin: Callable[[], None]) -> None:
    previewed = old.mode is Mode.PREVIEW and old.status.well
    if not previewed and old.status is not Status.HELD:
        this = f"this run has the mode {old.mode.value} and is {old.status.value}"
        raise Declined("NOTHING_TO_APPLY", f"Only a finished preview or a held run can be applied; {this}.")
    if old.applied_by:
        raise _applied(engine, old)
    pages = planned_pages(engine, old)
    if old.held:
        need_admin()
    if not any(page["writes"] for page in pages):
        raise Declined("NOTHING_TO_APPLY", "The plan of this run writes nothing.")


def _named(engine: Engine, old: Run, wanted: frozenset[str]) -> tuple[str, ...]:
    """The source ids of named records; InvalidFields for each name that the run does not have."""
    found: dict[str, str] = {}
    for _, record in records_of(engine.ledger, old):
        if record and record.record_id in wanted:
            found[record.record_id] = record.source_id
            if len(found) == len(wanted):
                break
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise InvalidFields(("records", f"{name[:100]} is not a record of this run") for name in unknown)
    return tuple(dict.fromkeys(found.values()))


def _chosen(engine: Engine, old: Run, asked: Replay) -> tuple[str, ...]:
    """The source ids of the records that ended so, for one of the reasons if any is named."""
    outcomes = asked.outcomes or UNDONE
    source_ids = [
        record.source_id
        for kind in (PAGE, BATCH)
        for _, records in engine.ledger.parts.records(old, kind)
        for record in records
        if (record.outcome.value in outcomes or (record.in_part and FAILED in outcomes))
        and (not asked.reasons or (record.reason and record.reason.code in asked.reasons))
    ]
    return tuple(dict.fromkeys(source_ids))


def _scope(engine: Engine, old: Run) -> tuple[str, ...] | None:
    """The source ids that the old run was confined to, so that a replay of all of it is no wider."""
    planned = engine.ledger.runs.get(old.tenant, old.plan_of) if old.plan_of else old
    if planned is None:
        raise NotShown("There is no run with this id.")
    return None if planned.only is None else tuple(engine.ledger.plans.only(planned))


def _check_finished(run: Run) -> None:
    if not run.status.final:
        detail = f"The run is {run.status.value}."
        raise Declined("RUN_NOT_FINISHED", detail, remedy="Wait until it has ended, or stop it first.")


def _connection(engine: Engine, old: Run) -> Connection:
    found = engine.ledger.connections.get(old.tenant, old.connection_id)
    if found is None:
        raise Declined("CONNECTION_DELETED", "The connection of this run was deleted.")
    if found.era != old.era:
        detail = "This run is of another organisation than the connection works with by now."
        remedy = "Start a new run, or make a new preview; nothing of the other organisation is written here."
        raise Declined("OTHER_ORGANISATION", detail, remedy=remedy)
    return found
