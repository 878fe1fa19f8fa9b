"""Documents in QuickBooks' form: bodies to post, rows read back, and the total that its rounding makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from payrelay.domain.invoices import Kind, Posted, Posting, PostingLine, Side

from .models import DocumentRow

ENTITIES: Mapping[Kind, str] = {
    Kind.SALES_INVOICE: "Invoice",
    Kind.SALES_CREDIT_NOTE: "CreditMemo",
    Kind.SUPPLIER_INVOICE: "Bill",
}
NAMES: Mapping[Side, str] = {Side.CUSTOMER: "Customer", Side.SUPPLIER: "Vendor"}
_CENT = Decimal("0.01")


def rounded(amount: Decimal) -> Decimal:
    """To two decimals, halves away from zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def total_of(posting: Posting) -> Decimal:
    """Net and VAT, the VAT worked out once per tax code over its summed net and not line by line."""
    nets: defaultdict[tuple[str | None, Decimal], Decimal] = defaultdict(Decimal)
    for line in posting.lines:
        nets[line.tax_code, line.rate] += line.net
    return sum((net + rounded(net * rate / 100) for (_, rate), net in nets.items()), Decimal("0.00"))


def body_of(posting: Posting, currency: str | None) -> dict[str, object]:
    """The document to post; `currency` only where it has to be named."""
    side = posting.kind.side
    body: dict[str, object] = {
        "DocNumber": posting.number,
        "TxnDate": posting.date,
        f"{NAMES[side]}Ref": {"value": posting.account_id},
        "GlobalTaxCalculation": "TaxExcluded",
        "PrivateNote": posting.mark,
        "Line": [_line(line, side) for line in posting.lines],
    }
    if posting.due_date is not None and posting.kind is not Kind.SALES_CREDIT_NOTE:
        body["DueDate"] = posting.due_date
    if currency is not None:
        body["CurrencyRef"] = {"value": currency}
    return body


def posted(kind: Kind, row: DocumentRow) -> Posted:
    """A document as QuickBooks has it."""
    return Posted(
        id=row.id,
        kind=kind,
        number=row.doc_number,
        account_id=row.account.value,
        total=row.total_amt,
        date=row.txn_date,
        mark=row.private_note,
    )


def is_void(row: DocumentRow) -> bool:
    """Whether it was made void: the amounts go, and the note begins with this word."""
    return not row.total_amt and (row.private_note or "").startswith("Voided")


def _line(line: PostingLine, side: Side) -> dict[str, object]:
    tax = {} if line.tax_code is None else {"TaxCodeRef": {"value": line.tax_code}}
    detail: dict[str, object]
    if side is Side.SUPPLIER:
        kind = "AccountBasedExpenseLineDetail"
        detail = {"AccountRef": {"value": line.nominal}, **tax}
    else:
        kind = "SalesItemLineDetail"
        detail = {"ItemRef": {"value": line.nominal}, **_quantity(line), **tax}
    return {"DetailType": kind, "Amount": line.net, "Description": line.text, kind: detail}


def _quantity(line: PostingLine) -> dict[str, Decimal]:
    """Quantity and price, unless they do not make the amount (a discount): QuickBooks would refuse (6070)."""
    if rounded(line.quantity * line.unit_price) != line.net:
        return {}
    return {"Qty": line.quantity, "UnitPrice": line.unit_price}
