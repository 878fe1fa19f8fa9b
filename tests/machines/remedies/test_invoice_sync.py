"""The remedies of the document sync, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.sandbox.running import Running
from payrelay.domain.invoices import Side
from payrelay.flows.invoice_sync import accounts
from payrelay.flows.invoice_sync.check import open_books
from tests.flows.conftest import Clock
from tests.machines.cures import Cure, carry_out, then
from tests.worlds.invoices import FLOW, TENANT, Books, Row, Watch, bill, invoice, lines
from tests.worlds.run import CONNECTION
from tests.worlds.structs import replace

HARPER, BROOK, ORSTED = "a-11", "a-12", "a-16"
ORSTED_OWN = {"AccountId": ORSTED, "AccountName": "Ørsted Joinery"}
BROOK_OWN = {"AccountId": BROOK, "AccountName": "Brook Farm Ltd"}
ACT = accounts.Act("act_1", "2026-03-02T05:00:00Z", "tester")

Step = Callable[[Books], object]


# --- what people do --------------------------------------------------------------------------------------


def listed(*rows: Row) -> Step:
    """These documents are marked for sync in AutoVu; the customer and the supplier are linked."""

    def book(books: Books) -> None:
        books.link("Harper Ltd")
        books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
        books.book(*rows)

    return book


def in_autovu(document_id: str = "d-S2001", **values: Any) -> Step:
    """A document is edited in AutoVu."""

    def edit(books: Books) -> None:
        books.edit(books.source, "documents", {"DocumentId": document_id}, **values, RowVersion="r8")

    return edit


def off_the_list(document_id: str = "d-S2001") -> Step:
    return in_autovu(document_id, MarkedForSync=False)


def account(account_id: str, **values: Any) -> Step:
    """A company or site record is edited in AutoVu."""

    def edit(books: Books) -> None:
        books.edit(books.source, "accounts", {"AccountId": account_id}, **values, RowVersion="r8")

    return edit


def there(resource: str, match: Row, **values: Any) -> Step:
    """A row of the package is edited on its screen."""
    return lambda books: books.edit(books.package, resource, match, **values)


def added(resource: str, row: Row) -> Step:
    """A row more on the package's screen."""

    def put(books: Books) -> None:
        state = books.state(books.package)
        books.put(books.package, {**state, resource: [*state[resource], row]})

    return put


def preferences(name: str, **values: Any) -> Step:
    """Account and settings of QuickBooks."""

    def edit(books: Books) -> None:
        state = books.state("quickbooks")
        state["Preferences"][0].setdefault(name, {}).update(values)
        books.put("quickbooks", state)

    return edit


def customer(books: Books, account_id: str) -> accounts.Customer:
    opened = open_books(books, TENANT, CONNECTION, books.connection.settings)
    return accounts.customer_of(opened, account_id, ACT)


def created(account_id: str) -> Step:
    """POST …/accounts/{account_id}/create."""
    return lambda books: accounts.create(customer(books, account_id), None)


def unlinked(account_id: str) -> Step:
    """DELETE …/accounts/{account_id}/link."""
    return lambda books: accounts.unlink(customer(books, account_id), None)


def linked(account_id: str, name: str) -> Step:
    """POST …/accounts/{account_id}/link with the account_id of the account of this name."""
    return lambda books: accounts.link(
        customer(books, account_id), books.party(Side.CUSTOMER, name), Side.CUSTOMER
    )


def settings(**values: Any) -> Step:
    """The connection's settings."""
    return lambda books: books.settings(**values)


def meanwhile(act: Step) -> Step:
    """What somebody does once, after a plan was made and before it is applied."""

    def arm(books: Books) -> None:
        def once() -> None:
            books.before_apply = lambda: None
            act(books)

        books.before_apply = once

    return arm


def stored(name: str, value: Any, line: int | None = None) -> Step:
    """AutoVu lists a document that its sandbox would not take from a tester."""

    def put(books: Any) -> None:
        store = books.rooms.room(books.source).store["documents"]
        row = store.get("d-S2001")
        rows = [{**one, name: value} if one["LineNo"] == line else one for one in row["Lines"]]
        store.put({**row, "Lines": rows} if line else {**row, name: value})

    return put


