"""A person's own leave balances: shown with where they come from, and refreshed in seconds (LB-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from call import Answer, Call
from fields import Fields

from payrelay.domain.runs import Mode, Trigger
from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.start import Order, ready
from payrelay.runtime.problems import Problem
from routes.runs import run_answer, started

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection

LONGEST_ID = 100


def balances(call: Call, connection_id: str, person_id: str) -> Answer:
    """Both systems' balances of one employee as they are now, each with its source row."""
    call.query()
    connection, flow = _of_leave(call, connection_id, person_id)
    ready(call.container.engine, connection)
    from payrelay.flows.opening import open_flow  # noqa: PLC0415  (rooms: only where they are used)

    opened: Any = open_flow(call.container, flow, connection)
    found = opened.balances_of(person_id)
    if found is None:
        raise Problem("NOT_FOUND", f"Payroll has no employee with the code {person_id}.")
    at = call.container.engine.stamp()
    return Answer({"person_id": person_id, "checked_at": at, "items": found})


def refresh(call: Call, connection_id: str, person_id: str) -> Answer:
    """A run over one employee alone, beside which a run over everybody may go on.

    While one over everybody is in progress it is joined: it takes this employee along.
    """
    Fields(call.body(), ()).stop_if_wrong()
    connection, flow = _of_leave(call, connection_id, person_id)
    ready(call.container.engine, connection)
    current = call.container.ledger.runs.in_progress(call.tenant, connection_id, flow)
    if current and current.mode is Mode.SYNC and current.only is None and not current.options:
        return run_answer(call, current, joined=True)
    order = Order(
        flow,
        Mode.SYNC,
        Trigger.MANUAL,
        requested_by=call.principal.subject,
        options={"employees": [person_id]},
        scope=person_id,
    )
    run, joined = started(call, connection, order)
    return run_answer(call, run, joined=joined)


def _of_leave(call: Call, connection_id: str, person_id: str) -> tuple[Connection, str]:
    connection = call.connection(connection_id)
    flow = KINDS[connection.kind].login_flow
    if flow is None or not 0 < len(person_id) <= LONGEST_ID or not person_id.isprintable():
        raise Problem("NOT_FOUND", "There is no such person on this connection.")
    return connection, flow
