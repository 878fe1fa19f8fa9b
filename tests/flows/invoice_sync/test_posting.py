"""A document in the package's own terms: exact amounts, stable keys, what people see (IN-10, IN-11)."""

from __future__ import annotations

import string
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins

from payrelay.domain.invoices import Document, Kind, Posting, PostingLine, Side
from payrelay.flows.invoice_sync.posting import changes_of, gross_of, key_of, mark_of, posting_of
from payrelay.flows.invoice_sync.read import document_of
from payrelay.flows.invoice_sync.writes import Adoption, Payload, Post, Row, TakeOff, Tell
from payrelay.ledger.parts import squeeze, unsqueeze
from payrelay.ledger.plans import typed
from payrelay.systems.autovu.models import Document as DocumentRow
from payrelay.systems.rows import Reader
from tests.worlds.documents import INVOICE, LINE, NOMINALS, STANDARD
from tests.worlds.invoices import invoice, lines
from tests.worlds.structs import replace

CENT = Decimal("0.01")
READER = Reader(DocumentRow, id_key="DocumentId", number_key="Number")


def posting(one: Document = INVOICE, **changed: Any) -> Posting | None:
    """What would be posted, with a tax code for each line."""
    codes = {line.line_no: STANDARD for line in one.lines}
    usual: dict[str, Any] = {"nominals": NOMINALS, "tax_codes": codes, "needs_tax": True, "account_id": "c-1"}
    return posting_of(one, **{**usual, "connection_id": "con_1", **changed})


@pytest.mark.requirement("IN-4", "IN-11")
def test_a_document_keeps_every_value_and_gets_the_names_of_the_package() -> None:
    line = replace(LINE, quantity=Decimal("1.5000"), unit_price=Decimal("22.2222"), net=Decimal("33.33"))
    assert posting(replace(INVOICE, lines=(line,))) == Posting(
        document_id="d-501",
        key=key_of("con_1", "d-501", "r7"),
        mark="AutoVu d-501",
        kind=Kind.SALES_INVOICE,
        number="S1234",
        date=date(2026, 1, 5),
        due_date=date(2026, 2, 4),
        currency="GBP",
        account_id="c-1",
        reference="Job 88",
        lines=(
            PostingLine(
                text="Boiler service",
                nominal="7",
                quantity=Decimal("1.5000"),
                unit_price=Decimal("22.2222"),
                net=Decimal("33.33"),
                tax_code="OUTPUT2",
                rate=Decimal(20),
                tax=Decimal("20.00"),
            ),
        ),
    )


UNKNOWN = replace(INVOICE, lines=(replace(LINE, nominal_code="4999"),))
CANNOT: list[tuple[str, Document, dict[str, Any]]] = [
    ("a nominal that is nowhere", UNKNOWN, {}),
    ("a nominal of the other side", replace(INVOICE, lines=(replace(LINE, nominal_code="5000"),)), {}),
    ("a bill with a nominal of sales", replace(INVOICE, kind=Kind.SUPPLIER_INVOICE), {}),
    ("a line without a tax code", INVOICE, {"tax_codes": {}}),
]


@pytest.mark.requirement("IN-3")
@pytest.mark.parametrize(("one", "changed"), [row[1:] for row in CANNOT], ids=[row[0] for row in CANNOT])
def test_there_is_nothing_to_post_while_a_line_can_not_be_named(one: Document, changed: Any) -> None:
    assert posting(one, **changed) is None


@pytest.mark.requirement("IN-3")
def test_a_package_that_needs_no_tax_gets_lines_without_a_code() -> None:
    made = posting(tax_codes={}, needs_tax=False)
    assert made
    assert [(line.tax_code, line.rate, line.tax) for line in made.lines] == [(None, 0, Decimal("20.00"))]


def test_what_may_be_missing_is_empty_and_never_made_up() -> None:
    one = posting(replace(INVOICE, due_date=None, reference=None))
    assert one
    assert (one.due_date, one.reference) == (None, "")
    shown = {change.field for change in changes_of(one, Decimal("120.00"))}
    assert shown == {"number", "date", "account", "currency", "line 1", "total"}


@pytest.mark.requirement("RUN-6", "RUN-7")
def test_people_see_every_field_and_line_that_is_written() -> None:
    half = replace(LINE, line_no=2, unit_price=Decimal("0.50"), net=Decimal("0.50"), tax=Decimal("0.10"))
    one = posting(replace(INVOICE, lines=(LINE, half)))
    assert one
    shown = {change.field: (change.old, change.new) for change in changes_of(one, Decimal("120.60"))}
    assert shown == {
        "number": (None, "S1234"),
        "date": (None, "2026-01-05"),
        "due_date": (None, "2026-02-04"),
        "account": (None, "c-1"),
        "currency": (None, "GBP"),
        "reference": (None, "Job 88"),
        "line 1": (None, "Boiler service; 7; 1 x 100.00 = 100.00; tax 20.00 (OUTPUT2)"),
        "line 2": (None, "Boiler service; 7; 1 x 0.50 = 0.50; tax 0.10 (OUTPUT2)"),
        "total": (None, "120.60"),
    }
    assert gross_of(one) == Decimal("120.60")


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
ROWS = st.builds(Row, version=TEXTS, status_code=TEXTS)
ADOPTIONS = st.builds(Adoption, account_id=TEXTS, side=st.sampled_from(Side), accs_id=TEXTS)
PAYLOADS = (
    st.builds(Post, ROWS, POSTINGS, st.none() | ADOPTIONS, st.booleans(), st.booleans())
    | st.builds(TakeOff, ROWS)
    | st.builds(Tell, ROWS, TEXTS)
)


