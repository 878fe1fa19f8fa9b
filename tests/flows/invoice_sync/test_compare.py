"""From what was read to what is posted, or why not, as tables (IN-3, IN-6, IN-10, IN-11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct

from payrelay.domain.invoices import (
    NO_TRAITS,
    Account,
    Document,
    Kind,
    Nominal,
    Posted,
    Posting,
    Side,
    Takes,
    TaxCode,
)
from payrelay.domain.records import Outcome, Record, Write
from payrelay.flows.invoice_sync.compare import Terms, namesake, numbered, planned, seen_of
from payrelay.flows.invoice_sync.parties import Found
from payrelay.flows.invoice_sync.posting import gross_of
from payrelay.flows.invoice_sync.read import Chart, Standing
from payrelay.flows.invoice_sync.rules import Seen, failing
from payrelay.flows.invoice_sync.unread import Unread
from payrelay.flows.invoice_sync.writes import Adoption, Payload, Post, Row, TakeOff, Tell
from payrelay.systems.matching import suggestions
from payrelay.systems.rows import BadRow
from tests.worlds.documents import HARPER, INVOICE, LINE, NOMINALS, STANDARD
from tests.worlds.structs import replace


class Package(Struct, frozen=True):
    """A package that makes AutoVu's totals its own, and writes codes without zeros in front."""

    off: Decimal = Decimal(0)
    takes: Takes = Takes()

    def nominal_code(self, code: str) -> str:
        return code.lstrip("0")

    def total_of(self, posting: Posting) -> Decimal:
        return gross_of(posting) + self.off


REDUCED = TaxCode("RROUTPUT", "5%", Decimal(5), frozenset({Side.CUSTOMER}))
INPUT = TaxCode("INPUT2", "20% (VAT on Expenses)", Decimal(20), frozenset({Side.SUPPLIER}))
CHART = Chart(
    nominals=NOMINALS,
    tax_codes=[INPUT, STANDARD, REDUCED],
    selectors={"4000": "T1"},
    care_of=False,
    needs_tax=True,
    needs_selector=False,
)
TERMS = Terms(Package(), "QuickBooks", "con_1", {"T0": Decimal(0), "T1": Decimal(20), "T5": Decimal(5)})
LINKED = Found(INVOICE, "129", HARPER)
BILL = replace(INVOICE, kind=Kind.SUPPLIER_INVOICE, sent=None, lines=(replace(LINE, nominal_code="5000"),))


def seen(found: Found = LINKED, chart: Chart = CHART, terms: Terms = TERMS) -> Seen:
    return seen_of(found, chart, terms)


def of(document: Document, **changed: Any) -> Found:
    return replace(LINKED, document=document, **changed)


def line(**changed: Any) -> Found:
    return of(replace(INVOICE, lines=(replace(LINE, **changed),)))


def bad(number: str, row_id: str = "12", field: str = "Type") -> BadRow:
    return BadRow(row_id, number, field, "is missing")


def codes(one: Seen) -> list[str]:
    return [why.code for _, why in failing(one)]


# --- tax -------------------------------------------------------------------------------------------------

SELECTED: list[tuple[str, Found, dict[str, Any], str | None]] = [
    ("of the line's own tax code", line(tax_code="T5", tax=Decimal(5)), {}, "RROUTPUT"),
    ("of the nominal's selector", line(tax_code=None), {}, "OUTPUT2"),
    ("of a bill: its own side", of(BILL), {}, "INPUT2"),
    ("a selector without a rate", line(tax_code="T9"), {}, None),
    ("a rate that the package does not have", line(tax_code="T0", tax=Decimal(0)), {}, None),
    ("neither code nor selector", line(tax_code=None), {"selectors": {}}, None),
    ("no selector, where one is required", LINKED, {"selectors": {}, "needs_selector": True}, None),
    ("no selector, where none is required", LINKED, {"selectors": {}}, "OUTPUT2"),
]


@pytest.mark.requirement("IN-3", "IN-11")
@pytest.mark.parametrize(
    ("found", "chart", "tax_code"), [row[1:] for row in SELECTED], ids=[row[0] for row in SELECTED]
)
def test_a_lines_tax_code_follows_from_its_selector(
    found: Found, chart: dict[str, Any], tax_code: str | None
) -> None:
    one = seen(found, replace(CHART, **chart))
    code = one.tax_codes[1]
    assert (code.id if isinstance(code, TaxCode) else code) == tax_code
    assert [why for why in codes(one) if why != "TOTALS_DIFFER"] == (
        [] if tax_code else ["NOMINAL_WITHOUT_TAX"]
    )


@pytest.mark.requirement("IN-3")
def test_a_nominal_is_looked_up_as_the_package_writes_it() -> None:
    one = seen(line(nominal_code="04000"), replace(CHART, selectors={}))
    assert one.nominals == {"04000": NOMINALS["4000"]}
    assert one.posting
    assert one.posting.lines[0].nominal == "7"


