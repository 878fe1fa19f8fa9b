"""The invoice queue for people: every listed document, and why it has not synced (IN-1, IN-12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from time import monotonic
from typing import TypeAlias

from msgspec import Struct

from payrelay.domain.groups import in_groups
from payrelay.errors import RetryLater
from payrelay.flows.invoice_sync.diagnose import TOGETHER, seen_live
from payrelay.flows.invoice_sync.read import Books, Chart, document_of
from payrelay.flows.invoice_sync.remedies import Remedy, remedies_of
from payrelay.flows.invoice_sync.rules import Seen
from payrelay.systems.autovu.client import position_of
from payrelay.systems.autovu.models import Document
from payrelay.systems.rows import BadRow

# Date, number, kind, document id.
Position: TypeAlias = tuple[str, str, int, str]

# So many documents are looked through for what would free the most, as long as that takes no longer.
LOOKED_THROUGH = 200
SECONDS = 5


class Queue(Struct, frozen=True):
    """A part of the list, in its order; `following` is where the rest begins, None at the end.

    `unusable` are the rows of the whole list that can't be read. With its beginning come the `remedies`,
    of the whole list if that was `looked_through`, else of the first of it; None with any other part.
    """

    shown: list[Seen]
    unusable: list[BadRow]
    following: Position | None
    remedies: list[Remedy] | None
    looked_through: bool


def queue(books: Books, limit: int, after: Position | None) -> Queue:
    """The listed documents that come after a position, each checked live; nothing is written."""
    unusable: list[BadRow] = []
    until = monotonic() + SECONDS
    waiting = _after(books.autovu.queue().documents.take(unusable), after)
    following = _position(waiting[limit - 1]) if waiting[limit:] else None
    chart = books.chart() if waiting else None
    shown = _seen(books, waiting[:limit], chart) if chart else []
    if after is not None:
        return Queue(shown, unusable, following, None, looked_through=False)
    more = list(_more(books, waiting[limit:LOOKED_THROUGH], chart, until)) if chart else []
    looked_through = len(shown) + len(more) == len(waiting)
    return Queue(shown, unusable, following, remedies_of(chain(shown, more)), looked_through=looked_through)


def _more(books: Books, waiting: Sequence[Document], chart: Chart, until: float) -> Iterator[Seen]:
    """What comes after the part that is shown, as far as there is time and the systems take calls."""
    with suppress(RetryLater):
        for group in in_groups(waiting, TOGETHER):
            if monotonic() > until:
                return
            yield from _seen(books, group, chart)


def _seen(books: Books, waiting: Sequence[Document], chart: Chart) -> list[Seen]:
    return seen_live(books, [document_of(one) for one in waiting], chart)


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
