"""The room of Bulletin: one board, its notes, and what is pinned to it."""

from collections.abc import Iterable
from typing import ClassVar

from local.sandbox.frame.calls import Call
from local.sandbox.frame.kinds import KEY, NAME, TEXT, Misfit, fitting
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import System

BOARD = Resource("board", "name", {"name": NAME}, single=True, usual=({"name": "Kitchen"},))
NOTES = Resource("notes", "id", {"id": KEY, "text": TEXT}, needed=("id", "text"))
PINS = Resource("pins", "id", {"id": KEY, "text": NAME}, needed=("id", "text"))


class Bulletin(System):
    """One board over one store."""

    name = "bulletin"
    resources = (BOARD, NOTES, PINS)
    tokens = frozenset({"bulletin-sandbox-token"})
    refusals: ClassVar = {
        "Invalid": (400, ""),
        "NoToken": (401, "The token is wrong."),
        "NotThere": (404, "There is no such thing."),
        "Busy": (429, "Too many calls."),
        "Broken": (503, "The server failed or is busy."),
    }
    server: ClassVar = {429: "Busy", 500: "Broken", 503: "Broken"}

    def routes(self) -> Iterable[Route]:
        return (
            Route("GET", "/board", "get board", lambda _: self.store.one("board")),
            Route("GET", "/notes", "list notes", lambda _: {"items": self.store["notes"].rows()}),
            Route("GET", "/pins", "list pins", lambda _: {"items": self.store["pins"].rows()}),
            Route("PUT", "/pins/<id>", "put pins", self._pin),
        )

    def admit(self, call: Call) -> str:
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.let_in:
            raise Refused("NoToken")
        return token

    def body(self, refused: Refused) -> object:
        return {"code": refused.code, "message": refused.message}

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        return Refused("Invalid", found[0].said)

    def not_there(self, asked: Asked) -> Refused:  # noqa: ARG002
        return Refused("NotThere")

    def _pin(self, asked: Asked) -> object:
        row = {**asked.path, **fitting({"text": NAME}, asked.json(), ("text",))}
        self.store["pins"].put(row)
        return row
