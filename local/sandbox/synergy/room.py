"""The room of Exact Synergy Enterprise: sign-in, routes, and how many calls it takes at once."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.oauth import basic
from local.sandbox.frame.room import Description, Options, Room, Row, State, no_pause

from . import listing, writes
from .entities import ENTITIES, Entity
from .query import read_key, read_query
from .refusals import PageError, RefusedError, bad_sign_in, no_entity, of_the_server
from .state import read_state

USERS = frozenset({"payrelay-sandbox:sandbox-password"})
AT_ONCE = 4
_BASE = re.compile(r"(?:/Synergy)?/services/Exact\.Entity\.REST\.svc/(.*)", re.DOTALL)
_SEGMENT = re.compile(r"(\w+)(?:\((.+)\))?", re.DOTALL)


class Synergy(Room):
    """One server over one store. A token of the options is `user:password`."""

    name: ClassVar[str] = "synergy"
    named_faults: ClassVar[tuple[str, ...]] = ("signin", "locked", "restarting")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._users = USERS if options.tokens is None else options.tokens
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.RLock()
        self._store = read_state({}, options.now(), base_version=0)

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
        writes_there = call.method != "GET"
        name, key = _route(call.path)
        if name not in ENTITIES:
            return Description(writes_there)
        if writes_there:
            return Description(True, f"{'create' if key is None else 'change'} {name}")
        return Description(False, f"{'list' if key is None else 'get'} {name}")

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        try:
            self._let_in(call)
            with self._place():
                time.sleep(self._store.settings["answer_ms"] / 1000)
                with self._lock:
                    return self._answer(call)
        except RefusedError as refused:
            return refused.answer()

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        return of_the_server(status).answer(retry_after)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        match fault:
            case "signin":
                return bad_sign_in(windows=False).answer()
            case "locked":
                return RefusedError(409, "The record is locked by another user.").answer()
        return PageError(503).answer()

    def _let_in(self, call: Call) -> None:
        settings = self._store.settings
        user = ":".join(basic(call.headers.get("authorization", "")))
        if settings["ntlm"] or user not in self._users:
            raise bad_sign_in(windows=settings["ntlm"])
        if _route(call.path)[0] in settings["no_right"]:
            raise PageError(403)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the calls that are taken at once."""
        if not self.options.rate_limits:
            yield
            return
        if not self._places.acquire(blocking=False):
            raise of_the_server(503)
        try:
            yield
        finally:
            self._places.release()

    def _answer(self, call: Call) -> Answer:
        name, key_text = _route(call.path)
        entity = ENTITIES.get(name or "")
        if entity is None:
            raise no_entity(name or call.path)
        accepted = call.headers.get("accept", "")
        if "application/json" not in accepted and "*/*" not in accepted:
            raise RefusedError(406, "Only application/json is answered.")
        verb = call.headers.get("x-http-method", call.method).upper()
        match call.method, verb, key_text:
            case "GET", "GET", None:
                query = read_query(call.query, entity)
                body = listing.page_of(self._store, entity, query, call, self._address(call))
                return json_answer(200, body)
            case "GET", "GET", str():
                return json_answer(200, listing.single(entity, self._row(entity, key_text), call.query))
            case "POST", "POST", None if entity.create:
                row = writes.create(self._store, entity, call)
                return json_answer(201, {"d": listing.shown(entity, row)})
            case "POST", "MERGE", str() if entity.change:
                writes.change(self._store, entity, self._row(entity, key_text), call, self.options.now())
                return Answer(204)
        raise RefusedError(405, f"{verb} is not allowed for '{entity.name}'.")

    def _row(self, entity: Entity, key_text: str) -> Row:
        try:
            key = read_key(key_text, entity)
        except ValueError:
            raise RefusedError(400, f"Bad Request: the key '{key_text}' is of another type.") from None
        row = self._store.tables[entity.name].get(key)
        if row is None:
            raise no_entity(entity.name)
        return row

    def _address(self, call: Call) -> str:
        """The address that was called, without its options."""
        return f"http://{call.headers.get('host', '127.0.0.1')}/{self.name}{call.path}"


def _route(path: str) -> tuple[str | None, str | None]:
    """Entity and key of a path; the key as it stands between the brackets."""
    below = _BASE.fullmatch(path)
    segment = _SEGMENT.fullmatch(below[1]) if below else None
    if segment is None:
        return None, None
    return segment[1], segment[2]
