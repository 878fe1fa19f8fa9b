"""The room of Xero: routes, tokens, tenants, limits and named faults."""

import threading
from collections.abc import Callable
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.room import Description, Options, Room, Row, State, no_pause

from .limits import A_DAY, Limits
from .listing import expanded, listed, parameters, shown
from .resources import BY_PATH, DocumentResource, Resource
from .shapes import RefusedError, bad_query, enveloped, is_guid, not_found, plain, refused_token
from .state import read_state, show_state
from .tokens import Tokens
from .writing import Repeats, count_rows, written

TOKENS = frozenset({"xero-sandbox-token"})
_API = "/api.xro/2.0/"
_AUTHORIZE, _TOKEN, _REVOKE = "/identity/connect/authorize", "/connect/token", "/connect/revocation"
_CONNECTIONS = "/connections"
_NAMES = {_AUTHORIZE: "authorize", _TOKEN: "token", _REVOKE: "revoke"}
# What the servers before the API let through.
_LONGEST_QUERY = 2048
_DAY_USED_UP = 67_000
_IN_TROUBLE = {500: "An error occurred", 503: "The organisation is offline"}


class Xero(Room):
    """The Accounting API over one store, for the organisations of one user."""

    name: ClassVar[str] = "xero"
    named_faults: ClassVar[tuple[str, ...]] = ("token", "disconnected", "concurrent", "day")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._lock = threading.RLock()
        self._store, _ = read_state({}, options.now(), base_version=0)
        self._limits = Limits(options.clock)
        self._repeats = Repeats()
        self._tokens = Tokens(
            options.now,
            TOKENS if options.tokens is None else options.tokens,
            connect=lambda: self._connect(connected=True),
            disconnect=lambda: self._connect(connected=False),
        )

    @property
    def version(self) -> int:
        return self._store.version + self._tokens.version

    def replace_state(self, state: State) -> None:
        store, tokens = read_state(state, self.options.now(), base_version=self._store.version + 1)
        with self._lock:
            self._store, self._repeats = store, Repeats()
            if tokens is not None:
                self._tokens.replace(tokens)

    def state(self) -> State:
        with self._lock:
            return show_state(self._store, self._tokens.rows)

    def describe(self, call: Call) -> Description:
        path = call.path.lower().rstrip("/")
        if path in _NAMES:
            return Description(path != _AUTHORIZE, _NAMES[path])
        if path.startswith(_CONNECTIONS):
            return Description(call.method != "GET", f"{call.method} connections")
        resource, _ = _route(call.path)
        if resource is None:
            return Description(call.method != "GET")
        writes = call.method != "GET"
        nodes = count_rows(call, resource) if writes else None
        return Description(writes, f"{call.method} {resource.name}", nodes)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        try:
            path = call.path.lower().rstrip("/")
            with self._lock:
                if path == _AUTHORIZE:
                    return self._tokens.authorize(call)
                if path == _TOKEN:
                    return self._tokens.token(call)
                if path == _REVOKE:
                    return self._tokens.revoke(call)
                token = self._tokens.checked(call.headers.get("authorization"))
            if path.startswith(_CONNECTIONS):
                return self._connections(call, call.path.strip("/").split("/")[1:])
            return self._limited(call, token)
        except RefusedError as refusal:
            return refusal.answer

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        if status == 429:
            return _over("minute", retry_after)
        return plain(status, _IN_TROUBLE[status])

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """Tokens are asked for everywhere but at the OAuth endpoints; tenants and limits only by the API."""
        path = call.path.lower().rstrip("/")
        return path.startswith(_API) or (fault == "token" and path.startswith(_CONNECTIONS))

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        if fault == "token":
            expired = f"TokenExpired: token expired at {self.options.now():%m/%d/%Y %H:%M:%S}"
            return refused_token(401, expired).answer
        if fault == "disconnected":
            return refused_token(403, "AuthenticationUnsuccessful").answer
        return _over("day", _DAY_USED_UP) if fault == "day" else _over("concurrent", None)

    def _connect(self, *, connected: bool) -> None:
        self._store.connect(connected=connected)

    def _connections(self, call: Call, rest: list[str]) -> Answer:
        with self._lock:
            if call.method == "DELETE" and len(rest) == 1:
                if not any(row["id"] == rest[0] for row in self._store.connected()):
                    raise not_found()
                self._store.connect(connected=False, connection=rest[0])
                return Answer(204)
            if call.method != "GET" or rest:
                raise not_found()
            if call.query:
                raise bad_query("connections take no parameters")
            rows = self._store.connected()
            return json_answer(200, [_without(row, "connected") for row in rows])

    def _limited(self, call: Call, token: Row) -> Answer:
        tenant = call.headers.get("xero-tenant-id", "")
        with self._lock:
            if tenant not in {row["tenantId"] for row in self._store.connected()}:
                raise refused_token(403, "AuthenticationUnsuccessful")
            day_limit = self._store.day_limit or A_DAY
        if not self.options.rate_limits:
            return self._accounting(call, token, tenant)
        refusal = self._limits.enter(tenant, day_limit)
        try:
            answer = _over(*refusal) if refusal else self._accounting(call, token, tenant)
        finally:
            if not refusal:
                self._limits.leave(tenant)
        left = self._limits.headers(tenant, day_limit)
        return Answer(answer.status, answer.body, {**answer.headers, **left})

    def _accounting(self, call: Call, token: Row, tenant: str) -> Answer:
        try:
            resource, key = _route(call.path)
            if resource is None or len(call.query) > _LONGEST_QUERY:
                raise not_found()
            _check_scope(resource, call, token)
            if "application/json" not in call.headers.get("accept", ""):
                raise RefusedError(plain(406, "The answer would be XML: send Accept: application/json"))
            if call.method not in resource.methods or (key and call.method != "GET"):
                raise RefusedError(plain(405, "The method is not allowed here"))
            with self._lock:
                if call.method != "GET":
                    return self._write(call, resource, tenant)
                return self._one(call, resource, tenant, key) if key else self._list(call, resource, tenant)
        except RefusedError as refusal:
            return refusal.answer

    def _write(self, call: Call, resource: Resource, tenant: str) -> Answer:
        now = self.options.now()
        return self._repeats.once(
            call, tenant, now, lambda: written(self._store, resource, tenant, call, now)
        )

    def _list(self, call: Call, resource: Resource, tenant: str) -> Answer:
        given = parameters(call.query, resource.parameters)
        since = call.headers.get("if-modified-since")
        rows, more = listed(self._store, resource, tenant, given, since)
        return enveloped(resource.name, rows, self.options.now(), more)

    def _one(self, call: Call, resource: Resource, tenant: str, key: str) -> Answer:
        parameters(call.query, frozenset({"unitdp"} if isinstance(resource, DocumentResource) else ()))
        names = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber", "Contacts": "ContactNumber"}
        name = resource.key if is_guid(key) else names.get(resource.name, resource.key)
        row = self._store.find(resource, tenant, name, key)
        if row is None:
            raise not_found()
        rows = [shown(resource, expanded(self._store, row), whole=True)]
        return enveloped(resource.name, rows, self.options.now())


def _route(path: str) -> tuple[Resource | None, str | None]:
    """Resource and key of a path, in either case of letters."""
    if not path.lower().startswith(_API):
        return None, None
    name, slash, key = path[len(_API) :].rstrip("/").partition("/")
    if slash and (not key or "/" in key):
        return None, None
    return BY_PATH.get(name.lower()), key or None


def _check_scope(resource: Resource, call: Call, token: Row) -> None:
    granted = token["scope"].split()
    enough = [*resource.scopes, *(f"{one}.read" for one in resource.scopes if call.method == "GET")]
    if not any(one in granted for one in enough):
        raise refused_token(401, "AuthorizationUnsuccessful")


def _over(problem: str, retry_after: int | None) -> Answer:
    headers = {"X-Rate-Limit-Problem": problem}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Answer(429, b"", headers)


def _without(row: Row, name: str) -> Row:
    return {one: value for one, value in row.items() if one != name}
