"""The room of QuickBooks Online: tokens, routes, limits, and answers under a requestid."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, ClassVar, cast
from urllib.parse import parse_qs

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.kinds import MISSING, NO_JSON, TEXT, Kind, Misfit, Misfits, like, misfit, one_of
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Description, Options, Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Limit, System

from . import batch, changes
from .books import ZONE, Books, Session
from .entities import BY_LOWER, RESOURCES
from .kinds import choice, text
from .query import answered, moment_of, read_query
from .tokens import REALM, Tokens
from .writes import OPERATIONS, write

# Status and `Message` by code, and the `Detail` of those that say nothing of the case.
_SAYS = {
    "500": (400, "Unsupported Operation", ""),
    "610": (400, "Object Not Found", ""),
    "2010": (400, "Request has invalid or unsupported property", ""),
    "2020": (400, "Required param missing, need to supply the required value for the API", ""),
    "2050": (400, "String length is either shorter or longer than supported by specification", ""),
    "2170": (400, "Invalid Enumeration", ""),
    "2500": (400, "Invalid Reference Id", ""),
    "3001": (429, "ThrottleExceeded", "Too many requests"),
    "3100": (403, "ApplicationAuthorizationFailed", "The app may not reach this company"),
    "3200": (401, "AuthenticationFailed", "Token expired"),
    "4000": (400, "Error parsing query", ""),
    "4001": (400, "Invalid query", ""),
    "5010": (400, "Stale Object Error", ""),
    "6000": (400, "A business validation error has occurred while processing your request", ""),
    "6070": (400, "Amount calculation incorrect in the request", ""),
    "6140": (400, "Duplicate Document Number Error", ""),
    "6210": (400, "Account Period Closed, Cannot Update Through Services Error", ""),
    "6240": (400, "Duplicate Name Exists Error", ""),
    "10000": (500, "An application error has occurred while processing your request", "System Failure Error"),
}
_LAST_SIGN = "\uffff"
# Refusals by what stands before the API have a shape of their own.
_BEFORE = {"3001": "THROTTLE", "3100": "AUTHORIZATION", "3200": "AUTHENTICATION"}


class QuickBooks(System):
    """One company's books behind the Accounting API."""

    name = "quickbooks"
    resources = RESOURCES
    bases = ("/v3/company/<realm>",)
    # Beside the tokens of consents, for tests: these never expire.
    tokens = frozenset({"quickbooks-sandbox-token", "quickbooks-sandbox-token-2"})
    limits = (Limit(40, 60.0, of=("batch",)), Limit(10, 1.0), Limit(500, 60.0))
    # QuickBooks does not say for how long.
    says_wait = False
    refusals: ClassVar = {code: (status, detail) for code, (status, _, detail) in _SAYS.items()}
    server: ClassVar = {429: "3001", 500: "10000", 503: "10000"}
    faults: ClassVar = {"token": "3200"}
    store: Books

    def __init__(self, options: Options) -> None:
        self._consents = Tokens(lambda: self.store, options.now)
        super().__init__(options)

    def routes(self) -> Iterable[Route]:
        version = {"minorversion": like("a number", r"\d+"), "format": one_of("json")}
        common = {**version, "requestid": text(50)}
        since = {
            "entities": TEXT,
            "changedSince": Kind("a time such as 2026-01-05T02:11:09-08:00", moment_of),
        }
        write = {"operation": choice(*OPERATIONS), "include": one_of("allowduplicatedocnum")}
        return (
            *self._consents.routes(),
            Route("GET", "/query", "query", self._query, {**common, "query": TEXT}),
            Route("POST", "/query", "query", self._query, common, writes=False),
            Route("POST", "/batch", "batch", self._batch, {**common, "requestid": text(36)}),
            Route("GET", "/cdc", "cdc", self._changes, {**common, **since}, needed=tuple(since)),
            Route("GET", "/preferences", "read Preferences", self._preferences, common),
            Route("GET", "/<entity>/<id>", "read", self._one, common),
            Route("POST", "/<entity>", "write", self._write, {**common, **write}),
        )

    def new_store(self, base_version: int) -> Books:
        return Books(self.resources, base_version)

    def complete(self, reading: Reading) -> None:
        """New rows get ids behind those of the state."""
        cast(Books, reading.store).count_anew()

    def describe(self, call: Call) -> Description:
        """What a query or body asks for names the call."""
        told, body, params = super().describe(call), _json(call), parse_qs(call.query)
        what = "".join(call.path.split("/")[4:5])
        name = BY_LOWER[what].name if what in BY_LOWER else what
        match told.operation:
            case "query":
                asked = "?"
                with suppress(Refused):
                    asked = read_query(params.get("query", [_text(call)])[0]).entity.name
                return Description(False, f"query {asked}")
            case "batch":
                items = batch.items_of(body)
                writes = any(isinstance(item, dict) and "Query" not in item for item in items)
                return Description(writes, "batch", len(items))
            case "read":
                return Description(False, f"read {name}")
            case "write":
                made = "update" if isinstance(body, dict) and body.get("Id") else "create"
                return Description(True, f"{params.get('operation', [made])[0]} {name}", 1)
        return told

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        with self.lock:
            good = token in self.let_in or self._consents.opened_by(token)
        if scheme != "Bearer" or not good:
            raise Refused("3200", "" if token else "Token missing")
        return token

    def enter(self, asked: Asked) -> None:
        if asked.path.get("realm") != REALM:
            raise Refused("3100")
        if "application/json" not in asked.call.headers.get("accept", ""):
            raise Refused("500", "Without Accept: application/json the answer would be XML")

    def counted(self, asked: Asked) -> str:  # noqa: ARG002
        return REALM

    def body(self, refused: Refused) -> object:
        if refused.code in _BEFORE:
            words = f"message={_SAYS[refused.code][1]}; errorCode={int(refused.code):06d}"
            error = {
                "message": f"{words}; statusCode={refused.status}",
                "detail": refused.message,
                "code": refused.code,
                "element": None,
            }
            fault = {"error": [error], "type": _BEFORE[refused.code]}
            return {"warnings": None, "intuitObject": None, "fault": fault}
        return self._stamped({"Fault": self._fault(refused)})

    def unfit(self, found: list[Misfit], where: str) -> Refused:
        first = found[0]
        if where == "headers" or first.code == NO_JSON:
            return Refused("500", f"{first.said} The body must be JSON in UTF-8, a query a text.")
        code = "2020" if first.code == MISSING else first.code
        return Refused(code if code in self.refusals else "2010", f"Property Name:{first.said}", first.field)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("500", f"Operation {asked.call.method} {asked.call.path} is not supported")

    def _stamped(self, body: Row) -> Row:
        return {**body, "time": self.options.now().astimezone(ZONE).isoformat(timespec="milliseconds")}

    def _fault(self, no: Misfits | Refused) -> Row:
        refused = self.refused(no)
        said = {"Message": _SAYS[refused.code][1], "Detail": refused.message}
        kind = "SystemFault" if refused.code == "10000" else "ValidationFault"
        return {"Error": [{**said, "code": refused.code, "element": refused.field or ""}], "type": kind}

    # --- what there is --------------------------------------------------------------------------------------

    def _query(self, asked: Asked) -> object:
        """A query in the address, or as a text by itself."""
        query = asked.query.get("query", "")
        if asked.call.method == "POST":
            media = asked.call.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media not in ("application/text", "text/plain"):
                raise misfit("Content-Type", "must be application/text", NO_JSON)
            query = _text(asked.call)
        return self._stamped({"QueryResponse": answered(self.store, query)})

    def _changes(self, asked: Asked) -> object:
        entities, since = asked.query["entities"].split(","), asked.query["changedSince"]
        found = changes.changed(self.store, entities, since, self.options.now())
        return self._stamped({"CDCResponse": [{"QueryResponse": found}]})

    def _preferences(self, _: Asked) -> object:
        return self._stamped({"Preferences": self.store.preferences})

    def _one(self, asked: Asked) -> object:
        entity, key = BY_LOWER.get(asked.path["entity"]), asked.path["id"]
        if entity is None or entity.name == "Preferences":
            raise self.not_there(asked)
        if entity.single:
            row = self.store.one(entity.name) if key == REALM else None
        else:
            row = self.store[entity.name].get(key)
        if row is None:
            raise Refused("610", f"{entity.name} {key} was not found")
        return self._stamped({entity.name: row})

    def _write(self, asked: Asked) -> Answer:
        def written(body: Any) -> Row:
            entity = BY_LOWER.get(asked.path["entity"])
            if entity is None:
                raise self.not_there(asked)
            session = Session(self.store, self.options.now(), "include" in asked.query)
            return {entity.name: write(session, entity, asked.query.get("operation", "create"), body)}

        return self._once(asked, written)

    def _batch(self, asked: Asked) -> Answer:
        def run(body: Any) -> Row:
            session = Session(self.store, self.options.now())
            return {"BatchItemResponse": batch.run(session, body, "requestid" in asked.query, self._fault)}

        return self._once(asked, run)

    def _once(self, asked: Asked, written: Callable[[Any], Row]) -> Answer:
        """The answer to a write, or under a requestid seen before its first answer, whatever it was."""

        def answer() -> Answer:
            return self.answered(lambda: json_answer(200, self._stamped(written(asked.json()))))

        if _has_odd_signs(asked.call):
            raise Refused("10000")
        request_id = asked.query.get("requestid")
        if not request_id:
            return answer()
        return self.store.first_answers.once(request_id, self.options.now(), answer) or answer()


def _json(call: Call) -> Any:
    try:
        return call.json()
    except ValueError:
        return None


def _has_odd_signs(call: Call) -> bool:
    """Whether a body has signs of more than three bytes, over which QuickBooks fails as a whole."""
    return any(sign > _LAST_SIGN for sign in json.dumps(_json(call), ensure_ascii=False))


def _text(call: Call) -> str:
    return call.body.decode("utf-8", "replace")
