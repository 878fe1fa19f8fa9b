"""The invoice queue: every listed document, why it has not synced, what may be done (IN-1, IN-5, IN-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_accounts import books_of
from api_call import Answer, Call
from api_query import USUAL_PAGE, cursor, cursor_text, page_size
from api_views import reason_view

if TYPE_CHECKING:
    from payrelay.flows.invoice_books import Pair
    from payrelay.systems.rows import BadRow

LIST = "documents"


def list_documents(call: Call, connection_id: str) -> Answer:
    """The documents marked for sync, in listed order, each checked live; nothing is written."""
    from payrelay.flows.invoice_diagnosis import look_at  # noqa: PLC0415  (rooms: only where they are used)

    query = call.query(limit=page_size, cursor=cursor(LIST, int))
    start = int(query["cursor"][0]) if query["cursor"] else 0
    stop = start + (query["limit"] or USUAL_PAGE)
    books = books_of(call, call.connection(connection_id))
    queue = books.autovu.queue()
    shown = look_at(books, queue.documents[start:stop])
    following = cursor_text(LIST, (stop,)) if stop < len(queue.documents) else None
    body = {
        "items": [_view(pair) for pair in shown],
        "unreadable": [_bad(row) for row in queue.bad_rows],
        "next_cursor": following,
    }
    return Answer(body)


def _bad(row: BadRow) -> dict[str, str]:
    return {"document_id": row.id, "number": row.number, "field": row.field, "problem": row.problem}


def _view(pair: Pair) -> dict[str, Any]:
    """`status_code` is the first failing check in its words, empty for a document that may sync."""
    from payrelay.flows.invoice_diagnosis import failing  # noqa: PLC0415

    document, seen = pair.document, pair.seen
    reasons = [why for _, why in failing(pair)]
    return {
        "document_id": document.document_id,
        "number": document.number,
        "kind": document.type.value,
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
