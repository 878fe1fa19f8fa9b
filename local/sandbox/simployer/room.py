"""The room of Simployer One: auth, routes, limits and errors."""

import json
import threading
from collections.abc import Callable
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.limits import Window
from local.sandbox.frame.room import Description, Options, Room, Row, State, no_pause

from . import writes
from .listing import matching, related, selected
from .query import BadQueryError, Query, read_query
from .resources import SERVED, Resource
from .store import Store, read_state

TOKENS = frozenset({"simployer-sandbox-token", "simployer-sandbox-token-2"})
CALLS_A_SECOND = 10
_ERRORS = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Simployer(Room):
    """AlexisHR's public API over one store."""

    name: ClassVar[str] = "simployer"
    named_faults: ClassVar[tuple[str, ...]] = ("token", "shift")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._tokens = TOKENS if options.tokens is None else options.tokens
        self._window = Window(CALLS_A_SECOND, 1.0, options.clock)
        self._lock = threading.RLock()
        self._store = Store()

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
        resource, key = _route(call.path)
        verb = {"GET": "get" if key else "list", "POST": "create", "DELETE": "delete"}.get(
            call.method, "change"
        )
        return Description(call.method != "GET", f"{verb} {resource}" if resource else None)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        token = _bearer(call.headers.get("authorization"))
        if token is None or token not in self._tokens:
            return _error(401, "Unauthorized")
        wait = self._window.take(token) if self.options.rate_limits else 0
        if wait:
            return self.refuse(429, retry_after=1)
        name, key = _route(call.path)
        resource = SERVED.get(name or "")
        if resource is None:
            return _error(404, f"Cannot {call.method} {call.path}")
        try:
            return (
                self._read(call, resource, key) if call.method == "GET" else self._write(call, resource, key)
            )
        except BadQueryError as refused:
            return _error(400, refused.messages)

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return _error(status, _ERRORS[status], headers)

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """Rows shift only between two pages of a listing."""
        return fault != "shift" or (call.method == "GET" and _shiftable(call) is not None)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        resource = _shiftable(call) if fault == "shift" else None
        if resource is None:
            return _error(401, "Unauthorized")
        with self._lock:
            rows = self._store.tables[resource.name].rows()
            if rows:
                writes.delete(self._store, resource, rows[0])
        return self.answer(call)

    def _read(self, call: Call, resource: Resource, key: str | None) -> Answer:
        query = read_query(resource, call.query, single=key is not None)
        with self._lock:
            body = self._one(resource, key, query) if key else self._page(resource, query)
        if body is None:
            return _error(404, f"{resource.name} {key} not found")
        return json_answer(200, body)

    def _one(self, resource: Resource, key: str, query: Query) -> dict[str, object] | None:
        row = self._store.tables[resource.name].get(key)
        if row is None:
            return None
        return {
            "status": "ok",
            "data": selected([row], query.select)[0],
            **self._relations(resource, query, [row]),
        }

    def _page(self, resource: Resource, query: Query) -> dict[str, object]:
        rows = matching(self._store, resource, query)
        page = rows[query.offset : query.offset + query.limit]
        return {
            "status": "ok",
            "total": len(rows),
            "count": len(page),
            "offset": query.offset,
            "data": selected(page, query.select),
            **self._relations(resource, query, page),
        }

    def _relations(self, resource: Resource, query: Query, rows: list[Row]) -> dict[str, object]:
        if not query.relations:
            return {}
        return {"relations": related(self._store, resource, query.relations, rows)}

    def _write(self, call: Call, resource: Resource, key: str | None) -> Answer:
        allowed = ("PATCH", "PUT", "DELETE") if key else ("POST",)
        if not resource.writable or call.method not in allowed:
            return _error(404, f"Cannot {call.method} {call.path}")
        if call.query:
            raise BadQueryError(["no query parameters are allowed here"])
        with self._lock:
            old = self._store.tables[resource.name].get(key) if key else None
            if key and old is None:
                return _error(404, f"{resource.name} {key} not found")
            if call.method == "DELETE" and old:
                writes.delete(self._store, resource, old)
                return Answer(204)
            body, now = _body(call), self.options.now()
            if old:
                row, status = writes.change(self._store, resource, old, body, now), 200
            else:
                row, status = writes.create(self._store, resource, body, now), 201
            return json_answer(status, {"status": "ok", "data": row})


def _body(call: Call) -> object:
    try:
        return call.json()
    except json.JSONDecodeError as error:
        raise BadQueryError([f"Unexpected token in JSON at position {error.pos}"]) from error
    except ValueError as error:
        raise BadQueryError(["the body must be JSON in UTF-8"]) from error


def _bearer(header: str | None) -> str | None:
    scheme, _, token = (header or "").partition(" ")
    return token if scheme == "Bearer" else None


def _route(path: str) -> tuple[str | None, str | None]:
    """Resource and id of a path, with or without the version in front."""
    parts = path.split("/")[1:]
    if parts[:1] == ["v1"]:
        parts = parts[1:]
    if len(parts) not in (1, 2) or not all(parts):
        return None, None
    return parts[0], parts[1] if len(parts) == 2 else None


def _shiftable(call: Call) -> Resource | None:
    name, key = _route(call.path)
    resource = SERVED.get(name or "")
    if resource is None or key:
        return None
    try:
        return resource if read_query(resource, call.query).offset > 0 else None
    except BadQueryError:
        return None


def _error(status: int, message: str | list[str], headers: dict[str, str] | None = None) -> Answer:
    return json_answer(status, {"statusCode": status, "message": message, "error": _ERRORS[status]}, headers)
