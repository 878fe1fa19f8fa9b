"""The table of routes: what there is under which path, what the log calls it, and who answers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map
from werkzeug.routing import Rule as AnyRule

from .calls import Call
from .kinds import NO_JSON, TWICE, UNKNOWN, Fields, Misfit, Misfits, read_row

Serve: TypeAlias = Callable[["Asked"], object]


@dataclass(frozen=True, eq=False)
class Route:
    """A method and a path as werkzeug writes it: `/employees/<employeeId>`; no method stands for any.

    `operation` names it in the log. `query` are the parameters that it takes, of which some are `needed`;
    with None the room reads the query itself. A route that is `open` is answered before anybody signs in,
    and one that is `outside` stands below none of the bases. One that is not `alone` is served while others
    are, and takes the room's lock itself.
    """

    method: str
    path: str
    operation: str
    serve: Serve
    query: Fields | None = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    status: int = 200
    nodes: Callable[[Call], int | None] | None = None
    writes: bool | None = None
    open: bool = False
    alone: bool = True
    outside: bool = False


@dataclass
class Asked:
    """A call on its way: its route, if there is one, what its path and query say, and who sent it.

    `allowed` are the methods that there are under a path that has another one only.
    """

    call: Call
    route: Route | None
    path: Mapping[str, str]
    below_base: bool
    allowed: tuple[str, ...] = ()
    who: Any = None
    query: dict[str, Any] = field(default_factory=dict)

    def json(self, *, exact: bool = False, media: tuple[str, ...] = ("application/json",)) -> Any:
        """The body; raises Misfits where it is no JSON."""
        given = self.call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in media:
            raise Misfits([Misfit(("Content-Type",), f"must be {media[0]}")], "headers")
        try:
            return self.call.json(exact=exact)
        except ValueError:
            raise Misfits([Misfit((), "JSON is needed", NO_JSON)]) from None


def read_query(text: str, fields: Fields, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The parameters of a query, each of them known and given once; raises Misfits."""
    return read_parameters(parse_qsl(text, keep_blank_values=True), fields, needed)


def read_parameters(
    pairs: list[tuple[str, Any]], fields: Fields, needed: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The same of parameters that a room has taken apart, as some of them are read in its own way."""
    given = dict(pairs)
    found = [
        Misfit((name,), "is not a known query parameter", UNKNOWN) for name in given if name not in fields
    ]
    if len(given) < len(pairs):
        names = [name for name, _ in pairs]
        found += [Misfit((name,), "is given twice", TWICE) for name in given if names.count(name) > 1]
    known = {name: value for name, value in given.items() if name in fields}
    query, wrong = read_row(fields, known, needed)
    if found or wrong:
        raise Misfits([*found, *wrong], "query")
    return query


class Found(NamedTuple):
    """What a method and a path lead to."""

    route: Route | None
    path: Mapping[str, str]
    below_base: bool
    allowed: tuple[str, ...] = ()


class _Word(BaseConverter):
    """Letters, digits and underscores: `<word:entity>`."""

    regex = r"\w+"


class Rule(AnyRule):
    """A rule by which a path is found. The code that would make addresses is slow to make, and of no use."""

    def _compile_builder(self, *_: Any, **__: Any) -> Any:
        return _no_address


def _no_address(*_: Any, **__: Any) -> Any:
    raise NotImplementedError


class Routes:
    """The routes of a room below each of its bases, which may hold parts of their own."""

    def __init__(self, routes: Iterable[Route], bases: Iterable[str]) -> None:
        self._table, self._elsewhere = list(routes), list(bases)
        # The log asks before the room does.
        self.find = lru_cache(maxsize=4096)(self._find)

    # To make these takes longer than all else of a room, and most rooms of a test are never called.
    @cached_property
    def _routes(self) -> Any:
        return _matcher(
            Rule(base + route.path, methods=[route.method] if route.method else None, endpoint=route)
            for route in self._table
            for base in ([""] if route.outside else self._elsewhere)
        )

    @cached_property
    def _bases(self) -> Any:
        return _matcher(
            Rule(f"{base}{rest}", endpoint=None)
            for base in self._elsewhere
            for rest in ("", "/", "/<path:rest>")
            if base or rest
        )

    def _find(self, method: str, path: str) -> Found:
        # werkzeug would take any number of slashes in front for one.
        if path.startswith("//"):
            return Found(None, {}, below_base=False)
        allowed: tuple[str, ...] = ()
        try:
            route, arguments = self._routes.match(path or "/", method)
            # werkzeug takes HEAD wherever there is GET, which no contract says.
            if route.method in ("", method):
                return Found(route, arguments, below_base=True)
            allowed = (route.method,)
        except MethodNotAllowed as refused:
            allowed = tuple(refused.valid_methods or ())
        except NotFound:
            # No route of the room: whether the path is below a base all the same is asked next.
            pass
        try:
            _, arguments = self._bases.match(path or "/", method)
        except NotFound:
            return Found(None, {}, below_base=False, allowed=allowed)
        parts = {name: value for name, value in arguments.items() if name != "rest"}
        return Found(None, parts, below_base=True, allowed=allowed)


def _matcher(rules: Iterable[Rule]) -> Any:
    converters = {"word": _Word}
    table = Map(list(rules), merge_slashes=False, converters=converters)
    return table.bind("")
