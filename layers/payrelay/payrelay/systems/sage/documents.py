"""Documents in Sage's terms: where each kind lives, what is sent of it, what is read back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from payrelay.domain.invoices import Kind, Posted, Posting, PostingLine
from payrelay.systems.http.wire import Number
from payrelay.systems.rows import Reader

from .models import Document

_VOID = "VOID"
_CENT = Decimal("0.01")


class Form(Struct, frozen=True):
    """How Sage has one kind of document: `number` is the field that holds ours, for Sage makes its own."""

    path: str
    root: str
    lines: str
    number: str = "reference"
    has_due_date: bool = True


FORMS = {
    Kind.SALES_INVOICE: Form("/sales_invoices", "sales_invoice", "invoice_lines"),
    Kind.SALES_CREDIT_NOTE: Form(
        "/sales_credit_notes", "sales_credit_note", "credit_note_lines", has_due_date=False
    ),
    Kind.SUPPLIER_INVOICE: Form(
        "/purchase_invoices", "purchase_invoice", "invoice_lines", number="vendor_reference"
    ),
}

DOCUMENTS = {kind: Reader(Document, id_key="id", number_key=form.number) for kind, form in FORMS.items()}


def written(posting: Posting) -> dict[str, object]:
    """The document as Sage takes it, without its root member."""
    form = FORMS[posting.kind]
    body: dict[str, object] = {
        "idempotency_id": posting.key,
        "contact_id": posting.account_id,
        "date": posting.date,
        "reference": posting.number,
        form.number: posting.number,
        "notes": posting.mark,
        "currency_id": posting.currency,
        form.lines: [_written_line(line) for line in posting.lines],
    }
    if form.has_due_date and posting.due_date is not None:
        body["due_date"] = posting.due_date
    return body


def _written_line(line: PostingLine) -> dict[str, object]:
    body: dict[str, object] = {
        "description": line.text,
        "ledger_account_id": line.nominal,
        "quantity": Number(line.quantity),
        "unit_price": Number(line.unit_price),
    }
    if line.tax_code is not None:
        body["tax_rate_id"] = line.tax_code
    # Version 3.1 works no tax out; it is left out only where the rate itself says that there is none.
    if line.rate or line.tax:
        body["tax_amount"] = Number(line.tax)
    return body


def total_of(posting: Posting) -> Decimal:
    """The gross total that Sage makes: it multiplies line by line, and adds the tax that it is told."""
    nets = ((line.quantity * line.unit_price).quantize(_CENT, ROUND_HALF_UP) for line in posting.lines)
    return sum(nets, Decimal("0.00")) + sum((line.tax for line in posting.lines), Decimal(0))


def attributes(kind: Kind) -> str:
    """What a list has to show of each document: without being asked, it shows hardly more than the id."""
    names = dict.fromkeys((FORMS[kind].number, "reference", "status", "contact", "total_amount"))
    return ",".join((*names, "date", "notes"))


def number_of(kind: Kind, row: Document) -> str | None:
    """The number of ours that a document there has."""
    return row.vendor_reference if FORMS[kind].number == "vendor_reference" else row.reference


def is_void(row: Document) -> bool:
    """Whether it was cancelled there."""
    return row.status.id == _VOID


def posted(kind: Kind, row: Document, number: str) -> Posted:
    """A document as the flow knows it."""
    return Posted(
        id=row.id,
        kind=kind,
        number=number,
        account_id=row.contact.id,
        total=row.total_amount,
        date=row.date,
        mark=row.notes,
    )
