"""Eras: how a connection is named in keys of what belongs to one organisation (CON-2)."""

from __future__ import annotations


def in_era(connection_id: str, era: int) -> str:
    """The connection's name in one era; the first has no number: `con_1`, then `con_1~1`.

    No id has a tilde, so that the name of one can't be that of another.
    """
    return f"{connection_id}~{era}" if era else connection_id
