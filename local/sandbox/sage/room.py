"""The room of Sage Accounting: tokens, businesses, routes, limits."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from time import sleep
from typing import Any, ClassVar, NamedTuple

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import FLAG_TEXT, TEXT, Fields, Misfit, instant
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Options, Row, State
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Limit, System

from . import rows, writes
from .books import lead, numbering, record_of
from .forms import CONTACT, DOCUMENTS, ROOTS, Form
from .kinds import malformed
from .listing import LISTS, page_of, parameters
from .shown import shown, state_rows
from .tokens import Tokens

VERSION = "/v3.1"
IDEMPOTENT_FOR = timedelta(days=7)
# What a state has in the shape of the API's answers.
_SHAPED = (*LISTS, "invoice_settings")


class Caller(NamedTuple):
    """What a token may do, and the business that is spoken of."""

    scope: str
    business: str = ""


class Sage(System):
    """Version 3.1 of the API over one store; all businesses are of one user, who consents to everything."""

    name = "sage"
    resources = rows.RESOURCES
    tokens = frozenset({"sage-sandbox-token"})
    limits = (Limit(1_296_000, 86_400.0),)
    at_once = (150, "TooMany")
    says_wait = False
    refusals: ClassVar = {
        "Validation": (400, ""),
        "AuthorizationFailure": (401, "The access token is missing, wrong or expired."),
        "Expired": (401, "The access token has expired."),
        "NoSubscription": (401, "No active subscription. (MSE)"),
        "MultiUserAccessDenied": (403, "You do not have access to this."),
        "RecordNotFound": (404, "The record could not be found."),
        "TestAlarm": (409, ""),
        "RecordInvalid": (422, ""),
        "IdempotencyResourceMismatch": (422, "Entity type mismatch"),
        "TooMany": (429, ""),
        "UnexpectedError": (500, "An unexpected error occurred."),
    }
    server: ClassVar = {429: "TooMany", 500: "UnexpectedError", 503: "UnexpectedError"}
    faults: ClassVar = {"token": "Expired", "no_subscription": "NoSubscription"}

    def __init__(self, options: Options) -> None:
        self._consents = Tokens(lambda: self.store["oauth_tokens"], options.now)
        self._creating: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        super().__init__(options)

    def routes(self) -> Iterable[Route]:
        settings, contact = f"{VERSION}/invoice_settings", f"{VERSION}/contacts"
        yield from self._consents.routes()
        for resource in self.resources:
            if resource.name in LISTS:
                yield from self._read_routes(resource)
        for form in DOCUMENTS.values():
            yield from self._document_routes(form)
        yield self._creates("contacts", CONTACT, writes.create_contact)
        yield Route("PUT", f"{contact}/<key>", "change contacts", self._change_contact)
        yield Route("GET", settings, "list invoice_settings", self._settings)
        yield Route("PUT", settings, "change invoice_settings", self._change_settings)

    def _read_routes(self, resource: Resource) -> Iterable[Route]:
        name, path, form = resource.name, f"{VERSION}/{resource.name}", DOCUMENTS.get(resource.name)

        def one(asked: Asked) -> Row:
            row = self._record(name, asked)
            if form and asked.query.get("mark_as_sent", True):
                row = writes.mark_as_sent(self.store, form, row, self.options.now())
            return shown(self.store, name, row)

        def every(asked: Asked) -> Row:
            return page_of(self.store, resource, asked.who.business, asked)

        sent = {"mark_as_sent": FLAG_TEXT} if form and form.counter else {}
        return (
            Route("GET", path, f"list {name}", every, parameters(resource)),
            Route("GET", f"{path}/<key>", f"get {name}", one, sent),
        )

    def _document_routes(self, form: Form) -> Iterable[Route]:
        name, path = form.name, f"{VERSION}/{form.name}/<key>"

        def release(asked: Asked) -> Row:
            row = writes.release(self.store, form, self._record(name, asked), self.options.now())
            return shown(self.store, name, row)

        def void(asked: Asked) -> Row:
            reason, old = asked.query.get("void_reason", ""), self._record(name, asked)
            return shown(self.store, name, writes.void(self.store, form, old, reason, self.options.now()))

        return (
            self._creates(
                name, form.members, lambda *given: writes.create_document(given[0], form, *given[1:])
            ),
            Route("POST", f"{path}/release", f"release {name}", release, status=201, nodes=_one),
            Route("DELETE", path, f"void {name}", void, {"void_reason": TEXT}, nodes=_one),
        )

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> Caller:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        row = None if token in self.let_in else self._consents.opened_by(token)
        if kind != "Bearer" or (row is None and token not in self.let_in):
            raise Refused("AuthorizationFailure")
        return Caller("full_access" if row is None else row["scope"])

    def enter(self, asked: Asked) -> None:
        """A call speaks of one business, silently of the lead; only the list of them does not."""
        if asked.route and asked.route.operation.endswith(" businesses"):
            return
        named = asked.call.headers.get("x-business")
        row = lead(self.store) if named is None else self.store["businesses"].get(named)
        if row is None:
            raise Refused("MultiUserAccessDenied", "You do not have access to this business.")
        if not any(subscription.get("active") for subscription in row["subscriptions"]):
            raise Refused("NoSubscription")
        if asked.call.method != "GET" and asked.who.scope != "full_access":
            raise Refused("MultiUserAccessDenied")
        asked.who = asked.who._replace(business=row["id"])

    def counted(self, asked: Asked) -> str:  # noqa: ARG002
        """For all customers of the app together."""
        return "app"

    def headers(self, asked: Asked) -> Mapping[str, str]:
        return {"X-Business": asked.who.business} if asked.who and asked.who.business else {}

    def body(self, refused: Refused) -> object:
        """A list of errors, even for one; the source is often empty."""
        told = {"Expired": "AuthorizationFailure", "NoSubscription": "AuthorizationFailure"}
        code, source = told.get(refused.code, refused.code), refused.field or ""
        return [{"$severity": "error", "$dataCode": code, "$message": refused.message, "$source": source}]

    def worded(self, refused: Refused) -> Answer:
        """Over a limit there is no body."""
        return Answer(429, b"", refused.headers) if refused.code == "TooMany" else super().worded(refused)

    def unfit(self, found: list[Misfit], where: str) -> Refused:
        if where == "headers":
            return Refused("Validation", "The content type must be application/json.", status=415)
        first, *inside = [part for part in found[0].path if isinstance(part, str)] or ["The body"]
        return malformed(first + "".join(f"[{part}]" for part in inside))

    def not_there(self, asked: Asked) -> Refused:  # noqa: ARG002
        return Refused("RecordNotFound")

    def replace_state(self, state: State) -> None:
        """Rows come in the shape of the API's answers, or flat."""
        if isinstance(state, dict):
            state = {name: _flat(given) if name in _SHAPED else given for name, given in state.items()}
        super().replace_state(state)

    def state(self) -> State:
        with self.lock:
            return {
                name: state_rows(self.store, name, given) if name in _SHAPED else given
                for name, given in super().state().items()
            }

    # --- what there is --------------------------------------------------------------------------------------

    def _record(self, name: str, asked: Asked) -> Row:
        key = asked.path["key"]
        if name == "businesses" and key == "lead":
            row = lead(self.store)
        else:
            row = record_of(self.store, name, key, asked.who.business)
        if row is None:
            raise self.not_there(asked)
        return row

    def _settings(self, asked: Asked) -> Row:
        return _without_ids(numbering(self.store, asked.who.business))

    def _change_settings(self, asked: Asked) -> Row:
        body = asked.json(exact=True)
        return _without_ids(writes.change_invoice_settings(self.store, asked.who.business, body))

    def _change_contact(self, asked: Asked) -> Row:
        old = self._record("contacts", asked)
        row = writes.change_contact(self.store, old, asked.json(exact=True), self.options.now())
        return shown(self.store, "contacts", row)

    def _creates(self, name: str, fields: Fields, create: Callable[..., Row]) -> Route:
        """One at a time for each kind and business: a second one sets off the alarm."""

        def alone(asked: Asked) -> Row:
            with self.lock:
                lock = self._creating[asked.who.business, name]
            if not lock.acquire(blocking=False):
                with self.lock:
                    settings = self.store.one("settings")
                    alarms = settings["parallel_posts"] + 1
                    self.store["settings"].put({**settings, "parallel_posts": alarms})
                raise Refused("TestAlarm", f"test alarm: two creates of {name} at a time")
            try:
                sleep(self.store.one("settings")["write_ms"] / 1000)
                with self.lock:
                    return self._created(name, fields, create, asked)
            finally:
                lock.release()

        nodes = _one if name in DOCUMENTS else None
        return Route(
            "POST", f"{VERSION}/{name}", f"create {name}", alone, status=201, nodes=nodes, alone=False
        )

    def _created(self, name: str, fields: Fields, create: Callable[..., Row], asked: Asked) -> Row:
        """What was answered under the same key stays the answer."""
        business, now, answered = asked.who.business, self.options.now(), self.store["idempotency_ids"]
        given = writes.read_body(ROOTS[name], fields, asked.json(exact=True))
        key = f"{business}/{given.pop('idempotency_id', '')}"
        before = answered.get(key)
        if before and datetime.fromisoformat(before["at"]) + IDEMPOTENT_FOR > now:
            if before["resource"] != name:
                raise Refused("IdempotencyResourceMismatch")
            return dict(before["answer"])
        answer = shown(self.store, name, create(self.store, business, given, now))
        if not key.endswith("/"):
            answered.put({"id": key, "resource": name, "at": instant(now), "answer": answer})
        return answer


def _flat(given: Any) -> Any:
    return [rows.flat(row) for row in given] if isinstance(given, list) else given


def _one(_: Call) -> int:
    return 1


def _without_ids(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("id", "business_id")}
