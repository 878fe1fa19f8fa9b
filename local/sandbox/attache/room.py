"""The room of Attaché: tokens, organisations, routes, limits."""

import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import ceil
from typing import Any, ClassVar, NamedTuple

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.limits import Window
from local.sandbox.frame.room import Description, Options, Room, Row, State, no_pause
from local.sandbox.frame.routes import Asked

from .fields import AMOUNT
from .leave import overtype
from .listing import page_of, read_query, refuse_query
from .refusals import RefusedError, invalid, not_found, of_the_server, pay_in_progress, token_expired
from .state import read_state, written_state
from .store import Books
from .tokens import Tokens

FIXED_TOKENS = frozenset({"attache-sandbox-token"})
CALLS_A_MINUTE = 60
_VERSION = "/api/v1/"
_ENTITLEMENT = ("EntitlementOwing", "Comment")
_FAULTS: Mapping[str, Callable[[], RefusedError]] = {
    "token": token_expired,
    "pay_in_progress": pay_in_progress,
    "organisation_offline": lambda: of_the_server(503),
}


class _Route(NamedTuple):
    """What a path names; None for what does not stand in it."""

    resource: str
    organisation: str | None = None
    employee: str | None = None
    income: str | None = None


class Attache(Room):
    """Attaché Online over one store; every organisation's payroll can be reached unless a fault is set."""

    name: ClassVar[str] = "attache"
    named_faults: ClassVar[tuple[str, ...]] = tuple(_FAULTS)
    exact_numbers: ClassVar[bool] = True

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._fixed_tokens = FIXED_TOKENS if options.tokens is None else options.tokens
        self._window = Window(CALLS_A_MINUTE, 60.0, options.clock)
        self._lock = threading.RLock()
        self._store, _ = read_state({}, options.now(), base_version=0)
        self._tokens = Tokens(options.now, lambda: sorted(self._store.organisations))
        self._endpoints = {route.path: route for route in self._tokens.routes()}

    @property
    def version(self) -> int:
        return self._store.version + self._tokens.table.version

    def replace_state(self, state: State) -> None:
        store, tokens = read_state(state, self.options.now(), base_version=self._store.version + 1)
        with self._lock:
            self._store = store
            if tokens is not None:
                self._tokens.replace(tokens)

    def state(self) -> State:
        with self._lock:
            # A token of an organisation that is gone opens nothing, and could not be put back.
            there = self._store.organisations
            tokens = [row for row in self._tokens.table.rows() if row["organisation_id"] in there]
            return written_state(self._store, tokens)

    def describe(self, call: Call) -> Description:
        path = _below_version(call.path)
        if path in self._endpoints:
            endpoint = self._endpoints[path]
            return Description(bool(endpoint.writes), endpoint.operation)
        route = _route(path)
        verb = "list" if call.method == "GET" else "change"
        return Description(call.method != "GET", f"{verb} {route.resource}" if route else None)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        pause()
        path = _below_version(call.path)
        with self._lock:
            if path in self._endpoints:
                asked = Asked(call, self._endpoints[path], {}, below_base=True)
                answer = self._endpoints[path].serve(asked)
                assert isinstance(answer, Answer)
                return answer
            try:
                return self._serve(call, path)
            except RefusedError as refused:
                return refused.answer()

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        return of_the_server(status).answer(retry_after)

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """The named faults belong to the API, not to the OAuth endpoints."""
        return _below_version(call.path) not in self._endpoints

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        return _FAULTS[fault]().answer()

    def _serve(self, call: Call, path: str) -> Answer:
        reach = self._reach(call)
        route = _route(path)
        if route is None:
            raise not_found(path)
        if reach is not None and route.organisation not in (None, reach):
            raise RefusedError(403, "OrganisationNotAllowed", "The token is of another organisation.")
        wait = self._window.take(route.organisation or reach or "") if self.options.rate_limits else 0
        if wait:
            return self.refuse(429, retry_after=ceil(wait))
        writes = route.resource == "entitlement"
        if call.method != ("PUT" if writes else "GET"):
            raise not_found(f"{call.method} {path}")
        if route.organisation is None:
            return json_answer(200, self._organisations(call, reach))
        books = self._store.organisations.get(route.organisation)
        if books is None:
            raise not_found(f"The organisation {route.organisation}")
        return json_answer(200, self._overtype(call, books, route) if writes else _list(call, books, route))

    def _reach(self, call: Call) -> str | None:
        """The one organisation that the token opens; None for all."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind == "Bearer" and token in self._fixed_tokens:
            return None
        organisation = self._tokens.organisation_of(token) if kind == "Bearer" else None
        if organisation is None:
            raise token_expired()
        return organisation

    def _organisations(self, call: Call, reach: str | None) -> Row:
        every = [books.organisation for books in self._store.books()]
        rows = [row for row in every if reach in (None, row["OrganisationId"])]
        return page_of(rows, read_query(call.query, dated=False))

    def _overtype(self, call: Call, books: Books, route: _Route) -> Row:
        refuse_query(call.query)
        code = _employee(books, route)
        old = books.leave(code, route.income or "")
        if old is None:
            raise not_found(f"The income code {route.income} of {code}")
        owing, comment = _entitlement(call)
        return overtype(books, code, old, owing, comment, self.options.now())


def _list(call: Call, books: Books, route: _Route) -> Row:
    asked = read_query(call.query)
    match route.resource:
        case "employees":
            return page_of(books.employees.rows(), asked)
        case "leavebalances":
            return page_of(books.balances.rows(), asked)
        case "leave":
            return page_of(books.table(_employee(books, route)), asked)
    return page_of(books.history(_employee(books, route)), asked, changed="ChangedAt")


def _employee(books: Books, route: _Route) -> str:
    code = route.employee or ""
    if code not in books.employees:
        raise not_found(f"The employee {code}")
    return code


def _entitlement(call: Call) -> tuple[Decimal, str]:
    """Amount and comment of the one body that there is."""
    media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise invalid("The content type must be application/json.")
    try:
        body: Any = call.json(exact=True)
    except ValueError as error:
        raise invalid("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise invalid("The body must be an object.")
    unknown = sorted(set(body) - set(_ENTITLEMENT))
    if unknown:
        raise invalid(f"Unknown field {', '.join(unknown)}; known are {', '.join(_ENTITLEMENT)}.")
    comment = body.get("Comment")
    if comment is None or (isinstance(comment, str) and not comment.strip()):
        raise RefusedError(400, "CommentRequired", "A comment is needed.")
    if not isinstance(comment, str):
        raise invalid("Comment must be a text.")
    try:
        return AMOUNT.read(body.get("EntitlementOwing")), comment
    except ValueError as error:
        raise invalid(f"EntitlementOwing must be {AMOUNT.words}.") from error


def _below_version(path: str) -> str:
    return path.removeprefix(_VERSION[:-1]) if path.startswith(_VERSION) else path


def _route(path: str) -> _Route | None:
    """What a path below the version names, if there is such a thing."""
    match path.split("/")[1:]:
        case ["organisations"]:
            return _Route("organisations")
        case ["organisations", organisation, ("employees" | "leavebalances") as resource]:
            return _Route(resource, organisation)
        case ["organisations", organisation, "employees", code, ("leave" | "leavehistory") as resource]:
            return _Route(resource, organisation, code)
        case ["organisations", organisation, "employees", code, "leave", income, "entitlement"]:
            return _Route("entitlement", organisation, code, income)
    return None
