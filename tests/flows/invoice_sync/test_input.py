"""Odd and bad input of the invoice flow: what each package makes of it, or why it is not posted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.running import Running
from payrelay.domain.invoices import Kind, NewAccount, Side
from payrelay.domain.reasons import reason
from payrelay.domain.records import Record
from payrelay.domain.runs import Halt, Status, Trigger
from payrelay.errors import Rejected
from payrelay.flows.engine.orders import Replay, replay_order
from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.quickbooks.client import QuickBooksClient
from payrelay.systems.rows import BadRow, Listed
from tests.flows.conftest import Clock
from tests.worlds.invoices import (
    ANY_PACKAGE,
    AT_QUICKBOOKS,
    FLOW,
    TENANT,
    Books,
    Row,
    bill,
    credit_note,
    invoice,
    lines,
)
from tests.worlds.listed import good


@pytest.fixture
def linked(books: Books) -> Books:
    """A company whose customer and supplier are linked."""
    books.link("Harper Ltd")
    books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    return books


def only(books: Books, *rows: Row) -> Record:
    """The one record of a sync of these documents."""
    books.book(*rows)
    (record,) = books.stored(books.sync())
    return record


def code(record: Record) -> tuple[str, str]:
    return record.outcome.value, record.reason.code if record.reason else ""


def money(text: str) -> Decimal:
    return Decimal(text)


# --- names -----------------------------------------------------------------------------------------------

NAMES = (
    "O'Neil & Sons",
    'The "Old Forge" Café',
    "St. Mary's School",
    "Ørsted Joinery",
    "Åse & Bjørn's \\ “Hôtel”",
    "100% Clean_Co",
    "A, B and C",
    "李小龍有限公司",
)


def rename(books: Books, name: str) -> None:
    """The customer is called so in AutoVu."""
    books.edit(books.source, "accounts", {"AccountId": "a-11"}, Name=name, AccsID=None)


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize("names", [NAMES[:4], NAMES[4:]], ids=["western", "others"])
def test_names_with_any_letters_and_signs_are_found_exactly(books: Books, names: tuple[str, ...]) -> None:
    """Each has a customer of its own in AutoVu, and one document."""
    state = books.state(books.source)
    plain = next(row for row in state["accounts"] if row["AccountId"] == "a-11")
    owners = {f"a-9{place}": name for place, name in enumerate(names)}
    accounts = [row for row in state["accounts"] if row["Name"] not in names]
    accounts += [{**plain, "AccountId": key, "Name": name, "AccsID": None} for key, name in owners.items()]
    documents = [
        invoice(f"S{account_id}", AccountId=account_id, AccountName=name)
        for account_id, name in owners.items()
    ]
    books.put(books.source, {**state, "accounts": accounts, "documents": documents})

    def synced() -> dict[str, Record]:
        return {owners[one.source_id.removeprefix("d-S")]: one for one in books.stored(books.sync())}

    known = {
        name
        for name in names
        if any(one.name == name for one in good(books.client.accounts_like(Side.CUSTOMER, name)))
    }
    first = synced()
    for serial, name in enumerate(names):
        if name not in known:
            assert code(first[name]) == ("blocked", "ACCOUNT_NOT_FOUND"), name
            made = books.client.create_account(NewAccount(f"{serial:032}", Side.CUSTOMER, name))
            assert made.name == name
    for name, record in synced().items():
        assert code(record) == ("blocked", "ACCOUNT_NOT_LINKED"), name
        assert record.reason
        assert record.reason.message == f"The account {name} exists in {books.label}, and is not linked yet."
        books.link(name)
    assert {name: code(record) for name, record in synced().items()} == dict.fromkeys(names, ("created", ""))


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Brook Farm Ltd 2", "ACCOUNT_NOT_FOUND"),
        ("brook farm ltd", "ACCOUNT_SPELLED_OTHERWISE"),
        ("Brook\u00a0Farm  Ltd", "ACCOUNT_SPELLED_OTHERWISE"),
    ],
)
def test_a_similar_name_is_another_account_until_a_person_links_it(
    books: Books, name: str, reason: str
) -> None:
    """(faults C3)"""
    rename(books, name)
    assert code(only(books, invoice(AccountName=name))) == ("blocked", reason)


@pytest.mark.requirement("IN-5")
def test_a_supplier_called_as_a_customer_is_not_that_customer_where_both_have_lists_of_their_own(
    books: Books,
) -> None:
    row = bill(AccountId="a-11", AccountName="Harper Ltd")
    found = code(only(books, row))
    # At Xero both are one contact.
    assert found == ("blocked", "ACCOUNT_NOT_LINKED" if books.package == "xero" else "ACCOUNT_NOT_FOUND")
    new = NewAccount("1" * 32, Side.SUPPLIER, "Harper Ltd")
    if books.package == "sage":
        assert books.client.create_account(new).name == "Harper Ltd"
        return
    with pytest.raises(Rejected) as refused:
        books.client.create_account(new)
    assert refused.value.code == {"quickbooks": "6240", "xero": "400"}[books.package]
    assert refused.value.message


# --- amounts ---------------------------------------------------------------------------------------------


def taxed(*taxes: str, net: str = "10.03", **more: Any) -> list[Row]:
    """Lines of one net, with these taxes."""
    rows = lines(*[net] * len(taxes), **more)
    return [{**row, "Tax": tax} for row, tax in zip(rows, taxes, strict=True)]


def numbered(rows: list[Row]) -> list[Row]:
    return [{**row, "LineNo": number} for number, row in enumerate(rows, 1)]


FINE: list[tuple[str, list[Row], str]] = [
    ("tax rounded line by line", taxed("2.01", "2.01", "2.01"), "36.12"),
    ("fifty lines, twenty pence off the package's own sum", taxed(*["48.33"] * 50, net="241.67"), "14500.00"),
    ("the rounding of all lines on one of them", taxed("2.00", "2.00", "2.02", net="10.02"), "36.08"),
    (
        "a price of fractions of a penny",
        [{**lines("33.33")[0], "Quantity": "1000", "UnitPrice": "0.0333", "Tax": "6.67"}],
        "40.00",
    ),
    (
        "half a penny rounded down",
        [{**lines("41.62")[0], "UnitPrice": "41.625", "Tax": "8.32"}],
        "49.94",
    ),
    ("a discount", [{**lines("90.00")[0], "UnitPrice": "100.00"}], "108.00"),
    ("a negative line among others", [*lines("100.00"), *lines("-30.00")], "84.00"),
    ("nothing at all", lines("0.00"), "0.00"),
]


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize("made", [invoice, credit_note, bill], ids=["invoice", "credit note", "bill"])
def test_rounding_discounts_and_fine_prices_are_posted_with_autovus_own_amounts(
    linked: Books, made: Callable[..., Row]
) -> None:
    """(faults E3) (faults E4) (fidelity B1)"""
    nominal = "5000" if made is bill else "4000"
    numbers = {f"S20{place:02}": (rows, gross) for place, (_, rows, gross) in enumerate(FINE)}
    documents = [
        made(number, lines=numbered([{**row, "NominalCode": nominal} for row in rows]), Gross=gross)
        for number, (rows, gross) in numbers.items()
    ]
    linked.book(*documents)
    run = linked.auto()
    assert linked.reasons(run) == {}
    kind = Kind(documents[0]["Type"])
    standing = {number: [one.total for one in linked.standing(number, kind)] for number in numbers}
    assert standing == {number: [money(gross)] for number, (_, gross) in numbers.items()}


@pytest.mark.requirement("IN-3", "IN-11")
@pytest.mark.parametrize("made", [invoice, credit_note, bill], ids=["invoice", "credit note", "bill"])
def test_zero_rated_lines_stand_beside_taxed_ones(linked: Books, made: Callable[..., Row]) -> None:
    nominal = "5000" if made is bill else "4000"
    rows = [*lines("100.00", nominal=nominal), *lines("50.00", nominal=nominal, tax_code="T0", rate=0)]
    row = made("S2001", lines=[{**one, "LineNo": number} for number, one in enumerate(rows, 1)])
    assert code(only(linked, row)) == ("created", "")
    (standing,) = linked.standing("S2001", Kind(row["Type"]))
    assert standing.total == money("170.00")


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize("made", [invoice, credit_note, bill], ids=["invoice", "credit note", "bill"])
def test_quantities_and_prices_of_four_decimals_come_out_to_the_penny(
    linked: Books, made: Callable[..., Row]
) -> None:
    nominal = "5000" if made is bill else "4000"
    row = lines("27.43", nominal=nominal)[0]
    # 1.2345 x 22.2222 = 27.43330…
    row |= {"Quantity": "1.2345", "UnitPrice": "22.2222", "Tax": "5.49"}
    document = made("S2001", lines=[row])
    assert code(only(linked, document)) == ("created", "")
    (standing,) = linked.standing("S2001", Kind(document["Type"]))
    assert standing.total == money("32.92")


@pytest.mark.requirement("IN-11")
def test_a_document_of_two_hundred_lines_is_posted_whole(linked: Books) -> None:
    row = invoice(lines=lines(*["10.00"] * 200))
    assert code(only(linked, row)) == ("created", "")
    (standing,) = linked.standing("S2001")
    assert standing.total == money("2400.00")


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-11")
def test_a_total_that_the_package_makes_otherwise_after_all_is_told(linked: Books) -> None:
    """The rate of the tax code was changed there after the run had read it."""
    linked.book(invoice())
    match = {"Name": "20.0% S (Sales)"}
    linked.before_apply = lambda: linked.edit("quickbooks", "TaxRate", match, RateValue=10)
    (record,) = linked.stored(linked.sync())
    assert code(record) == ("created", "TOTAL_AS_POSTED")
    assert record.reason
    assert "with a total of 110.00, but has 120.00 in AutoVu" in record.reason.message
    assert linked.queue() == []


# --- currencies ------------------------------------------------------------------------------------------


def takes_euros(books: Books, *, customer: bool) -> None:
    """The company has many currencies, and its customer is in euros, if `customer`."""
    state = books.state(books.package)
    if books.package == "quickbooks":
        state["Preferences"][0]["CurrencyPrefs"]["MultiCurrencyEnabled"] = True
    elif books.package == "xero":
        state["Currencies"] = [{"Code": "EUR"}]
    books.put(books.package, state)
    if customer and books.package == "quickbooks":
        books.edit("quickbooks", "Customer", {"DisplayName": "Harper Ltd"}, CurrencyRef={"value": "EUR"})
    if customer and books.package == "sage":
        books.edit("sage", "contacts", {"name": "Harper Ltd"}, currency={"id": "EUR"})


@pytest.mark.requirement("IN-3", "IN-4", "RUN-7")
def test_a_currency_that_does_not_go_is_told_before_posting_with_both_currencies(linked: Books) -> None:
    """(faults E6)"""
    linked.book(invoice("S2001", Currency="EUR"), invoice("S2002"))
    foreseen = told(linked, "preview")
    assert foreseen["S2001"][0] == "blocked"
    assert "S2001 is in EUR" in foreseen["S2001"][1]
    assert "GBP" in foreseen["S2001"][1]
    assert told(linked, "sync") == foreseen
    assert set(linked.posted()) == {"S2002"}
    linked.book(linked.document("d-S2001"))
    takes_euros(linked, customer=True)
    assert told(linked, "sync") == {"S2001": ("created", "")}
    assert sorted(currencies(linked)) == ["EUR", "GBP"]


def ended(books: Books, mode: str) -> list[Record]:
    """The records of a run, those that a preview only plans too."""
    run = books.sync(mode)
    if mode != "preview":
        return books.stored(run)
    planned = books.ledger.plans.writes(TENANT, books.connection_id, run.run_id, 0)
    return [*books.stored(run), *(one.record for one in planned)]


def told(books: Books, mode: str) -> dict[str, tuple[str, str]]:
    """What a run says of each document, by its number."""
    return {
        one.source_id.removeprefix("d-"): (one.outcome.value, one.reason.message if one.reason else "")
        for one in ended(books, mode)
    }


def currencies(books: Books) -> list[str]:
    """The currencies of our documents in the package."""
    state = books.state(books.package)
    resources = {
        "quickbooks": ("Invoice", "CreditMemo", "Bill"),
        "xero": ("Invoices", "CreditNotes"),
        "sage": ("sales_invoices", "sales_credit_notes", "purchase_invoices"),
    }[books.package]
    found = []
    for row in [row for name in resources for row in state.get(name, []) if "S1000" not in str(row)]:
        match row:
            case {"CurrencyRef": {"value": currency}} | {"CurrencyCode": currency}:
                found.append(str(currency))
            case {"currency": {"id": currency}} | {"currency_id": currency}:
                found.append(str(currency))
    return found


@pytest.mark.requirement("IN-3")
def test_an_account_in_another_currency_is_told_where_accounts_have_one_each(linked: Books) -> None:
    takes_euros(linked, customer=False)
    found = code(only(linked, invoice(Currency="EUR")))
    one_each = linked.package != "xero"
    assert found == (("blocked", "CURRENCY_OF_ACCOUNT") if one_each else ("created", ""))


# --- signs, days, lengths and letters --------------------------------------------------------------------


def closed(books: Books, day: str) -> None:
    """Books are closed up to and with a day."""
    state = books.state(books.package)
    if books.package == "quickbooks":
        state["Preferences"][0]["AccountingInfoPrefs"] = {"BookCloseDate": day}
    else:
        state["Organisations"] = [
            {"BaseCurrency": "GBP", "PeriodLockDate": "2025-01-31", "EndOfYearLockDate": day}
        ]
    books.put(books.package, state)


@pytest.mark.requirement("IN-3", "RUN-7")
@pytest.mark.parametrize("trade", ["quickbooks", "xero"], indirect=True)
def test_closed_books_are_told_before_posting_and_when_they_are_closed_meanwhile(linked: Books) -> None:
    """(faults E9)"""
    linked.book(invoice("S2001", Date="2026-01-31"), invoice("S2002", Date="2026-02-01"))
    closed(linked, "2026-01-31")
    foreseen = told(linked, "preview")
    assert "S2001 is of 2026-01-31, and the books in" in foreseen["S2001"][1]
    assert "closed until 2026-01-31" in foreseen["S2001"][1]
    assert told(linked, "sync") == foreseen
    linked.book(invoice("S2003", Date="2026-02-01"), invoice("S2004"))
    linked.before_apply = lambda: closed(linked, "2026-02-01")
    assert codes(linked, "sync") == {"S2003": "PERIOD_CLOSED", "S2004": ""}


def codes(books: Books, mode: str) -> dict[str, str]:
    """The reasons' codes of a run, by number; "" for what goes."""
    return {
        one.source_id.removeprefix("d-"): one.reason.code if one.reason else "" for one in ended(books, mode)
    }


