"""Xero's client against the sandbox, from the consent to a lost answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from local.seed.xero import ORGANISATION, xero_state
from payrelay.domain.invoices import Kind, NewAccount, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems import xero
from payrelay.systems.registry import system
from payrelay.systems.xero.client import XeroClient
from tests.systems.conftest import Bench
from tests.systems.xero_answers import LINE
from tests.systems.xero_books import START, Books, consented
from tests.worlds.listed import coded, good, grouped, keyed
from tests.worlds.structs import replace


@pytest.fixture(scope="module")
def clock() -> list[datetime]:
    return [START]


@pytest.fixture(scope="module")
def served(clock: list[datetime]) -> Iterator[Running]:
    with running(options=Options(rate_limits=False, hold_seconds=0.5, now=lambda: clock[0])) as sandboxes:
        yield sandboxes


@pytest.fixture
def books(served: Running, clock: list[datetime], bench: Bench) -> Books:
    clock[0] = START
    url = served.urls["xero"]
    requests.delete(f"{url}/_sandbox/faults", timeout=5).raise_for_status()
    served.room("xero").replace_state(xero_state())
    grant = consented(url, bench)
    (tenant,) = xero.companies(url, grant.access_token, bench.options)
    credentials = {"access_token": grant.access_token, "company_id": Secret(tenant)}
    client = system("xero").connect(url, credentials, bench.options)
    assert isinstance(client, XeroClient)
    requests.delete(f"{url}/_sandbox/requests", timeout=5).raise_for_status()
    return Books(url, client, grant, bench, clock)


# --- the connection -----------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2", "IN-8")
def test_a_consent_leads_to_the_organisation(books: Books) -> None:
    assert list(xero.companies(books.url, books.grant.access_token, books.bench.options).values()) == [
        ORGANISATION
    ]
    assert books.client.organisation() == ORGANISATION
    assert books.grant.seconds == 1800


@pytest.mark.requirement("IN-8")
def test_a_token_lasts_half_an_hour_and_is_renewed_once_refused(books: Books) -> None:
    books.clock[0] += timedelta(minutes=31)
    with pytest.raises(CredentialsRefused):
        coded(books.client.nominals())

    def renew() -> Secret:
        return books.endpoint.refresh(books.grant.refresh_token).access_token

    credentials = {"access_token": books.grant.access_token, "company_id": Secret(tenant_of(books))}
    client = system("xero").connect(books.url, credentials, replace(books.bench.options, renew=renew))
    assert client.organisation() == ORGANISATION


@pytest.mark.requirement("IN-8")
def test_a_lost_refresh_may_be_repeated_within_its_grace(books: Books) -> None:
    first = books.endpoint.refresh(books.grant.refresh_token)
    books.clock[0] += timedelta(minutes=29)
    assert books.endpoint.refresh(books.grant.refresh_token).refresh_token != first.refresh_token
    books.clock[0] += timedelta(minutes=2)
    with pytest.raises(CredentialsRefused, match="invalid_grant"):
        books.endpoint.refresh(books.grant.refresh_token)


@pytest.mark.requirement("IN-8")
def test_a_revoked_consent_ends_the_connection(books: Books) -> None:
    books.endpoint.revoke(books.grant.refresh_token)
    books.endpoint.revoke(books.grant.refresh_token)

    with pytest.raises(CredentialsRefused):
        books.client.organisation()
    again = consented(books.url, books.bench)
    assert xero.companies(books.url, again.access_token, books.bench.options)


@pytest.mark.requirement("IN-8")
def test_an_organisation_that_was_disconnected_there_says_so(books: Books) -> None:
    (connection,) = books.state()["connections"]
    token = {"Authorization": f"Bearer {books.grant.access_token.reveal()}"}
    answer = requests.delete(f"{books.url}/connections/{connection['id']}", headers=token, timeout=5)

    assert answer.status_code == 204
    for attempt in (books.client.organisation, books.client.nominals):
        with pytest.raises(CredentialsRefused, match="disconnected"):
            attempt()


def tenant_of(books: Books) -> str:
    return str(books.state()["connections"][0]["tenantId"])


# --- what is read -------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-3")
def test_nominals_and_tax_codes_fit_each_other(books: Books) -> None:
    nominals, codes = (
        coded(books.client.nominals()),
        {code.id: code for code in good(books.client.tax_codes())},
    )

    assert set(nominals) == {"4000", "4100", "4200", "4300", "5000", "5100", "7500"}
    assert {code.rate for code in codes.values()} == {0, 5, 20}
    for nominal in nominals.values():
        for side, tax in nominal.tax.items():
            assert side in codes[tax].sides
    assert codes["NONE"].sides == {Side.CUSTOMER, Side.SUPPLIER}


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize("name", ["O'Neil & Sons", 'The "Old Forge" Café', "St. Mary's School", "Harper Ltd"])
def test_every_name_is_found_exactly(name: str, books: Books) -> None:
    (account, *_) = good(books.client.accounts_like(Side.CUSTOMER, name))

    assert account.name == name
    assert keyed(books.client.accounts(Side.CUSTOMER, [account.id, "129"])) == {account.id: account}


@pytest.mark.requirement("IN-5")
def test_a_look_alike_is_no_match_and_a_new_account_is_made_once(books: Books) -> None:
    new = NewAccount(
        "1" * 32, Side.CUSTOMER, "Brook Farm Ltd 2", "second@brookfarm.example", {"Town": "York"}
    )
    assert [one.name for one in good(books.client.accounts_like(Side.CUSTOMER, new.name))] == [
        "Brook Farm Ltd"
    ]

    made = books.client.create_account(new)

    assert books.client.create_account(new) == made
    assert [one.name for one in good(books.client.accounts_like(Side.CUSTOMER, new.name))] == [
        "Brook Farm Ltd 2",
        "Brook Farm Ltd",
    ]
    with pytest.raises(Rejected, match="already assigned"):
        books.client.create_account(replace(new, key="2" * 32))


# --- what is posted -----------------------------------------------------------------------------------


@pytest.mark.requirement("IN-4", "IN-10", "IN-11")
def test_five_documents_cost_two_calls_and_are_found_again_by_their_marks(books: Books) -> None:
    postings = [
        books.posting("S1"),
        books.posting("77", Kind.SUPPLIER_INVOICE),
        books.posting("C1", Kind.SALES_CREDIT_NOTE),
        books.posting("S2", reference=""),
        books.posting("77", Kind.SUPPLIER_INVOICE, document_id="other", mark="other"),
    ]
    before = len(books.calls())

    done = books.client.post(postings)

    assert books.calls()[before:] == ["PUT Invoices", "PUT CreditNotes"]
    for one in postings:
        posted = done[one.document_id]
        assert (posted.total, posted.mark) == (books.client.total_of(one), one.mark)
        assert posted in grouped(books.client.documents(one.kind, [one.number]))[one.number]
    assert len(grouped(books.client.documents(Kind.SUPPLIER_INVOICE, ["77"]))["77"]) == 2
    assert {row["Status"] for row in books.state()["Invoices"]} == {"AUTHORISED"}


@pytest.mark.requirement("IN-11")
def test_quantities_and_prices_arrive_digit_by_digit(books: Books) -> None:
    line = replace(LINE, quantity=Decimal("3.3333"), unit_price=Decimal("0.1234"), tax=Decimal("0.09"))
    one = books.posting("S1", lines=(line, line))

    done = books.client.post([one])

    (row,) = [row for row in books.state()["Invoices"] if row["InvoiceNumber"] == "S1"]
    assert [(line["Quantity"], line["UnitAmount"]) for line in row["LineItems"]] == [(3.3333, 0.1234)] * 2
    assert done[one.document_id].total == books.client.total_of(one) == Decimal("1.00")


@pytest.mark.requirement("IN-10")
def test_a_number_made_by_hand_is_reported_and_not_overwritten(books: Books) -> None:
    (there,) = grouped(books.client.documents(Kind.SALES_INVOICE, ["S1000"]))["S1000"]
    assert there.mark is None

    good, bad = books.posting("S1001"), books.posting("S1000")
    with pytest.raises(PartlyWritten) as partly:
        books.client.post([good, bad])

    assert partly.value.reasons == {bad.document_id: "Invoice # must be unique."}
    assert set(partly.value.done) == {good.document_id}
    assert grouped(books.client.documents(Kind.SALES_INVOICE, ["S1000"]))["S1000"] == [there]


@pytest.mark.requirement("IN-3")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"nominal": "9999"}, "Account code '9999' is not a valid code"),
        ({"nominal": "610"}, "Account code '610'"),
        ({"tax_code": "INPUT2"}, "The TaxType code 'INPUT2'"),
        ({"text": ""}, "Description"),
    ],
)
def test_each_refusal_names_its_document(line: dict[str, Any], said: str, books: Books) -> None:
    one = books.posting("S1", lines=(replace(LINE, **line),))

    with pytest.raises(Rejected, match=said) as refusal:
        books.client.post([one])
    assert refusal.value.keys == (one.document_id,)
    assert grouped(books.client.documents(Kind.SALES_INVOICE, ["S1"])) == {}


@pytest.mark.requirement("IN-10", "RUN-5")
def test_after_a_lost_answer_the_same_again_makes_nothing_twice(books: Books) -> None:
    bill = books.posting("77", Kind.SUPPLIER_INVOICE)
    books.fail("after_write_reset", count=1)
    with pytest.raises(OutcomeUnknown):
        books.client.post([bill])

    again = books.client.post([bill])

    assert grouped(books.client.documents(Kind.SUPPLIER_INVOICE, ["77"]))["77"] == [again[bill.document_id]]
    books.clock[0] += timedelta(minutes=7)
    books.client.post([bill])
    assert len(grouped(books.client.documents(Kind.SUPPLIER_INVOICE, ["77"]))["77"]) == 2, (
        "hence the look-up by mark"
    )


@pytest.mark.requirement("IN-10", "RUN-5")
def test_a_second_call_that_is_lost_leaves_both_unknown_and_both_are_found(books: Books) -> None:
    invoice, note = books.posting("S1"), books.posting("C1", Kind.SALES_CREDIT_NOTE)
    books.fail("after_write_reset", count=1, match="CreditNotes")

    with pytest.raises(OutcomeUnknown):
        books.client.post([invoice, note])

    for one in (invoice, note):
        (found,) = grouped(books.client.documents(one.kind, [one.number]))[one.number]
        assert found.mark == one.mark


def test_void_and_deleted_documents_are_not_there(books: Books) -> None:
    state = books.state()
    row = state["Invoices"][0]
    state["Invoices"] = [
        {**row, "InvoiceID": f"{digit * 8}-0000-0000-0000-000000000000", "Status": status}
        for digit, status in (("1", "VOIDED"), ("2", "DELETED"))
    ]
    requests.put(f"{books.url}/_sandbox/state", json=state, timeout=5).raise_for_status()

    assert grouped(books.client.documents(Kind.SALES_INVOICE, ["S1000"])) == {}


@pytest.mark.parametrize(
    ("fault", "error", "seconds"),
    [
        ("concurrent", RetryLater, 1),
        ("day", RetryLater, 67_000),
        (503, RetryLater, 5),
        ("disconnected", CredentialsRefused, None),
        ("token", CredentialsRefused, None),
    ],
)
def test_trouble_is_named_by_what_recovers_it(
    fault: int | str, error: type[Exception], seconds: int | None, books: Books
) -> None:
    books.fail(fault)
    with pytest.raises(error) as raised:
        coded(books.client.nominals())
    assert getattr(raised.value, "seconds", None) == seconds
    books.calm()
    assert coded(books.client.nominals())
