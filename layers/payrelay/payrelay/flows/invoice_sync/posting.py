"""A document of AutoVu's in the accounting package's own terms, and how people see it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from payrelay.domain.invoices import Posting, PostingLine
from payrelay.domain.records import Change
from payrelay.flows.invoice_sync.rules import Seen, SourceDocument


def mark_of(document: SourceDocument) -> str:
    """The text by which a document that we posted is known again: `AutoVu d-501`."""
    return f"AutoVu {document.document_id}"


def key_of(connection_id: str, document_id: str, row_version: str) -> str:
    """32 hexadecimal digits, the same for every try at one version of a document of one connection.

    Packages answer a key that they know with what they made of it then, for up to a week, even if that was
    made void since: a document that is marked for sync once more has another version, and so another key.
    """
    return hashlib.sha256(f"{connection_id}/{document_id}/{row_version}".encode()).hexdigest()[:32]


def posting_of(document: SourceDocument, seen: Seen, account_id: str, connection_id: str) -> Posting | None:
    """What would be posted; None while a line has no nominal or tax code that the package knows."""
    lines = []
    for line in document.lines:
        nominal = seen.nominals.get(line.nominal_code or "")
        tax = seen.tax_codes.get(line.line_no)
        if nominal is None or document.type.side not in nominal.ids or (tax is None and seen.needs_tax):
            return None
        lines.append(
            PostingLine(
                text=line.text or "",
                nominal=nominal.ids[document.type.side],
                quantity=line.quantity,
                unit_price=line.unit_price,
                net=line.net,
                tax_code=tax.id if tax else None,
                rate=tax.rate if tax else line.tax * 0,
                tax=line.tax,
            )
        )
    return Posting(
        document_id=document.document_id,
        key=key_of(connection_id, document.document_id, document.row_version),
        mark=mark_of(document),
        kind=document.type,
        number=document.number,
        date=document.date,
        due_date=document.due_date,
        currency=document.currency,
        account_id=account_id,
        reference=document.reference or "",
        lines=tuple(lines),
    )


def changes_of(posting: Posting, total: object) -> tuple[Change, ...]:
    """What is written, field by field, as people see it in a preview and in the trail."""
    fields = {
        "number": posting.number,
        "date": posting.date.isoformat(),
        "due_date": posting.due_date.isoformat() if posting.due_date else None,
        "account": posting.account_id,
        "currency": posting.currency,
        "reference": posting.reference or None,
    }
    rows = [(name, value) for name, value in fields.items() if value is not None]
    rows += [(f"line {place}", _shown(line)) for place, line in enumerate(posting.lines, 1)]
    return tuple(Change(name, None, value) for name, value in [*rows, ("total", str(total))])


def _shown(line: PostingLine) -> str:
    """`Boiler service; 4000; 1 x 100.00 = 100.00; tax 20.00 (OUTPUT2)`."""
    amounts = f"{line.quantity} x {line.unit_price} = {line.net}"
    return f"{line.text}; {line.nominal}; {amounts}; tax {line.tax} ({line.tax_code})"


def to_send(posting: Posting) -> Mapping[str, Any]:
    """A posting as a plan keeps it."""
    found: Mapping[str, Any] = msgspec.to_builtins(posting, enc_hook=_plain)
    return found


def _plain(value: object) -> str:
    """The days and amounts of a room's own types, exactly as they stand."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no place in a plan")


def from_send(node: Mapping[str, Any]) -> Posting:
    """A posting back from a plan."""
    return msgspec.convert(node, Posting)