NUMBERS = {"quickbooks": 21, "xero": 255, "sage": 25}
TEXTS = {"quickbooks": 4000, "xero": 4000, "sage": 500}
# In the worst case "[AutoVu d-S2001]" stands behind it.
REFERENCES = {"xero": 255 - len(" [AutoVu d-S2001]")}


def with_text(text: str) -> list[Row]:
    return [{**lines("100.00")[0], "Text": text}]


@pytest.mark.requirement("IN-3", "RUN-7")
def test_what_is_at_a_limit_is_posted_and_what_is_over_it_is_foreseen(linked: Books) -> None:
    """(faults E9)"""
    number, text = NUMBERS[linked.package], TEXTS[linked.package]
    reference = REFERENCES.get(linked.package, 0)
    cases: list[tuple[Row, str]] = [
        (invoice("N" * number, DocumentId="d-S2001"), ""),
        (invoice("M" * (number + 1), DocumentId="d-S2002"), "FIELD_TOO_LONG"),
        (invoice("S2003", lines=with_text("t" * text)), ""),
        (invoice("S2004", lines=with_text("t" * (text + 1))), "FIELD_TOO_LONG"),
        (invoice("S2005", Reference="r" * reference), ""),
        (invoice("S2006", Reference="r" * (reference + 1)), "FIELD_TOO_LONG" if reference else ""),
        (invoice("S2007", lines=with_text("Café £5 李 “quoted”")), ""),
        (
            invoice("S2008", lines=with_text("Boiler 🔧")),
            "SIGN_NOT_TAKEN" if linked.package == "quickbooks" else "",
        ),
        (invoice("S2010", DueDate=None), "DUE_DATE_MISSING" if linked.package == "xero" else ""),
        (bill("S2011", DueDate=None), "" if linked.package == "quickbooks" else "DUE_DATE_MISSING"),
    ]
    for row, expected in cases:
        linked.book(row)
        key = row["DocumentId"].removeprefix("d-")
        assert codes(linked, "preview") == codes(linked, "sync") == {key: expected}, row["Number"]
        assert len(linked.queue()) == bool(expected)


