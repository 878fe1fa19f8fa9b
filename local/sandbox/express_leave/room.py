"""The room of Express Leave: the key, routes and limits of one company."""

import threading
from collections.abc import Callable
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.limits import Window
from local.sandbox.frame.room import Description, Options, Room, Row, State, no_pause

from . import balances, company, leave_types, syncs, users
from .listing import LISTS, page_of
from .query import read_query
from .refusals import RefusedError, invalid, not_found, of_the_server
from .state import read_state
from .store import Store

KEYS = frozenset({"express-leave-sandbox-key"})
CALLS_A_SECOND = 10
_BASE = ["api", "v1"]
_VERBS = {"POST": "create", "PUT": "change", "DELETE": "delete"}
_RESOURCES = ("company", "connection", *LISTS)


class ExpressLeave(Room):
    """One company over one store."""

    name: ClassVar[str] = "express_leave"
    named_faults: ClassVar[tuple[str, ...]] = ("key", "edited")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._keys = KEYS if options.tokens is None else options.tokens
        self._window = Window(CALLS_A_SECOND, 1.0, options.clock)
        self._lock = threading.RLock()
        self._store = Store(options.now())

    @property
    def version(self) -> int:
        return self._store.version

    def replace_state(self, state: State) -> None:
        store = read_state(state, self.options.now(), base_version=self.version + 1)
        with self._lock:
            self._store = store

    def state(self) -> State:
        with self._lock:
            return self._store.state()

    def describe(self, call: Call) -> Description:
        _, resource, key = _route(call.path)
        writes = call.method != "GET"
        if resource not in _RESOURCES:
            return Description(writes)
        reading = "list" if resource in LISTS and key is None else "get"
        verb = _VERBS.get(call.method, "change") if writes else reading
        nodes = _rows_sent(call) if call.method == "PUT" and resource == "balances" else None
        return Description(writes, f"{verb} {resource}", nodes)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        try:
            if call.headers.get("x-api-key") not in self._keys:
                raise _bad_key()
            with self._lock:
                self._admit(call)
                return self._answer(call)
        except RefusedError as refused:
            return refused.answer(retry_after=1 if refused.status == 429 else None)

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        return of_the_server(status).answer(retry_after)

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """Only a user who is about to be changed can have been edited meanwhile."""
        return fault != "edited" or (call.method == "PUT" and self._user(call) is not None)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        if fault == "key":
            return _bad_key().answer()
        with self._lock:
            user = self._user(call)
            if user:
                users.edited(self._store, user)
        return self.answer(call)

    def _admit(self, call: Call) -> None:
        """A key is good for one company, whose calls share one limit."""
        company_id, _, _ = _route(call.path)
        if company_id is None:
            raise _not_there(call)
        if company_id != self._store.company["CompanyId"]:
            raise RefusedError(403, "WrongCompany", "The key is not of this company.")
        if self.options.rate_limits and self._window.take(company_id):
            raise of_the_server(429)

    def _answer(self, call: Call) -> Answer:
        _, resource, key = _route(call.path)
        if call.method == "GET":
            return json_answer(200, self._read(call, resource, key))
        match call.method, resource, key:
            case "DELETE", "connection", None:
                company.disconnect(self._store, call.query)
                return Answer(204)
            case "DELETE", "users", str():
                user = _found(self._user(call), call)
                read_query(call.query, ())
                self._store.remove_user(user)
                return Answer(204)
            case "POST", "connection" | "users" | "leavetypes" | "syncs", None:
                return json_answer(201, self._create(call, resource))
            case "PUT", "users" | "leavetypes" | "syncs", str():
                return json_answer(200, self._change(call, resource, key))
            case "PUT", "balances", None:
                results = balances.overwrite(self._store, _body(call), self.options.now())
                return json_answer(200, {"Results": results})
        raise _not_there(call)

    def _read(self, call: Call, resource: str | None, key: str | None) -> object:
        if resource in LISTS and key is None:
            return page_of(self._store, resource, call.query)
        found: Row | None = None
        match resource, key:
            case "company", None:
                found = self._store.company
            case "users", str():
                found = self._store.users.get(key)
            case "syncs", str():
                found = self._store.syncs.get(key)
        row = _found(found, call)
        read_query(call.query, ())
        return row

    def _create(self, call: Call, resource: str | None) -> Row:
        body, now = _body(call), self.options.now()
        match resource:
            case "connection":
                return company.connect(self._store, body, now)
            case "users":
                return users.create(self._store, body, now)
            case "leavetypes":
                return leave_types.create(self._store, body)
        return syncs.start(self._store, body, call.headers.get("idempotency-key"), now)

    def _change(self, call: Call, resource: str | None, key: str) -> Row:
        store = self._store
        match resource:
            case "users":
                user = _found(store.users.get(key), call)
                return users.replace(store, user, _body(call), call.headers.get("if-match", ""))
            case "leavetypes":
                return leave_types.change(store, _found(store.leave_types.get(key), call), _body(call))
        sync = _found(store.syncs.get(key), call)
        return syncs.change(store, sync, _body(call), self.options.now())

    def _user(self, call: Call) -> Row | None:
        """The user that a path names."""
        _, resource, key = _route(call.path)
        return self._store.users.get(key) if resource == "users" and key else None


def _route(path: str) -> tuple[str | None, str | None, str | None]:
    """Company, resource and id of a path, with or without the version in front."""
    parts = path.split("/")[1:]
    if parts[:2] == _BASE:
        parts = parts[2:]
    if parts[:1] != ["companies"] or len(parts) < 2 or not parts[1]:
        return None, None, None
    match parts[2:]:
        case [] | [""]:
            return parts[1], "company", None
        case [resource] if resource != "company":
            return parts[1], resource, None
        case [resource, key] if key:
            return parts[1], resource, key
    return parts[1], None, None


def _body(call: Call) -> object:
    """The body of a writing call, which takes no parameters."""
    read_query(call.query, ())
    if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise invalid("Content-Type", "The body must be application/json.")
    try:
        return call.json()
    except ValueError:
        raise invalid(None, "The body is no JSON.") from None


def _rows_sent(call: Call) -> int | None:
    """How many balances a bulk write has, for the log."""
    try:
        body = call.json()
    except ValueError:
        return None
    rows = body.get("Rows") if isinstance(body, dict) else None
    return len(rows) if isinstance(rows, list) else None


def _found(row: Row | None, call: Call) -> Row:
    if row is None:
        raise _not_there(call)
    return row


def _not_there(call: Call) -> RefusedError:
    return not_found(f"{call.method} {call.path}")


def _bad_key() -> RefusedError:
    return RefusedError(401, "BadKey", "The key is missing or not known.")
