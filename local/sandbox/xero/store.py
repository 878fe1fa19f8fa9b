"""Xero's data: a table per resource, with a journal so that a refused call leaves no trace."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from .resources import Resource
from .shapes import guid

ORGANISATION = "Demo Company (UK)"
TENANT = guid("tenant", ORGANISATION)


class Undo:
    """Whether what was put is to be taken back."""

    wanted = False


class Store:
    """All rows of all tenants; each says whose it is."""

    def __init__(self, base_version: int = 0) -> None:
        self._tables: dict[tuple[str, str], Table] = {}
        self.connections: list[Row] = []
        self.day_limit: int | None = None
        self._base_version = base_version
        self._changes = 0
        self._journal: list[tuple[Table, str, Row | None]] | None = None

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        return self._base_version + self._changes + sum(table.version for table in self._tables.values())

    def table(self, resource: Resource, tenant: str) -> Table:
        """A tenant's table."""
        return self._tables.setdefault((resource.name, tenant), Table(resource.key))

    def put(self, resource: Resource, row: Row) -> None:
        """Add or replace a row."""
        table, key = self.table(resource, row["tenantId"]), str(row[resource.key])
        if self._journal is not None:
            self._journal.append((table, key, table.get(key)))
        table.put(row)

    def rows(self, resource: Resource, tenant: str) -> list[Row]:
        """A tenant's rows."""
        return self.table(resource, tenant).rows()

    def all_rows(self, resource: Resource) -> list[Row]:
        """The rows of all tenants."""
        tables = (table for (name, _), table in self._tables.items() if name == resource.name)
        return [row for table in tables for row in table.rows()]

    def find(self, resource: Resource, tenant: str, field: str, value: object) -> Row | None:
        """The first row whose field has this value, texts without regard to case."""
        wanted = _folded(value)
        return next((row for row in self.rows(resource, tenant) if _folded(row.get(field)) == wanted), None)

    @contextmanager
    def undoable(self) -> Iterator["Undo"]:
        """What is put inside is taken back when it raises, or asks for it."""
        undo = Undo()
        self._journal = []
        try:
            yield undo
        except BaseException:
            undo.wanted = True
            raise
        finally:
            journal, self._journal = self._journal, None
            for table, key, old in reversed(journal) if undo.wanted else ():
                if old is None:
                    table.remove(key)
                else:
                    table.put(old)

    def connected(self) -> list[Row]:
        """The connections that stand."""
        return [row for row in self.connections if row["connected"]]

    def connect(self, *, connected: bool, connection: str | None = None) -> bool:
        """Connect or disconnect one tenant or all; False if there is none such."""
        touched = [row for row in self.connections if connection in (None, row["id"])]
        self.connections = [
            {**row, "connected": connected} if row in touched else row for row in self.connections
        ]
        self._changes += 1
        return bool(touched)


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value