@pytest.mark.requirement("IN-3", "IN-4", "RUN-7")
@pytest.mark.parametrize("made", [invoice, credit_note, bill], ids=["invoice", "credit note", "bill"])
def test_a_document_of_less_than_nothing_is_foreseen_and_never_posted(
    linked: Books, made: Callable[..., Row]
) -> None:
    """(faults E5)"""
    linked.book(made("S2001", "-50.00"), invoice("S2002"))
    foreseen = codes(linked, "preview")
    assert foreseen == codes(linked, "sync") == {"S2001": "NEGATIVE_TOTAL", "S2002": ""}
    assert linked.posted() == {"S2002": 1}


# --- tax codes -------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-3", "RUN-7")
def test_of_several_codes_of_a_rate_none_is_taken_until_a_person_names_it(linked: Books) -> None:
    """(faults E1)"""
    linked.settings(tax_codes={}, tax_rates={"T0": "0", "T1": "20", "T9": "0"})
    rows = lines("100.00", tax_code="T0", rate=0)
    linked.book(invoice("S2001", lines=rows))
    assert codes(linked, "preview") == codes(linked, "sync") == {"S2001": "TAX_CODE_AMBIGUOUS"}
    (record,) = linked.stored(linked.sync())
    assert record.reason
    candidates = {
        "quickbooks": "Exempt (5)",
        "xero": "Exempt Income (EXEMPTOUTPUT)",
        "sage": "Exempt (GB_EXEMPT)",
    }
    assert candidates[linked.package] in record.reason.remedy
    named = candidates[linked.package].partition(" (")[0]
    linked.settings(tax_codes={"T0": [named]})
    record = only(linked, invoice("S2001", lines=rows))
    assert code(record) == ("created", "")
    taken = {"quickbooks": "5", "xero": "EXEMPTOUTPUT", "sage": "GB_EXEMPT"}[linked.package]
    assert f"({taken})" in str(record.changes)


