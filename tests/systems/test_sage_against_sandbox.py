"""Sage's client against its sandbox: every method, refusals, duplicates, lost answers, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from local.seed.sage import BUSINESS, LEAD, sage_state
from payrelay.domain.invoices import Kind, NewAccount, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.oauth import App, TokenEndpoint, consent_url
from payrelay.systems.registry import system
from payrelay.systems.sage import companies
from payrelay.systems.sage.client import SageClient
from tests.systems.conftest import NOW, Bench
from tests.systems.sage_answers import line
from tests.systems.sage_books import Books, Clock
from tests.worlds.listed import coded, good, grouped, keyed
from tests.worlds.structs import replace

TODAY = date(2026, 2, 9)
CALLBACK = "http://127.0.0.1:9/callback"
APP = App(Secret("payrelay-sandbox"), Secret("sandbox-secret"))


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def sandboxes(clock: Clock) -> Iterator[Running]:
    with running(options=Options(rate_limits=False, hold_seconds=0.5, now=lambda: clock.now)) as served:
        yield served


@pytest.fixture
def books(sandboxes: Running, clock: Clock, bench: Bench) -> Iterator[Books]:
    clock.now = NOW
    state = sage_state(TODAY)
    sandboxes.room("sage").replace_state({**state, "settings": [{"write_ms": 0}], "oauth_tokens": []})
    url = sandboxes.urls["sage"]
    client = SageClient(url, Secret("sage-sandbox-token"), BUSINESS, options=bench.options)
    made = Books(sandboxes, client, bench.options, clock)
    yield made
    made.calm()


# --- what is read ------------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2")
def test_only_the_business_with_a_subscription_can_be_chosen(books: Books) -> None:
    assert books.client.organisation() == "Payrelay Demo"
    token = Secret("sage-sandbox-token")
    assert companies(books.url, token, books.options) == {BUSINESS: "Payrelay Demo"}
    with pytest.raises(CredentialsRefused, match="no active subscription"):
        SageClient(books.url, token, LEAD, options=books.options).organisation()
    with pytest.raises(CredentialsRefused):
        SageClient(books.url, token, "f" * 32, options=books.options).organisation()


def test_accounts_are_found_by_id_on_their_side_only(books: Books) -> None:
    ids = [books.harper.id, books.pennine.id, "f" * 32, "129"]

    assert keyed(books.client.accounts(Side.CUSTOMER, ids)) == {books.harper.id: books.harper}
    assert keyed(books.client.accounts(Side.SUPPLIER, ids)) == {books.pennine.id: books.pennine}
    assert books.harper.email == "ap@harper.example"


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("O'Neil & Sons", ["O'Neil & Sons"]),
        ('The "Old Forge" Café', ['The "Old Forge" Café']),
        ("St. Mary's School", ["St. Mary's School"]),
        ("Brook Farm Ltd 2", ["Brook Farm Ltd"]),
        ("Ørsted Joinery", []),
    ],
)
def test_accounts_are_found_by_name(name: str, found: list[str], books: Books) -> None:
    assert [account.name for account in good(books.client.accounts_like(Side.CUSTOMER, name))] == found
    assert good(books.client.accounts_like(Side.SUPPLIER, name)) == []


@pytest.mark.requirement("IN-3")
def test_every_nominal_has_its_tax_rate_and_side(books: Books) -> None:
    rates = {code.id: code.rate for code in good(books.client.tax_codes())}

    sides = {code: set(nominal.ids) for code, nominal in books.nominals.items()}
    assert sides["4000"] == {Side.CUSTOMER}
    assert sides["5000"] == {Side.SUPPLIER}
    assert rates[books.nominals["4200"].tax[Side.CUSTOMER]] == 5
    assert rates[books.nominals["7500"].tax[Side.SUPPLIER]] == 0
    assert (rates["GB_STANDARD"], len(rates)) == (20, 5)


# --- what is written ---------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-5")
def test_a_new_account_is_made_once_and_is_found(books: Books) -> None:
    address = {"line1": "9 Dock Street", "town": "Goole", "postcode": "DN14 5AA", "country": "GB"}
    new = NewAccount("a1" * 16, Side.CUSTOMER, "Ørsted Joinery", "post@orsted.example", address, "GBP")

    made = books.client.create_account(new)
    assert books.client.create_account(new) == made
    assert good(books.client.accounts_like(Side.CUSTOMER, "Ørsted Joinery")) == [made]
    assert made.email == "post@orsted.example"


@pytest.mark.requirement("IN-4", "IN-11")
@pytest.mark.parametrize(
    ("kind", "code", "resource"),
    [
        (Kind.SALES_INVOICE, "4000", "sales_invoices"),
        (Kind.SALES_CREDIT_NOTE, "4000", "sales_credit_notes"),
        (Kind.SUPPLIER_INVOICE, "5000", "purchase_invoices"),
    ],
)
def test_a_document_is_posted_and_found_under_our_number(
    kind: Kind, code: str, resource: str, books: Books
) -> None:
    sent = books.posting("N-77", code, kind=kind)

    done = books.client.post([sent])[sent.document_id]
    assert (done.number, done.mark, done.account_id) == ("N-77", sent.mark, sent.account_id)
    assert done.total == books.client.total_of(sent) == Decimal(120)
    assert grouped(books.client.documents(kind, ["N-77", "N-7"])) == {"N-77": [done]}
    assert [row["id"] for row in books.state(resource) if row["reference"] == "N-77"] == [done.id]


@pytest.mark.requirement("IN-11")
def test_the_total_is_exact_to_the_penny(books: Books) -> None:
    lines = tuple(
        line(
            nominal=books.nominals[code].ids[Side.CUSTOMER],
            quantity=Decimal(quantity),
            unit_price=Decimal(price),
            net=Decimal(net),
            tax_code=tax_code,
            rate=Decimal(rate),
            tax=Decimal(tax),
        )
        for code, quantity, price, net, tax_code, rate, tax in (
            ("4000", "3", "33.35", "100.05", "GB_STANDARD", "20", "20.01"),
            ("4200", "0.5", "19.99", "10.00", "GB_LOWER", "5", "0.50"),
            ("4300", "7", "0.07", "0.49", "GB_ZERO", "0", "0.00"),
        )
    )
    sent = books.posting("S1", lines=lines)

    assert books.client.post([sent])["d-S1"].total == books.client.total_of(sent) == Decimal("131.05")


def test_five_documents_are_five_calls_one_after_the_other(books: Books) -> None:
    kinds = [*[Kind.SALES_INVOICE] * 3, Kind.SALES_CREDIT_NOTE]
    five = [books.posting(f"S{place}", kind=kind) for place, kind in enumerate(kinds)]
    five.append(books.posting("P1", "5000", kind=Kind.SUPPLIER_INVOICE))

    assert set(books.client.post(five)) == {sent.document_id for sent in five}
    assert [(call["operation"], call["nodes"]) for call in books.calls()] == [
        *[("create sales_invoices", 1)] * 3,
        ("create sales_credit_notes", 1),
        ("create purchase_invoices", 1),
    ]
    assert books.state("settings")[0]["parallel_posts"] == 0


@pytest.mark.requirement("IN-10")
def test_a_number_made_by_somebody_else_has_no_mark_of_ours(books: Books) -> None:
    (other,) = grouped(books.client.documents(Kind.SALES_INVOICE, ["S1000"]))["S1000"]
    assert (other.mark, other.account_id, other.total) == (None, books.harper.id, Decimal(96))


@pytest.mark.requirement("IN-10")
@pytest.mark.parametrize("fault", ["after_write_reset", "timeout", 500])
def test_after_a_lost_answer_the_same_again_makes_no_second_one(fault: int | str, books: Books) -> None:
    books.fail(fault, match="create sales_invoices", after=1, count=1)
    three = [books.posting(number) for number in ("S1", "S2", "S3")]

    patient = SageClient(
        books.url,
        Secret("sage-sandbox-token"),
        BUSINESS,
        options=replace(books.options, read_timeout=0.3),
    )
    with pytest.raises(OutcomeUnknown):
        patient.post(three)
    books.calm()
    found = grouped(books.client.documents(Kind.SALES_INVOICE, ["S1", "S2", "S3"]))
    there = {number for number, documents in found.items() if documents}
    assert there == ({"S1", "S2"} if fault == "after_write_reset" else {"S1"})

    done = books.client.post(three)
    again = grouped(books.client.documents(Kind.SALES_INVOICE, ["S1", "S2", "S3"]))
    assert {number: [one.id for one in documents] for number, documents in again.items()} == {
        number: [done[f"d-{number}"].id] for number in ("S1", "S2", "S3")
    }


def test_a_refused_document_is_named_and_the_others_are_there(books: Books) -> None:
    wrong_side = books.posting("S2", lines=(line(nominal=books.nominals["5000"].ids[Side.SUPPLIER]),))
    supplier = books.posting("S3", account_id=books.pennine.id)

    with pytest.raises(PartlyWritten) as partly:
        books.client.post([books.posting("S1"), wrong_side, supplier, books.posting("S4")])
    assert set(partly.value.done) == {"d-S1", "d-S4"}
    assert partly.value.reasons == {
        "d-S2": "Couldn't find LedgerAccount.",
        "d-S3": "Couldn't find Customer.",
    }


@pytest.mark.parametrize(
    ("number", "changes", "words"),
    [
        ("P1", {"kind": Kind.SUPPLIER_INVOICE, "due_date": None}, "purchase_invoice.due_date"),
        ("S1", {"currency": "XXX"}, "Couldn't find Currency"),
        ("S" * 26, {}, "maximum length is 25"),
    ],
)
def test_what_sage_refuses_is_said_in_its_words(
    number: str, changes: dict[str, Any], words: str, books: Books
) -> None:
    code = "5000" if "kind" in changes else "4000"

    with pytest.raises(Rejected, match=words):
        books.client.post([books.posting(number, code, **changes)])


def test_a_key_of_another_kind_of_record_is_refused(books: Books) -> None:
    key = "b2" * 16
    books.client.create_account(NewAccount(key, Side.CUSTOMER, "New Ltd"))

    with pytest.raises(Rejected) as refused:
        books.client.post([books.posting("S1", key=key)])
    assert refused.value.code == "IdempotencyResourceMismatch"


def test_a_void_document_leaves_its_number_free(books: Books) -> None:
    done = books.client.post([books.posting("S1")])["d-S1"]
    headers = {"Authorization": "Bearer sage-sandbox-token", "X-Business": BUSINESS}
    answer = requests.delete(
        f"{books.url}/v3.1/sales_invoices/{done.id}",
        params={"void_reason": "wrong"},
        headers=headers,
        timeout=5,
    )

    assert answer.status_code == 200
    assert grouped(books.client.documents(Kind.SALES_INVOICE, ["S1"])) == {}


def test_nothing_that_is_read_marks_a_document_as_sent(books: Books) -> None:
    books.client.post([books.posting("S1")])
    grouped(books.client.documents(Kind.SALES_INVOICE, ["S1"]))

    assert {row["sent"] for row in books.state("sales_invoices")} == {False}


# --- trouble and tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["token", "no_subscription"])
def test_a_refusal_of_the_credentials_is_told_apart(fault: str, books: Books) -> None:
    books.fail(fault)

    with pytest.raises(CredentialsRefused):
        coded(books.client.nominals())


def test_a_limit_is_for_later(books: Books) -> None:
    books.fail(429)

    with pytest.raises(RetryLater) as later:
        books.client.post([books.posting("S1")])
    assert type(later.value) is RetryLater


@pytest.mark.requirement("IN-8")
def test_a_consent_is_turned_into_tokens_that_are_renewed_on_the_way(books: Books) -> None:
    oauth = system("sage").oauth
    assert oauth is not None
    page = consent_url(oauth, books.url, APP, CALLBACK, "state-1")
    answer = requests.get(page, allow_redirects=False, timeout=5)
    given = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (answer.status_code, given["state"]) == (302, ["state-1"])

    tokens = TokenEndpoint("sage", oauth, books.url, APP, books.options)
    first = tokens.exchange(Secret(given["code"][0]), CALLBACK)
    assert first.seconds == 300
    books.clock.now = NOW + timedelta(seconds=301)
    renewals = []

    def renew() -> Secret:
        renewals.append(tokens.refresh(first.refresh_token))
        return renewals[-1].access_token

    options = replace(books.options, renew=renew)
    client = SageClient(books.url, first.access_token, BUSINESS, options=options)
    assert client.post([books.posting("S1")])["d-S1"].number == "S1"
    assert client.organisation() == "Payrelay Demo"
    assert len(renewals) == 1
    with pytest.raises(CredentialsRefused):
        tokens.refresh(first.refresh_token)

    tokens.revoke(renewals[0].refresh_token)
    tokens.revoke(renewals[0].refresh_token)
    with pytest.raises(CredentialsRefused):
        tokens.refresh(renewals[0].refresh_token)
    books.clock.now = datetime(2026, 2, 9, 7, tzinfo=UTC)
    with pytest.raises(CredentialsRefused):
        SageClient(books.url, renewals[0].access_token, BUSINESS, options=books.options).organisation()
