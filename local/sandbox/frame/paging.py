"""Pages of a list: by their number, by an offset, or from behind the row that a cursor stands for."""

import base64
import binascii
import json
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, NamedTuple, TypeAlias

from .kinds import TEXT, Fields, Misfit, Misfits, whole_text
from .resources import Resource
from .room import Row

# Whether a row passes, and the value that it has to pass.
Passes: TypeAlias = tuple[Callable[[Row, Any], bool], Any]


class Page(NamedTuple):
    """Some rows of a list.

    `start` rows lie before them, `size` were asked for. `total` counts all, and is unknown where a cursor
    leads on: `next` is the cursor of the page that follows.
    """

    rows: list[Row]
    start: int
    size: int
    total: int | None = None
    next: str | None = None

    @property
    def number(self) -> int:
        """The number of this page, from 1."""
        return self.start // self.size + 1

    @property
    def pages(self) -> int:
        """How many pages there are of this size."""
        return -(-(self.total or 0) // self.size)


@dataclass(frozen=True)
class Paging(ABC):
    """The two parameters that ask for a page: where it begins, and its size.

    `newest_first` turns the order of the resource round.
    """

    at: str
    size: str
    usual: int
    most: int
    newest_first: bool = False
    # Whether a page tells how many rows there are in all.
    counts: ClassVar[bool] = False

    @property
    @abstractmethod
    def query(self) -> Fields:
        """The kinds of the two parameters."""

    @abstractmethod
    def cut(
        self, rows: Sequence[Row], passes: Sequence[Passes], query: Mapping[str, Any], of: Resource
    ) -> Page:
        """The page that a query asks for, of the rows that pass."""


def passing(rows: Iterable[Row], passes: Sequence[Passes]) -> Iterable[Row]:
    """The rows that pass everything."""
    for test, value in passes:
        rows = _that_pass(rows, test, value)
    return rows


def _that_pass(rows: Iterable[Row], test: Callable[[Row, Any], bool], value: Any) -> Iterable[Row]:
    return (row for row in rows if test(row, value))


@dataclass(frozen=True)
class Numbered(Paging):
    """`page` from 1 and `pageSize`."""

    counts: ClassVar[bool] = True

    @property
    def query(self) -> Fields:
        """Whole numbers from 1."""
        return {self.at: whole_text(1), self.size: whole_text(1, self.most)}

    def cut(
        self,
        rows: Sequence[Row],
        passes: Sequence[Passes],
        query: Mapping[str, Any],
        of: Resource,  # noqa: ARG002
    ) -> Page:
        """A page past the end is empty."""
        found = list(passing(rows, passes)) if passes else rows
        if self.newest_first:
            found = found[::-1]
        size = query.get(self.size, self.usual)
        start = self._start(query, size)
        return Page(list(found[start : start + size]), start, size, len(found))

    def _start(self, query: Mapping[str, Any], size: int) -> int:
        return int((query.get(self.at, 1) - 1) * size)


@dataclass(frozen=True)
class Cursor(Paging):
    """`cursor` and `limit`. A cursor stands for the row that a page ended with, and keeps its place also
    when that row has gone.
    """

    @property
    def query(self) -> Fields:
        """Any text, and a whole number from 1."""
        return {self.at: TEXT, self.size: whole_text(1, self.most)}

    def cut(
        self, rows: Sequence[Row], passes: Sequence[Passes], query: Mapping[str, Any], of: Resource
    ) -> Page:
        """The rows behind the cursor."""
        size = query.get(self.size, self.usual)
        behind = self._behind(rows, query.get(self.at), of)
        found = list(islice(passing(behind, passes), size + 1))
        some = found[:size]
        return Page(some, 0, size, next=_cursor(of, some[-1]) if len(found) > size else None)

    def _behind(self, rows: Sequence[Row], cursor: str | None, of: Resource) -> Iterable[Row]:
        def ranked(row: Row) -> tuple[Any, ...]:
            return of.ranked(of.place(row))

        place = None if cursor is None else of.ranked(self._place(cursor, of))
        if self.newest_first:
            end = len(rows) if place is None else bisect_left(rows, place, key=ranked)
            return (rows[number] for number in range(end - 1, -1, -1))
        return islice(rows, 0 if place is None else bisect_right(rows, place, key=ranked), None)

    def _place(self, text: str, of: Resource) -> list[Any]:
        try:
            place = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):
            place = None
        kinds = [of.fields[name] for name in of.ordered_by]
        if isinstance(place, list) and place[:1] == [of.name] and len(place) == len(kinds) + 1:
            there: list[Any] = place[1:]
            if all(kind.accepts(one) for kind, one in zip(kinds, there, strict=True)):
                return there
        raise Misfits([Misfit((self.at,), "must be that of an earlier page of this list")], "query")


def _cursor(of: Resource, row: Row) -> str:
    place = json.dumps([of.name, *of.place(row)])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