@pytest.mark.requirement("IN-3", "IN-11")
@pytest.mark.parametrize("trade", ["sage"], indirect=True)
def test_a_document_of_an_earlier_rate_goes_with_the_rate_of_its_day(linked: Books) -> None:
    """17.5 % until 3 January 2011 (faults E2)."""
    old = [{**lines("100.00")[0], "Tax": "17.50"}]
    record = only(linked, invoice("S2001", lines=old, Date="2011-01-03"))
    assert code(record) == ("created", "")
    record = only(linked, invoice("S2002", lines=old, Date="2011-01-04"))
    assert code(record) == ("blocked", "TAX_NOT_OF_RATE")


# --- numbers ---------------------------------------------------------------------------------------------


def stop(books: Books) -> None:
    """A person clicks Stop."""
    run = books.ledger.runs.in_progress(TENANT, books.connection_id, FLOW)
    assert run
    books.ledger.runs.halt(run, Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="tester")))


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-2", "RUN-4")
@pytest.mark.parametrize("mode", ["sync", "auto"])
def test_one_document_that_quickbooks_fails_over_keeps_no_other_back(linked: Books, mode: str) -> None:
    """A fault for one item of an answer of 200 (faults F2)."""
    linked.edit("quickbooks", "settings", {}, fails_over="S2003")
    linked.book(*(invoice(f"S200{place}") for place in range(1, 8)))
    if mode == "auto":
        linked.meanwhile = lambda: stop(linked)
        run = linked.auto()
        posted = {f"S200{place}": 1 for place in range(1, 8) if place != 3}
    else:
        run = linked.sync()
        posted = {f"S200{place}": 1 for place in (1, 2, 4, 5)}
    assert linked.posted() == posted
    assert {row["Number"] for row in linked.queue()}.isdisjoint(posted)
    failed = linked.records(run)["document:d-S2003"]
    assert (failed.outcome, failed.reason.code) == ("failed", "FAILED_OVER_DOCUMENT")
    assert failed.reason.message.startswith("QuickBooks fails over Sales invoice S2003, and takes others: ")
    assert linked.document("d-S2003")["StatusCode"] == failed.reason.message


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-2", "RUN-4", "RUN-5")
def test_a_batch_that_fails_as_a_whole_is_sent_one_by_one(linked: Books) -> None:
    """An answer of 500 to the batch, and to one document by itself (faults F2)."""
    linked.edit("quickbooks", "settings", {}, fails_over="S2002")
    linked.faults("quickbooks", errors=[500], match="batch", count=1)
    linked.book(invoice("S2001"), invoice("S2002"), bill("S2003"))
    run = linked.sync()
    assert linked.posted() == {"S2001": 1, "S2003": 1}
    assert linked.reasons(run) == {"d-S2002": "FAILED_OVER_DOCUMENT"}
    assert [row["Number"] for row in linked.queue()] == ["S2002"]


