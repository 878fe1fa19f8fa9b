"""The room of QuickBooks Online: tokens, routes, limits, and answers under a requestid."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.limits import Window
from local.sandbox.frame.room import Description, Options, Room, State, no_pause

from . import batch, faults
from .entities import BY_LOWER
from .faults import RefusedError, stamped
from .oauth import PATHS, Tokens
from .query import found, read_query
from .session import Session
from .state import read_state
from .writes import write

REALM = "9130357766900001"
# Beside the tokens of consents, for tests: these never expire.
TOKENS = frozenset({"quickbooks-sandbox-token", "quickbooks-sandbox-token-2"})
CALLS_A_SECOND, CALLS_A_MINUTE, BATCHES_A_MINUTE = 10, 500, 40
LOWEST_MINOR_VERSION = 75
_JSON, _QUERY_TEXT = "application/json", ("application/text", "text/plain")
_LONGEST_REQUEST_ID, _LONGEST_IN_BATCH = 50, 36


class QuickBooks(Room):
    """One company's books behind the Accounting API."""

    name: ClassVar[str] = "quickbooks"
    named_faults: ClassVar[tuple[str, ...]] = ("token",)

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._fixed_tokens = TOKENS if options.tokens is None else options.tokens
        self._a_second = Window(CALLS_A_SECOND, 1.0, options.clock)
        self._a_minute = Window(CALLS_A_MINUTE, 60.0, options.clock)
        self._batches = Window(BATCHES_A_MINUTE, 60.0, options.clock)
        self._lock = threading.RLock()
        self._tokens = Tokens(REALM)
        self._store = read_state({}, options.now(), base_version=0)

    @property
    def version(self) -> int:
        return self._store.version + self._tokens.version

    def replace_state(self, state: State) -> None:
        """All data; the tokens only where the state has some, so that a test need not connect again."""
        rest, tokens = state, None
        if isinstance(state, dict):
            rest = {name: rows for name, rows in state.items() if name != "oauth_tokens"}
            tokens = state.get("oauth_tokens")
        store = read_state(rest, self.options.now(), base_version=self._store.version + 1)
        with self._lock:
            if tokens is not None:
                self._tokens.replace(tokens)
            self._store = store

    def state(self) -> State:
        with self._lock:
            return {**self._store.state(), "oauth_tokens": self._tokens.rows()}

    def describe(self, call: Call) -> Description:
        if call.path in PATHS:
            return Description(call.method == "POST", PATHS[call.path])
        parts, params = _route(call.path), dict(parse_qsl(call.query))
        what = parts[1] if parts else ""
        if what == "query":
            return Description(False, f"query {_queried(params.get('query') or _text(call))}")
        if what == "batch":
            items = batch.items_of(_json(call))
            writes = sum(isinstance(item, dict) and "Query" not in item for item in items)
            return Description(writes > 0, "batch", len(items))
        entity = BY_LOWER.get(what)
        name = entity.name if entity else what
        if call.method != "POST":
            return Description(False, f"read {name}" if name else None)
        body = _json(call)
        made = "update" if isinstance(body, dict) and body.get("Id") else "create"
        return Description(True, f"{params.get('operation', made)} {name}", 1)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        now = self.options.now()
        if call.path in PATHS:
            with self._lock:
                return self._tokens.answer(call, now, bool(self._store.settings["keep_refresh_token"]))
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        with self._lock:
            good = token in self._fixed_tokens or self._tokens.is_good(token, now)
        if scheme != "Bearer" or not good:
            return faults.token_refused("Token expired" if token else "Token missing")
        route = _route(call.path)
        if route is None or route[0] != REALM:
            return faults.wrong_company()
        if self.options.rate_limits and self._is_over(route[1]):
            return faults.throttled()
        try:
            with self._lock:
                return self._answer(call, route[1:])
        except RefusedError as refused:
            return faults.refused(now, refused)

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        if status == 429:
            return faults.throttled(retry_after)
        return faults.system_fault(self.options.now(), status)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        return faults.token_refused("Token expired")

    def _is_over(self, what: str) -> bool:
        if what == "batch" and self._batches.take(REALM):
            return True
        return bool(self._a_second.take(REALM) or self._a_minute.take(REALM))

    def _answer(self, call: Call, path: tuple[str, ...]) -> Answer:
        if _JSON not in call.headers.get("accept", ""):
            raise RefusedError("500", "Without Accept: application/json the answer would be XML")
        params = _params(call, path)
        match call.method, path:
            case "GET", ("query",):
                return self._query(params.get("query", ""))
            case "POST", ("query",):
                _need_media(call, *_QUERY_TEXT)
                return self._query(_text(call))
            case "GET", _:
                return self._read(path)
            case "POST", (_,):
                _need_media(call, _JSON)
                return self._once(call, path[0], params)
        raise RefusedError("500", f"Operation {call.method} {call.path} is not supported")

    def _query(self, text: str) -> Answer:
        query = read_query(text)
        rows = self._store.tables[query.entity.name].rows()
        return stamped(self.options.now(), {"QueryResponse": found(query, rows)})

    def _read(self, path: tuple[str, ...]) -> Answer:
        entity = BY_LOWER.get(path[0])
        if entity is None or len(path) > 2 or (len(path) == 1) != (entity.name == "Preferences"):
            raise RefusedError("500", f"Operation GET {'/'.join(path)} is not supported")
        single = {"Preferences": self._store.preferences, "CompanyInfo": self._store.company}
        row = single.get(entity.name) or self._store.tables[entity.name].get(path[1])
        if row is None or (entity.name == "CompanyInfo" and path[1] != REALM):
            raise RefusedError("610", f"{entity.name} {path[-1]} was not found")
        return stamped(self.options.now(), {entity.name: row})

    def _once(self, call: Call, what: str, params: Mapping[str, str]) -> Answer:
        """A write, or under a requestid seen before its first answer, whatever it was."""
        now, request_id = self.options.now(), params.get("requestid")
        longest = _LONGEST_IN_BATCH if what == "batch" else _LONGEST_REQUEST_ID
        if request_id is not None and len(request_id) > longest:
            raise RefusedError("2050", f"requestid has more than {longest} characters", "requestid")
        first = self._store.remembered(request_id, now) if request_id else None
        if first is not None:
            return first
        try:
            answer = self._write(call, what, params)
        except RefusedError as refused:
            answer = faults.refused(now, refused)
        if request_id:
            self._store.remember(request_id, answer, now)
        return answer

    def _write(self, call: Call, what: str, params: Mapping[str, str]) -> Answer:
        try:
            body = call.json()
        except ValueError:
            raise RefusedError("500", "The body is no JSON in UTF-8") from None
        session = Session(self._store, self.options.now(), params.get("include") == "allowduplicatedocnum")
        if what == "batch":
            answers = batch.run(session, body, "requestid" in params)
            return stamped(session.now, {"BatchItemResponse": answers})
        entity = BY_LOWER.get(what)
        if entity is None:
            raise RefusedError("500", f"Operation POST {what} is not supported")
        operation = params.get("operation", "create")
        if operation not in ("create", "update", "delete", "void"):
            raise RefusedError("2170", f"operation {operation} is not known", "operation")
        return stamped(session.now, {entity.name: write(session, entity, operation, body)})


