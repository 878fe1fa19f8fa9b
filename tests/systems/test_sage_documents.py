"""Sage's client against a scripted server: documents, and what goes wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from payrelay.domain.invoices import Kind, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import (
    OutcomeUnknown,
    PartlyWritten,
    Rejected,
    RetryLater,
)
from payrelay.systems.sage.client import SageClient
from tests.systems.conftest import COMPANY, Bench
from tests.systems.loopback import RESET, Loopback, Reply, reply
from tests.systems.sage_answers import HARPER, NOMINAL, document, line, page, posting, refusal
from tests.worlds.listed import good, grouped

OTHER = "0" * 31 + "1"


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> SageClient:
    return SageClient(loopback.origin, Secret("token"), COMPANY, options=bench.options)


def sent(loopback: Loopback) -> list[tuple[str, str, dict[str, str]]]:
    return [(seen.method, seen.path, dict(seen.params)) for seen in loopback.seen]


# --- documents ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-10")
@pytest.mark.parametrize(
    ("kind", "path", "number"),
    [
        (Kind.SALES_INVOICE, "sales_invoices", "reference"),
        (Kind.SALES_CREDIT_NOTE, "sales_credit_notes", "reference"),
        (Kind.SUPPLIER_INVOICE, "purchase_invoices", "vendor_reference"),
    ],
)
def test_documents_are_found_by_exactly_our_number(
    kind: Kind, path: str, number: str, client: SageClient, loopback: Loopback
) -> None:
    void = document("S12", status={"id": "VOID"})
    rows = [{**document("x"), number: text} for text in ("S12", "S123", "s12", None)]
    loopback.answers(reply(page(*rows, {**void, number: "S12"})), reply(page()))

    found = grouped(client.documents(kind, ["S12", "S9", "S12"]))
    assert {number: len(documents) for number, documents in found.items()} == {"S12": 1}
    (one,) = found["S12"]
    assert (one.kind, one.number, one.account_id, one.total) == (kind, "S12", HARPER, Decimal("120.0"))
    assert (one.date, one.mark) == (date(2026, 1, 5), "payrelay:d-501")
    (_, first, params), _ = sent(loopback)
    assert (first, params["search"]) == (f"/v3.1/{path}", "S12")
    assert {number, "status", "contact", "total_amount", "date", "notes"} <= set(
        params["attributes"].split(",")
    )


@pytest.mark.requirement("IN-4")
def test_a_sales_invoice_is_sent_whole(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(document("S1234"), 201))
    zero = line(text="Training", rate=Decimal(0), tax=Decimal("0.00"), tax_code="GB_ZERO")

    done = client.post([posting(lines=(line(), zero))])
    assert done["d-S1234"].number == "S1234"
    assert loopback.seen[0].body == {
        "sales_invoice": {
            "idempotency_id": posting().key,
            "contact_id": HARPER,
            "date": "2026-01-05",
            "due_date": "2026-02-04",
            "reference": "S1234",
            "notes": "payrelay:d-S1234",
            "currency_id": "GBP",
            "invoice_lines": [
                {
                    "description": "Boiler service",
                    "ledger_account_id": NOMINAL,
                    "quantity": 1,
                    "unit_price": 100.00,
                    "tax_rate_id": "GB_STANDARD",
                    "tax_amount": 20.00,
                },
                {
                    "description": "Training",
                    "ledger_account_id": NOMINAL,
                    "quantity": 1,
                    "unit_price": 100.00,
                    "tax_rate_id": "GB_ZERO",
                },
            ],
        }
    }


@pytest.mark.requirement("IN-4")
@pytest.mark.parametrize(
    ("kind", "path", "root", "members"),
    [
        (Kind.SALES_CREDIT_NOTE, "sales_credit_notes", "sales_credit_note", {"credit_note_lines"}),
        (
            Kind.SUPPLIER_INVOICE,
            "purchase_invoices",
            "purchase_invoice",
            {"invoice_lines", "due_date", "vendor_reference"},
        ),
    ],
)
def test_other_kinds_go_to_their_own_place(
    kind: Kind, path: str, root: str, members: set[str], client: SageClient, loopback: Loopback
) -> None:
    loopback.answers(reply(document("S1", vendor_reference="S1"), 201))
    common = {"idempotency_id", "contact_id", "date", "reference", "notes", "currency_id"}

    client.post([posting("S1", kind=kind)])
    (seen,) = loopback.seen
    assert (seen.path, set(seen.body), set(seen.body[root])) == (f"/v3.1/{path}", {root}, common | members)
    assert seen.body[root].get("vendor_reference", "S1") == seen.body[root]["reference"] == "S1"


@pytest.mark.requirement("IN-11")
def test_the_total_is_quantity_times_price_and_the_tax_that_the_lines_say(client: SageClient) -> None:
    discounted = line(
        quantity=Decimal("1.5"), unit_price=Decimal("0.07"), net=Decimal("0.10"), tax=Decimal("0.02")
    )
    assert client.total_of(posting(lines=(line(), discounted))) == Decimal("120.13")


# --- what goes wrong ----------------------------------------------------------------------------------------

BROKEN = refusal("RecordInvalid", "This field is required.", "invoice_lines.tax_amount")


def test_a_refused_document_does_not_keep_the_others(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(document("A"), 201), reply(BROKEN, 422), reply(document("C"), 201))

    with pytest.raises(PartlyWritten) as partly:
        client.post([posting(number) for number in "ABC"])
    assert set(partly.value.done) == {"d-A", "d-C"}
    assert (partly.value.keys, partly.value.code) == (("d-B",), "RecordInvalid")
    assert partly.value.reasons["d-B"] == "This field is required. (invoice_lines.tax_amount)"


def test_when_none_is_taken_it_is_a_refusal(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(BROKEN, 422))

    with pytest.raises(Rejected) as refused:
        client.post([posting("A"), posting("B")])
    assert type(refused.value) is Rejected
    assert refused.value.keys == ("d-A", "d-B")


@pytest.mark.requirement("IN-10")
@pytest.mark.parametrize(
    "trouble", [RESET, reply({}, 500), Reply(429, b""), reply({}, 401)], ids=["reset", "500", "429", "401"]
)
def test_once_one_is_taken_whatever_stops_the_rest_is_unknown(
    trouble: Reply, client: SageClient, loopback: Loopback
) -> None:
    loopback.answers(reply(document("A"), 201), trouble)

    with pytest.raises(OutcomeUnknown):
        client.post([posting(number) for number in "ABC"])
    assert len(loopback.seen) == 2


def test_a_limit_without_a_body_is_for_later(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(Reply(429, b""))

    with pytest.raises(RetryLater) as later:
        client.post([posting()])
    assert type(later.value) is RetryLater
    assert (later.value.named, later.value.seconds) == (False, 5)


def test_an_empty_page_that_is_not_the_last_ends_the_reading(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(page(following="/tax_rates?page=2")))

    with pytest.raises(RetryLater, match="empty page"):
        good(client.tax_codes())
    assert len(loopback.seen) == 1


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (BROKEN, "RecordInvalid", "This field is required. (invoice_lines.tax_amount)"),
        (
            refusal("RecordInvalid", "Couldn't find Customer.") + refusal("Other", "And this.", "x"),
            "RecordInvalid",
            "Couldn't find Customer.; And this. (x)",
        ),
        ([{"$dataCode": 5}, "text"], "422", "refused (HTTP 422)"),
        ({"error": "x"}, "422", "refused (HTTP 422)"),
    ],
)
def test_the_words_of_a_refusal_are_kept(
    body: object, code: str, message: str, client: SageClient, loopback: Loopback
) -> None:
    loopback.answers(reply(body, 422))

    with pytest.raises(Rejected) as refused:
        good(client.accounts_like(Side.CUSTOMER, "Harper Ltd"))
    assert (refused.value.code, refused.value.message) == (code, message)
