"""Documents at random: what a preview promises, the sync after it keeps (RUN-7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from payrelay.domain.invoices import Side
from payrelay.domain.records import Record
from tests.machines.chance import NAMES, SEEDS, Chance
from tests.machines.promises import kept
from tests.worlds.invoices import bill, credit_note, invoice
from tests.worlds.people import Row

ACCOUNTS = ("a-11", "a-12", "a-13", "a-16", "a-17", "a-19", "a-20")
PACKAGE_DAYS = (date(2026, 2, 2), date(2026, 1, 1), date(2025, 12, 31), date(2026, 3, 2))


def document(chance: Chance, serial: int) -> Row:
    """A document of AutoVu, mostly a usual one."""
    make = chance.one(invoice, invoice, invoice, credit_note, bill)
    kind = "5000" if make is bill else "4000"
    rows = []
    for line in range(chance.one(1, 1, 2, 3, 50 if chance.happens(20) else 1)):
        net = chance.money()
        rate = chance.one(20, 20, 20, 0, 5)
        tax = (net * rate / 100).quantize(
            Decimal("0.01"), chance.one(ROUND_HALF_UP, ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)
        )
        net = net.quantize(Decimal("0.01"))
        quantity = chance.one("1", "1", "1", "3", "0.0333", "1000", "-1", "0")
        price = chance.one(str(net), str(net), "41.625", "0.0333")
        rows.append(
            {
                "LineNo": line + 1,
                "Text": chance.one("Work", "Work", "Work", "Work", "", " ", "x" * 4001, *NAMES),
                "NominalCode": chance.one(kind, kind, kind, kind, "4000", "5000", "9999", " 4000"),
                "Quantity": quantity if price != str(net) else "1",
                "UnitPrice": price,
                "Net": str(net),
                "TaxCode": {20: "T1", 0: "T0", 5: "T5"}[rate] if chance.happens(95) else "T99",
                "Tax": str(tax),
            }
        )
    number = chance.one(
        f"S{3000 + serial}",
        f"S{3000 + serial}",
        f"S{2999 + serial}",
        f"{'S' * 20}{serial}",
        f"S-{serial}’",
        f"{'9' * 255}{serial}",
    )
    changed = chance.some(
        12,
        Currency=("USD", "EUR"),
        Reference=("", *NAMES),
        Date=[chance.day(*PACKAGE_DAYS).isoformat()],
        DueDate=[chance.day(*PACKAGE_DAYS).isoformat(), None],
        AccountId=ACCOUNTS,
        AccountName=NAMES,
        CareOfAccountId=("77", "99999"),
        Gross=("0.00", "1.00"),
    )
    if make is invoice and chance.happens(5):
        changed["Sent"] = False
    return (
        make(number, DocumentId=f"d-{serial}", lines=rows, **changed)
        if make is not bill
        else {
            **invoice(number, DocumentId=f"d-{serial}", lines=rows),
            "Type": "SupplierInvoice",
            "Sent": None,
            "AccountId": "a-19",
            "AccountName": "Pennine Plumbing Supplies",
            **changed,
        }
    )


def no_reading(record: Record) -> Mapping[str, Any]:
    """Nothing is read back: that the next run would write nothing more is what counts."""
    return {}


@pytest.mark.requirement("RUN-7", "IN-3", "IN-11")
@pytest.mark.parametrize("seed", SEEDS[::2])
def test_documents_end_up_as_the_preview_said(books: Any, seed: int) -> None:
    """Sixty documents at each of the packages: every other seed is enough for that."""
    chance = Chance(seed)
    settings = {"tax_rates": {"T1": "20", "T0": "0", "T5": "5"}}
    books.settings(**settings)
    for name, side in (("Harper Ltd", Side.CUSTOMER), ("Pennine Plumbing Supplies", Side.SUPPLIER)):
        books.link(name, side)
    for serial in range(0, 60, 5):
        books.book(*(document(chance, serial + one) for one in range(5)))
        kept(books, "invoice_sync", books.package, no_reading)
