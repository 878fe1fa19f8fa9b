"""QuickBooks' client: what it sends when writing, and what it makes of the answers."""

from __future__ import annotations

import secrets
from decimal import Decimal

import pytest

from payrelay.domain.invoices import Account, Kind, NewAccount, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import OutcomeUnknown, PartlyWritten, Rejected
from payrelay.systems.quickbooks.client import QuickBooksClient
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.quickbooks_answers import (
    HOME,
    OLD,
    OLDER,
    OURS,
    REALM,
    batch,
    fault,
    line,
    made,
    posting,
)


@pytest.fixture
def client(loopback: Loopback, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> QuickBooksClient:
    monkeypatch.setattr(secrets, "token_hex", lambda size: OURS[: 2 * size])
    return QuickBooksClient(loopback.origin, Secret("the-token"), REALM, options=bench.options)


@pytest.mark.requirement("IN-4", "IN-11")
def test_documents_of_every_kind_go_out_in_one_batch(client: QuickBooksClient, loopback: Loopback) -> None:
    postings = [posting("S1"), posting("C1", Kind.SALES_CREDIT_NOTE), posting("B1", Kind.SUPPLIER_INVOICE)]
    by_key = sorted(postings, key=lambda one: one.key)
    rows = {
        "S1": made("S1"),
        "C1": {"CreditMemo": made("C1", "397")["Invoice"]},
        "B1": {"Bill": {"Id": "398", "DocNumber": "B1", "TotalAmt": 120, "VendorRef": {"value": "7"}}},
    }
    loopback.answers(HOME, batch(*(rows[one.number] for one in by_key)))

    done = client.post(postings)

    assert {key: (one.id, one.kind.value) for key, one in done.items()} == {
        "doc-S1": ("396", "SalesInvoice"),
        "doc-C1": ("397", "SalesCreditNote"),
        "doc-B1": ("398", "SupplierInvoice"),
    }
    seen = loopback.seen[1]
    assert (seen.method, seen.path) == ("POST", f"/v3/company/{REALM}/batch")
    items = {next(key for key in item if key[0].isupper()): item for item in seen.body["BatchItemRequest"]}
    assert all(item["operation"] == "create" and len(item["bId"]) <= 10 for item in items.values())
    assert items["Invoice"]["Invoice"] == {
        "DocNumber": "S1",
        "TxnDate": "2026-01-05",
        "DueDate": "2026-02-04",
        "CustomerRef": {"value": "1"},
        "GlobalTaxCalculation": "TaxExcluded",
        "PrivateNote": "AutoVu doc-S1",
        "Line": [
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": "100.00",
                "Description": "Boiler service",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": "7"},
                    "Qty": "1",
                    "UnitPrice": "100.00",
                    "TaxCodeRef": {"value": "2"},
                },
            }
        ],
    }
    assert "DueDate" not in items["CreditMemo"]["CreditMemo"]
    bill = items["Bill"]["Bill"]
    assert (bill["VendorRef"], bill["DueDate"]) == ({"value": "7"}, "2026-02-04")
    assert bill["Line"][0]["AccountBasedExpenseLineDetail"] == {
        "AccountRef": {"value": "39"},
        "TaxCodeRef": {"value": "2"},
    }


