"""A person's own leave balances: shown with where they come from, and refreshed in seconds (LB-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from call import Answer, Call
from fields import Fields
from msgspec.structs import replace
from withheld import own_only

from payrelay.domain.ids import ME
from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.start import ready
from payrelay.runtime.identity import Role
from payrelay.runtime.ids import run_id
from payrelay.runtime.observability import logger
from payrelay.runtime.problems import Problem
from routes.runs import run_answer

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection

LONGEST_ID = 100


def balances(call: Call, connection_id: str, person_id: str) -> Answer:
    """Both systems' balances of one employee as they are now, each with its source row.

    An employee gets their own, and what is hidden from them in Express Leave is hidden here, too; `me` are
    those of whoever asks.
    """
    call.query()
    connection, flow = _of_leave(call, connection_id, person_id)
    ready(call.container.engine, connection)
    from payrelay.flows.balance_sync import views  # noqa: PLC0415  (rooms: only where they are used)

    opened = _opened(call, connection, flow)
    if own_only(call) or person_id == ME:
        person_id = _own_code(call, opened, person_id)
    if own_only(call):
        items = views.own_balances_of(opened, person_id)
        found = None if items is None else (person_id, items)
    else:
        found = views.balances_of(opened, person_id)
    if found is None:
        raise Problem("NOT_FOUND", f"Payroll has no employee with the code or e-mail {person_id}.")
    at = call.container.engine.stamp()
    return Answer({"person_id": found[0], "checked_at": at, "items": found[1]})


def refresh(call: Call, connection_id: str, person_id: str) -> Answer:
    """A run over one employee alone, or the one over everybody that is in progress.

    Who is no operator refreshes what is their own, as an employee.
    """
    own = call.principal.role < Role.OPERATOR
    if own and not call.principal.employee:
        call.need(Role.OPERATOR)
    Fields(call.body(), ()).stop_if_wrong()
    connection, flow = _of_leave(call, connection_id, person_id)
    from payrelay.flows.balance_sync import views  # noqa: PLC0415  (rooms: only where they are used)

    engine, executions = call.container.engine, call.container.executions
    if own or person_id == ME:
        ready(engine, connection)
        person_id = _own_code(call, _opened(call, connection, flow), person_id)
    who = call.principal.subject
    run, joined = views.refresh(engine, executions, connection, flow, person_id, who, run_id(), alone=own)
    if own and run.requested_by != who:
        run = replace(run, requested_by="somebody else")
    return run_answer(call, run, joined=joined)


def _own_code(call: Call, opened: Any, person_id: str) -> str:
    """The caller's own code, if that is whom they ask for, as `me` or by code or e-mail.

    Problem 404 for anybody else, the same whether there is such a person or not.
    """
    if not call.principal.email:
        raise Problem("FORBIDDEN", "What is somebody's own needs a token with a verified e-mail.")
    from payrelay.flows.balance_sync import views  # noqa: PLC0415  (rooms: only where they are used)

    today = call.container.engine.clock().date()
    asked = None if person_id == ME else person_id
    code = views.own_code(opened, call.principal.email, asked, today)
    if code is None:
        logger.warning("not their own")
        raise Problem("NOT_FOUND", "There is no such person on this connection.")
    return code


def _opened(call: Call, connection: Connection, flow: str) -> Any:
    from payrelay.flows.opening import open_flow  # noqa: PLC0415  (rooms: only where they are used)

    return open_flow(call.container, flow, connection)


def _of_leave(call: Call, connection_id: str, person_id: str) -> tuple[Connection, str]:
    connection = call.connection(connection_id)
    flow = KINDS[connection.kind].login_flow
    if flow is None or not 0 < len(person_id) <= LONGEST_ID or not person_id.isprintable():
        raise Problem("NOT_FOUND", "There is no such person on this connection.")
    return connection, flow