@pytest.mark.requirement("IN-3", "RUN-7")
def test_two_documents_of_one_number_are_foreseen(linked: Books) -> None:
    """(faults I1)"""
    linked.book(
        invoice("S2001"), invoice("S2001", DocumentId="d-twin"), credit_note("S2001", DocumentId="d-c")
    )
    expected = {"S2001": "", "twin": "DUPLICATE_DOCUMENT_NUMBER", "c": ""}
    assert codes(linked, "preview") == codes(linked, "sync") == expected
    (record,) = linked.stored(linked.sync())
    assert record.source_id == "d-twin"
    assert linked.label in str(record.reason)


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-3", "RUN-7")
def test_a_void_document_there_holds_its_number(linked: Books) -> None:
    """(faults E7)"""
    note = "Voided - made by hand"
    linked.edit("quickbooks", "Invoice", {"DocNumber": "S1000"}, TotalAmt=0, Balance=0, PrivateNote=note)
    linked.book(invoice("S1000"))
    assert codes(linked, "preview") == codes(linked, "sync") == {"S1000": "DUPLICATE_DOCUMENT_NUMBER"}
    assert "(396, which is void)" in linked.document("d-S1000")["StatusCode"]


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-3", "RUN-7")
def test_of_several_items_the_one_named_like_the_nominal_is_used_or_none(linked: Books) -> None:
    """(faults E8)"""
    state = linked.state("quickbooks")
    (own,) = [row for row in state["Item"] if row["Name"] == "Service income"]
    voucher = {**own, "Id": "3", "Name": "Gift vouchers"}
    linked.put("quickbooks", {**state, "Item": [voucher, *state["Item"]]})
    record = only(linked, invoice("S2001"))
    assert code(record) == ("created", "")
    assert f"; {own['Id']};" in str(record.changes)
    linked.edit("quickbooks", "Item", {"Id": own["Id"]}, Name="Services")
    record = only(linked, invoice("S2002"))
    assert code(record) == ("blocked", "NOMINAL_AMBIGUOUS")
    assert record.reason
    assert f"Gift vouchers (3), Services ({own['Id']})" in record.reason.message