def test_a_discounted_line_goes_out_without_quantity_and_price(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(HOME, batch(made("S1")))

    client.post([posting("S1", lines=(line("90.00", unit_price=Decimal("100.00")),))])

    sent = loopback.seen[1].body["BatchItemRequest"][0]["Invoice"]["Line"][0]
    assert (sent["Amount"], sorted(sent["SalesItemLineDetail"])) == ("90.00", ["ItemRef", "TaxCodeRef"])


@pytest.mark.parametrize(
    ("currency", "many", "named"),
    [("GBP", False, None), ("EUR", False, "EUR"), ("EUR", True, "EUR"), ("GBP", True, "GBP")],
)
def test_a_currency_is_named_where_it_could_be_taken_for_another(
    currency: str, many: bool, named: str | None, client: QuickBooksClient, loopback: Loopback
) -> None:
    preferences = {"HomeCurrency": {"value": "GBP"}, "MultiCurrencyEnabled": many}
    home = reply({"Preferences": {"Id": "1", "CurrencyPrefs": preferences}})
    loopback.answers(home, batch(made("S1")), batch(made("S2")))

    client.post([posting("S1", currency=currency)])
    client.post([posting("S2", currency=currency)])

    body = loopback.seen[1].body["BatchItemRequest"][0]["Invoice"]
    assert body.get("CurrencyRef", {}).get("value") == named
    assert [seen.method for seen in loopback.seen] == ["GET", "POST", "POST"]


@pytest.mark.requirement("IN-10")
def test_a_refused_item_leaves_the_others_written_and_keeps_its_code(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    postings = sorted((posting(f"S{number}") for number in range(3)), key=lambda one: one.key)
    taken, first, second = postings
    duplicate = "DocNumber=S1 is assigned to TxnType=Invoice with TxnId=396"
    loopback.answers(HOME, batch(made("S0"), fault("6140", duplicate), fault("2500", "Invalid Reference Id")))

    with pytest.raises(PartlyWritten) as refusal:
        client.post(postings)

    error = refusal.value
    assert error.keys == (first.document_id, second.document_id)
    assert error.reasons == {
        first.document_id: f"6140: {duplicate}",
        second.document_id: "2500: Invalid Reference Id",
    }
    assert (error.code, list(error.done)) == ("6140", [taken.document_id])


def test_all_refused_is_rejected(client: QuickBooksClient, loopback: Loopback) -> None:
    loopback.answers(HOME, batch(fault("6000", "Make sure all your transactions have a VAT rate")))

    with pytest.raises(Rejected) as refusal:
        client.post([posting("S1")])
    assert type(refusal.value) is Rejected
    assert (refusal.value.code, refusal.value.keys) == ("6000", ("doc-S1",))


def test_a_number_that_quickbooks_replaced_is_answered_as_it_is(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(HOME, batch(made("1042")))

    assert client.post([posting("S1")])["doc-S1"].number == "1042"


@pytest.mark.requirement("IN-10", "RUN-5")
def test_the_same_documents_in_any_order_have_the_same_requestid(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    one, two = sorted((posting("S1"), posting("S2")), key=lambda posting: posting.key)
    loopback.answers(HOME, batch(made(one.number), made(two.number)))

    client.post([one, two])
    client.post([two, one])
    client.post([one, posting("S3")])

    ids = [dict(seen.params)["requestid"] for seen in loopback.seen[1:]]
    assert ids[0] == ids[1] != ids[2]
    assert all(len(request_id) <= 36 for request_id in ids)


def test_an_old_refusal_is_not_believed_and_an_old_success_is(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    one, two = sorted((posting("S1"), posting("S2")), key=lambda posting: posting.key)
    loopback.answers(
        HOME,
        batch(made(one.number, "396"), fault("610", "made inactive"), attempt=OLD),
        batch(fault("610", "made inactive"), attempt=OLDER),
        batch(made(two.number, "397")),
    )

    done = client.post([one, two])

    assert (done[one.document_id].id, done[two.document_id].id) == ("396", "397")
    ids = [dict(seen.params)["requestid"] for seen in loopback.seen[1:]]
    assert len(set(ids)) == 3
    assert [len(seen.body["BatchItemRequest"]) for seen in loopback.seen[1:]] == [2, 1, 1]


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize(
    "answer",
    [
        batch(made("S1")),
        batch(made("S1"), fault("10000", "System Failure Error", "SystemFault")),
        batch(made("S1"), {"Invoice": {"Id": "397"}}),
        reply({"BatchItemResponse": [{"bId": "1", **made("S1")}]}),
    ],
    ids=["an item is missing", "trouble of theirs", "no total", "a foreign label"],
)
def test_an_item_without_a_clear_answer_is_unknown(
    answer: Reply, client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(HOME, answer)

    with pytest.raises((OutcomeUnknown, PartlyWritten)) as trouble:
        client.post([posting("S1"), posting("S2")])
    if isinstance(trouble.value, PartlyWritten):
        # What is clear is kept, and the other one is no refusal.
        assert (len(trouble.value.done), trouble.value.keys) == (1, ())


def test_nothing_is_sent_for_no_posting_and_more_than_a_batch_takes_is_too_many(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    assert client.post([]) == {}
    with pytest.raises(ValueError, match="at most 30"):
        client.post([posting(f"S{number}") for number in range(31)])
    assert loopback.seen == []


@pytest.mark.requirement("IN-5")
def test_a_new_account_is_made_with_what_is_known(client: QuickBooksClient, loopback: Loopback) -> None:
    loopback.answers(batch({"Vendor": {"Id": "56", "DisplayName": "Ridge"}}))
    address = {"Line1": "The Ridge", "Line2": "", "Town": "Ilkley", "Postcode": "LS29 8AA", "Country": "GB"}
    new = NewAccount("f" * 32, Side.SUPPLIER, "Ridge", "office@ridge.example", address)

    assert client.create_account(new) == Account("56", "Ridge")
    assert loopback.seen[0].body["BatchItemRequest"][0]["Vendor"] == {
        "DisplayName": "Ridge",
        "CompanyName": "Ridge",
        "PrimaryEmailAddr": {"Address": "office@ridge.example"},
        "BillAddr": {"Line1": "The Ridge", "City": "Ilkley", "PostalCode": "LS29 8AA", "Country": "GB"},
    }


def test_a_name_that_is_taken_is_refused_in_their_words(client: QuickBooksClient, loopback: Loopback) -> None:
    loopback.answers(batch(fault("6240", "Another customer, vendor or employee is already using this name.")))

    with pytest.raises(Rejected, match="vendor or employee") as refusal:
        client.create_account(NewAccount("f" * 32, Side.CUSTOMER, "Ridge"))
    assert refusal.value.code == "6240"
