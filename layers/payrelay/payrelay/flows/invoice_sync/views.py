"""The invoice queue for people: every listed document, and why it has not synced (IN-1, IN-12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from payrelay.flows.invoice_sync.diagnose import seen_live
from payrelay.flows.invoice_sync.read import Books, document_of
from payrelay.flows.invoice_sync.rules import Seen
from payrelay.systems.autovu.client import position_of
from payrelay.systems.autovu.models import Document
from payrelay.systems.rows import BadRow

# Date, number, kind, document id.
Position: TypeAlias = tuple[str, str, int, str]


class Queue(Struct, frozen=True):
    """A part of the list, in its order; `following` is where the rest begins, None at the end.

    `unusable` are the rows of the whole list that can't be read.
    """

    shown: list[Seen]
    unusable: list[BadRow]
    following: Position | None


def queue(books: Books, limit: int, after: Position | None) -> Queue:
    """The listed documents that come after a position, each checked live; nothing is written."""
    unusable: list[BadRow] = []
    waiting = _after(books.autovu.queue().documents.take(unusable), after)
    shown = [document_of(one) for one in waiting[:limit]]
    following = _position(waiting[limit - 1]) if waiting[limit:] else None
    return Queue(seen_live(books, shown) if shown else [], unusable, following)


def _after(documents: Sequence[Document], position: Position | None) -> Sequence[Document]:
    """The documents that come after a position, also when the one that stood there has left the list."""
    if position is None:
        return documents
    for index, one in enumerate(documents, 1):
        if _position(one) == position:
            return documents[index:]
    return [one for one in documents if position_of(one) > position[:3]]


def _position(document: Document) -> Position:
    return (*position_of(document), document.document_id)
