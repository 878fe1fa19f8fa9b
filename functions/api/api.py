"""The API: every route with the role it needs; the one place where errors become answers (TRG-4, IN-9)."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import unquote

from acting import acting, note_call
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from call import CONNECTION_ID, Answer, Call

from payrelay.domain.ids import is_usable
from payrelay.domain.whole import whole
from payrelay.runtime.api_keys import KeyHolders, has_key
from payrelay.runtime.container import this_container
from payrelay.runtime.identity import Role, Verifier, token_rules
from payrelay.runtime.observability import logger, metrics
from payrelay.runtime.problems import Problem, of_error
from payrelay.systems.http.patience import Patience

Handle = Callable[..., Answer]


class Row(NamedTuple):
    """One route. `path` has its parameters in angle brackets; Role.NONE is open to everybody.

    `handle` names the function that answers; its module is imported with the first call that needs it. What
    is not `in_tenant` one of the service calls as themselves; all else only as an operator, by an access.
    Of what writes, only what is `asked` something takes a query.
    """

    method: str
    path: str
    role: Role
    handle: str
    in_tenant: bool = True
    asked: bool = False


_PERSON = "/connections/<connection_id>/people/<person_id>"
_SCHEDULE = "/connections/<connection_id>/schedules/<flow>"
_ACCOUNT = "/connections/<connection_id>/accounts/<customer_id>"

ROUTES = (
    Row("GET", "/health", Role.NONE, "routes.health:read"),
    Row("GET", "/me", Role.EMPLOYEE, "routes.me:read", in_tenant=False),
    Row("GET", "/connections", Role.VIEWER, "routes.connections:list_connections"),
    Row("POST", "/connections", Role.ADMIN, "routes.connections:create"),
    Row("GET", "/connections/<connection_id>", Role.VIEWER, "routes.connections:read"),
    Row("PATCH", "/connections/<connection_id>", Role.ADMIN, "routes.connections:change"),
    Row("DELETE", "/connections/<connection_id>", Role.ADMIN, "routes.connections:delete"),
    Row("POST", "/connections/<connection_id>/connect", Role.ADMIN, "routes.connecting:connect"),
    Row("POST", "/connections/<connection_id>/disconnect", Role.ADMIN, "routes.connecting:disconnect"),
    Row("GET", _SCHEDULE, Role.VIEWER, "routes.schedules:read"),
    Row("PUT", _SCHEDULE, Role.ADMIN, "routes.schedules:put", asked=True),
    Row("DELETE", _SCHEDULE, Role.ADMIN, "routes.schedules:delete"),
    Row("POST", "/connections/<connection_id>/runs", Role.OPERATOR, "routes.runs:start"),
    Row("GET", "/connections/<connection_id>/diagnosis", Role.VIEWER, "routes.diagnosis:diagnose"),
    Row("GET", "/connections/<connection_id>/history", Role.VIEWER, "routes.diagnosis:history"),
    Row("GET", "/connections/<connection_id>/calls", Role.VIEWER, "routes.calls:read"),
    Row("GET", "/connections/<connection_id>/changes", Role.VIEWER, "routes.connections:list_changes"),
    Row("GET", "/connections/<connection_id>/documents", Role.VIEWER, "routes.documents:list_documents"),
    Row("POST", f"{_ACCOUNT}/link", Role.OPERATOR, "routes.accounts:link"),
    Row("DELETE", f"{_ACCOUNT}/link", Role.OPERATOR, "routes.accounts:unlink"),
    Row("POST", f"{_ACCOUNT}/create", Role.OPERATOR, "routes.accounts:create"),
    Row("POST", "/connections/<connection_id>/hook-secret", Role.ADMIN, "routes.hooks:rotate"),
    Row("GET", f"{_PERSON}/balances", Role.EMPLOYEE, "routes.people:balances"),
    Row("POST", f"{_PERSON}/refresh", Role.EMPLOYEE, "routes.people:refresh"),
    Row("GET", f"{_PERSON}/payroll-report", Role.EMPLOYEE, "routes.payroll:report"),
    Row("GET", "/runs", Role.VIEWER, "routes.runs:list_runs"),
    Row("GET", "/runs/<run_id>", Role.VIEWER, "routes.runs:read"),
    Row("GET", "/runs/<run_id>/records", Role.VIEWER, "routes.records:list_records"),
    Row("POST", "/runs/<run_id>/replay", Role.OPERATOR, "routes.replays:replay"),
    Row("POST", "/runs/<run_id>/apply", Role.OPERATOR, "routes.replays:apply"),
    Row("POST", "/runs/<run_id>/stop", Role.OPERATOR, "routes.runs:stop"),
    Row("GET", "/runs/<run_id>/logs", Role.OPERATOR, "routes.on_call:list_logs"),
    Row("GET", "/failures", Role.VIEWER, "routes.failures:list_failures"),
    Row("GET", "/dead-letters", Role.OPERATOR, "routes.on_call:list_dead_letters"),
    Row("POST", "/dead-letters/<letter_id>/redrive", Role.OPERATOR, "routes.on_call:redrive"),
    Row("GET", "/apps", Role.ADMIN, "routes.apps:list_apps"),
    Row("POST", "/apps", Role.ADMIN, "routes.apps:create"),
    Row("DELETE", "/apps/<app_id>", Role.ADMIN, "routes.apps:delete"),
    Row("GET", "/service/failures", Role.SERVICE, "routes.service:list_failed_runs", in_tenant=False),
    Row("GET", "/service/dead-letters", Role.SERVICE, "routes.service:list_dead_letters", in_tenant=False),
    Row("POST", "/service/access", Role.SERVICE, "routes.access:take", in_tenant=False),
    Row("GET", "/service/access", Role.ADMIN, "routes.access:list_accesses", in_tenant=False),
    Row("DELETE", "/service/access", Role.ADMIN, "routes.access:end", in_tenant=False),
)

# What every log line of a call says of it, beside the request id (OPS-5).
LOGGED = [
    "route",
    "tenant",
    "role",
    "subject",
    "connection_id",
    "run_id",
    "flow",
    "customer_id",
    "person_id",
    "letter_id",
    "access_id",
    "app_id",
]

LONGEST_SUBJECT = 200
# A smaller answer takes a packet or two as it is.
PACKED_FROM = 2000
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
DAY = len("2026-03-02")

app = APIGatewayHttpResolver()


@lru_cache(maxsize=1)
def verifier() -> Verifier:
    """This container's verifier, with its cache of the issuer's keys."""
    container = this_container()
    holders = KeyHolders(container.ledger.apps, today=lambda: container.engine.stamp()[:DAY])
    return Verifier(token_rules(), container.ledger.connections.app, holders)


@lru_cache
def handler_of(row: Row) -> Handle:
    """The function that answers a route."""
    module, name = row.handle.split(":")
    found: Handle = getattr(import_module(module), name)
    return found


def _responder(row: Row) -> Callable[..., Response[str]]:
    def respond(**path: str) -> Response[str]:
        logger.append_keys(route=f"{row.method} {row.path}", **{name: _logged(path[name]) for name in path})
        if row.role is Role.NONE:
            return _response(handler_of(row)())
        event: Mapping[str, Any] = app.current_event.raw_event
        principal = verifier().principal(event.get("headers", {}).get("authorization", ""))
        who = principal.sub[:LONGEST_SUBJECT]
        logger.append_keys(tenant=principal.tenant, role=principal.role.label, subject=who)
        call = Call(this_container(), principal, event)
        if principal.role is Role.SERVICE and row.in_tenant:
            call = acting(call)
            logger.append_keys(tenant=call.tenant, access_id=getattr(call.principal.access, "access_id", ""))
        call.need(row.role, or_service=not row.in_tenant)
        if not all(is_usable(unquote(value)) for value in path.values()):
            raise Problem("NOT_FOUND", "There is no such thing: a part of the path can't be an id.")
        if call.principal.access:
            note_call(call)
        if row.method not in ("GET", "DELETE") and not row.asked:
            call.query()  # such a call takes none, and `?preview=true` must not go unnoticed
        try:
            return _response(handler_of(row)(call, **path))
        finally:
            _count_calls(call, path.get("connection_id"))

    return respond


def _count_calls(call: Call, connection_id: str | None) -> None:
    """Put down the calls to outside systems that were made for the caller, if there were any."""
    if call.container.tally.has_any and connection_id:
        from spent import put_down  # noqa: PLC0415  (few calls make any)

        put_down(call, connection_id)


for _row in ROUTES:
    app.route(_row.path, method=_row.method)(_responder(_row))


def _logged(text: str) -> str:
    """A part of a path as the log has it: an e-mail is no log's, and neither is a key in place of an id."""
    if has_key(unquote(text)):
        return "a key"
    return "an e-mail" if "@" in text else text[:64]


