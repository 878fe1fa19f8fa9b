"""Who changed what of a connection, and when: names of fields and never a value (CON-5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from payrelay.ledger import keys
from payrelay.ledger.table import Item, Table, plain


class Act(StrEnum):
    """What somebody did."""

    CREATED = "created"
    CHANGED = "changed"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    DELETED = "deleted"
    HOOK_SECRET_MADE = "hook_secret_made"  # noqa: S105 - a word
    SCHEDULE_SET = "schedule_set"
    SCHEDULE_DELETED = "schedule_deleted"
    REDRIVEN = "redriven"


class Change(Struct, frozen=True):
    """One act of a person or an app; `subject` is who did it in log lines. Its id sorts by time."""

    change_id: str
    at: str
    who: str
    subject: str
    role: str
    act: Act
    fields: Sequence[str] = ()


class Changes:
    """The changes of all connections; they are kept for good, also those of a connection that was deleted."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, tenant: str, connection_id: str, change: Change) -> None:
        """Keep a change."""
        item = {**plain(change), "act": change.act.value, "fields": list(change.fields)}
        self._table.put({**keys.change(tenant, connection_id, change.change_id), **item})

    def of(self, tenant: str, connection_id: str, after: str | None = None) -> Iterator[Item]:
        """A connection's changes, newest first, older than the id `after` if given."""
        partition = keys.changes(tenant, connection_id)
        yield from self._table.query(partition, after=after, newest_first=True)