def deleted(books: Books) -> None:
    """The document is deleted in AutoVu."""
    state = books.state(books.source)
    books.put(books.source, {**state, "documents": []})


def while_posted(act: Step) -> Step:
    """What somebody does while QuickBooks takes the document."""

    def arm(books: Books) -> None:
        watching = Watch(lambda: act(books), books.package, writes=True, after=True)
        books.door = replace(books.door, observer=watching)

    return arm


def posted_row(books: Books) -> Row:
    return next(row for row in books.state("quickbooks")["Invoice"] if row["DocNumber"] != "S1000")


def by_hand_in_quickbooks(**values: Any) -> Step:
    """Our document is corrected on QuickBooks' screen."""
    return lambda books: books.edit("quickbooks", "Invoice", {"Id": posted_row(books)["Id"]}, **values)


def voided(books: Books) -> None:
    state = books.state("quickbooks")
    ours = posted_row(books)["Id"]
    books.put("quickbooks", {**state, "Invoice": [row for row in state["Invoice"] if row["Id"] != ours]})


def one_more(number: str = "S2002") -> Step:
    """The next document: nothing is said of it."""

    def book(books: Books) -> None:
        books.book(*books.state(books.source)["documents"], invoice(number))

    return book


def selector(code: str, **values: Any) -> Step:
    """AutoVu's chart of accounts is edited."""
    return lambda books: books.edit(books.source, "chartofaccounts", {"Code": code}, **values)


def of_another_tax(tax: str, gross: str) -> Row:
    return invoice(lines=[{**lines("100.00")[0], "Tax": tax}], Gross=gross, Tax=tax)


def item(name: str, number: str) -> Step:
    """A product or service whose income account is the account of this number."""

    def add(books: Books) -> None:
        (found,) = [row for row in books.state("quickbooks")["Account"] if row["AcctNum"] == number]
        earns = {"value": found["Id"], "name": found["Name"]}
        added("Item", {"Id": "77", "Name": name, "Type": "Service", "IncomeAccountRef": earns})(books)

    return add


def nominal(number: str, name: str, *, sold: bool = True) -> Step:
    """An account in QuickBooks' chart of accounts."""
    kind, classification = ("Income", "Revenue") if sold else ("Expense", "Expense")
    row = {"Id": "99", "AcctNum": number, "Name": name, "FullyQualifiedName": name}
    return added("Account", {**row, "AccountType": kind, "Classification": classification})


def euros(books: Books) -> None:
    """An account in EUR, made on QuickBooks' screen."""
    row = {"Id": "99", "DisplayName": "Harper Ltd (EUR)", "CurrencyRef": {"value": "EUR"}}
    added("Customer", row)(books)


def euros_in_sage(books: Books) -> None:
    """A contact in EUR of the same name, made on Sage's screen, and linked in place of the other."""
    (old,) = [row for row in books.state("sage")["contacts"] if row["name"] == "Harper Ltd"]
    added("contacts", {**old, "id": "e" * 32, "currency": {"id": "EUR"}})(books)
    unlinked(HARPER)(books)
    accounts.link(customer(books, HARPER), "e" * 32, Side.CUSTOMER)


def sold_in_sage(books: Books) -> None:
    """A ledger account more in Sage, as the one of 4000 is."""
    rows = books.state("sage")["ledger_accounts"]
    (like,) = [row for row in rows if str(row.get("nominal_code")) == "4000"]
    added("ledger_accounts", {**like, "id": "d" * 32, "nominal_code": 4999, "name": "Sundry income"})(books)


