"""The room of Sage Accounting: tokens, businesses, routes, limits."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from time import sleep
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.limits import Window
from local.sandbox.frame.room import Description, Options, Room, Row, State, no_pause

from . import writes
from .errors import RefusedError, error, malformed, not_found
from .listing import PARAMETERS, page_of, parameters, read_query
from .oauth import AUTHORIZE, PATHS, REVOKE, TOKEN, Tokens
from .resources import CONTACT, DOCUMENTS, SEQUENTIAL
from .shown import shown
from .state import read_state, written_state
from .store import IDEMPOTENT_FOR, at

VERSION = "/v3.1"
TOKENS = frozenset({"sage-sandbox-token"})
CALLS_A_DAY, AT_ONCE = 1_296_000, 150
_DAY = 86_400.0
_VERBS = {"POST": "create", "PUT": "change", "DELETE": "void"}
_FAULTS = {
    "token": "The access token has expired.",
    "no_subscription": "No active subscription. (MSE)",
}


class Sage(Room):
    """Version 3.1 of the API over one store; all businesses are of one user, who consents to everything."""

    name: ClassVar[str] = "sage"
    named_faults: ClassVar[tuple[str, ...]] = tuple(_FAULTS)

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._fixed_tokens = TOKENS if options.tokens is None else options.tokens
        self._window = Window(CALLS_A_DAY, _DAY, options.clock)
        self._lock = threading.RLock()
        self._creating: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        self._under_way = 0
        self._store, _ = read_state({}, options.now(), base_version=0)
        self._tokens = Tokens(options.now)

    @property
    def version(self) -> int:
        return self._store.version + self._tokens.table.version

    def replace_state(self, state: State) -> None:
        store, tokens = read_state(state, self.options.now(), base_version=self._store.version + 1)
        with self._lock:
            self._store = store
            if tokens is not None:
                for row in list(self._tokens.table.rows()):
                    self._tokens.table.remove(row["id"])
                for row in tokens:
                    self._tokens.table.put(row)

    def state(self) -> State:
        with self._lock:
            return written_state(self._store, list(self._tokens.table.rows()))

    def describe(self, call: Call) -> Description:
        if call.path in PATHS:
            return Description(call.path != AUTHORIZE, PATHS[call.path])
        parts = _parts(call.path)
        verb = _VERBS.get(call.method, "get" if len(parts) > 1 else "list")
        if len(parts) == 3 and parts[2] == "release":
            verb = "release"
        nodes = 1 if call.method != "GET" and parts[:1] and parts[0] in DOCUMENTS else None
        return Description(call.method != "GET", f"{verb} {parts[0]}" if parts else None, nodes)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        if call.path in PATHS:
            serve = {
                AUTHORIZE: self._tokens.authorize,
                TOKEN: self._tokens.grant,
                REVOKE: self._tokens.revoke,
            }
            with self._lock:
                return serve[call.path](call)
        try:
            with self._counted():
                return self._serve(call)
        except RefusedError as refused:
            return refused.answer()

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if status == 429:
            return Answer(429, b"", headers)
        return json_answer(status, [error("UnexpectedError", "An unexpected error occurred.")], headers)

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """The named faults belong to the API, not to the token endpoints."""
        return call.path not in PATHS

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        return RefusedError(401, "AuthorizationFailure", _FAULTS[fault]).answer()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Sage's own limits: so many calls a day, so many at once, for all customers of the app together."""
        with self._lock:
            self._under_way += 1
            crowded = self.options.rate_limits and self._under_way > AT_ONCE
        try:
            if crowded or (self.options.rate_limits and self._window.take("app")):
                raise _LimitError
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def _serve(self, call: Call) -> Answer:
        scope = self._scope(call)
        parts = _parts(call.path)
        if parts[:1] == ["businesses"]:
            with self._lock:
                return self._businesses(call, parts[1:])
        business = self._business(call)
        echo = {"X-Business": business}
        if call.method == "GET":
            with self._lock:
                return json_answer(200, self._read(call, parts, business), echo)
        if scope != "full_access":
            raise RefusedError(403, "MultiUserAccessDenied", "You do not have access to this.")
        if parts in ([name] for name in SEQUENTIAL) and call.method == "POST":
            status, body = 201, self._create(call, parts[0], business)
        else:
            with self._lock:
                status, body = self._change(call, parts, business)
        return json_answer(status, body, echo)

    def _scope(self, call: Call) -> str:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        scope = "full_access" if token in self._fixed_tokens else self._tokens.scope_of(token)
        if kind != "Bearer" or scope is None:
            raise RefusedError(401, "AuthorizationFailure", "The access token is missing, wrong or expired.")
        return scope

    def _business(self, call: Call) -> str:
        named = call.headers.get("x-business")
        with self._lock:
            row = self._store.lead() if named is None else self._store.tables["businesses"].get(named)
        if row is None:
            raise RefusedError(403, "MultiUserAccessDenied", "You do not have access to this business.")
        if not any(subscription.get("active") for subscription in row["subscriptions"]):
            raise RefusedError(401, "AuthorizationFailure", _FAULTS["no_subscription"])
        return str(row["id"])

    def _businesses(self, call: Call, rest: list[str]) -> Answer:
        if call.method != "GET" or len(rest) > 1:
            raise not_found()
        if not rest:
            return json_answer(
                200, page_of(self._store, "businesses", "", read_query("businesses", call.query))
            )
        parameters(call.query, ())
        row = self._store.lead() if rest == ["lead"] else self._store.tables["businesses"].get(rest[0])
        if row is None:
            raise not_found()
        return json_answer(200, shown(self._store, "businesses", row))

    def _read(self, call: Call, parts: list[str], business: str) -> Row:
        if parts == ["invoice_settings"]:
            parameters(call.query, ())
            return _without_ids(self._store.numbering(business))
        if not parts or parts[0] not in PARAMETERS or len(parts) > 2:
            raise not_found()
        resource = parts[0]
        if len(parts) == 1:
            return page_of(self._store, resource, business, read_query(resource, call.query))
        row = self._store.one(resource, parts[1], business)
        if row is None:
            raise not_found()
        form = DOCUMENTS.get(resource)
        given = parameters(call.query, ("mark_as_sent",) if form and "sent" in form.members else ())
        told = given.get("mark_as_sent", "true")
        if told not in ("true", "false"):
            raise malformed("mark_as_sent")
        if form and told == "true":
            row = writes.mark_as_sent(self._store, form, row, self.options.now())
        return shown(self._store, resource, row)

    def _create(self, call: Call, resource: str, business: str) -> Row:
        """One at a time for each kind and business: a second one sets off the alarm."""
        with self._lock:
            lock = self._creating[business, resource]
        if not lock.acquire(blocking=False):
            with self._lock:
                self._store.count_parallel()
            raise RefusedError(409, "TestAlarm", f"test alarm: two creates of {resource} at a time")
        try:
            sleep(self._store.settings["write_ms"] / 1000)
            with self._lock:
                return self._created(call, resource, business)
        finally:
            lock.release()

    def _created(self, call: Call, resource: str, business: str) -> Row:
        parameters(call.query, ())
        store, now, form = self._store, self.options.now(), DOCUMENTS.get(resource)
        given = writes.read_body(writes.ROOTS[resource], form.members if form else CONTACT, _body(call))
        key = given.pop("idempotency_id", None)
        before = store.answered.get(f"{business}/{key}") if key else None
        if before and datetime.fromisoformat(before["at"]) + IDEMPOTENT_FOR > now:
            if before["resource"] != resource:
                raise RefusedError(422, "IdempotencyResourceMismatch", "Entity type mismatch")
            return dict(before["answer"])
        if form:
            row = writes.create_document(store, form, business, given, now)
        else:
            row = writes.create_contact(store, business, given, now)
        answer = shown(store, resource, row)
        if key:
            store.answered.put(
                {"id": f"{business}/{key}", "resource": resource, "at": at(now), "answer": answer}
            )
        return answer

    def _change(self, call: Call, parts: list[str], business: str) -> tuple[int, Row]:
        store, now = self._store, self.options.now()
        given = parameters(call.query, ("void_reason",) if call.method == "DELETE" else ())
        match call.method, parts:
            case "PUT", ["contacts", key]:
                row = writes.change_contact(store, business, key, _body(call), now)
            case "PUT", ["invoice_settings"]:
                return 200, _without_ids(writes.change_invoice_settings(store, business, _body(call)))
            case "POST", [name, key, "release"] if name in DOCUMENTS:
                return 201, shown(store, name, writes.release(store, DOCUMENTS[name], business, key, now))
            case "DELETE", [name, key] if name in DOCUMENTS:
                reason = given.get("void_reason", "")
                row = writes.void(store, DOCUMENTS[name], business, key, reason, now)
            case _:
                raise not_found()
        return 200, shown(store, parts[0], row)


class _LimitError(RefusedError):
    """Over a limit: HTTP 429 without a body, and without a time to wait."""

    def __init__(self) -> None:
        super().__init__(429, "", "")

    def answer(self) -> Answer:
        return Answer(429)


def _parts(path: str) -> list[str]:
    """The path below the version; empty for any other."""
    if not path.startswith(f"{VERSION}/"):
        return []
    return path.removeprefix(f"{VERSION}/").split("/")


def _body(call: Call) -> Any:
    media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise RefusedError(415, "Validation", "The content type must be application/json.")
    try:
        return json.loads(call.body, parse_float=Decimal, parse_constant=_refuse_constant)
    except ValueError as problem:
        raise RefusedError(400, "Validation", "The body is not JSON.") from problem


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def _without_ids(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("id", "business_id")}
