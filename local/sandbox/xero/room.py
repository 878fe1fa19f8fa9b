"""The room of Xero: routes, tokens, tenants, limits, named faults, and calls that are sent again."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar, cast

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.kinds import Misfit, fitting, misfit
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Description, Options, Row, no_pause
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import System

from .contacts import write_contact
from .documents import Writer
from .limits import A_DAY, Limits
from .listing import FLAG_TEXT, UNIT_DIGITS, expanded, listed, parameters, refused, shown
from .resources import CONNECTIONS, LISTED, ORGANISATIONS, RESOURCES
from .shapes import ABSENT, GUID, Listed, is_guid, slashed, to_the_second
from .store import Books
from .tokens import Tokens, filled

_API = "/api.xro/2.0"
_LONGEST_QUERY, _LONGEST_KEY, _DAY_USED_UP = 2048, 128, 67_000
_WRITING = {"summarizeErrors": FLAG_TEXT, "unitdp": UNIT_DIGITS}
_NOT_JSON = "JSON for post data was invalid, "
# How the API numbers its refusals.
_NUMBERS = {"ValidationException": 10, "PostDataInvalidException": 14, "QueryParseException": 16}
_TITLES = {401: "Unauthorized", 403: "Forbidden"}
# By what a path may name a row, beside its id.
_NUMBERED = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber", "Contacts": "ContactNumber"}
Write = Callable[[Row], tuple[Row | None, list[str]]]


class Xero(System):
    """The Accounting API over one store, for the organisations of one user."""

    name = "xero"
    resources = RESOURCES
    bases = (_API,)
    # Access that never ends, for tests that need no consent.
    tokens = frozenset({"xero-sandbox-token"})
    refusals: ClassVar = {
        "Unauthenticated": (401, "AuthenticationUnsuccessful"),
        "Expired": (401, "TokenExpired"),
        "Scope": (401, "AuthorizationUnsuccessful"),
        "Disconnected": (403, "AuthenticationUnsuccessful"),
        **dict.fromkeys(("ValidationException",), (400, "A validation exception occurred")),
        **dict.fromkeys(("PostDataInvalidException", "QueryParseException"), (400, "")),
        **dict.fromkeys(("minute", "day", "concurrent", "appminute"), (429, "")),
        "NotFound": (404, "The resource you're looking for cannot be found"),
        "Method": (405, "The method is not allowed here"),
        "Accept": (406, "The answer would be XML: send Accept: application/json"),
        "Media": (415, "The Content-Type must be application/json"),
        "Failed": (500, "An error occurred"),
        "Offline": (503, "The organisation is offline"),
    }
    server: ClassVar = {429: "minute", 500: "Failed", 503: "Offline"}
    faults: ClassVar = {
        "token": "Expired",
        "disconnected": "Disconnected",
        "concurrent": "concurrent",
        "day": "day",
    }
    store: Books

    def __init__(self, options: Options) -> None:
        self._consents = Tokens(lambda: self.store, options.now)
        self._limits = Limits(options.clock)
        super().__init__(options)

    def routes(self) -> Iterable[Route]:
        yield from self._consents.routes()
        connections, one = "/connections", "/connections/<id>"
        event = {"authEventId": GUID}
        yield Route("GET", connections, "GET connections", self._connections, event, outside=True)
        yield Route("DELETE", one, "DELETE connections", self._disconnect, outside=True)
        yield Route("GET", "/organisation", "read Organisation", self._organisation)
        for resource in LISTED:
            path, name = f"/{resource.name.lower()}", resource.name
            unit = {"unitdp": UNIT_DIGITS} if resource.written else {}
            yield Route("GET", path, f"GET {name}", partial(self._list, resource), parameters(resource))
            yield Route("GET", f"{path}/<key>", f"GET {name}", partial(self._one, resource), unit)
            writes = (("PUT", path), ("POST", path), ("POST", f"{path}/<key>")) if resource.written else ()
            for method, where in writes:
                write, count = partial(self._write, resource), partial(_count, resource)
                yield Route(method, where, f"{method} {name}", write, _WRITING, nodes=count)

    def new_store(self, base_version: int) -> Books:
        return Books(self.resources, base_version)

    # --- all calls ------------------------------------------------------------------------------------------

    def verb_and_path(self, call: Call) -> tuple[str, str]:
        """In either case of letters."""
        return call.method, call.path.lower().rstrip("/")

    def admit(self, call: Call) -> Row:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and token in self.let_in:
            return filled({"access_token": token}, self.options.now())
        row = self.store["oauth_tokens"].get(token)
        if scheme != "Bearer" or row is None:
            raise Refused("Unauthenticated")
        if self._consents.opened_by(token) is None:
            raise Refused("Expired", _expired(row["access_expires_at"]))
        return row

    def enter(self, asked: Asked) -> None:
        if not _is_outside(asked.route) and self._tenant(asked.call) is None:
            raise Refused("Disconnected")
        if len(asked.call.query) > _LONGEST_QUERY:
            raise Refused("NotFound")

    @contextmanager
    def within_limits(self, asked: Asked) -> Iterator[None]:
        if _is_outside(asked.route) or not self._counts:
            yield
            return
        tenant = str(self._tenant(asked.call))
        over = self._limits.enter(tenant, self._day_limit, only_day=not self.options.rate_limits)
        if over:
            wait = {} if over.retry_after is None else {"Retry-After": str(over.retry_after)}
            raise Refused(over.problem, headers=wait)
        try:
            yield
        finally:
            self._limits.leave(tenant)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        """Every answer of the API tells what is left."""
        answer, tenant = super().answer(call, pause), self._tenant(call)
        if tenant is None or not self._counts or not call.path.lower().startswith(_API):
            return answer
        left = self._limits.headers(tenant, self._day_limit)
        return Answer(answer.status, answer.body, {**answer.headers, **left})

    def worded(self, refused: Refused) -> Answer:
        if refused.status == 429:
            return Answer(429, b"", {"X-Rate-Limit-Problem": refused.code, **refused.headers})
        if refused.status in _TITLES or refused.code in _NUMBERS:
            return super().worded(refused)
        media = {"Content-Type": "text/plain; charset=utf-8"}
        return Answer(refused.status, refused.message.encode(), {**media, **refused.headers})

    def body(self, refused: Refused) -> object:
        if refused.status in _TITLES:
            title = {"Type": None, "Title": _TITLES[refused.status], "Status": refused.status}
            return {**title, "Detail": refused.message, "Instance": str(uuid.uuid4()), "Extensions": {}}
        number = _NUMBERS[refused.code]
        said = {"ErrorNumber": number, "Type": refused.code, "Message": refused.message}
        return {**said, **(refused.beside or {})}

    def unfit(self, found: list[Misfit], where: str) -> Refused:
        said = "; ".join(f"{one.field} {one.message}".strip() for one in found)
        if where == "query":
            return Refused("QueryParseException", said)
        return Refused("Media") if where == "headers" else _bad_data(said)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("Method" if asked.allowed else "NotFound")

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        """Tokens are asked for everywhere but at the OAuth endpoints; tenants and limits only by the API."""
        is_api = call.path.lower().startswith(f"{_API}/")
        return super().can_suffer(fault, call, description) and (fault == "token" or is_api)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        told = {"token": Refused("Expired", _expired(self.options.now().isoformat()))}
        used_up = {"Retry-After": str(_DAY_USED_UP), "X-DayLimit-Remaining": "0"}
        told["day"] = Refused("day", headers=used_up)
        if fault not in told:
            return super().suffer(fault, call, reset_in_seconds)
        return self.worded(self.refused(told[fault]))

    def _tenant(self, call: Call) -> str | None:
        """The tenant of a call, if it is connected."""
        tenant = call.headers.get("xero-tenant-id", "")
        with self.lock:
            return tenant if tenant in {row["tenantId"] for row in self.store.connected()} else None

    @property
    def _counts(self) -> bool:
        """Whether calls are counted: a limit that a tester sets holds also where the vendor's are off."""
        return self.options.rate_limits or self.store.one("settings")["day_limit"] is not None

    @property
    def _day_limit(self) -> int:
        return self.store.one("settings")["day_limit"] or A_DAY

    # --- what there is --------------------------------------------------------------------------------------

    def _connections(self, asked: Asked) -> object:
        event = asked.query.get("authEventId", "").lower()
        rows = [row for row in self.store.connected() if event in ("", row["authEventId"].lower())]
        return [CONNECTIONS.shown(row) for row in rows]

    def _disconnect(self, asked: Asked) -> None:
        if not any(row["id"] == asked.path["id"] for row in self.store.connected()):
            raise Refused("NotFound")
        self.store.connect(connected=False, connection=asked.path["id"])

    def _opened(self, resource: Listed, asked: Asked) -> str:
        """The tenant whose rows of this resource a call may have."""
        reading = [f"{one}.read" for one in resource.scopes] if asked.call.method == "GET" else []
        if not set(asked.who["scope"].split()) & {*resource.scopes, *reading}:
            raise Refused("Scope")
        if "application/json" not in asked.call.headers.get("accept", ""):
            raise Refused("Accept")
        return asked.call.headers["xero-tenant-id"]

    def _organisation(self, asked: Asked) -> object:
        row = self.store.organisation(self._opened(ORGANISATIONS, asked))
        told = {name: slashed(row[name]) for name in ORGANISATIONS.days if row.get(name)}
        return self._enveloped(ORGANISATIONS, [{**ORGANISATIONS.shown(row), **told}])

    def _list(self, resource: Listed, asked: Asked) -> object:
        tenant, since = self._opened(resource, asked), asked.call.headers.get("if-modified-since")
        rows, more = listed(self.store, resource, tenant, asked.query, since)
        return self._enveloped(resource, rows, more)

    def _one(self, resource: Listed, asked: Asked) -> object:
        tenant, key = self._opened(resource, asked), asked.path["key"]
        row = self._named(resource, tenant, key)
        return self._enveloped(resource, [shown(resource, expanded(self.store, row), whole=True)])

    def _write(self, resource: Listed, asked: Asked) -> object:
        """The answer to a write, or the first answer again when its key was used before."""
        tenant, call = self._opened(resource, asked), asked.call
        key = call.headers.get("idempotency-key")

        def answer() -> Answer:
            return self.answered(lambda: json_answer(200, self._written(resource, tenant, asked)))

        if key is None:
            return answer()
        if not 1 <= len(key) <= _LONGEST_KEY:
            raise _bad_data(f"the Idempotency-Key has 1 to {_LONGEST_KEY} characters")
        sent = sha256(f"{call.method} {call.target}\n".encode() + call.body).digest()
        first = self.store.first_answers.once((tenant, key), self.options.now(), answer, sent)
        if first is None:
            words = f"Idempotency Key {key} is used with a different request"
            raise Refused("PostDataInvalidException", words)
        return first

    def _written(self, resource: Listed, tenant: str, asked: Asked) -> Row:
        """All or nothing, or one by one."""
        rows, write = _rows_of(resource, asked.json()), self._writer(resource, tenant, asked)
        if "key" in asked.path:
            key = self._named(resource, tenant, asked.path["key"])[resource.id]
            rows = [{**_only(rows), resource.id: key}]
        all_or_nothing = asked.query.get("summarizeErrors", False)
        elements: list[Row] = []
        with self.store.undoable() as undo:
            for row in rows:
                stored, errors = write(row)
                if stored is None:
                    elements.append(refused(resource, row, errors))
                    undo.wanted = all_or_nothing
                else:
                    whole = shown(resource, expanded(self.store, stored), whole=True)
                    elements.append(whole if all_or_nothing else {**whole, "StatusAttributeString": "OK"})
        if undo.wanted:
            wrong = [element for element in elements if "ValidationErrors" in element]
            raise Refused("ValidationException", beside={"Elements": wrong})
        return self._enveloped(resource, elements)

    def _named(self, resource: Listed, tenant: str, key: str) -> Row:
        """The row that a path names, by its id or its number."""
        name = resource.id if is_guid(key) else _NUMBERED.get(resource.name, resource.id)
        row = self.store.find(resource.name, tenant, name, key)
        if row is None:
            raise Refused("NotFound")
        return row

    def _writer(self, resource: Listed, tenant: str, asked: Asked) -> Write:
        updates, now = asked.call.method == "POST", to_the_second(self.options.now())
        if not resource.types:
            return partial(write_contact, self.store, resource, tenant, updates=updates, now=now)
        digits = int(asked.query.get("unitdp", "2"))
        return Writer(self.store, resource, tenant, updates, digits, now).write

    def _enveloped(self, resource: Listed, rows: list[Row], more: Mapping[str, Any] | None = None) -> Row:
        """The rows; `more` goes before them, such as the pagination."""
        milliseconds = int(self.options.now().timestamp() * 1000)
        head = {"Id": str(uuid.uuid4()), "Status": "OK", "ProviderName": "Sandbox"}
        return {**head, "DateTimeUTC": f"/Date({milliseconds})/", **(more or {}), resource.name: rows}