def _params(call: Call, path: tuple[str, ...]) -> dict[str, str]:
    """The query string's parameters, all of which must be known here."""
    known = {"minorversion", "requestid"}
    if path == ("query",):
        known |= {"query"} if call.method == "GET" else set()
    elif call.method == "POST" and path != ("batch",):
        known |= {"operation", "include"}
    params = dict(parse_qsl(call.query, keep_blank_values=True))
    for name, value in params.items():
        if name not in known:
            raise RefusedError("2010", f"Query parameter {name} is unsupported", name)
        if name == "include" and value != "allowduplicatedocnum":
            raise RefusedError("2010", f"include={value} is unsupported", name)
    if not params.get("minorversion", str(LOWEST_MINOR_VERSION)).isdigit():
        raise RefusedError("2010", "minorversion must be a number", "minorversion")
    return params


def _need_media(call: Call, *media: str) -> None:
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() not in media:
        raise RefusedError("500", f"Content-Type must be {media[0]}")


def _route(path: str) -> tuple[str, ...] | None:
    """Realm, resource and what follows, of `/v3/company/{realm}/…`."""
    parts = path.split("/")[1:]
    if parts[:2] != ["v3", "company"] or len(parts) < 4 or not all(parts):
        return None
    return tuple(parts[2:])


def _queried(query: str) -> str:
    try:
        return read_query(query).entity.name
    except RefusedError:
        return "?"


def _json(call: Call) -> Any:
    try:
        return call.json()
    except ValueError:
        return None


def _text(call: Call) -> str:
    return call.body.decode("utf-8", "replace")
