"""Reading Xledger's connections page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.wire import Shape, shape_of, some_of
from payrelay.systems.rows import Row, from_wire

from .endpoint import Endpoint, edges
from .refusals import SYSTEM

PAGE_SIZE = 1000
# The most that one query gives: for rows of a few fields.
LARGEST_PAGE = 10_000


class Pages:
    """The pages of connections at one endpoint, as raw nodes."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def rest(
        self,
        text: str,
        name: str,
        variables: Mapping[str, object],
        after: str | None = None,
        size: int = PAGE_SIZE,
        shape: Shape | None = None,
    ) -> Iterator[Any]:
        """The nodes of all pages of this `size` after a cursor, from the start without one."""
        while True:
            data = self._endpoint.query(text, {"first": size, "after": after, **variables}, shape)
            nodes, after = read_connection(data.get(name), after)
            yield from nodes
            if after is None:
                return

    def by_keys(
        self, text: str, name: str, variable: str, keys: Sequence[str], shape: Shape | None = None
    ) -> list[Any]:
        """The nodes that a filter by a list of keys finds, with a call per thousand keys."""
        wanted = list(dict.fromkeys(keys))
        found: list[Any] = []
        for start in range(0, len(wanted), PAGE_SIZE):
            found += self.rest(text, name, {variable: wanted[start : start + PAGE_SIZE]}, shape=shape)
        return found


@cache
def shape_of_nodes(name: str, model: type[Row]) -> Shape:
    """The answer to a query of one connection whose nodes all can be used: they are rows at once."""
    edge = some_of({"node": model, "cursor": Any})
    connection = some_of({"edges": list[edge], "pageInfo": Any})  # type: ignore[valid-type]
    return shape_of(some_of({"data": some_of({name: connection}), "errors": Any}), from_wire)


def read_connection(connection: object, after: str | None) -> tuple[list[Any], str | None]:
    """The nodes of a page that was asked for with `after`, and the cursor of the next page, if any."""
    found = edges(connection)
    match connection:
        case {"pageInfo": {"hasNextPage": bool(more)}}:
            pass
        case _:
            raise error_of_unreadable(SYSTEM, "a page without its pageInfo", safe=True)
    nodes = [edge.get("node") for edge in found]
    if not more:
        return nodes, None
    cursor = found[-1].get("cursor") if found else None
    if not isinstance(cursor, str | int) or str(cursor) == after:
        raise error_of_unreadable(SYSTEM, "a next page without a way to it", safe=True)
    return nodes, str(cursor)
