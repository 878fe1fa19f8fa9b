"""A person's own leave balances: shown with where they come from, and refreshed in seconds (LB-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from call import Answer, Call
from fields import Fields

from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.start import ready
from payrelay.runtime.ids import run_id
from payrelay.runtime.problems import Problem
from routes.runs import run_answer

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection

LONGEST_ID = 100


def balances(call: Call, connection_id: str, person_id: str) -> Answer:
    """Both systems' balances of one employee as they are now, each with its source row."""
    call.query()
    connection, flow = _of_leave(call, connection_id, person_id)
    ready(call.container.engine, connection)
    from payrelay.flows.balance_sync import views  # noqa: PLC0415  (rooms: only where they are used)
    from payrelay.flows.opening import open_flow  # noqa: PLC0415

    opened: Any = open_flow(call.container, flow, connection)
    found = views.balances_of(opened, person_id)
    if found is None:
        raise Problem("NOT_FOUND", f"Payroll has no employee with the code {person_id}.")
    at = call.container.engine.stamp()
    return Answer({"person_id": person_id, "checked_at": at, "items": found})


def refresh(call: Call, connection_id: str, person_id: str) -> Answer:
    """A run over one employee alone, or the one over everybody that is in progress."""
    Fields(call.body(), ()).stop_if_wrong()
    connection, flow = _of_leave(call, connection_id, person_id)
    from payrelay.flows.balance_sync import views  # noqa: PLC0415  (rooms: only where they are used)

    engine, executions = call.container.engine, call.container.executions
    who = call.principal.subject
    run, joined = views.refresh(engine, executions, connection, flow, person_id, who, run_id())
    return run_answer(call, run, joined=joined)


def _of_leave(call: Call, connection_id: str, person_id: str) -> tuple[Connection, str]:
    connection = call.connection(connection_id)
    flow = KINDS[connection.kind].login_flow
    if flow is None or not 0 < len(person_id) <= LONGEST_ID or not person_id.isprintable():
        raise Problem("NOT_FOUND", "There is no such person on this connection.")
    return connection, flow