@AT_QUICKBOOKS
@pytest.mark.requirement("RUN-4")
def test_a_tax_rate_without_its_value_stops_nothing_that_does_not_need_it(linked: Books) -> None:
    """(faults F3)"""
    linked.edit("quickbooks", "TaxRate", {"Name": "No VAT (Sales)"}, RateValue=None)
    assert code(only(linked, invoice("S2001"))) == ("created", "")


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-10")
def test_a_number_that_quickbooks_replaces_is_told_and_posted_once(linked: Books) -> None:
    state = linked.state("quickbooks")
    state["Preferences"][0]["SalesFormsPrefs"]["CustomTxnNumbers"] = False
    linked.put("quickbooks", state)
    linked.faults("quickbooks", errors=["after_write_reset"], count=1)
    record = only(linked, invoice())
    assert code(record) == ("created", "NUMBER_REPLACED")
    assert record.reason
    assert "gave it the number 1001 instead of its own" in record.reason.message
    assert linked.posted() == {"1001": 1}
    assert linked.queue() == []


@pytest.mark.requirement("IN-3")
def test_a_nominal_with_zeros_in_front_is_the_same_to_sage_alone(linked: Books) -> None:
    state = linked.state(linked.source)
    chart = [*state["chartofaccounts"], {"Code": "04000", "LinkTo": "Sales", "TaxSelector": "T1"}]
    linked.put(linked.source, {**state, "chartofaccounts": chart})
    record = only(linked, invoice(lines=lines("100.00", nominal="04000")))
    sage = linked.package == "sage"
    assert code(record) == (("created", "") if sage else ("blocked", "NOMINAL_UNKNOWN"))


# --- accounts --------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-3")
def test_an_account_that_was_made_inactive_there_is_told(linked: Books) -> None:
    resource, name, change = {
        "quickbooks": ("Customer", "DisplayName", {"Active": False}),
        "xero": ("Contacts", "Name", {"ContactStatus": "ARCHIVED"}),
        "sage": ("contacts", "name", {"is_active": False}),
    }[linked.package]
    linked.edit(linked.package, resource, {name: "Harper Ltd"}, **change)
    assert code(only(linked, invoice())) == ("blocked", "ACCOUNT_INACTIVE")


@ANY_PACKAGE
@pytest.mark.requirement("IN-2", "IN-3")
def test_an_account_made_active_again_is_seen_within_the_same_session(linked: Books) -> None:
    """Accounts are read once a session, those that can't be used each time."""
    resource, name, off, on = {
        "quickbooks": ("Customer", "DisplayName", {"Active": False}, {"Active": True}),
        "xero": ("Contacts", "Name", {"ContactStatus": "ARCHIVED"}, {"ContactStatus": "ACTIVE"}),
        "sage": ("contacts", "name", {"is_active": False}, {"is_active": True}),
    }[linked.package]
    linked.edit(linked.package, resource, {name: "Harper Ltd"}, **off)
    linked.book(invoice())

    def cured() -> None:
        linked.edit(linked.package, resource, {name: "Harper Ltd"}, **on)
        linked.edit(linked.source, "documents", {"DocumentId": "d-S2001"}, RowVersion="r50")

    linked.meanwhile = cured
    linked.auto()
    assert linked.posted() == {"S2001": 1}


