"""Bulletin's rows as they come over the wire, frozen."""

from __future__ import annotations

from payrelay.systems.rows import Reader, Row


class Note(Row, frozen=True, kw_only=True):
    """What somebody wrote."""

    id: str
    text: str


class Pin(Row, frozen=True, kw_only=True):
    """What hangs on the board, under the id of its note."""

    id: str
    text: str


NOTES = Reader(Note, id_key="id", number_key="id")
PINS = Reader(Pin, id_key="id", number_key="id")
