"""A system made of tables: the frame answers, and a room says only what is its system's own."""

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, ClassVar

from .calls import Answer, Call, json_answer
from .kinds import Fields, Kind, Misfit, Misfits
from .limits import Places, Window
from .paging import Page, Paging, Passes, passing
from .reading import Reading, without_collecting
from .refusals import Refused
from .resources import Resource, Store
from .room import Description, Options, Room, Row, State, no_pause
from .routes import Asked, Route, Routes, read_query
from .table import Table

READING = ("GET", "HEAD")
_ANY_NUMBER = 10**6


@dataclass(frozen=True)
class Limit:
    """So many calls in so many seconds. `of` are the operations that it counts; none named means all.

    `code` is that of its refusal, where it is not the one of HTTP 429.
    """

    calls: int
    seconds: float
    of: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Filter:
    """A parameter that chooses rows: its kind, and whether a row passes a value of it.

    Where it names the `field` that it equals, and rows are grouped by that, it costs no search.
    """

    kind: Kind
    passes: Callable[[Row, Any], bool]
    needed: bool = False
    field: str = ""


def equals(field: str, kind: Kind) -> Filter:
    """A parameter whose value a field has to have."""
    return Filter(kind, lambda row, value: row[field] == value, field=field)


class System(Room):
    """One system over one store. README.md tells what a room has to say, and what it may."""

    resources: ClassVar[tuple[Resource, ...]]
    # What a path begins with, all of it equally good; parts of it may be `<named>`.
    bases: ClassVar[tuple[str, ...]] = ("",)
    # Status and usual words of each refusal by its code, and the codes of HTTP's own 429, 500 and 503.
    refusals: ClassVar[Mapping[str, tuple[int, str]]]
    server: ClassVar[Mapping[int, str]]
    # The named faults and the codes that they are refused with; empty for one that `suffer` has to know.
    faults: ClassVar[Mapping[str, str]] = {}
    # What lets a call in, unless the options say otherwise.
    tokens: ClassVar[frozenset[str]] = frozenset()
    limits: ClassVar[tuple[Limit, ...]] = ()
    # The most calls under way at a time, and the code of the refusal.
    at_once: ClassVar[tuple[int, str] | None] = None
    # Whether a refusal by a limit says how long to wait.
    says_wait: ClassVar[bool] = True
    paging: ClassVar[Paging]

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.named_faults = tuple(self.faults)  # type: ignore[misc]  # the frame's own: the keys of the table
        self.let_in = self.tokens if options.tokens is None else options.tokens
        self.lock = threading.RLock()
        self._windows = [(limit, Window(limit.calls, limit.seconds, options.clock)) for limit in self.limits]
        self._places = Places()
        self._routes = Routes(self.routes(), self.bases)
        self.store = self._read({}, 0)

    # --- what a room says ---------------------------------------------------------------------------------

    @abstractmethod
    def routes(self) -> Iterable[Route]:
        """The routes below the bases."""

    @abstractmethod
    def admit(self, call: Call) -> Any:
        """Who calls, whatever tells it: a token, an account. Raises Refused."""

    @abstractmethod
    def body(self, refused: Refused) -> object:
        """The JSON that a refusal has for its body."""

    @abstractmethod
    def unfit(self, found: list[Misfit], where: str) -> Refused:
        """The refusal of what does not fit: in the `body`, the `query` or the `headers`."""

    @abstractmethod
    def not_there(self, asked: Asked) -> Refused:
        """The refusal of a path or method that there is not."""

    # --- what a room may say ------------------------------------------------------------------------------

    def new_store(self, base_version: int) -> Store:
        """An empty store, for a room that has one of its own kind."""
        return Store(self.resources, base_version)

    def complete(self, reading: Reading) -> None:
        """What follows from a state as a whole, once all its rows are read."""

    def verb_and_path(self, call: Call) -> tuple[str, str]:
        """What decides on the route, where it is not the method and the path as they are."""
        return call.method, call.path

    def enter(self, asked: Asked) -> None:
        """Rules for all calls, before the limits; a call without a route comes here too. Raises Refused."""

    def counted(self, asked: Asked) -> str:
        """Whose calls share a limit."""
        return str(asked.who)

    @contextmanager
    def within_limits(self, asked: Asked) -> Iterator[None]:
        """Count a call that is under way, or refuse it. A room with limits of another kind overrides it."""
        if not self.options.rate_limits:
            yield
            return
        most, code = self.at_once or (_ANY_NUMBER, "")
        with self._places.take(self.counted(asked), most) as free:
            if not free:
                raise Refused(code)
            operation = asked.route.operation if asked.route else ""
            for limit, window in self._windows:
                wait = window.take(self.counted(asked)) if not limit.of or operation in limit.of else 0
                if wait and limit.code:
                    raise Refused(limit.code)
                if wait:
                    raise self.busy(429, ceil(wait) if self.says_wait else None)
            yield

    def no_row(self, resource: str, key: Any, asked: Asked) -> Refused:  # noqa: ARG002
        """The refusal of a key that no row has."""
        return self.not_there(asked)

    def headers(self, asked: Asked) -> Mapping[str, str]:  # noqa: ARG002
        """The headers of an answer that is no refusal."""
        return {}

    def envelope(self, page: Page, asked: Asked) -> object:
        """A page as it is sent."""
        raise NotImplementedError(f"{self.name} has no lists ({page.number}, {asked.call.path})")

    def worded(self, refused: Refused) -> Answer:
        """A refusal on the wire."""
        return json_answer(refused.status, self.body(refused), refused.headers)

    # --- helpers for rooms ----------------------------------------------------------------------------------

    def lists(
        self,
        path: str,
        resource: Resource,
        filters: Mapping[str, Filter] | None = None,
        *,
        parent: str = "",
        needed: Fields | None = None,
        shown: Callable[[Row], object] | None = None,
        paging: Paging | None = None,
    ) -> Route:
        """The route of a list. `needed` parameters name a group of the rows together with the path, whose
        `parent` has to be there. `paging` is its own, where it is not that of the room.
        """
        wanted, grouped, show = filters or {}, needed or {}, shown or resource.shown
        pages = paging or self.paging

        def serve(asked: Asked) -> object:
            if parent:
                self.row(parent, asked)
            table = self.store[resource.name]
            told = {**asked.query, **asked.path}
            told |= {one.field: asked.query[name] for name, one in wanted.items() if name in asked.query}
            of_group = [told[name] for name in resource.group if name in told]
            whole = of_group and len(of_group) == len(resource.group)
            rows = table.of(of_group[0] if len(of_group) == 1 else tuple(of_group)) if whole else table.rows()
            asks = {name: asked.query[name] for name in wanted if name in asked.query}
            passes = [(wanted[name].passes, value) for name, value in asks.items()]
            if passes and pages.counts:
                # For every page all rows are counted, so they are kept until something changes.
                key = (self.version, path, *of_group, *asks.items())
                rows = self.store.listings.of(table, key, partial(_passing, rows, passes))
                passes = []
            page = pages.cut(rows, passes, asked.query, resource)
            return self.envelope(page._replace(rows=[show(row) for row in page.rows]), asked)  # type: ignore[misc]

        query = {name: one.kind for name, one in wanted.items()} | dict(grouped) | dict(pages.query)
        must = (*grouped, *(name for name, one in wanted.items() if one.needed))
        return Route("GET", path, f"list {resource.name}", serve, query, must)

    def row(self, resource: str, asked: Asked) -> Row:
        """The row that a path names by the fields of its key; raises Refused."""
        names = self.store.resources[resource].keys
        key = asked.path[names[0]] if len(names) == 1 else tuple(asked.path[name] for name in names)
        found = self.store[resource].get(key)
        if found is None:
            raise self.no_row(resource, key, asked)
        return found

    def busy(self, status: int, retry_after: int | None = None) -> Refused:
        """A refusal that has nothing to do with what was sent: 429, 500 or 503."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return Refused(self.server[status], status=status, headers=headers)

    def refused(self, no: Misfits | Refused) -> Refused:
        """Either kind of refusal as one, with its status and words."""
        return (self.unfit(no.found, no.where) if isinstance(no, Misfits) else no).by(self.refusals)

    def answered(self, serve: Callable[[], Answer]) -> Answer:
        """An answer, also where it is a refusal."""
        try:
            return serve()
        except (Misfits, Refused) as no:
            return self.worded(self.refused(no))

    # --- what the frame asks of a room ----------------------------------------------------------------------

    @property
    def version(self) -> int:
        return self.store.version

    def replace_state(self, state: State) -> None:
        store = self._read(state, self.version + 1)
        with self.lock:
            for name, resource in store.resources.items():
                if resource.lasting and name not in state:
                    for row in self.store[name].rows():
                        store[name].put(row)
                if resource.moved:
                    self._move_edited(resource, store[name])
            self.store = store

    def state(self) -> State:
        with self.lock:
            return self.store.state()

    def describe(self, call: Call) -> Description:
        route = self._routes.find(*self.verb_and_path(call)).route
        if route is None:
            return Description(call.method not in READING)
        writes = call.method not in READING if route.writes is None else route.writes
        return Description(writes, route.operation, route.nodes(call) if route.nodes else None)

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        return self.answered(lambda: self._answer(call, pause))

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        return self.worded(self.refused(self.busy(status, retry_after)))

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """The named faults belong to what one has to sign in for."""
        route = self._routes.find(*self.verb_and_path(call)).route
        return route is None or not route.open

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        return self.worded(self.refused(Refused(self.faults[fault])))

    # --- inside ---------------------------------------------------------------------------------------------

    def _read(self, state: Any, base_version: int) -> Store:
        reading = Reading(state, self.new_store(base_version), self.options.now())
        with without_collecting():
            reading.read()
            self.complete(reading)
        reading.finish()
        return reading.store

    def _move_edited(self, resource: Resource, table: Table) -> None:
        now = self.options.now()
        for old in self.store[resource.name].rows():
            new = table.get(table.key_of(old))
            if new is None:
                continue
            edited = resource.edited(old, new, now)
            if edited is not new:
                table.put(edited)

    def _answer(self, call: Call, pause: Callable[[], None]) -> Answer:
        found = self._routes.find(*self.verb_and_path(call))
        asked = Asked(call, found.route, found.path, found.below_base, found.allowed)
        if found.route and found.route.open:
            pause()
            return self._served(asked, found.route)
        asked.who = self.admit(call)
        self.enter(asked)
        with self.within_limits(asked):
            pause()
            if found.route is None:
                raise self.not_there(asked)
            return self._served(asked, found.route)

    def _served(self, asked: Asked, route: Route) -> Answer:
        with self.lock if route.alone else nullcontext():
            if route.query is not None:
                asked.query = read_query(asked.call.query, route.query, route.needed)
            value = route.serve(asked)
        if isinstance(value, Answer):
            return value
        return Answer(204) if value is None else json_answer(route.status, value, self.headers(asked))


def _passing(rows: list[Row], passes: list[Passes]) -> list[Row]:
    return list(passing(rows, passes))
