"""Xero's client: what it asks when reading, and what it makes of the answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.invoices import Account, NewAccount, Nominal, Side, TaxCode, Traits
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, Rejected, RetryLater
from payrelay.systems import xero
from payrelay.systems.registry import system
from payrelay.systems.xero.client import XeroClient
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.xero_answers import CONTACT, invalid, posting, rows
from tests.worlds.listed import coded, good, keyed

TENANT = "45e4708e-d862-4111-ab3a-dd8cd03913e1"
HARPER = {"ContactID": CONTACT, "Name": "Harper Ltd", "ContactStatus": "ACTIVE", "EmailAddress": ""}
Row = dict[str, Any]
NEW = NewAccount("0" * 32, Side.CUSTOMER, "Brook Farm Ltd", "ap@brook.example", {"Line1": "1 Mill Lane"})


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> XeroClient:
    return XeroClient(loopback.origin, Secret("the-token"), TENANT, options=bench.options)


def params(loopback: Loopback, number: int = 0) -> dict[str, str]:
    return dict(loopback.seen[number].params)


@pytest.mark.requirement("CON-2")
def test_the_companies_of_a_consent_are_its_organisations(loopback: Loopback, bench: Bench) -> None:
    connections = [
        {"id": "1", "tenantId": "t-1", "tenantType": "ORGANISATION", "tenantName": "Harper Books"},
        {"id": "2", "tenantId": "t-2", "tenantType": "PRACTICE", "tenantName": None},
    ]
    loopback.answers(reply(connections))

    assert xero.companies(loopback.origin, Secret("the-token"), bench.options) == {"t-1": "Harper Books"}
    assert loopback.seen[0].path == "/connections"
    assert "xero-tenant-id" not in loopback.seen[0].headers


@pytest.mark.requirement("CON-2")
def test_a_consent_without_a_chosen_organisation_is_not_enough(bench: Bench) -> None:
    row = system("xero")
    with pytest.raises(CredentialsRefused, match="choose one"):
        row.connect(row.base_url, {"access_token": Secret("the-token")}, bench.options)


def test_every_call_names_the_tenant_and_asks_for_json(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(rows("Accounts"))
    coded(client.nominals())

    headers = loopback.seen[0].headers
    assert headers["xero-tenant-id"] == TENANT
    assert headers["Accept"] == "application/json"
    assert headers["Authorization"] == "Bearer the-token"


@pytest.mark.requirement("IN-3", "IN-6")
def test_accounts_are_found_by_guid_and_what_is_none_costs_no_call(
    client: XeroClient, loopback: Loopback
) -> None:
    other = "6CC8CF28-567E-4D43-B287-687CFCAEC47C"
    archived = {**HARPER, "ContactID": other.lower(), "ContactStatus": "ARCHIVED", "TaxNumber": "GB1"}
    loopback.answers(rows("Contacts", HARPER, archived))

    assert keyed(client.accounts(Side.CUSTOMER, ["129", "", "x" * 36])) == {}
    assert loopback.seen == []
    assert keyed(client.accounts(Side.CUSTOMER, [CONTACT, other, "129"])) == {
        CONTACT: Account(CONTACT, "Harper Ltd"),
        other: Account(other.lower(), "Harper Ltd", active=False, tax_number="GB1"),
    }
    assert params(loopback) == {"IDs": f"{CONTACT},{other}", "includeArchived": "true"}


def test_forty_ids_go_into_one_call(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(rows("Contacts"))
    keyed(
        client.accounts(Side.SUPPLIER, [f"{number:08x}-0000-0000-0000-000000000000" for number in range(41)])
    )

    assert [len(params(loopback, number)["IDs"].split(",")) for number in (0, 1)] == [40, 1]


@pytest.mark.requirement("IN-5")
def test_the_same_name_comes_first_and_look_alikes_share_a_word(
    client: XeroClient, loopback: Loopback
) -> None:
    names = ("The Brook Farm", "BROOK FARM LTD", "Brook Farm Ltd", "Ann (brook@x.example)")
    found = [{**HARPER, "ContactID": str(number), "Name": name} for number, name in enumerate(names)]
    found += [{**HARPER, "ContactID": "a", "Name": "Brook", "ContactStatus": "ARCHIVED"}]
    found += [{**HARPER, "ContactID": "b", "Name": "Mill Ltd", "EmailAddress": "Brook@x.example"}]
    found += [{**HARPER, "ContactID": "c", "Name": "Stripes", "TaxNumber": "123 4567 89"}]
    loopback.answers(rows("Contacts", *found))

    known = Traits(email="brook@x.example", tax_number="GB 123456789", numbers=("a-12",))
    alike = good(client.accounts_like(Side.CUSTOMER, "Brook Farm Ltd", known))

    assert [account.name for account in alike] == [
        "Brook Farm Ltd",
        "Stripes",
        "Mill Ltd",
        names[1],
        names[0],
        "Brook",
    ]
    assert params(loopback)["where"] == (
        'Name.ToLower().Contains("broo") || Name.ToLower().Contains("far")'
        ' || EmailAddress=="brook@x.example"'
        ' || TaxNumber=="GB 123456789" || TaxNumber=="GB123456789" || TaxNumber=="123456789"'
        ' || AccountNumber=="a-12"'
    )
    assert params(loopback)["includeArchived"] == "true"
    assert len(loopback.seen) == 1


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ('The "Old Forge" Café', 'Name=="The \\"Old Forge\\" Café"'),
        ("O'Neil & Sons", 'Name=="O\'Neil & Sons"'),
        ("A\\B", 'Name=="A\\\\B"'),
    ],
)
def test_a_name_is_asked_for_as_it_stands_where_its_words_find_too_many(
    name: str, where: str, client: XeroClient, loopback: Loopback
) -> None:
    crowd = [{**HARPER, "ContactID": str(number), "Name": f"Old Neil {number}"} for number in range(100)]
    loopback.answers(rows("Contacts", *crowd), rows("Contacts", {**HARPER, "Name": name}))

    assert good(client.accounts_like(Side.CUSTOMER, name))[0].name == name
    assert params(loopback, 1)["where"] == where


@pytest.mark.requirement("IN-5")
def test_a_new_account_is_put_once_for_its_key(client: XeroClient, loopback: Loopback) -> None:
    loopback.answers(rows("Contacts", HARPER))

    assert client.create_account(NEW) == Account(CONTACT, "Harper Ltd")
    seen = loopback.seen[0]
    assert (seen.method, seen.path) == ("PUT", "/api.xro/2.0/Contacts")
    assert seen.headers["Idempotency-Key"] == NEW.key
    address = {"AddressType": "STREET", "AddressLine1": "1 Mill Lane"}
    contact = {"Name": "Brook Farm Ltd", "EmailAddress": "ap@brook.example", "Addresses": [address]}
    assert seen.body == {"Contacts": [contact]}


@pytest.mark.requirement("IN-5")
def test_a_name_that_is_taken_is_refused_in_their_words(client: XeroClient, loopback: Loopback) -> None:
    said = "The contact name Brook Farm Ltd is already assigned to another contact."
    loopback.answers(invalid({**HARPER, "ValidationErrors": [{"Message": said}]}))

    with pytest.raises(Rejected, match="already assigned"):
        client.create_account(NEW)


@pytest.mark.parametrize("answer", [rows("Contacts"), rows("Contacts", HARPER, HARPER), rows("Contacts", {})])
def test_an_account_of_which_nothing_clear_is_said_is_unknown(
    answer: Reply, client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(answer)
    with pytest.raises(OutcomeUnknown):
        client.create_account(NEW)


ACCOUNT = {"AccountID": "1", "Code": "4000", "Name": "Service", "Type": "SALES", "Class": "REVENUE"}
ACCOUNT |= {"Status": "ACTIVE", "TaxType": "OUTPUT2", "SystemAccount": ""}


@pytest.mark.requirement("IN-3")
@pytest.mark.parametrize(
    ("changes", "nominal"),
    [
        ({}, Nominal("4000", "Service", {Side.CUSTOMER: "4000"}, {Side.CUSTOMER: "OUTPUT2"})),
        (
            {"Class": "EXPENSE", "TaxType": None},
            Nominal("4000", "Service", {Side.SUPPLIER: "4000"}, {}),
        ),
        ({"Class": "ASSET"}, None),
        ({"Status": "ARCHIVED"}, None),
        ({"Code": ""}, None),
        ({"SystemAccount": "DEBTORS"}, None),
        ({"Type": "BANK"}, None),
    ],
)
def test_nominals_are_what_a_line_may_name(
    changes: dict[str, Any], nominal: Nominal | None, client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(rows("Accounts", {**ACCOUNT, **changes}))

    assert coded(client.nominals()) == ({} if nominal is None else {"4000": nominal})


TOLD = "/Date(1767606100000)/"
MOVED_AT = "/Date(1767600000000+0000)/"


def chart(*accounts: Row, time: str | None = TOLD) -> Reply:
    """The chart of accounts as Xero tells it at 2026-01-05T09:41:40Z."""
    dated = [{"UpdatedDateUTC": MOVED_AT, **one} for one in accounts]
    return reply({"Accounts": dated, **({"DateTimeUTC": time} if time else {})})


OTHER = {**ACCOUNT, "AccountID": "2", "Code": "4100", "Name": "Parts"}
AS_MOVED: list[tuple[str, Reply, list[str], int]] = [
    ("nothing", chart(), ["Service", "Parts"], 2),
    ("nothing, by the status alone", Reply(304, b""), ["Service", "Parts"], 2),
    ("renamed", chart({**ACCOUNT, "Name": "Services"}), ["Services", "Parts"], 2),
    ("archived", chart({**ACCOUNT, "Status": "ARCHIVED"}), ["Parts"], 2),
    ("new", chart({**ACCOUNT, "AccountID": "3", "Code": "4200", "Name": "C"}), ["Service", "Parts", "C"], 2),
    ("without a time", chart({**ACCOUNT, "Name": "Services"}, time=None), ["Services", "Parts"], 2),
    # What follows is read whole: both as they were.
    ("an earlier time", chart(time="/Date(1767602499000)/"), ["Service", "Parts"], 3),
    ("a row that has no time", chart({**ACCOUNT, "UpdatedDateUTC": None}), ["Service", "Parts"], 3),
    ("a row that has no id", chart({"Name": "x"}), ["Service", "Parts"], 3),
]


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("answer", "names", "calls"), [row[1:] for row in AS_MOVED], ids=[row[0] for row in AS_MOVED]
)
def test_a_chart_that_was_read_before_is_asked_for_what_moved(
    answer: Reply, names: list[str], calls: int, client: XeroClient, loopback: Loopback
) -> None:
    whole = chart(ACCOUNT, OTHER)
    loopback.answers(whole, answer, whole)
    client.nominals()
    kept = client.copied
    assert kept
    assert [one.name for one in good(client.nominals(kept))] == names
    assert len(loopback.seen) == calls
    assert loopback.seen[1].headers["If-Modified-Since"] == "2026-01-05T09:36:40"
    assert client.copied
    assert client.copied.at == kept.at


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    "answer",
    [
        chart(ACCOUNT, time=None),
        chart({**ACCOUNT, "UpdatedDateUTC": None}),
        chart({**ACCOUNT, "AccountID": None}),
        chart(ACCOUNT, ACCOUNT),
    ],
    ids=["no time", "a row without one", "a row without an id", "an id twice"],
)
def test_a_chart_that_does_not_tell_what_moved_is_not_kept(
    answer: Reply, client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(answer)
    client.nominals()
    assert client.copied is None


@pytest.mark.requirement("IN-3")
def test_tax_codes_are_the_active_ones_with_their_sides(client: XeroClient, loopback: Loopback) -> None:
    rate = {"Name": "20%", "TaxType": "OUTPUT2", "Status": "ACTIVE", "EffectiveRate": 17.5}
    both = {**rate, "TaxType": "NONE", "EffectiveRate": 0, "CanApplyToExpenses": True}
    gone = {**rate, "Status": "DELETED", "CanApplyToRevenue": True}
    loopback.answers(rows("TaxRates", {**rate, "CanApplyToRevenue": True}, both, gone, rate))

    assert good(client.tax_codes()) == [
        TaxCode("OUTPUT2", "20%", Decimal("17.5"), frozenset({Side.CUSTOMER})),
        TaxCode("NONE", "20%", Decimal(0), frozenset({Side.SUPPLIER})),
    ]


@pytest.mark.parametrize(
    ("answer", "error", "said", "code"),
    [
        (
            reply({"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}, 403),
            CredentialsRefused,
            "dis",
            "403",
        ),
        (reply({"Title": "Unauthorized"}, 401), CredentialsRefused, "HTTP 401", "401"),
        (Reply(404, b"The resource", {"Content-Type": "text/plain"}), Rejected, "The resource", "404"),
        (Reply(404, b"<html>", {"Content-Type": "text/html"}), Rejected, "HTTP 404", "404"),
        (reply({"Message": "where: no"}, 400), Rejected, "where: no", "400"),
        (Reply(503, b"offline", {"Content-Type": "text/plain"}), RetryLater, "offline", "503"),
    ],
)
def test_refusals_are_told_apart(
    answer: Reply, error: type[Exception], said: str, code: str, client: XeroClient, loopback: Loopback
) -> None:
    loopback.answers(answer)
    with pytest.raises(error, match=said) as refusal:
        coded(client.nominals())
    assert getattr(refusal.value, "code", None) == code


@pytest.mark.parametrize(
    ("problem", "retry_after", "seconds", "named"),
    [
        ("concurrent", None, 1, True),
        ("minute", "31", 31, True),
        ("day", "67000", 67_000, True),
        ("appminute", None, 5, False),
    ],
)
def test_a_limit_says_how_long_it_lasts(
    problem: str,
    retry_after: str | None,
    seconds: int,
    named: bool,
    client: XeroClient,
    loopback: Loopback,
) -> None:
    headers = {"X-Rate-Limit-Problem": problem} | ({"Retry-After": retry_after} if retry_after else {})
    loopback.answers(Reply(429, b"", headers))
    for attempt in (client.nominals, lambda: client.post([posting()])):
        with pytest.raises(RetryLater, match=problem) as later:
            attempt()
        assert type(later.value) is RetryLater
        assert later.value.code == problem
        assert later.value.named is named
        assert later.value.seconds in (seconds, seconds if named else 2 * seconds)
