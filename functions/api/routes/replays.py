"""Replaying records or runs, and applying plans (OPS-1, RUN-9, RUN-10)."""

from __future__ import annotations

from call import Answer, Call
from fields import Fields
from msgspec.structs import replace

from payrelay.domain.records import Outcome
from payrelay.domain.runs import Connection, Mode, Run, Status, Trigger
from payrelay.flows.engine.review import planned_pages
from payrelay.flows.engine.start import Order, replay_order
from payrelay.runtime.identity import Role
from payrelay.runtime.problems import Problem, invalid
from routes.records import placed_records
from routes.runs import run_answer, started

MOST_RECORDS = 1000
# Unchanged records are counted and not kept, so that they can't be named.
REPLAYABLE = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.UNCHANGED)


def replay(call: Call, run_id: str) -> Answer:
    """A new run over the same records, or some of them, with the data read afresh."""
    old = call.run(run_id)
    fields = Fields(call.body(), ("records", "outcomes", "preview"))
    wanted = fields.texts("records", MOST_RECORDS)
    outcomes = fields.texts("outcomes", len(REPLAYABLE), REPLAYABLE)
    preview = fields.flag("preview")
    if "records" in fields and "outcomes" in fields:
        fields.refuse("outcomes", "must not be given beside records")
    fields.stop_if_wrong()
    _finished(old)
    order = Order(
        flow=old.flow,
        mode=Mode.PREVIEW if preview else Mode.SYNC,
        trigger=Trigger.REPLAY,
        requested_by=call.principal.subject,
        options=old.options,
        replay_of=old.run_id,
    )
    if wanted:
        order = replace(order, only=_named(call, old, wanted))
    elif outcomes:
        order = replay_order(call.container.engine, old, order, frozenset(), outcomes)
    else:
        order = replace(order, only=_scope(call, old))
    if order.only == ():
        raise Problem("NOTHING_TO_REPLAY", "The run has no records with these outcomes.")
    run, joined = started(call, _connection(call, old), order)
    return run_answer(call, run, joined=joined)


def apply(call: Call, run_id: str) -> Answer:
    """A new run that writes exactly the plan of a finished preview, or of a run that the brake held."""
    old = call.run(run_id)
    _finished(old)
    _may_apply(call, old)
    order = Order(
        flow=old.flow,
        mode=Mode.APPLY,
        trigger=Trigger.MANUAL,
        requested_by=call.principal.subject,
        options=old.options,
        plan_of=old.run_id,
    )
    run, joined = started(call, _connection(call, old), order)
    if joined and run.plan_of != old.run_id:
        detail = f"The run {run.run_id} of this flow is in progress; a plan can't join it."
        raise Problem("RUN_IN_PROGRESS", detail, remedy="Wait until it has ended, or stop it; then apply.")
    return run_answer(call, run, joined=joined)


def _may_apply(call: Call, old: Run) -> None:
    """Whether the run has a plan, and the caller may have it written: what the brake holds needs an admin."""
    previewed = old.mode is Mode.PREVIEW and old.status in (Status.SUCCEEDED, Status.PARTIAL)
    if not previewed and old.status is not Status.HELD:
        this = f"this run has the mode {old.mode.value} and is {old.status.value}"
        raise Problem("NOTHING_TO_APPLY", f"Only a finished preview or a held run can be applied; {this}.")
    if old.applied_by:
        detail = f"The plan of this run was applied by {old.applied_by}."
        raise Problem("ALREADY_APPLIED", detail, remedy="Look at that run; replay its failed records if any.")
    pages = planned_pages(call.container.engine, old)
    if old.held:
        call.need(Role.ADMIN)
    if not any(page["writes"] for page in pages):
        raise Problem("NOTHING_TO_APPLY", "The plan of this run writes nothing.")


def _named(call: Call, old: Run, wanted: frozenset[str]) -> tuple[str, ...]:
    """The source ids of named records; problem 422 for each name that the run does not have."""
    found: dict[str, str] = {}
    for _, record in placed_records(call.container.ledger, old):
        if record and record.record_id in wanted:
            found[record.record_id] = record.source_id
            if len(found) == len(wanted):
                break
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise invalid([("records", f"{name[:100]} is not a record of this run") for name in unknown])
    return tuple(dict.fromkeys(found.values()))


def _scope(call: Call, old: Run) -> tuple[str, ...] | None:
    """The source ids that the old run was confined to, so that a replay of all of it is no wider."""
    planned = call.run(old.plan_of) if old.plan_of else old
    return None if planned.only is None else tuple(call.container.ledger.plans.only(planned))


def _finished(run: Run) -> None:
    if not run.status.final:
        detail = f"The run is {run.status.value}."
        raise Problem("RUN_NOT_FINISHED", detail, remedy="Wait until it has ended, or stop it first.")


def _connection(call: Call, old: Run) -> Connection:
    found = call.container.ledger.connections.get(call.tenant, old.connection_id)
    if found is None:
        raise Problem("CONNECTION_DELETED", "The connection of this run was deleted.")
    return found
