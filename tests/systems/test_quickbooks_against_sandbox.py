"""QuickBooks' client against its sandbox: every method, refusals, lost answers, the consent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.sandbox.frame.room import Options, State
from local.sandbox.running import Running, running
from local.seed.quickbooks import quickbooks_state
from payrelay.domain.invoices import Kind, NewAccount, Side, TaxPart
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.oauth import App, TokenEndpoint, consent_url
from payrelay.systems.quickbooks.client import QuickBooksClient
from payrelay.systems.registry import system
from tests.systems.conftest import Bench
from tests.systems.quickbooks_answers import REALM, line, posting
from tests.worlds.listed import coded, good, grouped, keyed
from tests.worlds.structs import replace

APP = App(Secret("payrelay-sandbox"), Secret("sandbox-secret"))
BACK = "http://127.0.0.1:9/callback"


@dataclass
class Books:
    """The seeded sandbox, and a client for it."""

    url: str
    served: Running
    client: QuickBooksClient

    def fail(self, *errors: int | str, **setting: object) -> None:
        faults = {"errors": list(errors), **setting}
        requests.put(f"{self.url}/_sandbox/faults", json=faults, timeout=5).raise_for_status()

    def calls(self) -> list[str]:
        log = requests.get(f"{self.url}/_sandbox/requests", timeout=5).json()
        return [entry["operation"] for entry in log]

    @property
    def state(self) -> State:
        return self.served.room("quickbooks").state()

    def change(self, **resources: list[dict[str, Any]]) -> None:
        self.served.room("quickbooks").replace_state({**self.state, **resources})

    def numbers(self, entity: str = "Invoice") -> list[str]:
        return [row["DocNumber"] for row in self.state[entity]]


@pytest.fixture
def books(sandboxes: Running, bench: Bench) -> Books:
    url = sandboxes.urls["quickbooks"]
    sandboxes.room("quickbooks").replace_state(quickbooks_state())
    for left_over in ("faults", "requests"):
        requests.delete(f"{url}/_sandbox/{left_over}", timeout=5).raise_for_status()
    token = Secret("quickbooks-sandbox-token")
    return Books(url, sandboxes, QuickBooksClient(url, token, REALM, options=bench.options))


# --- reading ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-5", "IN-6")
def test_accounts_are_found_by_id_and_by_name(books: Books) -> None:
    customers = books.state["Customer"]
    customers[1]["Active"] = False
    books.change(Customer=customers)

    found = keyed(books.client.accounts(Side.CUSTOMER, ["1", "2", "99", "x"]))
    like = good(books.client.accounts_like(Side.CUSTOMER, "O'Neil & Sons"))

    assert {key: (one.name, one.active) for key, one in found.items()} == {
        "1": ("Harper Ltd", True),
        "2": ("Brook Farm Ltd", False),
    }
    assert [one.name for one in like] == ["O'Neil & Sons"]
    (inactive, *_) = good(books.client.accounts_like(Side.CUSTOMER, "Brook Farm Ltd"))
    assert (inactive.name, inactive.active) == ("Brook Farm Ltd", False)
    (alike, *_) = good(books.client.accounts_like(Side.CUSTOMER, "harper ltd"))
    assert alike.name == "Harper Ltd"
    assert good(books.client.accounts_like(Side.CUSTOMER, "\\' & \"")) == []


def test_a_sub_customer_of_the_same_name_does_not_equal_it(books: Books) -> None:
    parent = {"ParentRef": {"value": "1"}, "Job": True}
    books.change(Customer=[*books.state["Customer"], {"DisplayName": "Brook Farm Ltd", **parent}])

    names = [one.name for one in good(books.client.accounts_like(Side.CUSTOMER, "Brook Farm Ltd"))]

    assert names == ["Brook Farm Ltd", "Harper Ltd:Brook Farm Ltd"]


@pytest.mark.requirement("IN-3")
def test_nominals_and_tax_codes_name_what_lines_need(books: Books) -> None:
    nominals, codes = coded(books.client.nominals()), good(books.client.tax_codes())

    assert sorted(code for code, one in nominals.items() if Side.CUSTOMER in one.ids) == [
        "4000",
        "4100",
        "4200",
        "4300",
    ]
    assert sorted(code for code, one in nominals.items() if not one.ids) == ["1100", "2100"]
    assert {(code.name, int(code.rate)) for code in codes} == {
        ("20.0% S", 20),
        ("5.0% R", 5),
        ("0.0% Z", 0),
        ("Exempt", 0),
        ("No VAT", 0),
    }
    assert {code.sides for code in codes} == {frozenset(Side)}


# --- writing ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-4", "IN-11")
def test_five_documents_are_posted_in_one_call_with_our_total(books: Books) -> None:
    fives = (TaxPart("3", Decimal(5)),)
    rounding = tuple(line("10.10", tax_code="3", rate=Decimal(5), parts=fives) for _ in range(3))
    postings = [
        posting("S2000", lines=(*rounding, line("33.33"))),
        posting("S2001"),
        posting("C2000", Kind.SALES_CREDIT_NOTE),
        posting("PX-77", Kind.SUPPLIER_INVOICE),
        posting("S1000", Kind.SALES_CREDIT_NOTE, lines=(line("0.33"),)),
    ]

    done = books.client.post(postings)

    assert {key: one.total for key, one in done.items()} == {
        one.document_id: books.client.total_of(one) for one in postings
    }
    assert [sorted(books.numbers(name)) for name in ("Invoice", "CreditMemo", "Bill")] == [
        ["S1000", "S2000", "S2001"],
        ["C2000", "S1000"],
        ["PX-77"],
    ]
    assert books.calls() == ["read Preferences", "batch"]
    for one in postings:
        assert grouped(books.client.documents(one.kind, [one.number]))[one.number] == [done[one.document_id]]
        assert done[one.document_id].mark == one.mark


@pytest.mark.requirement("IN-3", "IN-10")
def test_a_number_in_use_is_found_before_and_refused_after(books: Books) -> None:
    (by_hand,) = grouped(books.client.documents(Kind.SALES_INVOICE, ["S1000", "S1001"]))["S1000"]

    with pytest.raises(PartlyWritten) as refusal:
        books.client.post([posting("S1000"), posting("S1001")])

    assert (by_hand.id, by_hand.mark, by_hand.total) == ("396", None, Decimal(120))
    assert "TxnId=396" in refusal.value.reasons["doc-S1000"]
    assert refusal.value.reasons["doc-S1000"].startswith("6140: ")
    assert list(refusal.value.done) == ["doc-S1001"]
    assert books.numbers() == ["S1000", "S1001"]


REFUSALS = [
    ("6000", {"lines": (line(tax_code=None),)}),
    ("2500", {"account_id": "999"}),
    ("2500", {"lines": (line(nominal="999"),)}),
    ("2050", {"number": "S" * 22}),
    ("6000", {"currency": "EUR"}),
    ("6000", {"lines": (line("-5.00"),)}),
]


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(("code", "changes"), REFUSALS)
def test_a_refusal_is_told_in_their_words_and_spoils_no_other(
    code: str, changes: dict[str, Any], books: Books
) -> None:
    bad = replace(posting("S3000"), **changes)

    with pytest.raises(PartlyWritten) as refusal:
        books.client.post([bad, posting("S3001")])

    assert refusal.value.keys == ("doc-S3000",)
    assert refusal.value.reasons["doc-S3000"].startswith(f"{code}: ")
    assert books.numbers() == ["S1000", "S3001"]


@pytest.mark.requirement("IN-10", "RUN-5")
@pytest.mark.parametrize("let_through", [False, True])
def test_after_a_lost_answer_the_same_again_posts_nothing_twice(let_through: bool, books: Books) -> None:
    books.change(settings=[{"allow_duplicate_numbers": let_through}])
    books.fail("after_write_reset", count=1, match="batch")
    postings = [posting("S2000"), posting("PX-77", Kind.SUPPLIER_INVOICE)]

    with pytest.raises(OutcomeUnknown):
        books.client.post(postings)
    there = grouped(books.client.documents(Kind.SALES_INVOICE, ["S2000"]))["S2000"]
    done = books.client.post(postings[::-1])

    assert [one.mark for one in there] == ["AutoVu doc-S2000"]
    assert done["doc-S2000"] == there[0]
    assert (books.numbers(), books.numbers("Bill")) == (["S1000", "S2000"], ["PX-77"])


@pytest.mark.requirement("IN-10")
def test_a_refusal_whose_cause_is_mended_is_not_repeated_from_memory(books: Books) -> None:
    customers = books.state["Customer"]
    customers[0]["Active"] = False
    change = {"method": "POST", "url": f"{books.url}/v3/company/{REALM}/customer"}
    headers = {"Authorization": "Bearer quickbooks-sandbox-token", "Accept": "application/json"}

    def activate(active: bool, token: str) -> None:
        body = {"Id": "1", "SyncToken": token, "sparse": True, "Active": active}
        requests.request(**change, headers=headers, json=body, timeout=5).raise_for_status()

    activate(False, "0")
    for _ in range(2):
        with pytest.raises(PartlyWritten) as refusal:
            books.client.post([posting("S2000"), posting("S2001", account_id="2")])
        assert refusal.value.reasons["doc-S2000"].startswith("610: ")
        assert list(refusal.value.done) == ["doc-S2001"]
    activate(True, "1")

    done = books.client.post([posting("S2000"), posting("S2001", account_id="2")])

    assert sorted(done) == ["doc-S2000", "doc-S2001"]
    assert books.numbers() == ["S1000", "S2001", "S2000"]


def test_a_company_that_numbers_for_itself_is_seen_to(books: Books) -> None:
    books.change(Preferences=[{"SalesFormsPrefs": {"CustomTxnNumbers": False}}])

    done = books.client.post([posting("S2000"), posting("PX-77", Kind.SUPPLIER_INVOICE)])

    assert (done["doc-S2000"].number, done["doc-PX-77"].number) == ("1001", "PX-77")


@pytest.mark.requirement("IN-3")
def test_void_documents_hold_their_number(books: Books) -> None:
    """(faults E7)"""
    done = books.client.post([posting("S2000")])["doc-S2000"]
    url = f"{books.url}/v3/company/{REALM}/invoice?operation=void"
    headers = {"Authorization": "Bearer quickbooks-sandbox-token", "Accept": "application/json"}
    voided = requests.post(url, json={"Id": done.id, "SyncToken": "0"}, headers=headers, timeout=5)

    assert voided.json()["Invoice"]["TotalAmt"] == 0
    (void,) = grouped(books.client.documents(Kind.SALES_INVOICE, ["S2000"]))["S2000"]
    assert (void.id, void.void) == (done.id, True)
    with pytest.raises(Rejected) as refusal:
        books.client.post([posting("S2000", key="f" * 32)])
    assert refusal.value.code == "6140"


def test_a_foreign_document_names_its_currency(books: Books) -> None:
    many = {"HomeCurrency": {"value": "GBP"}, "MultiCurrencyEnabled": True}
    abroad = {"Id": "50", "DisplayName": "Abroad", "CurrencyRef": {"value": "EUR"}}
    books.change(Preferences=[{"CurrencyPrefs": many}], Customer=[*books.state["Customer"], abroad])

    with pytest.raises(PartlyWritten) as refusal:
        books.client.post(
            [posting("S2000", account_id="50", currency="EUR"), posting("S2001", account_id="50")]
        )

    assert list(refusal.value.done) == ["doc-S2000"]
    assert refusal.value.reasons["doc-S2001"].startswith("6000: ")


@pytest.mark.requirement("IN-5")
def test_an_account_is_made_once_and_its_name_is_taken_then(books: Books) -> None:
    new = NewAccount(
        "1" * 32, Side.SUPPLIER, "Ridge Subcontracting", "office@ridge.example", {"Town": "Ilkley"}
    )
    books.fail("after_write_reset", count=1)

    with pytest.raises(OutcomeUnknown):
        books.client.create_account(new)
    made = books.client.create_account(new)

    assert keyed(books.client.accounts(Side.SUPPLIER, [made.id])) == {made.id: made}
    assert [row["DisplayName"] for row in books.state["Vendor"]].count("Ridge Subcontracting") == 1
    with pytest.raises(Rejected, match="customer, vendor or employee") as refusal:
        books.client.create_account(replace(new, key="2" * 32, side=Side.CUSTOMER))
    assert refusal.value.code == "6240"


# --- limits and credentials ------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [500, 503, "reset"])
def test_a_read_in_trouble_is_for_later(error: int | str, books: Books) -> None:
    books.fail(error)

    with pytest.raises(RetryLater) as later:
        coded(books.client.nominals())
    assert type(later.value) is RetryLater


def test_the_limit_per_second_is_waited_for(bench: Bench) -> None:
    seconds = [0.0]

    def sleep(pause: float) -> None:
        seconds[0] += pause

    options = replace(bench.options, sleep=sleep)
    with running(options=Options(clock=lambda: seconds[0])) as served:
        token, url = Secret("quickbooks-sandbox-token"), served.urls["quickbooks"]
        client = QuickBooksClient(url, token, REALM, options=options)
        names = [client.organisation() for _ in range(25)]

    assert names == ["Sandbox Company"] * 25
    assert seconds[0] == 2.0


def test_another_company_is_out_of_reach(books: Books, bench: Bench) -> None:
    other = QuickBooksClient(books.url, Secret("quickbooks-sandbox-token"), "42", options=bench.options)

    with pytest.raises(CredentialsRefused):
        other.organisation()


@pytest.mark.requirement("IN-8")
def test_consent_refresh_and_disconnect(books: Books, bench: Bench) -> None:
    row = system("quickbooks")
    assert row.oauth is not None
    endpoint = TokenEndpoint("quickbooks", row.oauth, books.url, APP, bench.options)
    page = consent_url(row.oauth, books.url, APP, BACK, "state-1")
    answer = requests.get(page, allow_redirects=False, timeout=5)
    callback = {
        name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
    }

    grant = endpoint.exchange(Secret(callback["code"]), BACK)
    credentials = {"access_token": grant.access_token, "company_id": Secret(callback["realmId"])}
    renewed = endpoint.refresh(grant.refresh_token)

    assert callback["state"] == "state-1"
    assert row.check(books.url, credentials, bench.options) == "Workforce Demo Ltd"
    with pytest.raises(CredentialsRefused):
        endpoint.refresh(grant.refresh_token)
    with pytest.raises(CredentialsRefused):
        endpoint.exchange(Secret(callback["code"]), BACK)
    endpoint.revoke(renewed.refresh_token)
    with pytest.raises(CredentialsRefused):
        row.check(books.url, {**credentials, "access_token": renewed.access_token}, bench.options)


def test_an_expired_token_is_renewed_for_a_write_too(books: Books, bench: Bench) -> None:
    options = replace(bench.options, renew=lambda: Secret("quickbooks-sandbox-token-2"))
    client = QuickBooksClient(books.url, Secret("expired"), REALM, options=options)

    assert client.create_account(NewAccount("3" * 32, Side.CUSTOMER, "New Ltd")).name == "New Ltd"
    assert books.calls() == ["batch", "batch"]
