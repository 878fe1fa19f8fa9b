"""Documents in QuickBooks' form: bodies to post, with the tax that they have already, and rows read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from payrelay.domain.invoices import Kind, Posted, Posting, PostingLine, Side, TaxPart

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
    """Net and VAT as they are told: its own VAT would be worked out once per rate over the summed net."""
    return sum((line.net + line.tax for line in posting.lines), Decimal("0.00"))


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
    if tax := _tax_detail(posting):
        body["TxnTaxDetail"] = tax
    return body


def _tax_detail(posting: Posting) -> dict[str, object]:
    """The document's own VAT by QuickBooks' rates, where QuickBooks would work out another one."""
    nets: defaultdict[TaxPart, Decimal] = defaultdict(Decimal)
    taxes: defaultdict[TaxPart, Decimal] = defaultdict(Decimal)
    for parts, lines in _by_parts(posting).items():
        net = sum((line.net for line in lines), Decimal())
        left = sum((line.tax for line in lines), Decimal())
        for part in parts:
            nets[part] += net
            taxes[part] += rounded(net * part.rate / 100)
            left -= rounded(net * part.rate / 100)
        # What rounding leaves belongs to the rate that makes the most of it.
        taxes[max(parts, key=lambda one: abs(one.rate))] += left
    if all(tax == rounded(nets[part] * part.rate / 100) for part, tax in taxes.items()):
        return {}
    told = [_tax_line(part, nets[part], tax) for part, tax in taxes.items()]
    return {"TotalTax": sum(taxes.values(), Decimal()), "TaxLine": told}


def _by_parts(posting: Posting) -> dict[tuple[TaxPart, ...], list[PostingLine]]:
    found: dict[tuple[TaxPart, ...], list[PostingLine]] = {}
    for line in posting.lines:
        if line.parts:
            found.setdefault(line.parts, []).append(line)
    return found


def _tax_line(part: TaxPart, net: Decimal, tax: Decimal) -> dict[str, object]:
    detail = {
        "TaxRateRef": {"value": part.id},
        "PercentBased": True,
        "TaxPercent": part.rate,
        "NetAmountTaxable": net,
    }
    return {"Amount": tax, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}


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
        void=is_void(row),
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
    """Quantity and price, where they make the amount: else QuickBooks would refuse them (6070)."""
    if rounded(line.quantity * line.unit_price) != line.net:
        return {}
    return {"Qty": line.quantity, "UnitPrice": line.unit_price}
