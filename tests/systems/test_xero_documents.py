"""Documents in Xero: how they are found by number and by our mark, and what they amount to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from payrelay.domain.invoices import Kind, Posted
from payrelay.domain.sensitive import Secret
from payrelay.systems.xero.client import XeroClient
from payrelay.systems.xero.marks import mark_in_reference, mark_in_url, marked_reference, marked_url
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback
from tests.systems.xero_answers import CONTACT, DOCUMENT, LINE, element, posting, rows
from tests.worlds.listed import grouped
from tests.worlds.structs import replace


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> XeroClient:
    return XeroClient(loopback.origin, Secret("the-token"), "tenant-1", options=bench.options)


def params(loopback: Loopback, number: int = 0) -> dict[str, str]:
    return dict(loopback.seen[number].params)


@pytest.mark.requirement("IN-3", "IN-10")
def test_documents_of_one_kind_are_found_by_number(client: XeroClient, loopback: Loopback) -> None:
    mine, bill = posting(), posting(kind=Kind.SUPPLIER_INVOICE)
    voided = element(mine, Status="VOIDED")
    other = element(posting("s1235"), Reference="by hand", Total=1, InvoiceID="2")
    loopback.answers(
        rows("Invoices", element(mine, Reference="PO 77 [mark-S1234]"), voided, element(bill), other)
    )

    found = grouped(client.documents(Kind.SALES_INVOICE, ["S1234", "S1235", "S1236"]))

    day = date(2026, 1, 5)
    kind = Kind.SALES_INVOICE
    assert found == {
        "S1234": [Posted(DOCUMENT, kind, "S1234", CONTACT, Decimal("120.01"), day, "mark-S1234")],
        "S1235": [Posted("2", kind, "s1235", CONTACT, Decimal(1), day, None)],
    }
    assert type(found["S1234"][0].date) is date
    assert params(loopback) == {"InvoiceNumbers": "S1234,S1235,S1236", "page": "1", "pageSize": "100"}


@pytest.mark.requirement("IN-10")
def test_bills_that_share_a_number_are_all_found_with_their_marks(
    client: XeroClient, loopback: Loopback
) -> None:
    bill = posting("77", Kind.SUPPLIER_INVOICE)
    loopback.answers(
        rows("Invoices", element(bill, Url=marked_url(bill.mark)), element(bill, Url="https://x.example"))
    )

    found = grouped(client.documents(Kind.SUPPLIER_INVOICE, ["77"]))["77"]

    assert [one.mark for one in found] == ["mark-77", None]


def test_credit_notes_are_asked_for_by_name(client: XeroClient, loopback: Loopback) -> None:
    note = posting("C1", Kind.SALES_CREDIT_NOTE)
    loopback.answers(rows("CreditNotes", element(note), element(note, Type="ACCPAYCREDIT")))

    assert len(grouped(client.documents(Kind.SALES_CREDIT_NOTE, ["C1", 'C"2']))["C1"]) == 1
    assert params(loopback)["where"] == 'CreditNoteNumber=="C1" || CreditNoteNumber=="C\\"2"'


def test_many_numbers_are_shared_out_and_a_comma_goes_alone(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(rows("Invoices"))
    grouped(client.documents(Kind.SALES_INVOICE, [f"S{number:06}" for number in range(200)] + ["A,1"]))

    lists = [params(loopback, number).get("InvoiceNumbers", "").split(",") for number in range(2)]
    assert sum(len(some) for some in lists) == 200
    assert params(loopback, 2)["where"] == 'InvoiceNumber=="A,1"'
    assert len(loopback.seen) == 3


def test_pages_are_followed_to_the_end(client: XeroClient, loopback: Loopback) -> None:
    one = element(posting())
    loopback.answers(rows("Invoices", *[one] * 100), rows("Invoices", one))

    assert len(grouped(client.documents(Kind.SALES_INVOICE, ["S1234"]))["S1234"]) == 101
    assert [params(loopback, number)["page"] for number in (0, 1)] == ["1", "2"]


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([("1.5", "66.67", "20.00")], "120.01"),
        ([("3", "0.015", "0.01")] * 2, "0.12"),
        ([("1", "10.12345", "0")], "10.12"),
        ([("1000", "0.12345", "0")], "123.50"),
        ([("1", "0.125", "0.01"), ("-1", "0.125", "-0.01")], "0.00"),
        ([], "0.00"),
    ],
)
def test_the_total_is_rounded_line_by_line_with_the_tax_that_is_told(
    lines: list[tuple[str, str, str]], total: str, client: XeroClient
) -> None:
    made = [
        replace(LINE, quantity=Decimal(quantity), unit_price=Decimal(price), tax=Decimal(tax))
        for quantity, price, tax in lines
    ]
    assert str(client.total_of(posting(lines=tuple(made)))) == total


@pytest.mark.parametrize("mark", ["payrelay:1", "mark with blanks", "x/y?z=1&ü"])
@pytest.mark.parametrize("reference", ["", "PO 77", "PO [77]"])
def test_a_mark_is_found_again_where_it_was_left(mark: str, reference: str) -> None:
    assert mark_in_reference(marked_reference(reference, mark)) == mark
    assert mark_in_url(marked_url(mark)) == mark
    assert (mark_in_reference(reference), mark_in_url(None)) == ("77" if "[" in reference else None, None)
