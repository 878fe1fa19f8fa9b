"""A document in the package's own terms: exact amounts, stable keys, what people see (IN-10, IN-11)."""

from __future__ import annotations

import string
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.invoices import Account, Kind, Nominal, Posting, PostingLine, Side, TaxCode
from payrelay.flows.invoice_sync.posting import changes_of, from_send, key_of, mark_of, posting_of, to_send
from payrelay.flows.invoice_sync.rules import Seen
from payrelay.ledger.parts import squeeze, unsqueeze
from payrelay.systems.autovu.models import Document, Line
from payrelay.systems.rows import Reader
from tests.worlds.invoices import Row, invoice, lines
from tests.worlds.structs import replace

READER = Reader(Document, id_key="DocumentId", number_key="Number")
STANDARD = TaxCode("OUTPUT2", "20%", Decimal(20), frozenset({Side.CUSTOMER}))
NOMINALS = {
    "4000": Nominal("4000", "Service income", {Side.CUSTOMER: "7"}),
    "5000": Nominal("5000", "Materials", {Side.SUPPLIER: "64"}),
}


def document(**changed: Any) -> Document:
    """A row of AutoVu's as its room reads it."""
    ((found,), bad) = READER.read([{**invoice(), "RowVersion": "r7", **changed}])
    assert bad == []
    return found


def seen(one: Document, **changed: Any) -> Seen:
    """Its checks' view, with a tax code for each line."""
    plain: dict[str, Any] = {
        "package": "Xero",
        "document": one,
        "accs_id": "c-1",
        "account": Account("c-1", "Harper Ltd"),
        "alike": (),
        "care_of_id": None,
        "care_of_known": True,
        "taken": None,
        "nominals": NOMINALS,
        "selectors": {},
        "tax_codes": {line.line_no: STANDARD for line in one.lines},
        "needs_tax": True,
        "total": one.gross,
    }
    return Seen(**{**plain, **changed})


def posting(one: Document, **changed: Any) -> Posting:
    found = posting_of(one, seen(one, **changed), "c-1", "con_1")
    assert found
    return found


@pytest.mark.requirement("IN-4", "IN-11")
def test_a_document_keeps_every_value_and_gets_the_names_of_the_package() -> None:
    rows = [{**lines("33.33")[0], "Quantity": "1.5000", "UnitPrice": "22.2222"}]
    one = posting(document(Lines=rows, Net="33.33", Tax="6.67", Gross="40.00"))
    assert one == Posting(
        document_id="d-S2001",
        key=key_of("con_1", "d-S2001", "r7"),
        mark="AutoVu d-S2001",
        kind=Kind.SALES_INVOICE,
        number="S2001",
        date=date(2026, 2, 2),
        due_date=date(2026, 3, 4),
        currency="GBP",
        account_id="c-1",
        reference="Job 88",
        lines=(
            PostingLine(
                text="Work 1",
                nominal="7",
                quantity=Decimal("1.5000"),
                unit_price=Decimal("22.2222"),
                net=Decimal("33.33"),
                tax_code="OUTPUT2",
                rate=Decimal(20),
                tax=Decimal("6.67"),
            ),
        ),
    )


CANNOT: list[tuple[str, Row, dict[str, Any]]] = [
    ("a nominal that is nowhere", {"Lines": lines("1.00", nominal="4999")}, {}),
    ("a nominal of the other side", {"Lines": lines("1.00", nominal="5000")}, {}),
    ("a bill with a nominal of sales", {"Type": "SupplierInvoice"}, {}),
    ("a line without a tax code", {}, {"tax_codes": {}}),
]


@pytest.mark.requirement("IN-3")
@pytest.mark.parametrize(("changed", "view"), [row[1:] for row in CANNOT], ids=[row[0] for row in CANNOT])
def test_there_is_nothing_to_post_while_a_line_can_not_be_named(changed: Row, view: dict[str, Any]) -> None:
    one = document(**changed)
    assert posting_of(one, seen(one, **view), "c-1", "con_1") is None


@pytest.mark.requirement("IN-3")
def test_a_package_that_needs_no_tax_gets_lines_without_a_code() -> None:
    (line,) = posting(document(), tax_codes={}, needs_tax=False).lines
    assert (line.tax_code, line.rate, line.tax) == (None, Decimal(0), Decimal("20.00"))


def test_what_may_be_missing_is_empty_and_never_made_up() -> None:
    one = posting(document(DueDate=None, Reference=None))
    assert (one.due_date, one.reference) == (None, "")
    shown = {change.field for change in changes_of(one, Decimal("120.00"))}
    assert shown == {"number", "date", "account", "currency", "line 1", "total"}


