"""The checks of a document as tables: what passes, what fails and in which words, their order (IN-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.invoices import NO_TRAITS, Account, Kind, Posted
from payrelay.domain.records import Reason
from payrelay.flows.invoice_sync.rules import CHECKS, Seen, failing, first_failing, judged
from payrelay.systems.matching import suggestions
from tests.worlds.documents import HARPER, INVOICE, LINE, NOMINALS, STANDARD
from tests.worlds.structs import replace

UNREADABLE = Reason("VALUE_NOT_VALID", "Sales invoice S1234: a value is not valid.", "Correct it.")


CLEAN = Seen(
    package="QuickBooks",
    document=INVOICE,
    accs_id="129",
    account=HARPER,
    alike=(),
    care_of_id=None,
    care_of=None,
    nominals=NOMINALS,
    selectors={"4000": "T1"},
    tax_codes={1: STANDARD},
    needs_tax=True,
    total=Decimal("120.00"),
)
BILL = {"kind": Kind.SUPPLIER_INVOICE, "sent": None, "lines": (replace(LINE, nominal_code="5000"),)}
CREDIT = {"kind": Kind.SALES_CREDIT_NOTE, "sent": None}


def seen(document: dict[str, Any] | None = None, **changed: Any) -> Seen:
    """The clean document, changed, with what was seen of it, changed."""
    return replace(CLEAN, document=replace(INVOICE, **(document or {})), **changed)


def not_linked(*names: str, **changed: Any) -> Seen:
    """Without a link, beside accounts of these names."""
    accounts = [Account(str(place), name) for place, name in enumerate(names, 200)]
    alike = tuple(suggestions(INVOICE.account_name, accounts, NO_TRAITS))
    return seen(**{"accs_id": None, "account": None, "alike": alike, **changed})


def care_of_account(**changed: Any) -> Seen:
    """In care of another account."""
    return seen({"care_of_account_id": "a-3"}, uses_care_of=True, **changed)


def line(**changed: Any) -> dict[str, Any]:
    """A document whose second line is changed."""
    return {"lines": (LINE, replace(LINE, line_no=2, **changed)), "gross": Decimal("240.00")}


SENT, ACCOUNT, CARE_OF, NUMBER, NOMINALS, TAXES, TEXTS, TOTALS = (rule.name for rule in CHECKS)
BOTH_TAXED = {1: STANDARD, 2: STANDARD}
CANNOT_YET = "Cannot sync until marked as sent."
PASSING = [
    ("a clean invoice", seen()),
    ("a clean credit note, of which nobody says that it was sent", seen(CREDIT)),
    ("a clean bill", seen(BILL)),
    ("an account that was found by its name", not_linked("Harper Ltd", account=HARPER)),
    (
        "a care-of account that is known",
        seen({"care_of_account_id": "a-3"}, uses_care_of=True, care_of_id="88", care_of=HARPER),
    ),
    ("a nominal without tax, where the package needs none", seen(tax_codes={1: None}, needs_tax=False)),
    ("a total that the package alone can tell", seen(total=None)),
    ("two lines", seen(line(), tax_codes=BOTH_TAXED, total=Decimal("240.00"))),
    (
        "a zero-rated line",
        seen({"lines": (replace(LINE, tax=Decimal(0)),), "gross": Decimal(100)}, total=Decimal(100)),
    ),
    ("amounts of equal worth with other digits", seen({"gross": Decimal("120")}, total=Decimal("120.0000"))),
]
FAILING = [
    (
        "an invoice that was not sent",
        SENT,
        "NOT_SENT",
        CANNOT_YET,
        seen({"sent": False}),
    ),
    (
        "an invoice of which it is not known",
        SENT,
        "NOT_SENT",
        CANNOT_YET,
        seen({"sent": None}),
    ),
    (
        "nobody of that name",
        ACCOUNT,
        "ACCOUNT_NOT_FOUND",
        "The account Harper Ltd does not exist in QuickBooks.",
        not_linked(),
    ),
    (
        "only somebody of a similar name",
        ACCOUNT,
        "ACCOUNT_NOT_FOUND",
        "The account Harper Ltd does not exist in QuickBooks.",
        not_linked("Harper Ltd 2", "Harper Limited"),
    ),
    (
        "a namesake that nobody linked",
        ACCOUNT,
        "ACCOUNT_NOT_LINKED",
        "The account Harper Ltd exists in QuickBooks, and is not linked yet.",
        not_linked("Harper Ltd", "Harper Ltd 2"),
    ),
    (
        "a wrong id with a namesake",
        ACCOUNT,
        "ACCOUNTS_ID_WRONG",
        "AccountsID (99999) is not correct, QuickBooks requires 200",
        not_linked("Harper Ltd", accs_id="99999"),
    ),
    (
        "a wrong id with two namesakes",
        ACCOUNT,
        "ACCOUNTS_ID_WRONG",
        "AccountsID (99999) is not correct, QuickBooks requires the id of an account that it has",
        not_linked("Harper Ltd", "Harper Ltd", accs_id="99999"),
    ),
    (
        "a wrong id with a look-alike",
        ACCOUNT,
        "ACCOUNTS_ID_WRONG",
        "AccountsID (99999) is not correct, QuickBooks requires the id of an account that it has",
        not_linked("Harper Ltd 2", accs_id="99999"),
    ),
    (
        "an account that was made inactive",
        ACCOUNT,
        "ACCOUNT_INACTIVE",
        "The account Harper Ltd is not active in QuickBooks.",
        seen(account=replace(HARPER, active=False)),
    ),
    (
        "a care-of id that is not known",
        CARE_OF,
        "CARE_OF_UNKNOWN",
        "Sales invoice S1234 has the care-of id 88888, which QuickBooks does not have.",
        care_of_account(care_of_id="88888"),
    ),
    (
        "a care-of account without an id",
        CARE_OF,
        "CARE_OF_UNKNOWN",
        "Sales invoice S1234 has the care-of id (none), which QuickBooks does not have.",
        care_of_account(),
    ),
    (
        "a number in use",
        NUMBER,
        "DUPLICATE_DOCUMENT_NUMBER",
        "Sales invoice S1234 can't be synced: QuickBooks has a document with this number already (396).",
        seen(taken=Posted("396", Kind.SALES_INVOICE, "S1234", "7", Decimal(1))),
    ),
    (
        "a nominal that is nowhere",
        NOMINALS,
        "NOMINAL_UNKNOWN",
        "Line 2 of Sales invoice S1234 has the nominal code 4999, which QuickBooks does not have for it.",
        seen(line(nominal_code="4999"), tax_codes=BOTH_TAXED, total=None),
    ),
    (
        "a nominal of the other side",
        NOMINALS,
        "NOMINAL_UNKNOWN",
        "Line 2 of Sales invoice S1234 has the nominal code 5000, which QuickBooks does not have for it.",
        seen(line(nominal_code="5000"), tax_codes=BOTH_TAXED, total=None),
    ),
    (
        "a bill with a nominal of sales",
        NOMINALS,
        "NOMINAL_UNKNOWN",
        "Line 1 of Supplier invoice S1234 has the nominal code 4000, which QuickBooks does not have for it.",
        seen({**BILL, "lines": (LINE,)}),
    ),
    (
        "a line without a nominal",
        NOMINALS,
        "NOMINAL_UNKNOWN",
        "Line 2 of Sales invoice S1234 has the nominal code (none), which QuickBooks does not have for it.",
        seen(line(nominal_code=None), tax_codes=BOTH_TAXED, total=None),
    ),
    (
        "a nominal whose selector has no tax code",
        TAXES,
        "NOMINAL_WITHOUT_TAX",
        "Line 2 of Sales invoice S1234: nominal 4000 has no tax value in QuickBooks (tax selector T1).",
        seen(line(), tax_codes={1: STANDARD, 2: None}, total=None),
    ),
    (
        "a nominal without a selector",
        TAXES,
        "NOMINAL_WITHOUT_TAX",
        "Line 1 of Sales invoice S1234: nominal 4000 has no tax value in QuickBooks (tax selector T1).",
        seen(tax_codes={}, selectors={}, total=None),
    ),
    (
        "neither selector nor tax code",
        TAXES,
        "NOMINAL_WITHOUT_TAX",
        "Line 1 of Sales invoice S1234: nominal 4000 has no tax value in QuickBooks (tax selector (none)).",
        seen({"lines": (replace(LINE, tax_code=None),)}, tax_codes={}, selectors={}, total=None),
    ),
    (
        "a blank line",
        TEXTS,
        "LINE_WITHOUT_TEXT",
        "Line 2 of Sales invoice S1234 has no text.",
        seen(line(text=" \t"), tax_codes=BOTH_TAXED, total=Decimal("240.00")),
    ),
    (
        "a line without text",
        TEXTS,
        "LINE_WITHOUT_TEXT",
        "Line 2 of Sales invoice S1234 has no text.",
        seen(line(text=None), tax_codes=BOTH_TAXED, total=Decimal("240.00")),
    ),
    (
        "no line at all",
        TEXTS,
        "LINE_WITHOUT_TEXT",
        "Line (there is none) of Sales invoice S1234 has no text.",
        seen({"lines": (), "gross": Decimal(0)}, total=Decimal(0)),
    ),
    (
        "a penny more in the package",
        TOTALS,
        "TOTALS_DIFFER",
        "The total of Sales invoice S1234 is 120.00 in AutoVu, and 120.01 by QuickBooks.",
        seen(total=Decimal("120.01")),
    ),
    (
        "lines that do not add up",
        TOTALS,
        "TOTALS_DIFFER",
        "The total of Sales invoice S1234 is 121.00 in AutoVu, and 120.00 by the sum of its lines.",
        seen({"gross": Decimal("121.00")}, total=Decimal("121.00")),
    ),
]


@pytest.mark.requirement("IN-3", "IN-11")
@pytest.mark.parametrize("one", [row[1] for row in PASSING], ids=[row[0] for row in PASSING])
def test_a_document_that_fails_no_check_may_be_posted(one: Seen) -> None:
    assert failing(one) == []
    assert first_failing(one) is None


@pytest.mark.requirement("IN-3", "IN-5", "IN-6", "IN-11")
@pytest.mark.parametrize(
    ("name", "code", "words", "one"), [row[1:] for row in FAILING], ids=[row[0] for row in FAILING]
)
def test_a_document_that_fails_one_check_is_told_why_with_the_values(
    name: str, code: str, words: str, one: Seen
) -> None:
    by_name = {rule.name: rule.test(one) for rule in CHECKS}
    why = by_name.pop(name)
    assert why
    assert (why.code, why.message) == (code, words)
    assert list(by_name.values()) == [None] * 7, "no other check minds"
    assert [found for _, found in failing(one)] == [why]
    assert first_failing(one) == why


@pytest.mark.requirement("IN-3")
def test_the_checks_stand_in_the_order_of_the_source_document() -> None:
    assert [rule.name for rule in CHECKS] == [
        "marked as sent",
        "matching accounts id",
        "matching care-of id",
        "document number is new",
        "matching nominal codes",
        "nominals have a tax value",
        "every line has text",
        "totals agree",
    ]
    assert {row[1] for row in FAILING} == {rule.name for rule in CHECKS}, "every check is in the table"


# For each check something that fails it alone, and can be put together with all others.
BREAKS: list[dict[str, Any]] = [
    {"document": {"sent": False}},
    {"accs_id": None, "account": None},
    {"document": {"care_of_account_id": "a-3"}, "uses_care_of": True},
    {"taken": Posted("396", Kind.SALES_INVOICE, "S1234", "7", Decimal(1))},
    {"nominals": {}},
    {"tax_codes": {}},
    {"document": {"lines": (replace(LINE, text=""),)}},
    {"total": Decimal("120.01")},
]


def broken(places: set[int]) -> Seen:
    """The clean document with all these checks failing."""
    document: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    for place in places:
        document |= BREAKS[place].get("document", {})
        changed |= {name: value for name, value in BREAKS[place].items() if name != "document"}
    return seen(document, **changed)


@pytest.mark.requirement("IN-3", "IN-12")
@given(st.sets(st.integers(0, len(CHECKS) - 1)))
def test_failing_checks_are_told_in_their_order_and_the_first_is_the_status_code(
    places: set[int],
) -> None:
    one = broken(places)
    expected = [CHECKS[place].test(one) for place in sorted(places)]
    assert [why for _, why in failing(one)] == expected
    assert first_failing(one) == (expected[0] if expected else None)
    assert [place for place, rule in enumerate(CHECKS) if rule.test(one)] == sorted(places)


CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents) / 100)


@pytest.mark.requirement("IN-11")
@given(st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=200), CENTS, CENTS)
def test_totals_agree_exactly_if_lines_and_package_come_to_the_gross(
    amounts: list[tuple[Decimal, Decimal]], off: Decimal, theirs_off: Decimal
) -> None:
    lines = tuple(replace(LINE, line_no=no, net=net, tax=tax) for no, (net, tax) in enumerate(amounts, 1))
    gross = sum((net + tax for net, tax in amounts), Decimal()) + off
    one = seen({"lines": lines, "gross": gross}, total=gross + theirs_off)
    totals = CHECKS[-1].test(one)
    assert (totals is None) == (off == 0 and theirs_off == 0)


UNREADABLE_ROWS = [
    ("an account", ACCOUNT, seen(account=UNREADABLE)),
    ("an account that may be the one of this name", ACCOUNT, not_linked(account=UNREADABLE)),
    (
        "a care-of account",
        CARE_OF,
        care_of_account(care_of=UNREADABLE),
    ),
    ("a document under its number", NUMBER, seen(taken=UNREADABLE)),
    ("a nominal", NOMINALS, seen(nominals={"4000": UNREADABLE})),
    ("a tax code", TAXES, seen(tax_codes={1: UNREADABLE})),
]


@pytest.mark.requirement("IN-3", "RUN-4")
@pytest.mark.parametrize(
    ("name", "one"), [row[1:] for row in UNREADABLE_ROWS], ids=[row[0] for row in UNREADABLE_ROWS]
)
def test_a_row_that_can_not_be_read_fails_the_check_that_asks_for_it_and_no_other(
    name: str, one: Seen
) -> None:
    assert [(rule.name, why) for rule, why in failing(one)] == [(name, UNREADABLE)]


@pytest.mark.requirement("IN-10")
def test_a_document_that_stands_there_already_fails_nothing_whatever_changed_since() -> None:
    one = seen({"sent": False}, account=None, own=Posted("396", Kind.SALES_INVOICE, "S1234", "7", Decimal(1)))
    assert failing(one) == []


def posted(mark: str, account_id: str = "7") -> Posted:
    return Posted("396", Kind.SALES_INVOICE, "S1234", account_id, Decimal(1), mark=mark)


OURS, THEIRS, OF_ANOTHER = posted("AutoVu d-501"), posted("by hand"), posted("by hand", "8")
JUDGED: list[tuple[str, list[Posted], Kind, str | None, tuple[Posted | None, Posted | None]]] = [
    ("nothing", [], Kind.SALES_INVOICE, "7", (None, None)),
    ("ours", [THEIRS, OURS], Kind.SALES_INVOICE, "7", (OURS, None)),
    ("somebody's", [THEIRS], Kind.SALES_INVOICE, "7", (None, THEIRS)),
    (
        "another customer's: numbers of sales are shared",
        [OF_ANOTHER],
        Kind.SALES_INVOICE,
        "7",
        (None, OF_ANOTHER),
    ),
    ("another supplier's: each has its own", [OF_ANOTHER], Kind.SUPPLIER_INVOICE, "7", (None, None)),
    ("the same supplier's", [OF_ANOTHER, THEIRS], Kind.SUPPLIER_INVOICE, "7", (None, THEIRS)),
    ("a supplier's who is not known yet", [OF_ANOTHER], Kind.SUPPLIER_INVOICE, None, (None, OF_ANOTHER)),
]


@pytest.mark.requirement("IN-3", "IN-10")
@pytest.mark.parametrize(
    ("there", "kind", "account_id", "expected"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED]
)
def test_what_stands_under_a_number_is_ours_or_takes_it(
    there: list[Posted],
    kind: Kind,
    account_id: str | None,
    expected: tuple[Posted | None, Posted | None],
) -> None:
    assert judged(there, "AutoVu d-501", kind, account_id) == expected


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (Kind.SALES_INVOICE, "Sales invoice S1234"),
        (Kind.SALES_CREDIT_NOTE, "Sales credit note S1234"),
        (Kind.SUPPLIER_INVOICE, "Supplier invoice S1234"),
    ],
)
def test_messages_name_a_document_by_kind_and_number(kind: Kind, label: str) -> None:
    assert replace(INVOICE, kind=kind).label == label