# --- rows that can't be used -----------------------------------------------------------------------------

BOTH = {"4000": Nominal("4000", "Both", {Side.SUPPLIER: "8"})}
LOST: list[tuple[str, Found, dict[str, Any], str]] = [
    (
        "the nominal of the line",
        line(nominal_code="4100"),
        {"bad_nominals": (bad("4100"),)},
        "Type of the nominal 4100",
    ),
    (
        "a nominal that may be any",
        line(nominal_code="4100"),
        {"bad_nominals": (bad("", field="Type of the item Service"),)},
        "Type of the item Service of the nominal 4100",
    ),
    (
        "a nominal of the other side only",
        LINKED,
        {"nominals": BOTH, "bad_nominals": (bad("4000"),)},
        "Type of the nominal 4000",
    ),
    (
        "the only tax code that may have the rate",
        LINKED,
        {"tax_codes": [REDUCED], "bad_tax_codes": (bad("20%", "OUTPUT9", "Rate"),)},
        "Rate of the tax code 20%",
    ),
    (
        "AutoVu's nominal, whose selector is asked for",
        line(tax_code=None),
        {"selectors": {}, "bad_selectors": (bad("4000", field="TaxSelector"),)},
        "TaxSelector of the nominal 4000",
    ),
    (
        "AutoVu's nominal, where a selector is required",
        LINKED,
        {"selectors": {}, "needs_selector": True, "bad_selectors": (bad("", field="Code"),)},
        "Code of the nominal 4000",
    ),
]


