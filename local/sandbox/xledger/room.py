"""The room of Xledger: the one endpoint, its token, its limits and its named faults."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.limits import Window
from local.sandbox.frame.room import Description, Options, Room, State, no_pause

from .documents import (
    Document,
    Request,
    checked_document,
    coerced,
    count_nodes,
    is_mutation,
    prepare,
    read_request,
    root_fields,
)
from .errors import TOKEN_FORM, Error, RefusedError, error
from .executor import execute_whole
from .projection import resolve_root, run
from .state import read_state, show_state
from .store import WALL_CLOCK, Store

TOKENS = frozenset({"xledger-sandbox-token", "xledger-sandbox-token-2"})
BURST_CALLS, BURST_SECONDS = 20, 5.0
Resolve = Callable[[Store, str, dict[str, Any]], dict[str, Any]]


def _burst() -> Error:
    return error("Burst rate limit reached", code="BAD_REQUEST.BURST_RATE_LIMIT_REACHED")


_UNHANDLED = "UNHANDLED_ERROR"
_PLAIN_FAULTS: Mapping[str, Callable[[], Error]] = {
    "burst": _burst,
    "concurrency": lambda: error(
        "Too many concurrent requests", code="BAD_REQUEST.CONCURRENCY_LIMIT_REACHED"
    ),
    "unhandled": lambda: error("An unhandled error occurred", code=_UNHANDLED),
    "query_timeout": lambda: error("Your query timed out."),
}


class Xledger(Room):
    """Xledger's GraphQL endpoint over one store."""

    name: ClassVar[str] = "xledger"
    named_faults: ClassVar[tuple[str, ...]] = (*_PLAIN_FAULTS, "credits", "token", "partial")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._tokens = TOKENS if options.tokens is None else options.tokens
        self._window = Window(BURST_CALLS, BURST_SECONDS, options.clock)
        self._lock = threading.RLock()
        self._store = read_state({}, options.now, base_version=0)

    @property
    def version(self) -> int:
        return self._store.version

    def replace_state(self, state: State) -> None:
        store = read_state(state, self.options.now, base_version=self.version + 1)
        with self._lock:
            self._store = store

    def state(self) -> State:
        with self._lock:
            return show_state(self._store)

    def describe(self, call: Call) -> Description:
        try:
            request = read_request(call)
            operation = prepare(request.query).operation(request.operation_name)
        except RefusedError:
            return Description(writes=False)
        fields = root_fields(operation)
        names = ",".join(field.name.value for field in fields)
        if not is_mutation(operation):
            return Description(writes=False, operation=names)
        return Description(True, names, count_nodes(fields, request.variables))

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        return self._answer(call, resolve_root)

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        wrong = _burst() if status == 429 else error("An unhandled error occurred", code=_UNHANDLED)
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return _failed([wrong], status, headers)

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """Only a mutation of two nodes or more can be written in part."""
        return fault != "partial" or (description.writes and (description.nodes or 0) > 1)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault == "token":
            return _failed([_bad_token()], 401)
        if fault == "partial":
            return self._answer(call, _half)
        if fault == "credits":
            return _failed([self._credits(reset_in_seconds)])
        return _failed([_PLAIN_FAULTS[fault]()])

    def _credits(self, reset_in_seconds: int) -> Error:
        reset = self.options.now().astimezone(WALL_CLOCK) + timedelta(seconds=reset_in_seconds)
        at = reset.strftime("%Y-%m-%dT%H:%M:%S")
        return error("Insufficient credits", code="BAD_REQUEST.INSUFFICIENT_CREDITS", resetAt=at)

    def _answer(self, call: Call, resolve: Resolve) -> Answer:
        if call.path != "/graphql":
            return _failed([error(f"Nothing is served at {call.path}")], 404)
        scheme, _, token = (call.headers.get("authorization") or "").partition(" ")
        if scheme != "token" or not token:
            return _failed([error(TOKEN_FORM, code="UNAUTHORIZED")], 401)
        if token not in self._tokens:
            return _failed([_bad_token()], 401)
        if call.method != "POST":
            return _failed([error("GraphQL is served by POST only")], 405, {"Allow": "POST"})
        if self.options.rate_limits and self._window.take(token):
            return _failed([_burst()])
        if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _failed([error("The Content-Type must be application/json")], 400)
        try:
            request = read_request(call)
            return self._run(request, checked_document(request), resolve)
        except RefusedError as refused:
            return _failed(refused.errors)

    def _run(self, request: Request, document: Document, resolve: Resolve) -> Answer:
        operation = document.operation(request.operation_name)
        variables = coerced(operation, request.variables)
        with self._lock:
            if any(field.name.value in ("__schema", "__type") for field in root_fields(operation)):
                return json_answer(200, execute_whole(self._store, document, request).formatted)
            data, errors = run(self._store, operation, document.fragments, variables, resolve)
        return json_answer(200, {"data": data, **({"errors": errors} if errors else {})})


def _half(store: Store, name: str, args: dict[str, Any]) -> dict[str, Any]:
    """A bulk mutation of which only the first half is written; the others are named."""
    given: Sequence[Any] = args.get("inputs") or args.get("dbIds") or []
    if len(given) < 2:
        return resolve_root(store, name, args)
    key, cut = ("inputs" if "inputs" in args else "dbIds"), (len(given) + 1) // 2
    value = resolve_root(store, name, {key: given[:cut]})
    left = [item.get("clientId") if isinstance(item, dict) else item for item in given[cut:]]
    wrong = [error(f'Not written: "{one}"', code=_UNHANDLED, clientId=one) for one in left]
    raise RefusedError(wrong, written=value)


def _bad_token() -> Error:
    return error("The API Token is unknown or has been withdrawn.", code="UNAUTHORIZED")


def _failed(errors: list[Error], status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return json_answer(status, {"errors": errors}, headers)