def _response(answer: Answer) -> Response[str]:
    headers = {"Cache-Control": "no-store", **answer.headers}
    if answer.body is None:
        return Response(answer.status, body="", headers=headers)
    return Response(answer.status, answer.media, answer.text, headers)


@app.exception_handler(Exception)  # type: ignore[untyped-decorator]
def _refuse(error: Exception) -> Response[str]:
    """Every error as a problem; one that is a mistake of ours is logged with its trace."""
    problem = _not_found() if isinstance(error, NotFoundError) else of_error(error)
    if problem is None:
        request_id = str(app.lambda_context.aws_request_id)
        logger.exception("request failed")
        detail = "This is not your fault. Give Payrelay's support the request id if it happens again."
        problem = Problem("INTERNAL_ERROR", detail, request_id=request_id)
    headers = {"Cache-Control": "no-store", **problem.headers}
    found = problem.as_dict()
    if (connection := CONNECTION_ID.search(app.current_event.path)) and "remedy" in found:
        found["remedy"] = whole(found["remedy"], connection[0])
    body = json.dumps(found, ensure_ascii=False)
    return Response(problem.status, "application/problem+json", body, headers)


def _not_found() -> Problem:
    """404 for a path that the API does not have, 405 for one that it has with other methods."""
    path = app.current_event.path
    methods = [row.method for row in ROUTES if re.fullmatch(re.sub(r"<\w+>", "[^/]+", row.path), path)]
    if methods:
        allowed = ", ".join(methods)
        return Problem("METHOD_NOT_ALLOWED", f"This path has: {allowed}.", headers={"Allow": allowed})
    return Problem("NOT_FOUND", "The API has no such path.")