@pytest.mark.requirement("IN-3", "RUN-4")
@pytest.mark.parametrize(("found", "chart", "field"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_a_row_that_can_not_be_read_blocks_the_document_that_depends_on_it(
    found: Found, chart: dict[str, Any], field: str
) -> None:
    one = seen(found, replace(CHART, **chart))
    ((_, why),) = failing(one)
    assert why.code == "VALUE_NOT_VALID"
    assert why.message == f"Sales invoice S1234: {field} has a value that is not valid: is missing."
    assert one.posting is None


HARMLESS: list[tuple[str, Found, dict[str, Any]]] = [
    ("another nominal", LINKED, {"bad_nominals": (bad("4100"),)}),
    ("an item, where the nominal has one", LINKED, {"bad_nominals": (bad(""),)}),
    ("a tax code beside one of the rate", LINKED, {"bad_tax_codes": (bad("odd", "ODD"),)}),
    (
        "AutoVu's nominal, where the line has a tax code",
        LINKED,
        {"selectors": {}, "bad_selectors": (bad("4000"),)},
    ),
    ("AutoVu's other nominal", line(tax_code=None), {"bad_selectors": (bad("4100"),)}),
]


@pytest.mark.requirement("IN-3", "RUN-4")
@pytest.mark.parametrize(("found", "chart"), [row[1:] for row in HARMLESS], ids=[row[0] for row in HARMLESS])
def test_a_row_that_can_not_be_read_stops_nothing_that_does_not_need_it(
    found: Found, chart: dict[str, Any]
) -> None:
    assert failing(seen(found, replace(CHART, **chart))) == []


ODD = Unread(bad("Harper Ltd", field="Active"), "account", "QuickBooks")
ACCOUNT_OF_AUTOVU = Unread(bad("Harper Ltd", field="Kind"), "account", "AutoVu")


@pytest.mark.requirement("IN-3", "IN-5", "RUN-4")
@pytest.mark.parametrize(
    ("found", "words", "remedy"),
    [
        (of(INVOICE, known=ODD), "Active of the account Harper Ltd", "in QuickBooks"),
        (of(INVOICE, linked=None, known=ACCOUNT_OF_AUTOVU), "Kind of the account Harper Ltd", "in AutoVu"),
        (
            of(replace(INVOICE, care_of_account_id="a-3"), care_of=ODD, care_of_id="5"),
            "Active of the account Harper Ltd",
            "in QuickBooks",
        ),
    ],
    ids=["the package's account", "AutoVu's account", "the care-of account"],
)
def test_an_account_that_can_not_be_read_is_not_taken_for_one_that_is_missing(
    found: Found, words: str, remedy: str
) -> None:
    ((_, why),) = failing(seen(found, replace(CHART, care_of=True)))
    assert why.code == "VALUE_NOT_VALID"
    assert words in why.message
    assert remedy in why.remedy


# --- the account -----------------------------------------------------------------------------------------

TWIN = Account("130", "Harper Ltd")


def removed(*accounts: Account, **changed: Any) -> Found:
    """An account whose link a person removed, with what was found for its name."""
    alike = tuple(suggestions("Harper Ltd", accounts, NO_TRAITS))
    return replace(Found(INVOICE, None, None, alike, removed=True), **changed)


ADOPTED: list[tuple[str, Found, Account | None]] = [
    ("a namesake of one whose link was removed", removed(HARPER), HARPER),
    ("a namesake that nobody ever linked", removed(HARPER, removed=False), None),
    ("two namesakes", removed(HARPER, TWIN), None),
    ("two namesakes, one of them inactive", removed(HARPER, replace(TWIN, active=False)), HARPER),
    ("an inactive namesake", removed(replace(TWIN, active=False)), None),
    ("a look-alike", removed(replace(HARPER, name="Harper")), None),
    ("one that differs by a blank", removed(replace(HARPER, name="Harper  Ltd")), None),
]


@pytest.mark.requirement("IN-5", "IN-6")
@pytest.mark.parametrize(("found", "adopted"), [row[1:] for row in ADOPTED], ids=[row[0] for row in ADOPTED])
def test_only_the_namesake_of_an_account_that_was_linked_once_is_linked_without_a_person(
    found: Found, adopted: Account | None
) -> None:
    assert namesake(found) == adopted
    write = planned(seen(found))
    assert isinstance(write, Write)
    if adopted is None:
        assert isinstance(write.payload, Tell)
        return
    assert write.payload.adopts == Adoption("a-12", Side.CUSTOMER, "129")
    assert write.payload.posting.account_id == "129"


# --- what is planned -------------------------------------------------------------------------------------

OURS = Posted("396", Kind.SALES_INVOICE, "S1234", "129", Decimal("120.00"), mark="AutoVu d-501")
THEIRS = replace(OURS, mark="by hand")
UNKNOWN = Unread(bad("", "397", "TotalAmt"), "document", "QuickBooks")


def with_number(standing: Standing, document: Document = INVOICE) -> Seen:
    return numbered(seen(of(document)), standing)


@pytest.mark.requirement("IN-4", "RUN-7")
def test_a_clean_document_is_planned_to_be_posted_as_it_is() -> None:
    write = planned(seen())
    assert isinstance(write, Write)
    assert write.record.outcome is Outcome.CREATED
    assert isinstance(write.payload, Post)
    assert (write.payload.row, write.payload.adopts) == (Row("r7", ""), None)
    assert write.payload.posting.account_id == "129"
    assert {change.field: change.new for change in write.record.changes}["total"] == "120.00"


PLANNED: list[tuple[str, Seen, type[Payload], str]] = [
    ("our own stands there", with_number(Standing((THEIRS, OURS))), TakeOff, ""),
    (
        "our own stands there at another total",
        with_number(Standing((replace(OURS, total=Decimal(110)),))),
        TakeOff,
        "TOTAL_AS_POSTED",
    ),
    (
        "our own stands there, and was edited in AutoVu since",
        with_number(Standing((OURS,)), replace(INVOICE, sent=False)),
        TakeOff,
        "",
    ),
    ("our own beside one that can't be read", with_number(Standing((OURS,), UNKNOWN)), TakeOff, ""),
    ("somebody's has the number", with_number(Standing((THEIRS,))), Tell, "DUPLICATE_DOCUMENT_NUMBER"),
    ("one that can't be read may have it", with_number(Standing((), UNKNOWN)), Tell, "VALUE_NOT_VALID"),
    ("a penny off", seen(terms=replace(TERMS, package=Package(Decimal("0.01")))), Tell, "TOTALS_DIFFER"),
]


@pytest.mark.requirement("IN-3", "IN-10", "IN-11")
@pytest.mark.parametrize(
    ("one", "payload", "code"), [row[1:] for row in PLANNED], ids=[row[0] for row in PLANNED]
)
def test_what_stands_under_a_number_is_ours_or_in_the_way(one: Seen, payload: type[Any], code: str) -> None:
    write = planned(one)
    assert isinstance(write, Write)
    assert isinstance(write.payload, payload)
    assert (write.record.reason.code if write.record.reason else "") == code
    assert write.target_id == ("396" if payload is TakeOff else None)


@pytest.mark.requirement("IN-3", "RUN-4")
def test_a_document_there_that_can_not_be_read_is_named_by_its_id() -> None:
    why = with_number(Standing((), UNKNOWN)).taken
    assert getattr(why, "message", "").startswith("Sales invoice S1234: TotalAmt of the document 397 has")


@pytest.mark.requirement("IN-1")
def test_a_reason_that_stands_there_already_is_not_written_again() -> None:
    unsent = replace(INVOICE, sent=False)
    write = planned(seen(of(unsent)))
    assert isinstance(write, Write)
    assert isinstance(write.payload, Tell)
    assert write.payload.text == "Cannot sync until marked as sent."
    record = planned(seen(of(replace(unsent, status_code=write.payload.text))))
    assert isinstance(record, Record)
    assert record == write.record