def _is_outside(route: Route | None) -> bool:
    return route is not None and route.outside


def _expired(moment: str) -> str:
    date, time = moment[:10].split("-"), moment[11:19]
    return f"TokenExpired: token expired at {date[1]}/{date[2]}/{date[0]} {time}"


def _bad_data(words: str) -> Refused:
    return Refused("PostDataInvalidException", _NOT_JSON + words)


def _rows_of(resource: Listed, body: Any) -> list[Row]:
    """The objects of a body: one alone, or a list under the resource's name."""
    rows = body.get(resource.name, [body]) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise misfit("", f"an object or a list of {resource.name} is needed")
    if resource.name in body and len(body) > 1:
        raise misfit(resource.name, "stands alone")
    return [fitting(resource.body, row, absent=ABSENT) for row in rows]


def _only(rows: list[Row]) -> Row:
    """The one element of a body whose address names one row."""
    if len(rows) > 1:
        raise misfit("", "one element is needed, as the address names one")
    return rows[0]


def _count(resource: Listed, call: Call) -> int | None:
    """How many rows a body has, whatever was sent; None if that can't be told."""
    try:
        body = cast(Any, call.json())
    except ValueError:
        return None
    rows = body.get(resource.name) if isinstance(body, dict) else None
    return len(rows) if isinstance(rows, list) else 1
