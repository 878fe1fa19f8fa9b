"""Who changed what of a connection, and when: names of fields and never a value (CON-5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from heapq import merge

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
    ACCESS_TAKEN = "access_taken"
    ACCESS_ENDED = "access_ended"
    CALLED = "called"
    APP_MADE = "app_made"
    APP_REVOKED = "app_revoked"


class Change(Struct, frozen=True):
    """One act of a person or an app; `subject` is who did it in log lines. Its id sorts by time.

    What one of the service does has the `reason` that they gave, and the access that lets them.
    """

    change_id: str
    at: str
    who: str
    subject: str
    role: str
    act: Act
    fields: Sequence[str] = ()
    reason: str | None = None
    access_id: str | None = None


def item_of(change: Change) -> Item:
    """A change as stored, without its key."""
    return {**plain(change), "act": change.act.value, "fields": list(change.fields)}


class Changes:
    """The changes of all connections, and what the service did in each tenant.

    They are kept for good, also those of a connection that was deleted.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, tenant: str, connection_id: str, change: Change) -> None:
        """Keep a change."""
        self._table.put({**keys.change(tenant, connection_id, change.change_id), **item_of(change)})

    def note_call(self, tenant: str, change: Change, *, once_until: int | None = None) -> None:
        """Keep a call that one of the service made; one that only reads once for each access and address."""
        entry = self._table.putting({**keys.tenant_change(tenant, change.change_id), **item_of(change)})
        if once_until is None:
            self._table.transact_or_raise([entry])
            return
        once = {**keys.read_once(tenant, change.access_id or "", change.fields[0]), "ttl": once_until}
        self._table.transact([self._table.putting(once, condition="attribute_not_exists(pk)"), entry])

    def of(self, tenant: str, connection_id: str, after: str | None = None) -> Iterator[Item]:
        """A connection's changes and its tenant's own, newest first, older than the id `after` if given."""
        partitions = (keys.changes(tenant, connection_id), keys.tenant_changes(tenant))
        found = [self._table.query(one, after=after, newest_first=True) for one in partitions]
        yield from merge(*found, key=lambda item: str(item["sk"]), reverse=True)
