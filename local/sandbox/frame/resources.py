"""Resources said in tables: what a system's rows are made of, and the store of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .kinds import Fields
from .listings import Listings
from .room import Row, State
from .table import Table, natural

if TYPE_CHECKING:
    from .reading import Reading


# So many seconds.
_JUST_NOW = 60


@dataclass(frozen=True, eq=False)
class Resource:
    """One collection: its fields in the contract's order, in which its rows are kept too.

    - `key`: the field that names a row, or several.
    - `needed`: what a row of a state must have; its key, if nothing is said.
    - `absent`: values that count as not given, such as (None, "").
    - `defaults`: what a row in part is filled with, before `made` makes the whole row of it, by what else
      was given; it raises Misfits or Refused to refuse one.
    - `fresh`: makes keys of 1, 2 … for the rows that are given without; of several fields it is the last.
    - `refers`: the resource that has the key which a field holds.
    - `below`: the field that names another row of this resource, which is read first.
    - `order`: the fields that its lists are in order of, as `rank` turns their values; else the key. With
      None they are compared as they are, which is the quickest.
    - `group`: the fields that tell a parent, whose rows are read at once.
    - `indexed`: the fields that are looked up by equality; `folded`: those for which case does not count.
    - `unique`: those among both that no two rows have alike, which is told of a state.
    - `moved`: the fields that tell when a row changed last, or its version, with what makes the next value of
      the one before and the time. A state in which a row has other values, and these as they were, gets it:
      who edits a row by hand forgets the time, and the system does not.
    - `still`: the fields that change without moving these.
    - `hidden`: the fields that stand in a state alone, and not on the wire.
    - `usual`: the rows that there are when a state does not name the resource.
    - `lasting`: whether the rows of before stay then, as tokens do.
    - `single`: whether it has one row and no key: settings, a company.
    """

    name: str
    key: str | tuple[str, ...]
    fields: Fields
    needed: tuple[str, ...] = ()
    absent: tuple[Any, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    made: Callable[[Row, Reading], Row] | None = None
    fresh: Callable[[int], Any] | None = None
    refers: Mapping[str, str] = field(default_factory=dict)
    below: str = ""
    order: tuple[str, ...] = ()
    rank: Callable[[Any], Any] | None = natural
    group: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    moved: Mapping[str, Callable[[Any, datetime], Any]] = field(default_factory=dict)
    still: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    usual: tuple[Row, ...] = ()
    single: bool = False
    lasting: bool = False

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The fields of the key."""
        return (self.key,) if isinstance(self.key, str) else self.key

    @cached_property
    def must_have(self) -> tuple[str, ...]:
        """The fields that a row of a state has to have."""
        return self.needed or (() if self.single or self.fresh else self.keys)

    @cached_property
    def ordered_by(self) -> tuple[str, ...]:
        """The fields that rows are in order of."""
        return self.order or self.keys

    def ranked(self, place: Iterable[Any]) -> tuple[Any, ...]:
        """What a place in the order compares by; a place are the values of the fields `ordered_by`."""
        return tuple(place) if self.rank is None else tuple(map(self.rank, place))

    def place(self, row: Row) -> list[Any]:
        """Where a row stands in the order."""
        return [row[name] for name in self.ordered_by]

    def in_order(self, row: Row) -> Row:
        """The row with its fields in the contract's order."""
        return {name: row[name] for name in self.fields if name in row}

    def shown(self, row: Row) -> Row:
        """The row as the API shows it."""
        if not self.hidden:
            return row
        shown = row.copy()
        for name in self.hidden:
            shown.pop(name, None)
        return shown

    def edited(self, old: Row, new: Row, now: datetime) -> Row:
        """The row of a state over the one that was there: moved, where it was edited and does not say so."""
        stay = [name for name in self.moved if new.get(name) == old.get(name)]
        if old == new or not stay or not self._differ(old, new):
            return new
        return self.in_order({**new, **{name: self._next(name, old.get(name), now) for name in stay}})

    def _differ(self, old: Row, new: Row) -> bool:
        """Whether there is a field with another value; None is as good as none."""
        names = (old.keys() | new.keys()) - self.moved.keys() - set(self.still)
        return any(old.get(name) != new.get(name) for name in names)

    def _next(self, name: str, value: Any, now: datetime) -> Any:
        """The next value; of times, one that can be told apart from those of other edits just now."""
        found = [self.moved[name](value, now + timedelta(seconds=one)) for one in range(_JUST_NOW + 1)]
        return found[found.index(value) + 1] if value in found[:-1] else found[0]

    def table(self) -> Table:
        """An empty table of such rows."""
        if self.single:
            return Table((), self.indexed)
        return Table(self.key, self.indexed, rank=self._ranking(), group=self.group, folded=self.folded)

    def _ranking(self) -> Callable[[Row], Any]:
        """What a row compares by: the same as `ranked` of its place, with less work."""
        names, rank = self.ordered_by, self.rank
        if len(names) > 1:
            return itemgetter(*names) if rank is None else lambda row: self.ranked(self.place(row))
        name = names[0]
        return (lambda row: (row[name],)) if rank is None else (lambda row: (rank(row[name]),))


def at_time(written: Callable[[datetime], Any]) -> Callable[[Any, datetime], Any]:
    """The next value of a field that holds a time."""
    return lambda _, now: written(now)


class Store:
    """A table for each resource, and the listings worked out last."""

    def __init__(self, resources: Iterable[Resource], base_version: int = 0) -> None:
        self.resources = {resource.name: resource for resource in resources}
        self.tables = {name: resource.table() for name, resource in self.resources.items()}
        self.listings = Listings()
        self._newest: dict[str, int] = {}
        self._base_version = base_version

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        return self._base_version + sum(table.version for table in self.tables.values())

    def one(self, name: str) -> Row:
        """The row of a resource that is single."""
        return self.tables[name].rows()[0]

    def next_key(self, name: str) -> Any:
        """The key for a new row, of those that `fresh` makes: it counts on, and gives none twice."""
        fresh = self.resources[name].fresh
        assert fresh is not None
        if name not in self._newest:
            table = self.tables[name]
            like = natural(fresh(1))[0]
            keys = (*map(table.key_of, table.rows()), *table.gone)
            there = (natural(key[-1] if isinstance(key, tuple) else key) for key in keys)
            self._newest[name] = max((number for before, number, _ in there if before == like), default=0)
        self._newest[name] += 1
        return fresh(self._newest[name])

    def state(self) -> State:
        """All rows by resource."""
        return {name: list(table.rows()) for name, table in self.tables.items()}
