"""Sage's client against a scripted server: the business, accounts, nominals and tax."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from payrelay.domain.invoices import Kind, NewAccount, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import (
    CredentialsRefused,
)
from payrelay.systems.registry import system
from payrelay.systems.sage import companies
from payrelay.systems.sage.client import SageClient
from tests.systems.conftest import COMPANY, Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.sage_answers import HARPER, NOMINAL, contact, page, refusal
from tests.worlds.listed import coded, good, grouped, keyed

OTHER = "0" * 31 + "1"


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> SageClient:
    return SageClient(loopback.origin, Secret("token"), COMPANY, options=bench.options)


def sent(loopback: Loopback) -> list[tuple[str, str, dict[str, str]]]:
    return [(seen.method, seen.path, dict(seen.params)) for seen in loopback.seen]


# --- the business -------------------------------------------------------------------------------------------


def test_every_call_names_the_business(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(page()))

    coded(client.nominals())
    good(client.accounts_like(Side.CUSTOMER, "Harper Ltd"))
    grouped(client.documents(Kind.SALES_INVOICE, ["S1"]))
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


# --- accounts -----------------------------------------------------------------------------------------------


def test_accounts_are_read_one_by_one_and_must_be_of_the_side(client: SageClient, loopback: Loopback) -> None:
    loopback.answers(
        reply(contact("Harper Ltd", is_active=False, reference="H1", currency={"id": "GBP"})),
        reply(contact("Pennine", OTHER, "VENDOR")),
        reply(refusal("RecordNotFound", "Not there."), 404),
    )

    found = keyed(client.accounts(Side.CUSTOMER, [HARPER, OTHER, "f" * 32, "129", "", HARPER]))
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

    found = good(client.accounts_like(Side.CUSTOMER, "Brook Farm Ltd"))
    assert [account.name for account in found[:3]] == ["Brook Farm Ltd", "brook farm ltd", "Brook Farm Ltd 2"]
    assert (len(found), found[0].email) == (12, "1@x.example")
    (_, path, params), (_, _, second) = sent(loopback)
    assert path == "/v3.1/contacts"
    assert (params["search"], params["contact_type_id"], params["items_per_page"]) == (
        "Broo",
        "CUSTOMER",
        "200",
    )
    assert (params["page"], second["page"]) == ("1", "2")


def test_a_name_of_nothing_finds_nothing(client: SageClient) -> None:
    assert good(client.accounts_like(Side.CUSTOMER, " ")) == []


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


# --- nominals and tax ---------------------------------------------------------------------------------------


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

    nominals = coded(client.nominals())
    assert set(nominals) == {"400", "4000"}
    assert {client.nominal_code(code) for code in ("0400", "400", "00400")} == {"400"}
    assert nominals["400"].ids == dict.fromkeys(Side, NOMINAL)
    assert nominals["400"].tax == dict.fromkeys(Side, "GB_ZERO")
    assert (nominals["4000"].ids, nominals["4000"].tax) == ({Side.CUSTOMER: OTHER}, {})
    assert [params["visible_in"] for _, _, params in sent(loopback)] == ["sales", "expenses"]


@pytest.mark.parametrize("code", ["4001", "04001", "4000A", "", "٤٠٠٠", " 4000"])
def test_a_nominal_that_is_not_there_is_not_found(code: str, client: SageClient, loopback: Loopback) -> None:
    loopback.answers(reply(page({"id": NOMINAL, "name": "Services", "nominal_code": 4000})))

    assert client.nominal_code(code) not in coded(client.nominals())


@pytest.mark.requirement("IN-3")
def test_a_tax_code_has_the_rate_of_each_day(client: SageClient, loopback: Loopback) -> None:
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

    codes = good(client.tax_codes())
    assert [(code.id, code.rate) for code in codes] == [
        ("CHANGED", Decimal("20.0")),
        ("PLAIN", Decimal("99.0")),
        ("OVER", Decimal("8.0")),
    ]
    days = [date(2026, 2, 8), date(2026, 2, 9)]
    assert [[code.rate_on(day) for day in days] for code in codes] == [
        [Decimal("17.5"), Decimal("20.0")],
        [Decimal("99.0")] * 2,
        [None, None],
    ]
    assert all(code.sides == frozenset(Side) for code in codes)