MULTICURRENCY = preferences("CurrencyPrefs", MultiCurrencyEnabled=True)
IN_ITS_PLACE = then(euros, unlinked(HARPER), linked(HARPER, "Harper Ltd (EUR)"))
WRONG = account(HARPER, AccsID="99999")
TAKEN = listed(invoice("S1000"))
INACTIVE = there("Customer", {"DisplayName": "Harper Ltd"}, Active=False)
SHORT = {"Lines": lines("100.00")}
CLOSED = preferences("AccountingInfoPrefs", BookCloseDate="2026-02-28")
OPENED = preferences("AccountingInfoPrefs", BookCloseDate=None)
NUMBERED_ANEW = preferences("SalesFormsPrefs", CustomTxnNumbers=False)
OUR_NUMBERS = preferences("SalesFormsPrefs", CustomTxnNumbers=True)
ZERO = lines("100.00", tax_code="T0", rate=0)
FIVE = {"tax_codes": {"T0": "0.0% Z", "T1": ["20.0% S", "5.0% R"]}}
SEVERAL = then(listed(invoice()), item("Gift vouchers", "4000"), there("Item", {"Id": "7"}, Name="Services"))
CARE_OF = then(
    listed(invoice(CareOfAccountId="a-18")),
    account("a-18", CareOfID="88888"),
    lambda books: books.edit(books.source, "syncsettings", {}, UsesCareOf=True),
)


def care_of_entered(books: Books) -> None:
    account("a-18", CareOfID=books.party(Side.CUSTOMER, "Brook Farm Ltd"))(books)


def fails_over(books: Books) -> None:
    listed(invoice(), invoice("S2002"))(books)
    books.edit("quickbooks", "settings", {}, fails_over="S2001")


def typed_anew(books: Books) -> None:
    """What QuickBooks stumbled over is no longer in it."""
    books.edit("quickbooks", "settings", {}, fails_over="")
    in_autovu(Lines=[{**lines("100.00")[0], "Text": "Work"}])(books)


