"""Odd and bad input of the invoice flow: what each package makes of it, or why it is not posted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.running import Running
from payrelay.domain.invoices import Kind, NewAccount, Side
from payrelay.domain.records import Record
from payrelay.domain.runs import Trigger
from payrelay.errors import Rejected
from payrelay.flows.engine.orders import Replay, replay_order
from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.quickbooks.client import QuickBooksClient
from payrelay.systems.rows import BadRow, Listed
from tests.flows.conftest import Clock
from tests.worlds.invoices import (
    ANY_PACKAGE,
    AT_QUICKBOOKS,
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
@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_any_letters_and_signs_is_found_exactly(books: Books, name: str) -> None:
    rename(books, name)
    if not any(one.name == name for one in good(books.client.accounts_like(Side.CUSTOMER, name))):
        assert code(only(books, invoice(AccountName=name))) == ("blocked", "ACCOUNT_NOT_FOUND")
        made = books.client.create_account(NewAccount("0" * 32, Side.CUSTOMER, name))
        assert made.name == name
    record = only(books, invoice(AccountName=name))
    assert code(record) == ("blocked", "ACCOUNT_NOT_LINKED")
    assert record.reason
    assert record.reason.message == f"The account {name} exists in {books.label}, and is not linked yet."
    books.link(name)
    assert code(only(books, invoice(AccountName=name))) == ("created", "")


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


@pytest.mark.requirement("IN-11")
def test_a_penny_of_rounding_is_blocked_with_both_totals(
    linked: Books,
) -> None:
    """AutoVu and Xero round line by line, QuickBooks once a rate; Sage is told the tax."""
    rows = [{**one, "LineNo": no} for no, one in enumerate(taxed("2.01", "2.01", "2.01"), 1)]
    row = invoice("S2001", lines=rows)
    theirs = {"quickbooks": "36.11", "xero": "36.12", "sage": row["Gross"]}[linked.package]
    record = only(linked, row)
    if theirs == row["Gross"]:
        assert code(record) == ("created", "")
        (standing,) = linked.standing("S2001")
        assert standing.total == money(row["Gross"])
    else:
        assert code(record) == ("blocked", "TOTALS_DIFFER")
        assert record.reason
        assert f"is {row['Gross']} in AutoVu, and {theirs} by {linked.label}." in record.reason.message
        assert linked.standing("S2001") == []


@pytest.mark.requirement("IN-11")
def test_a_line_whose_net_is_not_quantity_times_price_is_never_posted_at_another_total(
    linked: Books,
) -> None:
    """A discount: QuickBooks takes the amount alone, the others would multiply for themselves."""
    rows = [{**lines("90.00")[0], "UnitPrice": "100.00"}]
    record = only(linked, invoice(lines=rows))
    if linked.package == "quickbooks":
        assert code(record) == ("created", "")
        assert linked.standing("S2001")[0].total == money("108.00")
    else:
        assert code(record) == ("blocked", "TOTALS_DIFFER")
        theirs = {"xero": "120.00", "sage": "118.00"}[linked.package]
        assert record.reason
        assert f"108.00 in AutoVu, and {theirs} by" in record.reason.message


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


@pytest.mark.requirement("IN-11")
def test_a_total_that_the_package_makes_otherwise_after_all_is_told(linked: Books) -> None:
    """The rate of the tax code was changed there after the run had read it."""
    linked.book(invoice())
    changes = {"quickbooks": ("TaxRate", {"Name": "20.0% S (Sales)"}, {"RateValue": 10})}
    changes["xero"] = ("TaxRates", {"TaxType": "OUTPUT2"}, {"EffectiveRate": 10.0})
    if linked.package in changes:
        name, match, values = changes[linked.package]
        linked.before_apply = lambda: linked.edit(linked.package, name, match, **values)
    (record,) = linked.stored(linked.sync())
    if linked.package == "sage":
        assert code(record) == ("created", "")
        return
    assert code(record) == ("created", "TOTAL_AS_POSTED")
    assert record.reason
    assert "with a total of 110.00, but has 120.00 in AutoVu" in record.reason.message
    assert linked.queue() == []


# --- currencies ------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-4", "IN-11")
@pytest.mark.parametrize("made", [invoice, credit_note, bill], ids=["invoice", "credit note", "bill"])
def test_a_document_in_euros_is_posted_in_euros_or_refused_in_the_packages_words(
    linked: Books, made: Callable[..., Row]
) -> None:
    """Xero and Sage take any currency of theirs; QuickBooks none but its own while that is switched off."""
    row = made("S2001", Currency="EUR")
    record = only(linked, row)
    if linked.package == "quickbooks":
        assert code(record) == ("failed", "REFUSED_BY_TARGET")
        assert record.reason
        assert "Multicurrency is off in this company." in record.reason.message
        assert linked.document("d-S2001")["StatusCode"] == record.reason.message
        assert linked.posted() == {}
        return
    assert code(record) == ("created", "")
    assert set(currencies(linked)) == {"EUR"}


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


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-4", "IN-11")
def test_at_quickbooks_a_customer_has_one_currency(linked: Books) -> None:
    state = linked.state("quickbooks")
    state["Preferences"][0]["CurrencyPrefs"]["MultiCurrencyEnabled"] = True
    linked.put("quickbooks", state)
    record = only(linked, invoice(Currency="EUR"))
    assert code(record) == ("failed", "REFUSED_BY_TARGET")
    assert record.reason
    assert "This name is in GBP" in record.reason.message
    linked.edit("quickbooks", "Customer", {"DisplayName": "Harper Ltd"}, CurrencyRef={"value": "EUR"})
    assert code(only(linked, invoice("S2002", Currency="EUR"))) == ("created", "")
    assert currencies(linked) == ["EUR"]


# --- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-4", "RUN-4")
@pytest.mark.parametrize(
    ("length", "takes"), [(21, {"quickbooks", "xero", "sage"}), (22, {"xero", "sage"}), (26, {"xero"})]
)
def test_a_number_longer_than_the_package_takes_is_refused_alone(
    linked: Books, length: int, takes: set[str]
) -> None:
    number = "S" + "1" * (length - 1)
    linked.book(invoice(number, DocumentId="d-long"), invoice("S2002"))
    run = linked.sync()
    records = linked.records(run)
    assert records["document:d-S2002"].outcome == "created"
    if linked.package in takes:
        assert code(records["document:d-long"]) == ("created", "")
        assert linked.posted()[number] == 1
        return
    assert code(records["document:d-long"]) == ("failed", "REFUSED_BY_TARGET")
    assert linked.document("d-long")["StatusCode"] == records["document:d-long"].reason.message
    linked.forget_requests()
    assert linked.outcomes(linked.sync()) == {"d-long": "failed"}
    assert not [one for one in linked.requests(linked.source) if one["writes"]], "it says so already"


@ANY_PACKAGE
@pytest.mark.requirement("IN-2")
def test_auto_sync_does_not_try_a_refused_document_over_and_over(linked: Books) -> None:
    linked.book(invoice("S" + "1" * 299, DocumentId="d-long"))
    linked.forget_requests()
    run = linked.auto()
    assert run.status == "partial"
    assert len(linked.waits) > 30
    # The first try writes the StatusCode, which is a change of the document; the second one finds it there.
    assert len(linked.calls(writes=True)) <= 2


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
    assert "has the care-of id 88888" in record.reason.message
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
