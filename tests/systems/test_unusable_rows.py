"""A row that can't be used, in every list of every package: what it is about is told, others are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pytest

from payrelay.domain.invoices import Kind, Side
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, PartlyWritten, RetryLater
from payrelay.systems import sage, xero
from payrelay.systems.quickbooks.client import QuickBooksClient
from payrelay.systems.rows import BadRow, about
from payrelay.systems.sage.client import SageClient
from payrelay.systems.xero.client import XeroClient
from tests.systems import quickbooks_answers, sage_answers, xero_answers
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.quickbooks_answers import REALM, batch, found, made, posting
from tests.worlds.listed import bad

TENANT = "45e4708e-d862-4111-ab3a-dd8cd03913e1"
CONTACT = xero_answers.CONTACT
OTHER = "f" * 32
HARPER = sage_answers.HARPER

Call: TypeAlias = Callable[[Any], Any]
# What is called, what is answered; how many rows are good, and of the bad ones id, number and field.
Case: TypeAlias = tuple[str, Call, Sequence[Reply], int, list[tuple[str, str, str]]]


def like(client: Any) -> Any:
    return client.accounts_like(Side.CUSTOMER, "Harper Ltd")


def invoices(client: Any) -> Any:
    return client.documents(Kind.SALES_INVOICE, ["S1", "S2"])


CUSTOMER = {"Id": "1", "DisplayName": "Harper Ltd"}
CHART = [{"Id": "81", "Name": "Sales", "AccountType": "Income", "AcctNum": "4000"}]
ITEM = {"Id": "7", "Name": "Service", "Type": "Service", "IncomeAccountRef": {"value": "81"}}
RATES = [{"Id": "3", "Name": "20% (Sales)", "RateValue": 20}]
INVOICE = {"Id": "396", "DocNumber": "S1", "TotalAmt": 120, "CustomerRef": {"value": "1"}}


def code(row_id: str, rate: str) -> dict[str, Any]:
    rates = {"TaxRateDetail": [{"TaxRateRef": {"value": rate}}]}
    return {"Id": row_id, "Name": f"code {row_id}", "SalesTaxRateList": rates}


QUICKBOOKS: list[Case] = [
    (
        "an account by its id",
        lambda client: client.accounts(Side.CUSTOMER, ["1", "2"]),
        [found(Customer=[CUSTOMER, {"Id": "2"}])],
        1,
        [("2", "", "DisplayName")],
    ),
    (
        "an account without an id may be any",
        lambda client: client.accounts(Side.CUSTOMER, ["1", "2"]),
        [found(Customer=[{"DisplayName": "Harper Ltd"}])],
        0,
        [("", "Harper Ltd", "Id")],
    ),
    (
        "a look-alike, by its name",
        like,
        [found(), found(Customer=[CUSTOMER, {**CUSTOMER, "Id": "2", "Active": "yes"}])],
        1,
        [("2", "Harper Ltd", "Active")],
    ),
    (
        "a nominal, by its code",
        lambda client: client.nominals(),
        [found(Account=[*CHART, {"Id": "82", "AcctNum": "4100"}]), found(Item=[ITEM])],
        1,
        [("82", "4100", "Name")],
    ),
    (
        "an item may be that of any nominal",
        lambda client: client.nominals(),
        [found(Account=CHART), found(Item=[ITEM, {**ITEM, "Id": "8", "Type": None}])],
        1,
        [("8", "", "Type of the item Service")],
    ),
    (
        "a tax code",
        lambda client: client.tax_codes(),
        [found(TaxCode=[code("2", "3"), {"Id": "4"}]), found(TaxRate=RATES)],
        1,
        [("4", "", "Name")],
    ),
    (
        "the rate of a tax code",
        lambda client: client.tax_codes(),
        [
            found(TaxCode=[code("2", "3"), code("5", "6")]),
            found(TaxRate=[*RATES, {"Id": "6", "Name": "odd"}]),
        ],
        1,
        [("5", "code 5", "RateValue of the tax rate odd")],
    ),
    (
        "a document, by its number",
        invoices,
        [found(Invoice=[INVOICE, {"Id": "397", "DocNumber": "s2", "CustomerRef": {"value": "1"}}])],
        1,
        [("397", "S2", "TotalAmt")],
    ),
    (
        "a document without its account",
        invoices,
        [found(Invoice=[{**INVOICE, "CustomerRef": None}])],
        0,
        [("396", "S1", "CustomerRef")],
    ),
]
ROW = {"ContactID": CONTACT, "Name": "Harper Ltd", "ContactStatus": "ACTIVE"}
NOMINAL = {
    "AccountID": "n-1",
    "Code": "4000",
    "Name": "Sales",
    "Type": "REVENUE",
    "Status": "ACTIVE",
    "Class": "REVENUE",
}
TAX = {
    "Name": "20%",
    "TaxType": "OUTPUT2",
    "Status": "ACTIVE",
    "EffectiveRate": 20,
    "CanApplyToRevenue": True,
}
STANDING = {
    "InvoiceID": "i-1",
    "InvoiceNumber": "S1",
    "Type": "ACCREC",
    "Status": "AUTHORISED",
    "Contact": {"ContactID": CONTACT},
    "Total": 120,
}
XERO: list[Case] = [
    (
        "an account by its id, in either case",
        lambda client: client.accounts(Side.CUSTOMER, [CONTACT.upper()]),
        [xero_answers.rows("Contacts", {**ROW, "Name": None})],
        0,
        [(CONTACT.upper(), "", "Name")],
    ),
    (
        "a look-alike, by its name",
        like,
        [
            xero_answers.rows("Contacts", ROW, {**ROW, "ContactStatus": 5}),
        ],
        1,
        [(CONTACT, "Harper Ltd", "ContactStatus")],
    ),
    (
        "a nominal, by its code",
        lambda client: client.nominals(),
        [xero_answers.rows("Accounts", NOMINAL, {**NOMINAL, "Code": "4100", "Status": None})],
        1,
        [("n-1", "4100", "Status")],
    ),
    (
        "a tax rate",
        lambda client: client.tax_codes(),
        [xero_answers.rows("TaxRates", TAX, {**TAX, "TaxType": "ODD", "EffectiveRate": "much"})],
        1,
        [("ODD", "20%", "EffectiveRate")],
    ),
    (
        "a document, by its number",
        invoices,
        [xero_answers.rows("Invoices", STANDING, {**STANDING, "InvoiceNumber": "s2", "Total": None})],
        1,
        [("i-1", "S2", "Total")],
    ),
    (
        "a document without a number may be any",
        invoices,
        [xero_answers.rows("Invoices", {**STANDING, "InvoiceNumber": None})],
        0,
        [("i-1", "", "InvoiceNumber")],
    ),
]
LEDGER = {"id": sage_answers.NOMINAL, "name": "Sales", "nominal_code": 4000}


ZERO = {"id": "GB_ZERO", "name": "0%", "percentage": "0.0"}


def listed(*rows: object) -> Reply:
    return reply(sage_answers.page(*rows))


SAGE: list[Case] = [
    (
        "an account by its id",
        lambda client: client.accounts(Side.CUSTOMER, [HARPER, OTHER]),
        [reply(sage_answers.contact("Harper Ltd")), reply({"id": "another", "name": "Brook"})],
        1,
        [(OTHER, "Brook", "contact_types")],
    ),
    (
        "a look-alike, by its name",
        like,
        [listed(sage_answers.contact("Harper Ltd"), {"id": OTHER, "name": "Harper Ltd"}, "text")],
        1,
        [(OTHER, "Harper Ltd", "contact_types"), ("", "", "")],
    ),
    (
        "a nominal, once for both sides",
        lambda client: client.nominals(),
        [listed(LEDGER, {"id": OTHER, "nominal_code": 4100})],
        1,
        [(OTHER, "4100", "name")],
    ),
    (
        "a tax rate",
        lambda client: client.tax_codes(),
        [listed(ZERO, {**ZERO, "id": "ODD", "percentage": "much"})],
        1,
        [("ODD", "0%", "percentage")],
    ),
    (
        "a document, by its number; one that only mentions it is another one",
        invoices,
        [
            listed(
                sage_answers.document("S1"),
                {"id": "x-S1", "reference": "S1"},
                {"id": "x", "reference": "S"},
            ),
            listed({"id": "c"}),
        ],
        1,
        [("x-S1", "S1", "contact"), ("c", "S2", "contact")],
    ),
]


def check(client: Any, case: Case, loopback: Loopback) -> None:
    _, call, answers, rows, unusable = case
    loopback.answers(*answers)
    got = call(client)
    assert [(one.id, one.number, one.field) for one in bad(got)] == unusable
    assert len(got) == rows + len(unusable)


@pytest.fixture
def quickbooks(loopback: Loopback, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> QuickBooksClient:
    ours = quickbooks_answers.OURS
    monkeypatch.setattr("secrets.token_hex", lambda size: ours[: 2 * size])
    return QuickBooksClient(loopback.origin, Secret("the-token"), REALM, options=bench.options)


@pytest.mark.requirement("RUN-4", "IN-3")
@pytest.mark.parametrize("case", QUICKBOOKS, ids=lambda case: case[0])
def test_of_quickbooks(case: Case, quickbooks: QuickBooksClient, loopback: Loopback) -> None:
    check(quickbooks, case, loopback)


@pytest.mark.requirement("RUN-4", "IN-3")
@pytest.mark.parametrize("case", XERO, ids=lambda case: case[0])
def test_of_xero(case: Case, loopback: Loopback, bench: Bench) -> None:
    check(XeroClient(loopback.origin, Secret("the-token"), TENANT, options=bench.options), case, loopback)


@pytest.mark.requirement("RUN-4", "IN-3")
@pytest.mark.parametrize("case", SAGE, ids=lambda case: case[0])
def test_of_sage(case: Case, loopback: Loopback, bench: Bench) -> None:
    check(SageClient(loopback.origin, Secret("the-token"), HARPER, options=bench.options), case, loopback)


@pytest.mark.requirement("IN-10", "RUN-4")
def test_of_a_company_that_numbers_anew_only_what_may_stand_there_already_is_refused(
    quickbooks: QuickBooksClient, loopback: Loopback
) -> None:
    """A renumbered document is not found by its number: one that can't be read may be ours, by its mark."""
    preferences = {"Id": "1", "CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}}}
    home = reply({"Preferences": {**preferences, "SalesFormsPrefs": {"CustomTxnNumbers": False}}})
    mine, other = posting("S1"), posting("S2")
    odd = {"Id": "396", "CustomerRef": {"value": "1"}}
    ours, theirs = {**odd, "PrivateNote": mine.mark}, {**odd, "PrivateNote": "by hand"}
    loopback.answers(home, found(Invoice=[theirs, ours]), batch(made("S2")))
    with pytest.raises(PartlyWritten) as refusal:
        quickbooks.post([mine, other])
    assert list(refusal.value.done) == [other.document_id]
    assert refusal.value.reasons == {mine.document_id: "Invoice 396 can't be read: TotalAmt is missing"}


CONNECTED = {"tenantId": TENANT, "tenantType": "ORGANISATION", "tenantName": "Harper Books"}
ODD = {"tenantId": "t-2", "tenantType": "ORGANISATION"}


@pytest.mark.requirement("CON-2", "RUN-4")
def test_an_organisation_is_known_beside_one_that_can_not_be_read(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply([ODD, CONNECTED]))
    assert (
        XeroClient(loopback.origin, Secret("x"), TENANT, options=bench.options).organisation()
        == "Harper Books"
    )


@pytest.mark.requirement("CON-2", "RUN-4")
@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({**ODD, "tenantId": TENANT}, RetryLater),
        ({"tenantType": "ORGANISATION"}, RetryLater),
        (ODD, CredentialsRefused),
    ],
    ids=["just this one", "one that may be this one", "another one"],
)
def test_an_organisation_that_can_not_be_read_is_not_taken_for_disconnected(
    row: dict[str, Any], error: type[Exception], loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(reply([row]))
    with pytest.raises(error):
        XeroClient(loopback.origin, Secret("x"), TENANT, options=bench.options).organisation()


@pytest.mark.requirement("CON-2", "RUN-4")
@pytest.mark.parametrize(
    ("companies", "answer"),
    [(xero.companies, reply([ODD, CONNECTED])), (sage.companies, listed({"displayed_as": "Odd Ltd"}))],
    ids=["xero", "sage"],
)
def test_a_choice_of_companies_is_never_short_of_one(
    companies: Callable[..., dict[str, str]], answer: Reply, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(answer)
    with pytest.raises(RetryLater, match="unreadable answer"):
        companies(loopback.origin, Secret("the-token"), bench.options)


ABOUT = [
    ("asked for", ["S1", "S2"], "S1", ["S1"]),
    ("in another case", ["S1"], "s1", ["S1"]),
    ("asked for in both cases", ["S1", "s1"], "S1", ["S1", "s1"]),
    ("not asked for", ["S1"], "S9", [""]),
    ("without a number", ["S1"], "", [""]),
]


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("asked", "number", "expected"), [row[1:] for row in ABOUT], ids=[row[0] for row in ABOUT]
)
def test_an_unusable_row_is_about_what_was_asked_for_or_may_be_about_any(
    asked: list[str], number: str, expected: list[str]
) -> None:
    row = BadRow("396", number, "TotalAmt", "is missing")
    assert [one.number for one in about(asked, [row], "number")] == expected
