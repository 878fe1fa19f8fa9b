"""An in-memory table: rows by key, in key order, with indexes for equality look-ups."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from .room import Row


class Table:
    """Rows are never changed in place: a change puts a new row, so a reader keeps what it has.

    `order` turns a key into what rows are sorted by (a number for numeric ids).
    """

    def __init__(
        self, key: str, indexed: Iterable[str] = (), order: Callable[[str], Any] = lambda key: key
    ) -> None:
        self.key = key
        self.version = 0
        self._order = order
        self._rows: dict[str, Row] = {}
        self._indexes: dict[str, defaultdict[Any, dict[str, None]]] = {
            field: defaultdict(dict) for field in indexed
        }
        self._sorted: list[Row] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def get(self, key: str) -> Row | None:
        """The row with this key."""
        return self._rows.get(key)

    def put(self, row: Row) -> None:
        """Add a row, or replace the one with its key."""
        key = row[self.key]
        self._unindex(self._rows.get(key))
        self._rows[key] = row
        for field, index in self._indexes.items():
            index[row.get(field)][key] = None
        self._changed()

    def remove(self, key: str) -> Row | None:
        """Take a row out; gives it back."""
        row = self._rows.pop(key, None)
        if row is not None:
            self._unindex(row)
            self._changed()
        return row

    def indexes(self, field: str) -> bool:
        """Whether `find` answers for this field."""
        return field == self.key or field in self._indexes

    def find(self, field: str, values: Iterable[Any]) -> list[Row]:
        """The rows whose indexed field equals one of the values, in key order."""
        if field == self.key:
            keys = {value for value in values if value in self._rows}
        else:
            index = self._indexes[field]
            keys = {key for value in values if value in index for key in index[value]}
        return [self._rows[key] for key in sorted(keys, key=self._order)]

    def rows(self) -> list[Row]:
        """All rows in key order; not to be changed by the caller."""
        if self._sorted is None:
            keys = sorted(self._rows, key=self._order)
            self._sorted = [self._rows[key] for key in keys]
        return self._sorted

    def _unindex(self, row: Row | None) -> None:
        if row is not None:
            for field, index in self._indexes.items():
                index[row.get(field)].pop(row[self.key], None)

    def _changed(self) -> None:
        self.version += 1
        self._sorted = None
