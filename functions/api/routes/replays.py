"""Replaying records or runs, and applying plans (OPS-1, RUN-9, RUN-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from call import Answer, Call
from fields import Fields

from payrelay.domain.records import Outcome
from payrelay.domain.runs import Mode
from payrelay.flows.engine import orders
from payrelay.flows.reasons import every_reason
from payrelay.runtime.identity import Role
from payrelay.runtime.ids import run_id as new_run_id
from payrelay.runtime.problems import Problem
from routes.runs import run_answer

if TYPE_CHECKING:
    from payrelay.domain.runs import Run

MOST_RECORDS = 1000
MOST_REASONS = 20
OF_A_PREVIEW = (
    "The run that it replays was a preview; this one is a sync, which reads the data afresh and writes. "
    "To write exactly the preview's plan, apply it; to look once more, replay with preview."
)
# Unchanged records are counted and not kept, so that they can't be named.
REPLAYABLE = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.UNCHANGED)


def replay(call: Call, run_id: str) -> Answer:
    """A new run over the same records, or some of them, with the data read afresh."""
    old = call.run(run_id)
    fields = Fields(call.body(), ("records", "outcomes", "reasons", "preview"))
    asked = orders.Replay(
        records=fields.texts("records", MOST_RECORDS),
        outcomes=fields.texts("outcomes", len(REPLAYABLE), REPLAYABLE),
        reasons=fields.texts("reasons", MOST_REASONS, every_reason()),
        preview=fields.flag("preview"),
    )
    if "records" in fields and "outcomes" in fields:
        fields.refuse("outcomes", "must not be given beside records")
    if "records" in fields and "reasons" in fields:
        fields.refuse("reasons", "must not be given beside records")
    fields.stop_if_wrong()
    container, who = call.container, call.principal.subject
    run, joined = orders.replay(container.engine, container.executions, old, asked, who, new_run_id())
    answer = run_answer(call, run, joined=joined)
    if old.mode is Mode.PREVIEW and run.mode is not Mode.PREVIEW:
        return answer._replace(body={**answer.body, "note": OF_A_PREVIEW})
    return answer


def apply(call: Call, run_id: str) -> Answer:
    """A new run that writes exactly the plan of a finished preview, or of a run that the brake held."""
    old, container, who = call.run(run_id), call.container, call.principal.subject
    run, joined = orders.apply_plan(
        container.engine, container.executions, old, who, new_run_id(), lambda: _need_admin(call, old)
    )
    return run_answer(call, run, joined=joined)


def _need_admin(call: Call, held: Run) -> None:
    """Problem 403 that says whose decision it is, unless the caller may take it."""
    if call.principal.role < Role.ADMIN:
        mine = f"the token has the role {call.principal.role.label}"
        detail = f"The brake holds {held.run_id}, so that this needs the role admin; {mine}."
        remedy = (
            "An admin of the customer decides: they apply the plan, or they correct the data in the source."
        )
        raise Problem("FORBIDDEN", detail, remedy=remedy)