@pytest.mark.requirement("RUN-6", "RUN-7")
def test_people_see_every_field_and_line_that_is_written() -> None:
    one = posting(document(Lines=lines("100.00", "0.50"), Net="100.50", Tax="20.10", Gross="120.60"))
    shown = {change.field: (change.old, change.new) for change in changes_of(one, Decimal("120.60"))}
    assert shown == {
        "number": (None, "S2001"),
        "date": (None, "2026-02-02"),
        "due_date": (None, "2026-03-04"),
        "account": (None, "c-1"),
        "currency": (None, "GBP"),
        "reference": (None, "Job 88"),
        "line 1": (None, "Work 1; 7; 1 x 100.00 = 100.00; tax 20.00 (OUTPUT2)"),
        "line 2": (None, "Work 2; 7; 1 x 0.50 = 0.50; tax 0.10 (OUTPUT2)"),
        "total": (None, "120.60"),
    }


def decimals(places: int) -> st.SearchStrategy[Decimal]:
    """Amounts of up to so many decimals, zeros at the end included, as AutoVu writes them."""
    return st.builds(
        lambda units, digits: Decimal(units).scaleb(-digits),
        st.integers(-(10**12), 10**12),
        st.integers(0, places),
    )


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
LINES = st.builds(
    PostingLine,
    text=TEXTS,
    nominal=TEXTS,
    quantity=decimals(4),
    unit_price=decimals(4),
    net=decimals(2),
    tax_code=st.none() | TEXTS,
    rate=decimals(4),
    tax=decimals(2),
)
POSTINGS = st.builds(
    Posting,
    document_id=TEXTS,
    key=st.text(string.hexdigits, min_size=32, max_size=32),
    mark=TEXTS,
    kind=st.sampled_from(Kind),
    number=TEXTS,
    date=st.dates(),
    due_date=st.none() | st.dates(),
    currency=TEXTS,
    account_id=TEXTS,
    reference=TEXTS,
    lines=st.lists(LINES, max_size=5).map(tuple),
)


def digits(one: Posting) -> list[str]:
    """Every amount as it is written, digit by digit: 1.50 is not 1.5 here."""
    return [
        f"{n:f}"
        for line in one.lines
        for n in (line.quantity, line.unit_price, line.net, line.rate, line.tax)
    ]


@pytest.mark.requirement("IN-11")
@given(POSTINGS)
def test_a_plan_gives_a_posting_back_digit_by_digit(one: Posting) -> None:
    kept = unsqueeze(squeeze(to_send(one)))
    assert from_send(kept) == one
    assert digits(from_send(kept)) == digits(one)


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize("text", ["0.0001", "1.5000", "100", "-12.34", "999999999999.9999", "0.1"])
def test_an_amount_of_autovus_comes_through_a_plan_as_it_was_written(text: str) -> None:
    rows = [{**lines("100.00")[0], "Quantity": text, "UnitPrice": text}]
    (line,) = from_send(
        msgspec.json.decode(msgspec.json.encode(to_send(posting(document(Lines=rows)))))
    ).lines
    assert (f"{line.quantity:f}", f"{line.unit_price:f}") == (text, text)


@pytest.mark.requirement("IN-10")
def test_a_key_is_the_same_for_every_try_at_a_version_of_a_document_and_for_nothing_else() -> None:
    key = key_of("con_1", "d-501", "r7")
    assert key == key_of("con_1", "d-501", "r7") == "f90744e9c1d5f0bec754ab12b3f38026"
    others = {key_of("con_2", "d-501", "r7"), key_of("con_1", "d-502", "r7"), key_of("con_1", "d-501", "r8")}
    assert len(others | {key}) == 4
    assert set(key) <= set("0123456789abcdef")
    assert len(key) == 32


@pytest.mark.requirement("IN-10")
def test_a_mark_names_the_document_whatever_was_changed_of_it() -> None:
    one = document()
    assert mark_of(one) == mark_of(document(Number="S9", RowVersion="r8")) == "AutoVu d-S2001"
    assert posting(one).mark == mark_of(one)


def test_a_value_that_a_plan_has_no_place_for_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="complex has no place in a plan"):
        to_send(replace(posting(document()), reference=1j))


def test_a_line_of_autovus_reads_as_the_checks_ask_for_it() -> None:
    (line,) = document().lines
    assert isinstance(line, Line)
    assert (line.line_no, line.text, line.nominal_code, line.tax_code) == (1, "Work 1", "4000", "T1")