@pytest.mark.requirement("IN-3")
def test_a_care_of_id_is_checked_where_the_package_has_it(linked: Books) -> None:
    linked.edit(linked.source, "syncsettings", {}, UsesCareOf=True)
    linked.edit(linked.source, "accounts", {"AccountId": "a-18"}, CareOfID="88888")
    record = only(linked, invoice(CareOfAccountId="a-18"))
    if linked.package == "sage":
        assert code(record) == ("created", "")
        return
    assert code(record) == ("blocked", "CARE_OF_UNKNOWN")
    assert record.reason
    assert "St. Mary's School, which has the care-of id 88888" in record.reason.message
    known = linked.party(Side.CUSTOMER, "Brook Farm Ltd")
    linked.edit(linked.source, "accounts", {"AccountId": "a-18"}, CareOfID=known)
    assert code(only(linked, invoice(CareOfAccountId="a-18"))) == ("created", "")


# --- rows that can't be used -----------------------------------------------------------------------------


@pytest.fixture
def broken(trade: tuple[str, Running, Clock], linked: Books) -> Callable[..., None]:
    """Lets AutoVu list rows that break its own contract, which its sandbox would not take from a tester."""
    _, sandboxes, _ = trade
    room: Any = sandboxes.room(linked.source)

    def put(**changed: Any) -> None:
        row = room.store["documents"].get("d-S2001")
        room.store["documents"].put({**row, **changed})

    return put


@ANY_PACKAGE
@pytest.mark.requirement("IN-1", "RUN-4")
def test_a_row_that_can_not_be_read_is_blocked_and_stops_no_other(
    linked: Books, broken: Callable[..., None]
) -> None:
    linked.book(invoice("S2001"), invoice("S2002"))
    broken(Gross=120)
    run = linked.sync()
    assert run.status == "partial"
    assert linked.outcomes(run) == {"d-S2001": "blocked", "d-S2002": "created"}
    why = linked.records(run)["document:d-S2001"].reason
    assert why.code == "VALUE_NOT_VALID"
    assert why.message.startswith("Document S2001: Gross has a value that is not valid: ")
    assert why.remedy == "Correct Gross of this record in AutoVu."
    checks = {check.name: check for check in linked.opening(run).diagnose(None)}
    assert "Document S2001: Gross" in checks["can be read"].seen
    assert linked.opening(run).diagnose("S2001")[-1] == checks["can be read"]
    broken(Gross="120.00")
    asked = Replay(records=frozenset({"document:d-S2001"}))
    order = replay_order(linked.engine, run, asked, "tester")
    again = linked.sync(trigger=Trigger.REPLAY, replay_of=order.replay_of, only=order.only)
    assert linked.outcomes(again) == {"d-S2001": "created"}
    assert linked.posted() == {"S2001": 1, "S2002": 1}


@ANY_PACKAGE
@pytest.mark.requirement("IN-1", "IN-2", "RUN-4")
def test_auto_sync_tells_a_row_that_can_not_be_read_once_and_takes_it_when_it_is_mended(
    linked: Books, broken: Callable[..., None]
) -> None:
    numbers = [f"S2{number:03}" for number in range(1, 9)]
    linked.book(*(invoice(number) for number in numbers))
    broken(Gross=120)

    def mended() -> None:
        if len(linked.waits) == 3:
            broken(Gross="120.00")

    linked.meanwhile = mended
    run = linked.auto()
    told = [one for one in linked.stored(run) if one.source_id == "d-S2001"]
    assert [one.outcome for one in told] == ["blocked", "created"]
    assert linked.posted() == dict.fromkeys(numbers, 1)
    assert linked.waits == [30, 30, 30]


@ANY_PACKAGE
@pytest.mark.requirement("IN-1", "RUN-4")
@pytest.mark.parametrize("mode", ["sync", "auto"])
def test_a_row_without_an_id_is_told_by_its_number(
    linked: Books, trade: tuple[str, Any, Clock], mode: str
) -> None:
    linked.book(invoice("S2001"), invoice("S2002"))
    room: Any = trade[1].room(linked.source)
    row = room.store["documents"].get("d-S2001")
    row["DocumentId"] = None
    run = linked.auto() if mode == "auto" else linked.sync()
    (bad,) = [one for one in linked.stored(run) if one.outcome == "blocked"]
    assert bad.reason
    assert bad.reason.message == "Document S2001: DocumentId has a value that is not valid: is missing."
    assert linked.posted() == {"S2002": 1}


@ANY_PACKAGE
@pytest.mark.requirement("IN-3", "RUN-4")
def test_a_document_whose_account_can_not_be_read_waits_and_says_so(
    linked: Books, trade: tuple[str, Any, Clock]
) -> None:
    """Nobody can tell how it is linked: it must not be taken for an account without a link."""
    room: Any = trade[1].room(linked.source)
    linked.book(invoice("S2001"))
    row = room.store["accounts"].get("a-11")
    room.store["accounts"].put({**row, "Kind": "Ship"})
    (record,) = linked.stored(linked.sync())
    assert code(record) == ("blocked", "VALUE_NOT_VALID")
    assert record.reason
    assert record.reason.message.startswith("Sales invoice S2001: Kind of the account Harper Ltd has a value")
    assert linked.document("d-S2001")["StatusCode"] == record.reason.message
    assert linked.posted() == {}
    room.store["accounts"].put(row)
    assert linked.sync().status == "succeeded"


