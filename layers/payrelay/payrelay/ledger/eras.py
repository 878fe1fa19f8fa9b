"""Eras: what belongs to one organisation is kept under a name of its own (CON-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

    from payrelay.ledger.table import Table


def in_era(connection_id: str, era: int) -> str:
    """The connection's name in one era; the first has no number: `con_1`, then `con_1~1`.

    No id has a tilde, so that the name of one can't be that of another.
    """
    return f"{connection_id}~{era}" if era else connection_id


class OfEra:
    """What is kept of connections as one era of them sees it; of no other organisation is anything there."""

    def __init__(self, table: Table, era: int = 0) -> None:
        self._table, self._era = table, era

    def of_era(self, era: int) -> Self:
        """That of one era of its connections."""
        return type(self)(self._table, era)

    def _place(self, connection_id: str) -> str:
        """How a connection is named in keys."""
        return in_era(connection_id, self._era)
