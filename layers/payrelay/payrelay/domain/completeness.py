"""Proof that pages read one by one are one complete read: an incomplete read never counts as absence."""

from __future__ import annotations

from collections.abc import Sequence

from payrelay.domain.records import Seen


def is_complete(pages: Sequence[Seen]) -> bool:
    """Whether pages, in order, saw every row of a list once.

    Each page also read the row before its own first row. If every page's own rows end where the next
    page found its row before, no row is on two pages, and as many rows were seen as the source counted on
    every page, then nothing moved between the pages.
    """
    if not pages:
        return False
    last: str | None = None
    for page in pages:
        if page.before != last:
            return False
        last = page.ids[-1] if page.ids else last
    ids = [source_id for page in pages for source_id in page.ids]
    return len(ids) == len(set(ids)) and all(page.total == len(ids) for page in pages)
