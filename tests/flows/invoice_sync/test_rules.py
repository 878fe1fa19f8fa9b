"""The checks of a document as tables: what passes, what fails and in which words, their order (IN-3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.invoices import NO_TRAITS, Account, Company, Kind, Nominal, Posted, Side, Takes
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


SENT, ACCOUNT, CARE_OF, NUMBER, NOMINALS, TAXES, TEXTS, SIGN, CURRENCY, PERIOD, FIT, CODES, TOTALS = (
    rule.name for rule in CHECKS
)
BOTH_TAXED = {1: STANDARD, 2: STANDARD}
LESS = replace(LINE, quantity=Decimal(-1), net=Decimal("-100.00"), tax=Decimal("-20.00"))
NEGATIVE: dict[str, Any] = {"lines": (LESS,), "gross": Decimal("-120.00")}
SEVERAL = Nominal(
    "4000", "Service income", {}, several={Side.CUSTOMER: ("Gift vouchers (7)", "Services (8)")}
)
ONE_EACH = Takes(one_currency_each=True)
NARROW = Takes(
    number=21,
    text=30,
    # A blank, two brackets and "AutoVu d-501" go with it.
    reference=18,
    mark_in_reference=True,
    plain_signs=True,
    due_date=frozenset({Kind.SALES_INVOICE}),
)
FITTING: dict[str, Any] = {"reference": "PO7", "lines": (replace(LINE, text="t" * 30),)}
UNSURE_CODE = Reason("TAX_CODE_AMBIGUOUS", "several", "Name one.")
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
    ("all fields at their limits", seen({**FITTING, "number": "S" * 21}, takes=NARROW)),
    (
        "a bill, which has no reference there",
        seen({**BILL, "reference": "r" * 99}, takes=Takes(reference=18)),
    ),
    ("the day after books were closed", seen(company=Company(closed_until=date(2026, 1, 4)))),
    (
        "a currency that the company has added",
        seen({"currency": "EUR"}, company=Company("GBP"), currencies=frozenset({"EUR"})),
    ),
    (
        "an account in the document's currency",
        seen(
            {"currency": "EUR"},
            account=replace(HARPER, currency="EUR"),
            company=Company("GBP", True),
            takes=ONE_EACH,
        ),
    ),
    ("nothing is known of the company", seen({"currency": "EUR"})),
    ("a total of nothing", seen({"lines": (LINE, LESS), "gross": Decimal(0)}, total=Decimal(0))),
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
        (
            "Sales invoice S1234 goes care of Ripon Diocese, which has the care-of id 88888; QuickBooks does "
            "not have it."
        ),
        care_of_account(care_of_id="88888", care_of_name="Ripon Diocese"),
    ),
    (
        "a care-of account without an id",
        CARE_OF,
        "CARE_OF_UNKNOWN",
        "Sales invoice S1234 goes care of Ripon Diocese, which has no care-of id.",
        care_of_account(care_of_name="Ripon Diocese"),
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
        "a nominal with a sign that can't be seen",
        NOMINALS,
        "NOMINAL_UNKNOWN",
        (
            'Line 2 of Sales invoice S1234 has the nominal code "4000<U+200B>", which QuickBooks does not '
            "have for it."
        ),
        seen(line(nominal_code="4000\u200b"), tax_codes=BOTH_TAXED, total=None),
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
        "No line of Sales invoice S1234 has a text.",
        seen({"lines": (), "gross": Decimal(0)}, total=Decimal(0)),
    ),
    (
        "another document of the number before it on the list",
        NUMBER,
        "DUPLICATE_DOCUMENT_NUMBER",
        (
            "Sales invoice S1234 can't be synced: AutoVu has a document with this number already "
            "(d-500 of Harper Ltd, before it on the list)."
        ),
        seen(earlier=replace(INVOICE, document_id="d-500")),
    ),
    (
        "a number that a void document holds",
        NUMBER,
        "DUPLICATE_DOCUMENT_NUMBER",
        (
            "Sales invoice S1234 can't be synced: QuickBooks has a document with this number already "
            "(396, which is void)."
        ),
        seen(taken=Posted("396", Kind.SALES_INVOICE, "S1234", "7", Decimal(0), void=True)),
    ),
    (
        "a nominal to which several items earn",
        NOMINALS,
        "NOMINAL_AMBIGUOUS",
        (
            "Line 1 of Sales invoice S1234: several items of QuickBooks earn to the nominal 4000: "
            "Gift vouchers (7), Services (8)."
        ),
        seen(nominals={"4000": SEVERAL}),
    ),
    (
        "a total of less than nothing",
        SIGN,
        "NEGATIVE_TOTAL",
        "Sales invoice S1234 comes to -120.00, and QuickBooks takes no sales invoice of less than nothing.",
        seen(NEGATIVE, total=Decimal("-120.00")),
    ),
    (
        "a supplier invoice of less than nothing",
        SIGN,
        "NEGATIVE_TOTAL",
        (
            "Supplier invoice S1234 comes to -120.00, and QuickBooks takes no supplier invoice of less than "
            "nothing."
        ),
        seen({**BILL, **NEGATIVE, "lines": (replace(LESS, nominal_code="5000"),)}, total=Decimal("-120.00")),
    ),
    (
        "a currency that the company does not take",
        CURRENCY,
        "CURRENCY_NOT_TAKEN",
        "Sales invoice S1234 is in USD, and QuickBooks keeps these books in GBP and takes no USD.",
        seen({"currency": "USD"}, company=Company("GBP", False), currencies=frozenset({"EUR"})),
    ),
    (
        "an account in another currency",
        CURRENCY,
        "CURRENCY_OF_ACCOUNT",
        "Sales invoice S1234 is in USD, and the account Harper Ltd is in GBP in QuickBooks.",
        seen({"currency": "USD"}, company=Company("GBP", True), takes=ONE_EACH),
    ),
    (
        "the company's currency, and an account in another one",
        CURRENCY,
        "CURRENCY_OF_ACCOUNT",
        "Sales invoice S1234 is in GBP, and the account Harper Ltd is in EUR in QuickBooks.",
        seen(account=replace(HARPER, currency="EUR"), company=Company("GBP", True), takes=ONE_EACH),
    ),
    (
        "the last day of closed books",
        PERIOD,
        "PERIOD_CLOSED",
        "Sales invoice S1234 is of 2026-01-05, and the books in QuickBooks are closed until 2026-01-05.",
        seen(company=Company(closed_until=date(2026, 1, 5))),
    ),
    (
        "a number that is too long",
        FIT,
        "FIELD_TOO_LONG",
        f"The number of Sales invoice {'S' * 22} has 22 characters, and QuickBooks takes 21.",
        seen({"number": "S" * 22}, takes=NARROW),
    ),
    (
        "a text that is too long",
        FIT,
        "FIELD_TOO_LONG",
        "The text of line 1 of Sales invoice S1234 has 31 characters, and QuickBooks takes 30.",
        seen({"reference": None, "lines": (replace(LINE, text="t" * 31),)}, takes=NARROW),
    ),
    (
        "a reference that is too long with our mark",
        FIT,
        "FIELD_TOO_LONG",
        "The reference of Sales invoice S1234 has 4 characters, and QuickBooks takes 3.",
        seen({"reference": "PO 7"}, takes=NARROW),
    ),
    (
        "a sign that the package does not take",
        FIT,
        "SIGN_NOT_TAKEN",
        (
            "The text of line 1 of Sales invoice S1234 has the sign \U0001f527 (U+1F527, wrench), which "
            "QuickBooks does not take."
        ),
        seen({"reference": None, "lines": (replace(LINE, text="Boiler \U0001f527"),)}, takes=NARROW),
    ),
    (
        "no number",
        FIT,
        "NUMBER_MISSING",
        "Sales invoice d-501 has no number.",
        seen({"number": "  "}),
    ),
    (
        "no due date, where one is needed",
        FIT,
        "DUE_DATE_MISSING",
        "Sales invoice S1234 has no due date, which QuickBooks needs.",
        seen({"due_date": None}, takes=NARROW),
    ),
    (
        "several tax codes that may be meant",
        CODES,
        "TAX_CODE_AMBIGUOUS",
        "several",
        seen(tax_codes={1: UNSURE_CODE}),
    ),
    (
        "an amount finer than a penny",
        TOTALS,
        "AMOUNT_TOO_FINE",
        "The net of line 1 of Sales invoice S1234 is 100.001, which has more than two decimals.",
        seen({"lines": (replace(LINE, net=Decimal("100.001")),), "gross": Decimal("120.001")}),
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
    assert list(by_name.values()) == [None] * (len(CHECKS) - 1), "no other check minds"
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
        "total is not negative",
        "currency is taken",
        "books are open",
        "fields fit",
        "tax codes are certain",
        "totals agree",
    ]
    assert {row[1] for row in FAILING} == {rule.name for rule in CHECKS}, "every check is in the table"


# For each check something that fails it alone, and can be put together with all others; of the document, of
# its first line, of the tax codes by line, and of what was seen of it.
BREAKS: list[dict[str, Any]] = [
    {"document": {"sent": False}},
    {"seen": {"accs_id": None, "account": None}},
    {"document": {"care_of_account_id": "a-3"}, "seen": {"uses_care_of": True}},
    {"seen": {"taken": Posted("396", Kind.SALES_INVOICE, "S1234", "7", Decimal(1))}},
    {"seen": {"nominals": {}}},
    {"codes": {1: None}},
    {"line": {"text": ""}},
    {
        "line": {"net": Decimal("-100.00"), "tax": Decimal("-20.00")},
        "document": {"gross": Decimal("-120.00")},
        "seen": {"total": Decimal("-120.00")},
    },
    {
        "document": {"currency": "USD"},
        "seen": {"company": Company("GBP", False), "currencies": frozenset()},
    },
    {"seen": {"company": Company("GBP", False, date(2026, 12, 31))}},
    {"document": {"number": ""}},
    {"codes": {2: UNSURE_CODE}},
    {"seen": {"total": Decimal("120.01")}},
]
NOTHING = replace(LINE, line_no=2, quantity=Decimal(0), net=Decimal(0), tax=Decimal(0))


def broken(places: set[int]) -> Seen:
    """The clean document with all these checks failing."""
    document: dict[str, Any] = {}
    line: dict[str, Any] = {}
    codes: dict[int, Any] = dict(BOTH_TAXED)
    changed: dict[str, Any] = {}
    for place in sorted(places):
        document |= BREAKS[place].get("document", {})
        line |= BREAKS[place].get("line", {})
        codes |= BREAKS[place].get("codes", {})
        changed |= BREAKS[place].get("seen", {})
    return seen({**document, "lines": (replace(LINE, **line), NOTHING)}, tax_codes=codes, **changed)


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
