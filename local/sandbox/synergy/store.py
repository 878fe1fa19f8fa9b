"""The server's data, and the lists that pages are cut from."""

from collections.abc import Mapping
from typing import Any

from local.sandbox.frame.listings import Listings
from local.sandbox.frame.room import Row, State
from local.sandbox.frame.table import Table

from .edm import INT32
from .entities import ENTITIES, Entity
from .filters import Among, compared
from .query import Query

RESOURCES = (*ENTITIES, "settings")
# `page_size` is that of every list; `ntlm` takes Windows' own sign-in only; the user has no right on the
# entities in `no_right`; `answer_ms` is how long a call takes, so that several can meet.
SETTINGS: Row = {"page_size": 100, "ntlm": False, "no_right": [], "answer_ms": 0}
_INDEXED: Mapping[str, tuple[str, ...]] = {
    "RoleMember": ("ResourceID", "RoleCode"),
    "Contract": ("ResourceID",),
    "BankAccount": ("ResourceID",),
}


class Store:
    """One table per entity, and the settings of the sandbox."""

    def __init__(self, base_version: int = 0) -> None:
        self.tables = {name: _table(entity) for name, entity in ENTITIES.items()}
        self.settings = dict(SETTINGS)
        self._listings = Listings()
        self._base_version = base_version

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        return self._base_version + sum(table.version for table in self.tables.values())

    def state(self) -> State:
        """All rows by resource."""
        rows = {name: list(table.rows()) for name, table in self.tables.items()}
        return {**rows, "settings": [self.settings]}

    def listing(self, entity: Entity, query: Query) -> list[Row]:
        """All rows that a query asks for, in its order; not to be changed by the caller."""
        table, key = self.tables[entity.name], (entity.name, query.filter, query.order)
        rows = self._listings.get(table, key)
        if rows is None:
            rows = _found(table, query)
            for name, descending in reversed(query.order):
                rows = sorted(rows, key=lambda row: _sortable(entity, name, row), reverse=descending)
            self._listings.keep(table, key, rows)
        return rows


def _table(entity: Entity) -> Table:
    whole = entity.fields[entity.key] is INT32
    return Table(entity.key, _INDEXED.get(entity.name, ()), order=int if whole else str)


def _found(table: Table, query: Query) -> list[Row]:
    passes = query.passes
    if passes is None:
        return table.rows()
    # Numbers are kept as they compare, so that an index can answer for them.
    if isinstance(passes, Among) and passes.kind is INT32 and table.indexes(passes.name):
        return table.find(passes.name, passes.values)
    return [row for row in table.rows() if passes(row)]


def _sortable(entity: Entity, name: str, row: Row) -> tuple[bool, Any]:
    value = compared(entity.fields[name], row[name])
    return value is not None, "" if value is None else value
