"""Xero's data: rows of several tenants, with a journal so that a refused call leaves no trace."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from local.sandbox.frame.repeats import Repeats
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from .shapes import guid

ORGANISATION = "Demo Company (UK)"
TENANT = guid("tenant", ORGANISATION)


def named_organisation(tenant: str) -> Row:
    """By what a tenant's organisation is called where nothing else is said."""
    return {"OrganisationID": guid(tenant, "organisation"), "Name": ORGANISATION}


class Undo:
    """Whether what was put is to be taken back."""

    wanted = False


class Books(Store):
    """All rows of all tenants; each says whose it is."""

    def __init__(self, resources: Iterable[Resource], base_version: int = 0) -> None:
        super().__init__(resources, base_version)
        # By tenant and Idempotency-Key.
        self.first_answers = Repeats(timedelta(minutes=6))
        self._journal: list[tuple[Table, tuple[str, str], Row | None]] | None = None

    def put(self, resource: str, row: Row) -> None:
        """Add or replace a row."""
        table = self[resource]
        key = table.key_of(row)
        if self._journal is not None:
            self._journal.append((table, key, table.get(key)))
        table.put(row)

    def rows(self, resource: str, tenant: str) -> list[Row]:
        """A tenant's rows."""
        return self[resource].of(tenant)

    def find(self, resource: str, tenant: str, field: str, value: object) -> Row | None:
        """The first row whose field has this value, texts without regard to case."""
        wanted = _folded(value)
        return next((row for row in self.rows(resource, tenant) if _folded(row.get(field)) == wanted), None)

    @contextmanager
    def undoable(self) -> Iterator[Undo]:
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

    def organisation(self, tenant: str) -> Row:
        """The row of a tenant's own organisation; where a state says nothing of it, a plain one."""
        rows = self.rows("Organisations", tenant)
        return rows[0] if rows else {**named_organisation(tenant), "BaseCurrency": "GBP"}

    def currencies(self, tenant: str) -> frozenset[str]:
        """The currencies that documents may be in."""
        added = (row["Code"] for row in self.rows("Currencies", tenant))
        return frozenset({self.organisation(tenant)["BaseCurrency"], *added})

    def connected(self) -> list[Row]:
        """The connections that stand."""
        return [row for row in self["connections"].rows() if row["connected"]]

    def connect(self, *, connected: bool, connection: str | None = None) -> None:
        """Connect or disconnect one tenant or all."""
        for row in self["connections"].rows():
            if connection in (None, row["id"]):
                self["connections"].put({**row, "connected": connected})


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value
