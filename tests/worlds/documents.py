"""A clean sales invoice as the flow knows it, and what a package has of all that it names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from payrelay.domain.invoices import Account, Document, Kind, Line, Nominal, Side, TaxCode

LINE = Line(
    line_no=1,
    text="Boiler service",
    nominal_code="4000",
    quantity=Decimal(1),
    unit_price=Decimal("100.00"),
    net=Decimal("100.00"),
    tax=Decimal("20.00"),
    tax_code="T1",
)
INVOICE = Document(
    document_id="d-501",
    row_version="r7",
    kind=Kind.SALES_INVOICE,
    number="S1234",
    date=date(2026, 1, 5),
    due_date=date(2026, 2, 4),
    currency="GBP",
    reference="Job 88",
    sent=True,
    account_id="a-12",
    account_name="Harper Ltd",
    care_of_account_id=None,
    lines=(LINE,),
    gross=Decimal("120.00"),
    status_code="",
)
HARPER = Account("129", "Harper Ltd")
STANDARD = TaxCode("OUTPUT2", "20% (VAT on Income)", Decimal(20), frozenset({Side.CUSTOMER}))
NOMINALS = {
    "4000": Nominal("4000", "Service income", {Side.CUSTOMER: "7"}),
    "5000": Nominal("5000", "Materials", {Side.SUPPLIER: "64"}),
}
