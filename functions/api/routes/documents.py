"""The invoice queue: every listed document, why it has not synced, what may be done (IN-1, IN-5, IN-12)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from call import Answer, Call
from query import USUAL_PAGE, cursor, cursor_text, page_size
from views import reason_view

from routes.books import books_of, syncing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payrelay.flows.invoice_sync.books import Pair
    from payrelay.systems.autovu.models import Document
    from payrelay.systems.rows import BadRow

LIST = "documents"
# Each document of a page may cost a call to each side, and the answer has to be there within 29 seconds.
LARGEST_PAGE = 50

# Date, number, type, document id: where a document stands in the list.
_POSITION = re.compile(r"(\d{4}-\d{2}-\d{2})/([^/]*)/(\d)/([^/]+)", re.ASCII)


def list_documents(call: Call, connection_id: str) -> Answer:
    """The documents marked for sync, in listed order, each checked live; nothing is written."""
    from payrelay.flows.invoice_sync.diagnose import look_at  # noqa: PLC0415  (rooms: only where they are used)

    connection = syncing(call, connection_id)
    query = call.query(limit=page_size, cursor=_read_position)
    size = min(query["limit"] or USUAL_PAGE, LARGEST_PAGE)
    books = books_of(call, connection)
    queue = books.autovu.queue()
    waiting = _after(queue.documents, query["cursor"])
    shown = look_at(books, waiting[:size]) if waiting else []
    body = {
        "items": [_view(pair) for pair in shown],
        "unreadable": [_bad(row) for row in queue.bad_rows],
        "next_cursor": cursor_text(LIST, (_position(waiting[size - 1]),)) if waiting[size:] else None,
    }
    return Answer(body)


def _position(document: Document) -> str:
    """Where a document stands, so that the list can be gone on with when it has left the list meanwhile."""
    from payrelay.systems.autovu.client import place_of  # noqa: PLC0415

    date, number, kind = place_of(document)
    return "/".join((date, quote(number, safe=""), str(kind), quote(document.document_id, safe="")))


def _read_position(text: str) -> re.Match[str]:
    found = _POSITION.fullmatch(str(cursor(LIST, str)(text)[0]))
    if found is None:
        raise ValueError("is not a cursor of this list; take `next_cursor` of its last page")
    return found


def _after(documents: Sequence[Document], position: re.Match[str] | None) -> Sequence[Document]:
    """The documents that come after a position; all of them if there is none."""
    from payrelay.systems.autovu.client import place_of  # noqa: PLC0415

    if position is None:
        return documents
    for index, one in enumerate(documents, 1):
        if _position(one) == position[0]:
            return documents[index:]
    place = (position[1], unquote(position[2]), int(position[3]))
    return [one for one in documents if place_of(one) > place]


def _bad(row: BadRow) -> dict[str, str]:
    return {"document_id": row.id, "number": row.number, "field": row.field, "problem": row.problem}


def _view(pair: Pair) -> dict[str, Any]:
    """`status_code` is the first failing check in its words, empty for a document that may sync."""
    from payrelay.flows.invoice_sync.diagnose import failing  # noqa: PLC0415

    document, seen = pair.document, pair.seen
    reasons = [why for _, why in failing(pair)]
    return {
        "document_id": document.document_id,
        "number": document.number,
        "kind": document.type.value,
        "side": document.type.side.value,
        "date": document.date.isoformat(),
        "customer": document.account_name,
        "customer_id": document.account_id,
        "currency": document.currency,
        "total": str(document.gross),
        "status_code": reasons[0].message if reasons else "",
        "last_status_code": document.status_code or "",
        "reasons": [reason_view(why) for why in reasons],
        "suggestions": [
            {
                "account_id": one.id,
                "name": one.name,
                "exact": one.name == document.account_name,
                "email": one.email,
                "number": one.number,
                "tax_number": one.tax_number,
            }
            for one in seen.alike
        ],
    }
