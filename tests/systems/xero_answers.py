"""Documents for Xero, and its answers as tests script them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from payrelay.domain.invoices import Kind, Posting, PostingLine
from tests.systems.loopback import Reply, reply
from tests.worlds.structs import replace

CONTACT = "5cc8cf28-567e-4d43-b287-687cfcaec47c"
DOCUMENT = "ed255415-e141-4150-aab7-89c3bbbb851c"
LINE = PostingLine(
    text="Boiler service",
    nominal="4000",
    quantity=Decimal("1.5"),
    unit_price=Decimal("66.67"),
    net=Decimal("100.01"),
    tax_code="OUTPUT2",
    rate=Decimal("20.0"),
    tax=Decimal("20.00"),
)
_TYPES = {
    Kind.SALES_INVOICE: "ACCREC",
    Kind.SUPPLIER_INVOICE: "ACCPAY",
    Kind.SALES_CREDIT_NOTE: "ACCRECCREDIT",
}


def posting(number: str = "S1234", kind: Kind = Kind.SALES_INVOICE, **more: Any) -> Posting:
    """A document that Xero would take; its id and key come from kind and number."""
    bill = kind is Kind.SUPPLIER_INVOICE
    line = replace(LINE, nominal="5000", tax_code="INPUT2") if bill else LINE
    made = Posting(
        document_id=f"{kind}-{number}",
        key=(number.encode().hex() * 32)[:32],
        mark=f"mark-{number}",
        kind=kind,
        number=number,
        date=date(2026, 1, 5),
        due_date=None if kind is Kind.SALES_CREDIT_NOTE else date(2026, 2, 4),
        currency="GBP",
        account_id=CONTACT,
        reference="PO 77",
        lines=(line,),
    )
    return replace(made, **more)


def element(of: Posting, **more: Any) -> dict[str, Any]:
    """What Xero answers for a document that it took."""
    name = "CreditNote" if of.kind is Kind.SALES_CREDIT_NOTE else "Invoice"
    return {
        f"{name}ID": DOCUMENT,
        f"{name}Number": of.number,
        "Type": _TYPES[of.kind],
        "Status": "AUTHORISED",
        "Contact": {"ContactID": of.account_id, "Name": "Harper Ltd"},
        "Date": "/Date(1767571200000+0000)/",
        "DateString": "2026-01-05T00:00:00",
        "Total": 120.01,
        "HasErrors": False,
        "StatusAttributeString": "OK",
        **more,
    }


def refused(of: Posting, *messages: str) -> dict[str, Any]:
    """What Xero answers for a document that it did not take."""
    errors = [{"Message": message} for message in messages]
    return element(of, HasErrors=True, StatusAttributeString="ERROR", ValidationErrors=errors)


def rows(resource: str, *found: Any) -> Reply:
    return reply({"Id": "1", "Status": "OK", resource: list(found)})


def invalid(*elements: Any) -> Reply:
    message = "A validation exception occurred"
    body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": message, "Elements": list(elements)}
    return reply(body, 400)
