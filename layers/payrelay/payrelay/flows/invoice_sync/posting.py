"""A document of AutoVu's in the accounting package's own terms, and how people see it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext

from payrelay.domain.invoices import Document, Line, Nominal, Posting, PostingLine, TaxCode
from payrelay.domain.records import Change, Reason

_NO_TAX, _CENT = Decimal(0), Decimal("0.01")
_DIGITS = 40


def mark_of(document_id: str) -> str:
    """The text by which a document that we posted is known again: `AutoVu d-501`."""
    return f"AutoVu {document_id}"


def key_of(connection_id: str, document_id: str, row_version: str) -> str:
    """32 hexadecimal digits, the same for every try at one version of a document of one connection.

    Packages answer a key that they know with what they made of it then, for up to a week, even if that was
    made void since: a document that is marked for sync once more has another version, and so another key.
    """
    return hashlib.sha256(f"{connection_id}/{document_id}/{row_version}".encode()).hexdigest()[:32]


def posting_of(
    document: Document,
    nominals: Mapping[str, Nominal | Reason],
    tax_codes: Mapping[int, TaxCode | Reason | None],
    *,
    needs_tax: bool,
    account_id: str,
    connection_id: str,
    longest_text: int | None = None,
) -> Posting | None:
    """What would be posted; None while a line has no nominal or tax code that the package knows."""
    lines = []
    for line in document.lines:
        nominal = nominals.get(line.nominal_code or "")
        tax = tax_codes.get(line.line_no)
        if not isinstance(nominal, Nominal) or document.kind.side not in nominal.ids:
            return None
        if isinstance(tax, Reason) or (tax is None and needs_tax):
            return None
        text, quantity, unit_price = _multiplied(line, longest_text)
        lines.append(
            PostingLine(
                text=text,
                nominal=nominal.ids[document.kind.side],
                quantity=quantity,
                unit_price=unit_price,
                net=line.net,
                tax_code=tax.id if tax else None,
                rate=(tax.rate_on(document.date) or _NO_TAX) if tax else _NO_TAX,
                tax=line.tax,
                parts=tax.parts.get(document.kind.side, ()) if tax else (),
            )
        )
    return Posting(
        document_id=document.document_id,
        key=key_of(connection_id, document.document_id, document.row_version),
        mark=mark_of(document.document_id),
        kind=document.kind,
        number=document.number,
        date=document.date,
        due_date=document.due_date,
        currency=document.currency,
        account_id=account_id,
        reference=document.reference or "",
        lines=tuple(lines),
    )


def _multiplied(line: Line, longest_text: int | None) -> tuple[str, Decimal, Decimal]:
    """Text, quantity and unit price of which the line's own net is made, to the cent, by any package.

    Where AutoVu rounds a fine price otherwise, or gives a discount, it is once the net; what AutoVu has
    stands in the text, if there is room.
    """
    text = line.text or ""
    # Each may have fifteen digits and four decimals.
    with localcontext(prec=_DIGITS):
        product = (line.quantity * line.unit_price).quantize(_CENT, ROUND_HALF_UP)
    if product == line.net:
        return text, line.quantity, line.unit_price
    told = f"{text} ({line.quantity:f} x {line.unit_price:f})"
    fits = longest_text is None or len(told) <= longest_text
    return told if fits else text, Decimal(1), line.net


def gross_of(posting: Posting) -> Decimal:
    """The total that AutoVu has."""
    return sum((line.net + line.tax for line in posting.lines), Decimal())


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
    rows += [(f"line {number}", _shown(line)) for number, line in enumerate(posting.lines, 1)]
    return tuple(Change(name, None, value) for name, value in [*rows, ("total", str(total))])


def _shown(line: PostingLine) -> str:
    """`Boiler service; 4000; 1 x 100.00 = 100.00; tax 20.00 (OUTPUT2)`."""
    amounts = f"{line.quantity} x {line.unit_price} = {line.net}"
    return f"{line.text}; {line.nominal}; {amounts}; tax {line.tax} ({line.tax_code})"