AT_QUICKBOOKS = [
    Cure("NOT_SENT", listed(invoice(Sent=False)), in_autovu(Sent=True), "switch `Sent` to Yes"),
    Cure("ACCOUNT_NOT_FOUND", listed(invoice(**ORSTED_OWN)), created(ORSTED), "Create it (POST"),
    Cure(
        "ACCOUNT_NOT_FOUND",
        listed(invoice(**ORSTED_OWN)),
        linked(ORSTED, "Brook Farm Ltd"),
        "link another one",
    ),
    Cure(
        "ACCOUNT_NOT_LINKED",
        listed(invoice(**BROOK_OWN)),
        linked(BROOK, "Brook Farm Ltd"),
        "Link this (POST …/accounts/a-12/link with the account_id 2)",
    ),
    Cure(
        "ACCOUNT_SPELLED_OTHERWISE",
        then(
            account(BROOK, Name="brook farm ltd"),
            listed(invoice(**{**BROOK_OWN, "AccountName": "brook farm ltd"})),
        ),
        linked(BROOK, "Brook Farm Ltd"),
        "link it (POST …/accounts/a-12/link with the account_id 2)",
    ),
    Cure(
        "ACCOUNT_INACTIVE",
        then(listed(invoice()), INACTIVE),
        there("Customer", {"DisplayName": "Harper Ltd"}, Active=True),
        "Make the account Harper Ltd active again in QuickBooks",
    ),
    Cure(
        "ACCOUNT_INACTIVE",
        then(listed(invoice()), INACTIVE),
        then(unlinked(HARPER), linked(HARPER, "Brook Farm Ltd")),
        "remove the link (DELETE …/accounts/a-11/link), and link another one",
    ),
    Cure(
        "ACCOUNTS_ID_WRONG",
        then(listed(invoice()), WRONG),
        account(HARPER, AccsID=None),
        "the next sync finds the account by its name",
    ),
    Cure(
        "ACCOUNTS_ID_WRONG",
        then(listed(invoice(**ORSTED_OWN)), account(ORSTED, AccsID="99999")),
        then(unlinked(ORSTED), created(ORSTED)),
        "then create the account (POST …/accounts/a-16/create)",
    ),
    Cure(
        "CARE_OF_UNKNOWN", CARE_OF, care_of_entered, "Enter the id that St. Mary's School has in QuickBooks"
    ),
    Cure("CARE_OF_UNKNOWN", CARE_OF, in_autovu(CareOfAccountId=None), "take the care-of account off"),
    Cure("DUPLICATE_DOCUMENT_NUMBER", TAKEN, in_autovu("d-S1000", Number="S2001"), "another number"),
    Cure(
        "DUPLICATE_DOCUMENT_NUMBER",
        TAKEN,
        there("Invoice", {"Id": "396"}, DocNumber="S0999"),
        "Look at the document of this number in QuickBooks (396). Give one of the two another number",
    ),
    Cure(
        "NOMINAL_UNKNOWN",
        listed(invoice(lines=lines("100.00", nominal="4999"))),
        then(nominal("4999", "Sundry income"), item("Sundry work", "4999")),
        "Create an income account with the number 4999, and one service",
    ),
    Cure(
        "NOMINAL_UNKNOWN",
        then(
            listed(bill(lines=lines("100.00", nominal="5100"))),
            there("Account", {"AcctNum": "5100"}, AcctNum="5199"),
        ),
        nominal("5100", "Hired hands", sold=False),
        "Create an expense account with the number 5100 in QuickBooks",
    ),
    Cure(
        "NOMINAL_UNKNOWN",
        listed(invoice(lines=lines("100.00", nominal="4000 "))),
        in_autovu(Lines=lines("100.00")),
        "correct the nominal code of the line in AutoVu",
    ),
    Cure(
        "NOMINAL_AMBIGUOUS",
        SEVERAL,
        there("Item", {"Id": "7"}, Name="Service income"),
        "Give the one that is meant the name of the nominal (Service income)",
    ),
    Cure("NOMINAL_AMBIGUOUS", SEVERAL, there("Item", {"Id": "77"}, Active=False), "make the others inactive"),
    Cure(
        "NOMINAL_WITHOUT_TAX",
        listed(invoice(lines=lines("100.00", nominal="4300", tax_code="T9", rate=0))),
        then(selector("4300", TaxSelector="T9"), settings(tax_codes={"T9": "Exempt"})),
        "Give the nominal 4300 a tax selector in AutoVu's chart of accounts, if it has none, and name",
    ),
    Cure(
        "LINE_WITHOUT_TEXT",
        listed(invoice(lines=[{**lines("100.00")[0], "Text": " "}])),
        in_autovu(Lines=lines("100.00")),
        "Fill in the text of the line",
    ),
    Cure(
        "LINE_WITHOUT_TEXT",
        listed(invoice(lines=[*lines("100.00"), {**lines("0.00")[0], "LineNo": 2, "Text": ""}])),
        in_autovu(Lines=lines("100.00")),
        "delete the line",
    ),
    Cure(
        "LINE_WITHOUT_TEXT",
        listed(invoice(Lines=[], Gross="0.00")),
        in_autovu(Lines=lines("100.00"), Gross="120.00"),
        "Add the lines",
    ),
    Cure(
        "NEGATIVE_TOTAL",
        listed(invoice("S2001", "-50.00")),
        in_autovu(Type="SalesCreditNote", Sent=None, Lines=lines("50.00"), Gross="60.00"),
        "Make it a sales credit note in AutoVu, with the signs of its lines turned round",
    ),
    Cure("NEGATIVE_TOTAL", listed(bill("PX-1", "-50.00")), off_the_list("d-PX-1"), "take it off the list"),
    Cure(
        "CURRENCY_NOT_TAKEN",
        listed(invoice(Currency="EUR")),
        then(MULTICURRENCY, IN_ITS_PLACE),
        "Multicurrency). Make an account in EUR for Harper Ltd in QuickBooks, under another name",
    ),
    Cure(
        "CURRENCY_NOT_TAKEN",
        listed(invoice(Currency="EUR")),
        in_autovu(Currency="GBP"),
        "correct the currency of the document",
    ),
    Cure(
        "CURRENCY_OF_ACCOUNT",
        then(MULTICURRENCY, listed(invoice(Currency="EUR"))),
        IN_ITS_PLACE,
        "(DELETE …/accounts/a-11/link, then POST …/accounts/a-11/link with its account_id)",
    ),
    Cure(
        "PERIOD_CLOSED",
        then(listed(invoice()), CLOSED),
        OPENED,
        "Have an administrator of QuickBooks open them",
    ),
    Cure("PERIOD_CLOSED", then(listed(invoice()), CLOSED), in_autovu(Date="2026-03-01"), "a later date"),
    Cure(
        "NUMBER_MISSING", then(listed(invoice()), stored("Number", "")), stored("Number", "S2001"), "a number"
    ),
    Cure(
        "FIELD_TOO_LONG",
        listed(invoice("N" * 22, DocumentId="d-S2001")),
        in_autovu(Number="N" * 21),
        "Shorten it in AutoVu to 21 characters",
    ),
    Cure(
        "SIGN_NOT_TAKEN",
        listed(invoice(lines=[{**lines("100.00")[0], "Text": "Boiler 🔧"}])),
        in_autovu(Lines=[{**lines("100.00")[0], "Text": "Boiler (wrench)"}]),
        "write it in letters",
    ),
    Cure(
        "TAX_CODE_UNKNOWN",
        then(settings(tax_codes={"T1": "20% (old)"}), listed(invoice())),
        settings(tax_codes={"T1": "20.0% S"}),
        "Name one of these for T1 in the connection's `tax_codes`: 20.0% S (2)",
    ),
    Cure(
        "TAX_CODE_AMBIGUOUS",
        then(settings(tax_codes={}), listed(invoice(lines=ZERO))),
        settings(tax_codes={"T0": "Exempt"}),
        "Name the one that is meant for T0 in the connection's `tax_codes`: 0.0% Z (4), Exempt (5)",
    ),
    Cure(
        "TAX_NOT_OF_RATE",
        listed(of_another_tax("15.00", "115.00")),
        in_autovu(**SHORT, Gross="120.00"),
        "the tax",
    ),
    Cure(
        "TAX_NOT_OF_RATE",
        then(
            settings(tax_codes={"T1": "20.0% S"}), listed(of_another_tax("5.00", "105.00"), invoice("S2002"))
        ),
        settings(**FIVE),
        "that has it for T1 in the connection's `tax_codes`, beside 20.0% S",
    ),
    Cure(
        "AMOUNT_TOO_FINE",
        then(listed(invoice()), stored("Net", "100.001", line=1)),
        stored("Net", "100.00", line=1),
        "Round it to two decimals",
    ),
    Cure(
        "TOTALS_DIFFER",
        listed(invoice(Gross="121.00")),
        in_autovu(Gross="120.00"),
        "both totals are the same",
    ),
    Cure("FAILED_OVER_DOCUMENT", fails_over, typed_anew, "type them anew in AutoVu, then sync again"),
    Cure("FAILED_OVER_DOCUMENT", fails_over, off_the_list(), "take it off the list in AutoVu"),
    Cure(
        "NUMBER_REPLACED",
        then(NUMBERED_ANEW, listed(invoice())),
        then(OUR_NUMBERS, by_hand_in_quickbooks(DocNumber="S2001"), one_more()),
        "Custom transaction numbers), and give the document 1001 there the number S2001",
    ),
    Cure(
        "DOCUMENT_EDITED",
        then(listed(invoice()), while_posted(in_autovu(DueDate="2026-03-31"))),
        then(by_hand_in_quickbooks(DueDate="2026-03-31"), one_more()),
        "correct Sales invoice S2001 in QuickBooks by hand",
    ),
    Cure(
        "DOCUMENT_DELETED",
        then(listed(invoice()), while_posted(deleted)),
        then(voided, one_more()),
        "Void Sales invoice S2001 in QuickBooks",
    ),
    Cure(
        "TOTAL_AS_POSTED",
        then(listed(invoice()), meanwhile(there("TaxRate", {"Name": "20.0% S (Sales)"}, RateValue=10))),
        then(
            by_hand_in_quickbooks(TotalAmt=120),
            there("TaxRate", {"Name": "20.0% S (Sales)"}, RateValue=20),
            one_more(),
        ),
        "Compare Sales invoice S2001 in QuickBooks with AutoVu's",
    ),
    Cure(
        "DOCUMENT_GONE",
        then(listed(invoice()), meanwhile(off_the_list())),
        in_autovu(MarkedForSync=True),
        "mark it for sync in AutoVu again",
    ),
    Cure("DOCUMENT_GONE", then(listed(invoice()), meanwhile(deleted)), one_more(), "Nothing to do"),
]
AT_XERO = [
    Cure(
        "DUE_DATE_MISSING",
        listed(invoice(DueDate=None)),
        in_autovu(DueDate="2026-03-04"),
        "Fill in the due date",
    ),
    Cure(
        "NOMINAL_UNKNOWN",
        listed(invoice(lines=lines("100.00", nominal="4999"))),
        added("Accounts", {"Code": "4999", "Name": "Sundry income", "Type": "REVENUE", "TaxType": "OUTPUT2"}),
        "Create a revenue account with the code 4999",
    ),
    Cure(
        "CURRENCY_NOT_TAKEN",
        listed(invoice(Currency="EUR")),
        added("Currencies", {"Code": "EUR"}),
        "Switch EUR on in Xero (Settings, Currencies), or correct",
    ),
]
AT_SAGE = [
    Cure(
        "ACCOUNT_NOT_FOUND",
        listed(invoice(**ORSTED_OWN)),
        then(
            there("contacts", {"name": "Brook Farm Ltd"}, name="Ørsted Joinery"),
            linked(ORSTED, "Ørsted Joinery"),
        ),
        "or give the right one in Sage exactly this name, and link it (POST …/accounts/a-16/link",
    ),
    Cure(
        "ACCOUNTS_ID_WRONG",
        then(listed(invoice()), lambda books: books.link("Harper Ltd", target="f" * 32)),
        unlinked(HARPER),
        "Remove the wrong link (DELETE …/accounts/a-11/link); the next sync finds the account by its name.",
    ),
    Cure(
        "CURRENCY_OF_ACCOUNT",
        then(
            listed(invoice(Currency="EUR")),
            there("contacts", {"name": "Harper Ltd"}, currency={"id": "GBP"}),
        ),
        euros_in_sage,
        "Make an account in EUR for Harper Ltd in Sage, under the same name, and link it in place of",
    ),
    Cure(
        "NOMINAL_UNKNOWN",
        listed(invoice(lines=lines("100.00", nominal="4999"))),
        sold_in_sage,
        "Create a ledger account with the nominal code 4999 that is visible in sales",
    ),
]
CASES = [
    *(("quickbooks", case) for case in AT_QUICKBOOKS),
    *(("xero", case) for case in AT_XERO),
    *(("sage", case) for case in AT_SAGE),
]
CURES = [case for _, case in CASES]
# What is not said by a plain run.
ELSEWHERE = {
    "CALLS_RESERVED": (
        "tests/flows/invoice_sync/test_budget.py::"
        "test_a_session_ends_before_it_takes_what_is_kept_for_a_scheduled_run"
    ),
    "LOOKUP_REFUSED": (
        "tests/flows/invoice_sync/test_lookups.py::"
        "test_what_the_package_refuses_to_look_for_is_said_at_that_document_alone"
    ),
    "TAX_CODE_NOT_THERE": (
        "tests/flows/invoice_sync/test_fitting.py::"
        "test_a_name_that_the_package_does_not_have_is_told_with_those_that_it_has"
    ),
}


@pytest.mark.requirement("RUN-7", "IN-3", "IN-6")
@pytest.mark.parametrize(
    ("trade", "case"),
    CASES,
    ids=[case.code for case in CURES],
    indirect=["trade"],
)
def test_a_remedy_that_is_carried_out_cures(
    trade: tuple[str, Running, Clock], books: Any, case: Cure
) -> None:
    books.rooms = trade[1]
    carry_out(books, FLOW, case)
