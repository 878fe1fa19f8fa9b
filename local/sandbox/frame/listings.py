"""Listings worked out last, so that page after page of one listing costs no new search."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from .room import Row
from .table import Table

KEPT = 32


class Listings:
    """Keeps a few listings, each until its table changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[int, list[Row]]] = OrderedDict()

    def get(self, table: Table, key: Hashable) -> list[Row] | None:
        """The listing kept under this key, if its table has not changed since."""
        version, rows = self._kept.get(key, (-1, []))
        return rows if version == table.version else None

    def of(self, table: Table, key: Hashable, make: Callable[[], list[Row]]) -> list[Row]:
        """The listing under this key, worked out anew when its table has changed."""
        rows = self.get(table, key)
        if rows is None:
            rows = make()
            self.keep(table, key, rows)
        return rows

    def keep(self, table: Table, key: Hashable, rows: list[Row]) -> None:
        """Keep a listing for the pages that follow."""
        self._kept[key] = (table.version, rows)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
