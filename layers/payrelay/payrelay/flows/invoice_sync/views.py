"""The invoice queue for people: every listed document, and why it has not synced (IN-1, IN-12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from time import monotonic
from typing import TypeAlias

from msgspec import Struct

from payrelay.domain.groups import in_groups
from payrelay.domain.invoices import Kind
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


class Wanted(Struct, frozen=True):
    """Which documents of the list are asked for; None for those of every kind, and of every account."""

    kind: Kind | None = None
    account_id: str | None = None

    def has(self, one: Document) -> bool:
        """Whether it is one of them."""
        return self.kind in (None, one.type) and self.account_id in (None, one.account_id)


class Queue(Struct, frozen=True):
    """A part of the list, in its order; `following` is where the rest begins, None at the end.

    `listed` counts the whole list by kind, and `unusable` are its rows that can't be read. With its beginning
    come the `remedies`, of all that are asked for if those were `looked_through`, else of the first of them;
    None with any other part.
    """

    shown: list[Seen]
    listed: Mapping[Kind, int]
    unusable: list[BadRow]
    following: Position | None
    remedies: list[Remedy] | None
    looked_through: bool


def queue(books: Books, limit: int, after: Position | None, wanted: Wanted) -> Queue:
    """The wanted documents of the list after a position, each checked live; nothing is written."""
    unusable: list[BadRow] = []
    until = monotonic() + SECONDS
    listed = books.autovu.queue().documents.take(unusable)
    by_kind = Counter(one.type for one in listed)
    waiting = [one for one in _after(listed, after) if wanted.has(one)]
    following = _position(waiting[limit - 1]) if waiting[limit:] else None
    chart = books.chart() if waiting else None
    part = waiting[:limit]
    beside = part if len(waiting) == len(listed) else listed
    shown = _among(books, beside, part, chart) if chart else []
    if after is not None:
        return Queue(shown, by_kind, unusable, following, None, looked_through=False)
    more = list(_more(books, waiting[limit:LOOKED_THROUGH], chart, until)) if chart else []
    looked_through = len(shown) + len(more) == len(waiting)
    remedies = remedies_of(chain(shown, more))
    return Queue(shown, by_kind, unusable, following, remedies, looked_through=looked_through)


def _among(books: Books, beside: Sequence[Document], part: Sequence[Document], chart: Chart) -> list[Seen]:
    """A part of the list, seen beside others that have its numbers: the first of them takes the number."""
    numbers = {one.number.casefold() for one in part}
    ids = {one.document_id for one in part}
    seen = _seen(books, [one for one in beside if one.number.casefold() in numbers], chart)
    return [one for one in seen if one.document.document_id in ids]


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
