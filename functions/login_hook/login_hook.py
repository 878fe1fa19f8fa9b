"""The login hook: an administrator has logged in to Express Leave, which starts a sync (TRG-3, LB-1).

At most three calls of the table and none of a vendor: the sender waits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any

from logins import Login, read_login
from messages import Message, received
from msgspec.structs import asdict
from roles import Starts, starts

from payrelay.domain.reasons import reason
from payrelay.domain.records import Counts
from payrelay.domain.runs import Mode, Status, Trigger
from payrelay.domain.webhooks import Form
from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.start import Order, start_run
from payrelay.ledger.runs import Arrival
from payrelay.runtime.container import this_container
from payrelay.runtime.dead_letters import dead_letters
from payrelay.runtime.ids import run_id as new_run_id
from payrelay.runtime.observability import logger, measure, metrics
from payrelay.runtime.problems import Problem, of_error
from payrelay.runtime.run_facts import run_facts

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection, Run
    from payrelay.runtime.container import Container

# The sender tries for a few hours at most; a day is enough to know its messages again.
REMEMBERED_SECONDS = 24 * 3600
# The sender waits no longer than this for a table that throttles: it sends the message again.
TABLE_SECONDS = 8
LOGIN_FLOWS = tuple(kind.login_flow for kind in KINDS.values() if kind.login_flow)
Response = dict[str, Any]


def handler(event: Mapping[str, Any], context: Any) -> Response:
    """One message, as API Gateway's HTTP API hands it over."""
    logger.append_keys(request_id=context.aws_request_id)
    try:
        answer = _answered(event, context)
        logger.info("hook", extra={"status": answer["statusCode"]})
        return answer
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()
        logger.remove_keys(["request_id", "tenant", "connection_id", "run_id"])


def _answered(event: Mapping[str, Any], context: Any) -> Response:
    """The answer to a message; every refusal is a problem document."""
    try:
        container = this_container()
        container.begin(TABLE_SECONDS)
        try:
            return receive(container, received(container, event))
        finally:
            container.begin(inf)
    except Exception as error:  # noqa: BLE001  (a mistake of ours is answered for, too)
        problem = of_error(error)
        if problem is None:
            logger.exception("hook failed")
            detail = "This is not your fault. Send the message again; it starts nothing twice."
            problem = Problem("INTERNAL_ERROR", detail, request_id=str(context.aws_request_id))
        return response(problem.status, problem.as_dict(), "application/problem+json", problem.headers)


def receive(container: Container, message: Message) -> Response:
    """Start a run, join the one in progress, or say why this login starts none."""
    login = read_login(message)
    what = starts(login.role)
    if what is Starts.UNKNOWN:
        # Were that the new name of a role which starts a sync, none would ever start again.
        measure({"LoginRolesUnknown": 1})
        logger.warning("login role unknown", extra={"login_role": login.role})
    if what is not Starts.SYNC:
        if message.form is Form.EXPRESS_LEAVE:
            return {"statusCode": 204, "headers": {"Cache-Control": "no-store"}}
        why = reason("ROLE_STARTS_NOTHING", role=login.role)
        return response(200, {"started": False, "reason": asdict(why)})
    connections = container.ledger.connections
    where = (message.tenant, message.connection_id)
    arriving = connections.arriving(*where, login.message_id, LOGIN_FLOWS)
    if arriving.connection is None:
        raise Problem("NOT_FOUND", "There is no connection with this id.")
    flow = KINDS[arriving.connection.kind].login_flow
    if flow is None:
        raise Problem("NOT_FOUND", "No login starts anything on this connection.")
    if arriving.known:
        known = container.ledger.runs.get(message.tenant, arriving.known)
        if known:
            if known.status is Status.QUEUED:
                # The first of these messages may have got no further than to the ledger.
                container.executions.start(known)
            return _joined(known)
    ttl = container.engine.now + REMEMBERED_SECONDS
    arrival = Arrival(login.message_id, arriving.leases.get(flow), ttl)
    run, joined = _started(container, arriving.connection, flow, login, arrival)
    logger.append_keys(run_id=run.run_id)
    if joined:
        return _joined(run)
    alive = {"last_sign_of_life_at": run.queued_at, "waits": None}
    nothing_yet = {"counts": Counts().as_dict(), "progress": {"done": 0, "total": 0}, "calls": {}}
    body = {**run_facts(run), **alive, **nothing_yet}
    return response(202, body, headers={"Location": f"/runs/{run.run_id}"})


def _started(
    container: Container, connection: Connection, flow: str, login: Login, arrival: Arrival
) -> tuple[Run, bool]:
    """The run that is in progress now. A login that could not even start one is left to be redriven."""
    order = Order(flow, Mode.SYNC, Trigger.LOGIN, requested_by=login.user_id)
    try:
        return start_run(container.engine, container.executions, connection, order, new_run_id(), arrival)
    except Exception as error:
        if of_error(error) is None:
            problem = f"The run of this login could not be started ({type(error).__name__})."
            dead_letters(container).leave(connection, flow, Trigger.LOGIN, problem)
        raise


def _joined(run: Run) -> Response:
    """The run that a login joined; how far it is says `GET /runs/{run_id}`."""
    return response(200, {**run_facts(run), "joined": True}, headers={"Location": f"/runs/{run.run_id}"})


def response(
    status: int,
    body: Mapping[str, Any],
    media: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """As API Gateway takes it."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": media, "Cache-Control": "no-store", **(headers or {})},
        "body": json.dumps(body, ensure_ascii=False),
    }
