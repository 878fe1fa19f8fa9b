"""Connections whose secret is on its way from its name of before to the one of now."""

from __future__ import annotations

from payrelay.ledger import keys
from payrelay.ledger.table import Table


class Moves:
    """A move is noted before it begins, and forgotten once nothing is left under the name of before."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, tenant: str, connection_id: str) -> None:
        """Note that a move begins."""
        self._table.put(keys.move(tenant, connection_id))

    def pending(self, tenant: str, connection_id: str) -> bool:
        """Whether a move has begun and may not have ended."""
        return self._table.get(keys.move(tenant, connection_id)) is not None

    def done(self, tenant: str, connection_id: str) -> None:
        """Note that nothing is left of it."""
        self._table.delete(keys.move(tenant, connection_id))
