"""The invoice queue: every listed document, why it has not synced, what may be done (IN-1, IN-5, IN-12)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from call import Answer, Call
from query import USUAL_PAGE, cursor, cursor_text, one_of, page_size, text_up_to
from views import reason_view

from payrelay.domain.invoices import Account, Kind
from routes.books import books_of, syncing

if TYPE_CHECKING:
    from payrelay.flows.invoice_sync.remedies import Remedy
    from payrelay.flows.invoice_sync.rules import Seen
    from payrelay.flows.invoice_sync.views import Position
    from payrelay.systems.rows import BadRow

LIST = "documents"
# Each document of a page may cost a call to each side, and the answer has to be there within 29 seconds.
LARGEST_PAGE = 50
# So many remedies are told, those first that free the most documents.
MOST_REMEDIES = 10
LONGEST_ID = 100

# Date, number, kind, document id: where a document stands in the list.
_POSITION = re.compile(r"(\d{4}-\d{2}-\d{2})/([^/]*)/(\d)/([^/]+)", re.ASCII)


def list_documents(call: Call, connection_id: str) -> Answer:
    """The documents marked for sync, in listed order, each checked live; nothing is written."""
    from payrelay.flows.invoice_sync.views import Wanted, queue  # noqa: PLC0415  (rooms: only where they are used)

    connection = syncing(call, connection_id)
    query = call.query(
        kind=one_of([kind.value for kind in Kind]),
        customer_id=text_up_to(LONGEST_ID),
        limit=page_size,
        cursor=_read_position,
    )
    size = min(query["limit"] or USUAL_PAGE, LARGEST_PAGE)
    wanted = Wanted(Kind(query["kind"]) if query["kind"] else None, query["customer_id"])
    books = books_of(call, connection)
    found = queue(books, size, query["cursor"], wanted)
    body = {
        "items": [_view(connection_id, one) for one in found.shown],
        "listed": {kind.value: found.listed.get(kind, 0) for kind in Kind},
        "takes_account_ids": books.package.takes_account_ids,
        "unreadable": [_unusable(row) for row in found.unusable],
        "remedies": None
        if found.remedies is None
        else [_remedy(connection_id, one) for one in found.remedies[:MOST_REMEDIES]],
        "remedies_complete": found.looked_through,
        "next_cursor": cursor_text(LIST, (_written(found.following),)) if found.following else None,
    }
    return Answer(body)


def _written(position: Position) -> str:
    """A position as text, so that the list can be gone on with when its document has left it meanwhile."""
    date, number, kind, document_id = position
    return "/".join((date, quote(number, safe=""), str(kind), quote(document_id, safe="")))


def _read_position(text: str) -> Position:
    found = _POSITION.fullmatch(str(cursor(LIST, str)(text)[0]))
    if found is None:
        raise ValueError("is not a cursor of this list; take `next_cursor` of its last page")
    return found[1], unquote(found[2]), int(found[3]), unquote(found[4])


def _unusable(row: BadRow) -> dict[str, str]:
    return {"document_id": row.id, "number": row.number, "field": row.field, "problem": row.problem}


def _remedy(connection_id: str, found: Remedy) -> dict[str, Any]:
    """Something to do, and how many documents may sync then, of those that it concerns."""
    return {
        **(reason_view(found.reason, connection_id) or {}),
        "documents": found.frees,
        "concerned": found.concerned,
        "customer_id": found.of.account_id if found.of else None,
        "customer": found.of.account_name if found.of else None,
    }


def _linked(seen: Seen) -> dict[str, Any] | None:
    """The account that it is linked with, by name where the package has it."""
    if not seen.accs_id:
        return None
    return {
        "account_id": seen.accs_id,
        "name": seen.account.name if isinstance(seen.account, Account) else None,
    }


def _view(connection_id: str, seen: Seen) -> dict[str, Any]:
    """`status_code` is the first failing check in its words, empty for a document that may sync."""
    from payrelay.flows.invoice_sync.rules import failing  # noqa: PLC0415

    document = seen.document
    reasons = [why for _, why in failing(seen)]
    return {
        "document_id": document.document_id,
        "number": document.number,
        "kind": document.kind.value,
        "side": document.kind.side.value,
        "date": document.date.isoformat(),
        "customer": document.account_name,
        "customer_id": document.account_id,
        "linked": _linked(seen),
        "currency": document.currency,
        "total": str(document.gross),
        "status_code": reasons[0].message if reasons else "",
        "last_status_code": document.status_code,
        "reasons": [reason_view(why, connection_id) for why in reasons],
        "suggestions": [
            {
                "account_id": one.account.id,
                "name": one.account.name,
                "exact": one.spelled == "",
                "active": one.account.active,
                "evidence": list(one.evidence),
                "score": one.score,
                "email": one.account.email,
                "number": one.account.number,
                "tax_number": one.account.tax_number,
                "city": one.account.city,
                "currency": one.account.currency,
                "balance": None if one.account.balance is None else f"{one.account.balance:.2f}",
                "changed_at": one.account.changed_at,
            }
            for one in seen.alike
        ],
    }
