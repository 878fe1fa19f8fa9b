"""An in-memory table: rows by key, in order, with indexes for equality look-ups and groups below a parent."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

from .room import Row

# A row's place in its order: `("run-", 9, "run-9")`.
Natural: TypeAlias = tuple[str, int, str]
_COUNTED = re.compile(r"(.*?)(\d{0,18})", re.ASCII | re.DOTALL)


@lru_cache(maxsize=65_536)
def natural(key: object) -> Natural:
    """`999` comes before `1000`, and `run-9` before `run-10`."""
    text = str(key)
    counted = _COUNTED.fullmatch(text)
    return (counted[1], int(counted[2] or 0), text) if counted else (text, 0, text)


class Table:
    """Rows are never changed in place: a change puts a new row, so a reader keeps what it has.

    A key of several fields is a tuple. Rows are in the order of their keys as `order` turns these, or in
    that of `rank`. Those that are equal in the `group` fields are listed by `of`. An index of a field that
    is `folded` knows no case of letters. `gone` are the keys of rows that were taken out.
    """

    def __init__(
        self,
        key: str | tuple[str, ...],
        indexed: Iterable[str] = (),
        order: Callable[[Any], Any] = lambda key: key,
        *,
        rank: Callable[[Row], Any] | None = None,
        group: tuple[str, ...] = (),
        folded: Iterable[str] = (),
    ) -> None:
        self.key = key
        self.gone: set[Any] = set()
        self.version = 0
        self.key_of = _getter(key)
        self.rank = rank or (lambda row: order(self.key_of(row)))
        self._group_of = _getter(group) if group else None
        self._rows: dict[Any, Row] = {}
        self._indexes: dict[str, defaultdict[Any, dict[Any, None]]] = {
            field: defaultdict(dict) for field in (*indexed, *folded)
        }
        self._folded = frozenset(folded)
        self._groups: defaultdict[Any, dict[Any, None]] = defaultdict(dict)
        self._sorted: list[Row] | None = None
        self._sorted_groups: dict[Any, list[Row]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def get(self, key: Any) -> Row | None:
        """The row with this key."""
        return self._rows.get(key)

    def put(self, row: Row) -> None:
        """Add a row, or replace the one with its key."""
        key = self.key_of(row)
        self._forget(self._rows.get(key), key)
        self._rows[key] = row
        for field, index in self._indexes.items():
            index[self._indexed(field, row.get(field))][key] = None
        if self._group_of:
            group = self._group_of(row)
            self._groups[group][key] = None
            self._sorted_groups.pop(group, None)
        self.version += 1
        self._sorted = None

    def remove(self, key: Any) -> Row | None:
        """Take a row out; gives it back."""
        row = self._rows.pop(key, None)
        if row is not None:
            self._forget(row, key)
            self.gone.add(key)
            self.version += 1
            self._sorted = None
        return row

    def indexes(self, field: str) -> bool:
        """Whether `find` answers for this field."""
        return field == self.key or field in self._indexes

    def find(self, field: str, values: Iterable[Any]) -> list[Row]:
        """The rows whose indexed field equals one of the values, in order."""
        if field == self.key:
            keys = {value for value in values if value in self._rows}
        else:
            index = self._indexes[field]
            wanted = (self._indexed(field, value) for value in values)
            keys = {key for value in wanted if value in index for key in index[value]}
        return sorted((self._rows[key] for key in keys), key=self.rank)

    def of(self, group: Any) -> list[Row]:
        """The rows of a group, in order; not to be changed by the caller."""
        if group not in self._groups:
            return []
        if group not in self._sorted_groups:
            rows = [self._rows[key] for key in self._groups[group]]
            self._sorted_groups[group] = sorted(rows, key=self.rank) if len(rows) > 1 else rows
        return self._sorted_groups[group]

    def rows(self) -> list[Row]:
        """All rows in order; not to be changed by the caller."""
        if self._sorted is None:
            self._sorted = sorted(self._rows.values(), key=self.rank)
        return self._sorted

    def _indexed(self, field: str, value: Any) -> Any:
        return value.casefold() if field in self._folded and isinstance(value, str) else value

    def _forget(self, row: Row | None, key: Any) -> None:
        if row is None:
            return
        for field, index in self._indexes.items():
            index[self._indexed(field, row.get(field))].pop(key, None)
        if self._group_of:
            group = self._group_of(row)
            self._groups[group].pop(key, None)
            self._sorted_groups.pop(group, None)


def _getter(names: str | tuple[str, ...]) -> Callable[[Row], Any]:
    if isinstance(names, str):
        return itemgetter(names)
    return itemgetter(*names) if names else lambda _: ()