def digits(one: Posting) -> list[str]:
    """Every amount as it is written, digit by digit: 1.50 is not 1.5 here."""
    return [
        f"{n:f}"
        for line in one.lines
        for n in (line.quantity, line.unit_price, line.net, line.rate, line.tax)
    ]


@pytest.mark.requirement("IN-11")
@given(PAYLOADS)
def test_a_plan_gives_a_payload_back_digit_by_digit(one: Payload) -> None:
    kept = typed(unsqueeze(squeeze(to_builtins(one))), Payload)  # type: ignore[arg-type]
    assert kept == one
    if isinstance(one, Post):
        assert digits(kept.posting) == digits(one.posting)


@pytest.mark.parametrize("kept", [{"post": {}, "synced": {"row_version": "r7"}}, {"type": "sell"}])
def test_what_another_version_kept_is_planned_afresh(kept: dict[str, Any]) -> None:
    assert typed(kept, Payload) is None  # type: ignore[arg-type]


MULTIPLIED: list[tuple[str, dict[str, str], tuple[str, str, str]]] = [
    ("as it is", {"quantity": "2", "unit_price": "50.00"}, ("Boiler service", "2", "50.00")),
    (
        "a fine price",
        {"quantity": "1000", "unit_price": "0.0333", "net": "33.33"},
        ("Boiler service (1000 x 0.0333)", "1", "33.33"),
    ),
    (
        "rounded down",
        {"quantity": "1", "unit_price": "41.625", "net": "41.62"},
        ("Boiler service (1 x 41.625)", "1", "41.62"),
    ),
    (
        "rounded up",
        {"quantity": "1", "unit_price": "41.625", "net": "41.63"},
        ("Boiler service", "1", "41.625"),
    ),
    (
        "negative",
        {"quantity": "-1", "unit_price": "41.625", "net": "-41.63"},
        ("Boiler service", "-1", "41.625"),
    ),
    (
        "no room for it in the text",
        {"text": "t" * 30, "quantity": "1", "unit_price": "100.00", "net": "90.00"},
        ("t" * 30, "1", "90.00"),
    ),
    (
        "as many digits as AutoVu has",
        {"text": "t" * 30, "quantity": "999999999999999.9999", "unit_price": "999999999999999.9999"},
        ("t" * 30, "1", "100.00"),
    ),
]


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize(
    ("changed", "expected"), [row[1:] for row in MULTIPLIED], ids=[row[0] for row in MULTIPLIED]
)
def test_a_line_comes_to_its_own_net_whatever_multiplies_it(
    changed: dict[str, str], expected: tuple[str, str, str]
) -> None:
    """(faults E4)"""
    values = {name: value if name == "text" else Decimal(value) for name, value in changed.items()}
    made = posting(replace(INVOICE, lines=(replace(LINE, **values),)), longest_text=32)
    assert made
    (line,) = made.lines
    assert (line.text, f"{line.quantity:f}", f"{line.unit_price:f}") == expected


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize("text", ["0.0001", "1.5000", "100", "-12.34", "999999999999.9999", "0.1"])
def test_an_amount_of_autovus_is_read_and_kept_as_it_was_written(text: str) -> None:
    net = f"{round(Decimal(text), 2):f}"
    row = {**lines(net)[0], "Quantity": text, "UnitPrice": "1.0000"}
    ((read,), bad) = READER.read([{**invoice(lines=[row]), "RowVersion": "r7"}])
    assert bad == []
    one = document_of(read)
    assert {type(n) for n in (one.gross, one.lines[0].quantity)} == {Decimal}
    assert type(one.date) is type(one.due_date) is date
    made = posting(
        replace(one, lines=(replace(one.lines[0], net=(Decimal(text)).quantize(CENT, ROUND_HALF_UP)),))
    )
    assert made
    kept = typed(unsqueeze(squeeze(to_builtins(Post(Row("r7", ""), made)))), Payload)  # type: ignore[arg-type]
    (line,) = kept.posting.lines
    assert (f"{line.quantity:f}", f"{line.unit_price:f}") == (text, "1.0000")


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
    edited = posting(replace(INVOICE, number="S9", row_version="r8"))
    assert edited
    assert mark_of("d-501") == edited.mark == "AutoVu d-501"