UNUSABLE: list[tuple[str, str, BadRow, Callable[[Any], bool], Row]] = [
    (
        "a nominal",
        "nominals",
        BadRow("9", "4100", "Name", "is missing"),
        lambda one: one.code == "4100",
        invoice("S2001", lines=lines("100.00", nominal="4100")),
    ),
    (
        "a tax code",
        "tax_codes",
        BadRow("9", "5%", "Name", "is missing"),
        lambda one: one.rate == 5,
        invoice("S2001", lines=lines("100.00", tax_code="T5", rate=5)),
    ),
    (
        "a look-alike that may be the namesake",
        "accounts_like",
        BadRow("9", "Brook Farm Ltd", "Active", "is no flag"),
        lambda one: one.name == "Brook Farm Ltd",
        invoice("S2001", AccountId="a-12", AccountName="Brook Farm Ltd"),
    ),
    (
        "a document of the same number",
        "documents",
        BadRow("9", "S2001", "TotalAmt", "is missing"),
        lambda pair: pair[0] == "S2001",
        invoice("S2001"),
    ),
]


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-3", "RUN-4")
@pytest.mark.parametrize("mode", ["sync", "auto"])
@pytest.mark.parametrize(
    ("method", "bad", "lost", "row"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE]
)
def test_a_row_of_the_package_that_can_not_be_read_blocks_what_depends_on_it_and_nothing_else(
    linked: Books,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    bad: BadRow,
    lost: Callable[[Any], bool],
    row: Row,
    mode: str,
) -> None:
    usual = getattr(QuickBooksClient, method)

    def listed(self: QuickBooksClient, *asked: Any) -> Listed[Any]:
        rows = good(usual(self, *asked))
        return Listed((one for one in rows if not lost(one)), [bad])

    linked.book(row, invoice("S2002"))
    monkeypatch.setattr(QuickBooksClient, method, listed)
    run = linked.auto() if mode == "auto" else linked.sync()
    monkeypatch.setattr(QuickBooksClient, method, usual)
    records = {one.source_id: one for one in linked.stored(run)}
    assert code(records["d-S2001"]) == ("blocked", "VALUE_NOT_VALID")
    assert records["d-S2001"].reason
    assert bad.field in records["d-S2001"].reason.message
    assert records["d-S2001"].reason.remedy.endswith("in QuickBooks.")
    assert linked.document("d-S2001")["StatusCode"] == records["d-S2001"].reason.message
    assert linked.posted() == {"S2002": 1}


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-3", "RUN-4")
def test_an_account_of_the_package_that_can_not_be_read_is_not_taken_for_a_wrong_id(
    linked: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = linked.party(Side.CUSTOMER, "Harper Ltd")
    bad = BadRow(target, "Harper Ltd", "Active", "is no flag")
    monkeypatch.setattr(QuickBooksClient, "accounts", lambda self, side, ids: Listed([], [bad]))
    record = only(linked, invoice())
    assert code(record) == ("blocked", "VALUE_NOT_VALID")
    assert record.reason
    words = "Sales invoice S2001: Active of the account Harper Ltd has a value that is not valid"
    assert record.reason.message.startswith(words)


@ANY_PACKAGE
@pytest.mark.requirement("IN-3", "RUN-4")
def test_a_nominal_of_autovus_that_can_not_be_read_blocks_the_line_that_needs_its_selector(
    linked: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = AutoVuClient.chart_of_accounts

    def listed(self: AutoVuClient) -> Listed[Any]:
        rows = [one for one in good(usual(self)) if one.code != "4100"]
        return Listed(rows, [BadRow("4100", "4100", "TaxSelector", "should be a text")])

    monkeypatch.setattr(AutoVuClient, "chart_of_accounts", listed)
    without = [{**lines("100.00", nominal="4100")[0], "TaxCode": None}]
    linked.book(invoice("S2001", lines=without), invoice("S2002"))
    run = linked.sync()
    record = linked.records(run)["document:d-S2001"]
    assert code(record) == ("blocked", "VALUE_NOT_VALID")
    assert record.reason.remedy == "Correct TaxSelector of the nominal 4100 of this record in AutoVu."
    assert linked.posted() == {"S2002": 1}
