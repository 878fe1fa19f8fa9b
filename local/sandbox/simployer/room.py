"""The room of Simployer One: who calls, routes, and how it says no."""

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import MISSING, TWICE, UNKNOWN, Misfit, Misfits
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Description, State
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Limit, System

from . import query, writes
from .rows import LEAVE_TYPE_CODE, SERVED, Collection

_SAID = {
    UNKNOWN: "property {} should not exist",
    TWICE: "{} must be given once",
    MISSING: "{} should not be empty",
}


class Simployer(System):
    """AlexisHR's public API over one store. The codes of its refusals are its own words for the status."""

    name = "simployer"
    resources = (*SERVED, LEAVE_TYPE_CODE)
    bases = ("/v1", "")
    tokens = frozenset({"simployer-sandbox-token", "simployer-sandbox-token-2"})
    limits = (Limit(10, 1.0),)
    refusals: ClassVar = {
        "Bad Request": (400, ""),
        "Unauthorized": (401, "Unauthorized"),
        "Not Found": (404, ""),
        "Too Many Requests": (429, "Too Many Requests"),
        "Internal Server Error": (500, "Internal Server Error"),
        "Service Unavailable": (503, "Service Unavailable"),
    }
    server: ClassVar = {429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}
    faults: ClassVar = {"token": "Unauthorized", "shift": ""}

    def routes(self) -> Iterable[Route]:
        for of in SERVED:
            every, one = f"/{of.name}", f"/{of.name}/<id>"
            yield Route("GET", every, f"list {of.name}", partial(self._list, of), None)
            yield Route("GET", one, f"get {of.name}", partial(self._one, of), None)
            if of.post is not None:
                yield Route("POST", every, f"create {of.name}", partial(self._create, of), status=201)
                yield Route("PATCH", one, f"change {of.name}", partial(self._change, of))
                yield Route("PUT", one, f"change {of.name}", partial(self._change, of))
                yield Route("DELETE", one, f"delete {of.name}", partial(self._delete, of))

    def replace_state(self, state: State) -> None:
        """A relation has no path of its own; a tester may also write its name as a path would be."""
        if isinstance(state, dict) and "leave-type-code" in state:
            others = {name: rows for name, rows in state.items() if name != "leave-type-code"}
            state = {**others, LEAVE_TYPE_CODE.name: state["leave-type-code"]}
        super().replace_state(state)

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.let_in:
            raise Refused("Unauthorized")
        return token

    def body(self, refused: Refused) -> object:
        said = refused.beside or refused.message
        return {"statusCode": refused.status, "message": said, "error": refused.code}

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        said = [_SAID.get(one.code, f"{{}} {one.message}").format(one.field).strip() for one in found]
        return Refused("Bad Request", beside=said)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("Not Found", f"Cannot {asked.call.method} {asked.call.path}")

    def no_row(self, resource: str, key: object, asked: Asked) -> Refused:  # noqa: ARG002
        return Refused("Not Found", f"{resource} {key} not found")

    # --- rows that shift between two pages ------------------------------------------------------------------

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        return fault != "shift" or self._shiftable(call, description) is not None

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        of = self._shiftable(call, self.describe(call)) if fault == "shift" else None
        if of is None:
            return super().suffer(fault, call, reset_in_seconds)
        with self.lock:
            for row in self.store[of.name].rows()[:1]:
                writes.delete(self.store, of, row)
        return self.answer(call)

    def _shiftable(self, call: Call, description: Description) -> Collection | None:
        """The collection of which a call asks for a page that is not the first."""
        for of in SERVED:
            if description.operation == f"list {of.name}":
                try:
                    return of if query.read(of, call.query).offset else None
                except Misfits:
                    return None
        return None

    # --- what there is --------------------------------------------------------------------------------------

    def _list(self, of: Collection, asked: Asked) -> object:
        wanted = query.read(of, asked.call.query)
        rows = query.matching(self.store, of, wanted)
        page = rows[wanted.offset : wanted.offset + wanted.limit]
        data, related = query.shown(self.store, of, wanted, page)
        counts = {"total": len(rows), "count": len(page), "offset": wanted.offset}
        return {"status": "ok", **counts, "data": data, **related}

    def _one(self, of: Collection, asked: Asked) -> object:
        wanted = query.read(of, asked.call.query, single=True)
        data, related = query.shown(self.store, of, wanted, [self.row(of.name, asked)])
        return {"status": "ok", "data": data[0], **related}

    def _create(self, of: Collection, asked: Asked) -> object:
        return {"status": "ok", "data": writes.create(self.store, of, asked.json(), self.options.now())}

    def _change(self, of: Collection, asked: Asked) -> object:
        old = self.row(of.name, asked)
        return {"status": "ok", "data": writes.change(self.store, of, old, asked.json(), self.options.now())}

    def _delete(self, of: Collection, asked: Asked) -> None:
        writes.delete(self.store, of, self.row(of.name, asked))