def _packed(event: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What is read, compressed for whoever takes that, if it is long: lists shrink to a tenth and less."""
    body = answer["body"]
    if event["requestContext"]["http"]["method"] != "GET" or len(body) < PACKED_FROM:
        return answer
    varies = [*filter(None, [answer["headers"].get("Vary")]), "Accept-Encoding"]
    headers = {**answer["headers"], "Vary": ", ".join(varies)}
    if not TAKES_GZIP.search(event.get("headers", {}).get("accept-encoding", "")):
        return {**answer, "headers": headers}
    packed = b64encode(gzip.compress(body.encode(), compresslevel=5, mtime=0)).decode()
    return {
        **answer,
        "headers": {**headers, "Content-Encoding": "gzip"},
        "body": packed,
        "isBase64Encoded": True,
    }


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One call from API Gateway."""
    logger.append_keys(request_id=context.aws_request_id)
    this_container().patience = Patience.of_a_call()
    # What another caller has left there is not this one's.
    this_container().tally.forget()
    try:
        answer = app.resolve(event, context)
        logger.info("answered", extra={"status": answer["statusCode"]})
        return _packed(event, answer)
    finally:
        this_container().patience = None
        if metrics.metric_set:
            metrics.flush_metrics()
        logger.remove_keys(LOGGED)
