"""A server of entities: lists, single rows, creating and changing, and how it says no."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar
from uuid import uuid4

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import Misfit, fitting
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import System

from .edm import GUID, written
from .entities import Entity, bad, no_property, read_key, shown
from .lists import options_of, page_of, read_select
from .metadata import MEDIA, metadata

METADATA = "/$metadata"

REFUSALS: Mapping[str, tuple[int, str]] = {
    "Bad": (400, ""),
    "NotFound": (404, ""),
    "NotAllowed": (405, ""),
    "OnlyJson": (406, "Only application/json is answered."),
    "Media": (415, "The body must be application/json."),
    "TooMany": (429, "Too many requests."),
    "Failed": (500, "An error occurred while processing this request."),
    "Busy": (503, "The service is busy."),
}


class OData(System):
    """Serves each of its `entities` under its name; a room's own rules go into `check`."""

    entities: ClassVar[tuple[Entity, ...]]
    refusals = REFUSALS
    server: ClassVar = {429: "TooMany", 500: "Failed", 503: "Busy"}

    def routes(self) -> Iterable[Route]:
        told = Route("GET", METADATA, "get $metadata", self._metadata)
        return [told, *(route for entity in self.entities for route in self._of(entity))]

    def _of(self, entity: Entity) -> Iterator[Route]:
        name, one = entity.name, f"/{entity.name}(<key>)"
        yield Route("GET", f"/{name}", f"list {name}", self._for(entity, self._list), None)
        if entity.named_by:
            yield Route("GET", one, f"get {name}", self._for(entity, self._one), None)
        if entity.create:
            create = self._for(entity, self._create)
            yield Route("POST", f"/{name}", f"create {name}", create, None, status=201)
        for verb in ("MERGE", "PUT") if entity.change else ():
            yield Route(verb, one, f"change {name}", self._for(entity, self._change), None)
        if entity.removable:
            yield Route("DELETE", one, f"remove {name}", self._for(entity, self._remove), None)

    def check(self, entity: Entity, row: Row) -> None:
        """Rules of a row that is about to be created, beside the types of its fields; raises Refused."""

    def check_change(self, entity: Entity, old: Row, sent: Row) -> None:
        """Rules of a row that is about to be changed, beside the types of its fields; raises Refused."""

    def check_removal(self, entity: Entity, row: Row) -> None:
        """Rules of a row that is about to be taken out; raises Refused."""

    def completed(self, entity: Entity, row: Row) -> Row:  # noqa: ARG002
        """A row that is created, with what the server itself says of it."""
        return row

    def owner(self, asked: Asked) -> dict[str, Any]:  # noqa: ARG002
        """The hidden fields of the rows that a call is about."""
        return {}

    def page_size(self) -> int:
        """How many rows a page has."""
        return 100

    # --- all calls ------------------------------------------------------------------------------------------

    def verb_and_path(self, call: Call) -> tuple[str, str]:
        """A POST says in a header what it means to be; other methods can't."""
        meant = call.headers.get("x-http-method", call.method).upper()
        return meant if call.method in ("POST", meant) else f"{call.method} as {meant}", call.path

    def enter(self, asked: Asked) -> None:
        accepted = asked.call.headers.get("accept", "")
        if asked.route and asked.route.path == METADATA:
            return
        if asked.route and "application/json" not in accepted and "*/*" not in accepted:
            raise Refused("OnlyJson")

    def body(self, refused: Refused) -> object:
        return {"error": {"code": "", "message": {"lang": "nl-NL", "value": refused.message}}}

    def unfit(self, found: list[Misfit], where: str) -> Refused:
        return Refused("Media") if where == "headers" else bad(found[0].said)

    def not_there(self, asked: Asked) -> Refused:
        name = segment(asked.call)
        if asked.allowed:
            verb = asked.call.headers.get("x-http-method", asked.call.method)
            return Refused("NotAllowed", f"{verb} is not allowed for '{name}'.")
        return Refused("NotFound", f"Resource not found for the segment '{name}'.")

    # --- what there is --------------------------------------------------------------------------------------

    def _metadata(self, _: Asked) -> Answer:
        return Answer(200, metadata(self.entities), {"Content-Type": f"{MEDIA};charset=utf-8"})

    def _for(self, entity: Entity, serve: Callable[[Entity, Asked], object]) -> Callable[[Asked], object]:
        return lambda asked: serve(entity, asked)

    def _list(self, entity: Entity, asked: Asked) -> object:
        host = asked.call.headers.get("host", "127.0.0.1")
        address = f"http://{host}/{self.name}{asked.call.path}"
        owner = tuple(self.owner(asked).values())
        return page_of(self.store, entity, asked.call.query, self.page_size(), address, owner)

    def _one(self, entity: Entity, asked: Asked) -> object:
        row = self._row(entity, asked)
        given = options_of(asked.call.query, ("$select",))
        return {"d": shown(entity, row, read_select(entity, given.get("$select")))}

    def _create(self, entity: Entity, asked: Asked) -> object:
        sent = self._sent(entity, asked, entity.create, entity.required)
        row = {**dict.fromkeys(entity.fields), **sent, **self.owner(asked)}
        self.check(entity, row)
        row = self.completed(entity, {**row, **self._new_key(entity)})
        self.store[entity.name].put(row)
        return {"d": shown(entity, row)}

    def _new_key(self, entity: Entity) -> Row:
        name = entity.named_by[-1]
        return {name: str(uuid4()) if entity.edm(name) is GUID else self.store.next_key(entity.name)}

    def _change(self, entity: Entity, asked: Asked) -> Answer:
        old = self._row(entity, asked)
        sent = self._sent(entity, asked, entity.change)
        self.check_change(entity, old, sent)
        row = {**old, **sent}
        stamp = {"ModifiedDate": written(self.options.now())} if "ModifiedDate" in entity.fields else {}
        self.store[entity.name].put({**row, **stamp})
        return Answer(204)

    def _remove(self, entity: Entity, asked: Asked) -> Answer:
        row, table = self._row(entity, asked), self.store[entity.name]
        options_of(asked.call.query)
        self.check_removal(entity, row)
        table.remove(table.key_of(row))
        return Answer(204)

    def _row(self, entity: Entity, asked: Asked) -> Row:
        text = asked.path["key"]
        try:
            key = (*self.owner(asked).values(), *read_key(entity, text))
        except ValueError:
            raise bad(f"Bad Request: the key '{text}' is of another type.") from None
        row = self.store[entity.name].get(key if len(key) > 1 else key[0])
        if row is None:
            raise self.not_there(asked)
        return row

    def _sent(
        self, entity: Entity, asked: Asked, writable: tuple[str, ...], required: tuple[str, ...] = ()
    ) -> Row:
        """What a body says: fields that are known and may be written, and values that fit."""
        if asked.call.query:
            raise bad("A writing call takes no query options.")
        body: Any = asked.json()
        if not isinstance(body, dict):
            raise bad(f"Error processing request stream: an object of type '{entity.type_name}' is needed.")
        for name in body:
            if name not in entity.seen:
                raise no_property(name, entity)
            if name not in writable:
                raise bad(f"{name} can't be written.")
        row: Row = fitting(entity.fields, body)
        for name in (*required, *(name for name in entity.required if name in row)):
            if row.get(name) in (None, ""):
                raise bad(f"{name} is required.")
        return row


def segment(call: Call) -> str:
    """The entity that a path names, without its key."""
    return call.path.rpartition("/")[2].partition("(")[0] or call.path
