"""Locks: one worker at a time changes a connection's secret (CON-3); a lock expires when its holder dies."""

from __future__ import annotations

from payrelay.ledger import keys
from payrelay.ledger.table import ConditionFailed, Table


class Locks:
    """The locks of all connections. A lock also tells which version its last holder left behind."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, tenant: str, connection_id: str, owner: str, *, now: int, until: int) -> str | None:
        """Take the lock until then: the version that its last holder left ("" if none), or None if taken."""
        try:
            item = self._table.update(
                keys.lock(tenant, connection_id),
                "SET #owner = :owner, #until = :until",
                condition="attribute_not_exists(pk) OR #until < :now OR #owner = :owner",
                owner=owner,
                until=until,
                now=now,
            )
        except ConditionFailed:
            return None
        return str(item.get("left", ""))

    def release(self, tenant: str, connection_id: str, owner: str, left: str) -> None:
        """Give the lock back, saying what is there now; nothing happens when it is another's by now."""
        try:
            self._table.update(
                keys.lock(tenant, connection_id),
                "SET #until = :zero, #left = :left",
                condition="#owner = :owner",
                zero=0,
                left=left,
                owner=owner,
            )
        except ConditionFailed:
            return
