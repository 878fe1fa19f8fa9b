"""Sage's client against a scripted server: what it sends, and how it reads what comes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.invoices import Kind, NewAccount, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    PartlyWritten,
    Rejected,
    RetryLater,
)
from payrelay.systems.registry import system
from payrelay.systems.sage import companies
from payrelay.systems.sage.client import SageClient
from payrelay.systems.sage.names import search_word
from tests.systems.conftest import COMPANY, Bench
from tests.systems.loopback import RESET, Loopback, Reply, reply
from tests.systems.sage_answers import HARPER, NOMINAL, contact, document, line, page, posting, refusal

OTHER = "0" * 31 + "1"


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> SageClient:
    return SageClient(loopback.origin, Secret("token"), COMPANY, options=bench.options)


def sent(loopback: Loopback) -> list[tuple[str, str, dict[str, str]]]:
    return [(seen.method, seen.path, dict(seen.params)) for seen in loopback.seen]


# --- the business ------------------------------------------------------------------------------------------


def test_every_call_names_the_business(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(page()))

    client.nominals()
    client.accounts_like(Side.CUSTOMER, "Harper Ltd")
    client.documents(Kind.SALES_INVOICE, ["S1"])
    assert {seen.headers["X-Business"] for seen in loopback.seen} == {COMPANY}
    assert {seen.path.split("/")[1] for seen in loopback.seen} == {"v3.1"}


def test_businesses_are_listed_without_naming_one(loopback: Loopback, bench: Bench) -> None:
    old, ours = "1" * 32, COMPANY
    loopback.answers(
        reply(page({"id": old, "displayed_as": "Old Shop"}, {"id": ours, "displayed_as": "Payrelay Demo"})),
        reply({"id": old, "name": "Old Shop", "subscriptions": [{"active": False}]}),
        reply({"id": ours, "name": "Payrelay Demo", "subscriptions": [{"active": False}, {"active": True}]}),
    )

    assert companies(loopback.origin, Secret("token"), bench.options) == {ours: "Payrelay Demo"}
    assert not any("X-Business" in seen.headers for seen in loopback.seen)


@pytest.mark.parametrize(
    "answer",
    [
        reply({"id": COMPANY, "name": "Payrelay Demo", "subscriptions": [{"active": False}]}),
        reply(refusal("AuthorizationFailure", "No active subscription. (MSE)"), 401),
        reply(refusal("RecordNotFound", "Not there."), 404),
    ],
    ids=["run out", "none", "no such business"],
)
def test_a_business_without_subscription_is_to_be_connected_again(
    answer: Reply, client: SageClient, loopback: Loopback
) -> None:
    loopback.answers(answer)

    with pytest.raises(CredentialsRefused):
        client.organisation()


@pytest.mark.parametrize("business", [None, "", "two words", "0d40342d"])
def test_a_business_that_can_not_be_one_is_refused_before_any_call(
    business: str | None, bench: Bench
) -> None:
    row = system("sage")
    chosen = {} if business is None else {"company_id": Secret(business)}

    with pytest.raises(CredentialsRefused, match="connect again"):
        row.connect(row.base_url, {"access_token": Secret("token"), **chosen}, bench.options)


def test_its_nature(client: SageClient) -> None:
    assert (client.takes_account_ids, client.has_care_of, client.needs_tax) == (False, False, True)


# --- accounts ----------------------------------------------------------------------------------------------


def test_accounts_are_read_one_by_one_and_must_be_of_the_side(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(
        reply(contact("Harper Ltd", is_active=False, reference="H1", currency={"id": "GBP"})),
        reply(contact("Pennine", OTHER, "VENDOR")),
        reply(refusal("RecordNotFound", "Not there."), 404),
    )

    found = client.accounts(Side.CUSTOMER, [HARPER, OTHER, "f" * 32, "129", "", HARPER])
    assert list(found) == [HARPER]
    assert (found[HARPER].active, found[HARPER].number, found[HARPER].currency) == (False, "H1", "GBP")
    assert len(loopback.seen) == 3


@pytest.mark.requirement("IN-5")
def test_look_alikes_come_after_those_with_the_same_name(client: SageClient, loopback: Loopback) -> None:
    names = ["Brook Farm Ltd 2", "Brook Farm Ltd", "brook farm ltd", *(f"Brook {n}" for n in range(20))]
    rows = [contact(name, f"{place:032}", email=f"{place}@x.example") for place, name in enumerate(names)]
    loopback.answers(
        reply(page(*rows[:10], following="/contacts?page=2&items_per_page=200")),
        reply(
            page(*rows[10:], contact("Brook Gone", is_active=False), contact("Brook Supply", kind="VENDOR"))
        ),
    )

    found = client.accounts_like(Side.CUSTOMER, "Brook Farm Ltd")
    assert [account.name for account in found[:3]] == ["Brook Farm Ltd", "brook farm ltd", "Brook Farm Ltd 2"]
    assert (len(found), found[0].email) == (11, "1@x.example")
    (_, path, params), (_, _, second) = sent(loopback)
    assert path == "/v3.1/contacts"
    assert (params["search"], params["contact_type_id"], params["items_per_page"]) == (
        "Brook",
        "CUSTOMER",
        "200",
    )
    assert (params["page"], second["page"]) == ("1", "2")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Brook Farm Ltd", "Brook"),
        ('The "Old Forge" Café', "Old"),
        ("O'Neil & Sons", "O'Neil"),
        ("St. Mary's School", "Mary's"),
        ("Ørsted Joinery", "Ørsted"),
        ("AB", "AB"),
        (" & ", "&"),
        ("", ""),
    ],
)
def test_the_search_is_for_the_first_word_that_says_something(name: str, word: str) -> None:
    assert search_word(name) == word


def test_a_name_of_nothing_finds_nothing(client: SageClient) -> None:
    assert client.accounts_like(Side.CUSTOMER, " ") == []


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("side", "kind"), [(Side.CUSTOMER, "CUSTOMER"), (Side.SUPPLIER, "VENDOR")])
def test_a_new_account_is_sent_whole(side: Side, kind: str, client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(contact("Northgate", kind=kind), 201))
    address = {"line1": "1 Northgate", "line2": "", "town": "Otley", "postcode": "LS21 1BB", "country": "GB"}

    made = client.create_account(NewAccount("c3" * 16, side, "Northgate", "a@b.example", address, "GBP"))
    assert (made.id, made.name) == (HARPER, "Northgate")
    assert loopback.seen[0].body == {
        "contact": {
            "idempotency_id": "c3" * 16,
            "name": "Northgate",
            "contact_type_ids": [kind],
            "currency_id": "GBP",
            "main_address": {
                "address_line_1": "1 Northgate",
                "city": "Otley",
                "postal_code": "LS21 1BB",
                "country_id": "GB",
            },
            "main_contact_person": {
                "contact_person_type_ids": ["ACCOUNTS"],
                "name": "Northgate",
                "email": "a@b.example",
                "is_main_contact": True,
            },
        }
    }


# --- nominals and tax --------------------------------------------------------------------------------------


@pytest.mark.requirement("IN-3")
def test_a_nominal_is_found_however_many_zeros_it_is_written_with(
    client: SageClient, loopback: Loopback
) -> None:
    both = {"id": NOMINAL, "name": "Sundries", "nominal_code": 400, "tax_rate": {"id": "GB_ZERO"}}
    loopback.answers(
        reply(
            page(both, {"id": OTHER, "name": "Services", "nominal_code": 4000}, {"id": "x", "name": "None"})
        ),
        reply(page(both)),
    )

    nominals = client.nominals()
    assert set(nominals) == {"400", "4000"}
    assert nominals["0400"] is nominals["400"] is nominals.get("00400")
    assert "0400" in nominals
    assert nominals["400"].ids == dict.fromkeys(Side, NOMINAL)
    assert nominals["400"].tax == dict.fromkeys(Side, "GB_ZERO")
    assert (nominals["4000"].ids, nominals["4000"].tax) == ({Side.CUSTOMER: OTHER}, {})
    assert [params["visible_in"] for _, _, params in sent(loopback)] == ["sales", "expenses"]


@pytest.mark.parametrize("code", ["4001", "04001", "4000A", "", "٤٠٠٠", " 4000"])
def test_a_nominal_that_is_not_there_is_not_found(code: str, client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(page({"id": NOMINAL, "name": "Services", "nominal_code": 4000})))

    nominals = client.nominals()
    assert code not in nominals
    assert nominals.get(code) is None
    with pytest.raises(KeyError):
        nominals[code]


def test_the_tax_rate_is_that_of_today(client: SageClient, loopback: Loopback) -> None:
    def rate(key: str, *spans: tuple[str, str | None, str | None], **more: object) -> dict[str, object]:
        percentages = [{"percentage": p, "from_date": start, "to_date": end} for p, start, end in spans]
        return {"id": key, "name": key.title(), "percentage": "99.0", "percentages": percentages, **more}

    loopback.answers(
        reply(
            page(
                rate("CHANGED", ("17.5", None, "2026-02-08"), ("20.0", "2026-02-09", None)),
                rate("PLAIN"),
                rate("OVER", ("8.0", "2020-01-01", "2025-12-31")),
                rate("HIDDEN", is_visible=False),
            )
        )
    )

    codes = client.tax_codes()
    assert [(code.id, code.rate) for code in codes] == [
        ("CHANGED", Decimal("20.0")),
        ("PLAIN", Decimal("99.0")),
    ]
    assert all(code.sides == frozenset(Side) for code in codes)


# --- documents ---------------------------------------------------------------------------------------------


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

    found = client.documents(kind, ["S12", "S9", "S12"])
    assert {number: len(documents) for number, documents in found.items()} == {"S12": 1, "S9": 0}
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
                    "quantity": "1",
                    "unit_price": "100.00",
                    "tax_rate_id": "GB_STANDARD",
                    "tax_amount": "20.00",
                },
                {
                    "description": "Training",
                    "ledger_account_id": NOMINAL,
                    "quantity": "1",
                    "unit_price": "100.00",
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


# --- what goes wrong ---------------------------------------------------------------------------------------

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


@pytest.mark.parametrize(
    "rows",
    [
        [contact("Harper Ltd") | {"contact_types": None}],
        [{"id": HARPER}],
        ["text"],
    ],
)
def test_a_row_that_can_not_be_used_stops_the_reading(
    rows: list[Any], client: SageClient, loopback: Loopback
) -> None:
    loopback.answers(reply(page(*rows)))

    with pytest.raises(RetryLater, match="unreadable"):
        client.accounts_like(Side.CUSTOMER, "Harper Ltd")


def test_an_empty_page_that_is_not_the_last_ends_the_reading(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(page(following="/tax_rates?page=2")))

    with pytest.raises(RetryLater, match="empty page"):
        client.tax_codes()
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
        client.accounts_like(Side.CUSTOMER, "Harper Ltd")
    assert (refused.value.code, refused.value.message) == (code, message)
