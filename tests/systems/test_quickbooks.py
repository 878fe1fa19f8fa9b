"""QuickBooks' client: what it asks when reading, and what it makes of answers and refusals."""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.invoices import Account, Kind, NewAccount, Posted, Side, TaxCode, TaxPart, Traits
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected, RetryLater
from payrelay.systems.quickbooks import queries
from payrelay.systems.quickbooks.client import QuickBooksClient
from payrelay.systems.quickbooks.documents import body_of, total_of
from payrelay.systems.registry import system
from payrelay.systems.rows import BadRow
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.quickbooks_answers import (
    OURS,
    REALM,
    THROTTLED,
    batch,
    found,
    line,
    made,
    posting,
    query,
)
from tests.worlds.listed import coded, good, grouped, keyed


@pytest.fixture
def client(loopback: Loopback, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> QuickBooksClient:
    monkeypatch.setattr(secrets, "token_hex", lambda size: OURS[: 2 * size])
    return QuickBooksClient(loopback.origin, Secret("the-token"), REALM, options=bench.options)


def test_every_call_names_company_token_and_minor_version(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(reply({"CompanyInfo": {"Id": "1", "CompanyName": "Workforce Demo Ltd"}}))

    assert client.organisation() == "Workforce Demo Ltd"
    seen = loopback.seen[0]
    assert (seen.method, seen.path) == ("GET", f"/v3/company/{REALM}/companyinfo/{REALM}")
    assert seen.params == [("minorversion", "75")]
    assert (seen.headers["Authorization"], seen.headers["Accept"]) == ("Bearer the-token", "application/json")


@pytest.mark.requirement("IN-5")
def test_accounts_are_read_by_id_inactive_ones_too(client: QuickBooksClient, loopback: Loopback) -> None:
    row = {"Id": "129", "DisplayName": "Harper Ltd", "Active": False, "CurrencyRef": {"value": "GBP"}}
    loopback.answers(found(Customer=[{**row, "PrimaryEmailAddr": {"Address": "ap@harper.example"}}]))

    accounts = keyed(client.accounts(Side.CUSTOMER, ["129", "130", "129"]))

    assert accounts == {
        "129": Account("129", "Harper Ltd", active=False, email="ap@harper.example", currency="GBP")
    }
    assert query(loopback) == (
        "SELECT * FROM Customer WHERE Id IN ('129','130') AND Active IN (true,false) MAXRESULTS 1000"
    )


@pytest.mark.requirement("IN-6")
@pytest.mark.parametrize("entered", ["", "abc", "12a", "-1", "1.0", "'1", "١٢", "9" * 19])
def test_what_is_no_id_is_not_asked_for(entered: str, client: QuickBooksClient, loopback: Loopback) -> None:
    assert keyed(client.accounts(Side.CUSTOMER, [entered])) == {}
    assert loopback.seen == []


def test_an_id_that_only_means_the_same_number_is_not_that_account(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(found(Vendor=[{"Id": "129", "DisplayName": "Dales"}]))

    assert keyed(client.accounts(Side.SUPPLIER, ["0129"])) == {}


@pytest.mark.parametrize(("ids", "calls"), [(0, 0), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_a_hundred_ids_are_one_call(
    ids: int, calls: int, client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(found())

    assert keyed(client.accounts(Side.SUPPLIER, [str(number) for number in range(ids)])) == {}
    assert len(loopback.seen) == calls


@pytest.mark.requirement("IN-5")
def test_the_same_name_comes_first_and_letters_decide(client: QuickBooksClient, loopback: Loopback) -> None:
    names = {"1": "O'NEIL LTD", "2": "O'Neil Ltd", "3": "O'Neil Ltd (Hull)"}
    rows = [{"Id": row_id, "DisplayName": name} for row_id, name in names.items()]
    job = {"Id": "4", "DisplayName": "O'Neil Ltd", "Job": True, "FullyQualifiedName": "Harper Ltd:O'Neil Ltd"}
    loopback.answers(found(Customer=[*rows, job]))

    accounts = good(client.accounts_like(Side.CUSTOMER, "O'Neil Ltd"))

    assert {account.name for account in accounts[1:]} == {
        "O'NEIL LTD",
        "O'Neil Ltd (Hull)",
        "Harper Ltd:O'Neil Ltd",
    }
    assert accounts[0].id == "2"
    assert [query(loopback, number) for number in range(len(loopback.seen))] == [
        "SELECT * FROM Customer WHERE DisplayName LIKE '%Nei%' AND Active IN (true,false) MAXRESULTS 1000"
    ]


@pytest.mark.requirement("IN-5")
def test_an_account_is_found_by_its_e_mail_and_its_name_alone_where_words_find_too_many(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    """(faults C4)"""
    crowd = [{"Id": str(number), "DisplayName": f"Brook {number}"} for number in range(10, 1010)]
    mine = {"Id": "1", "DisplayName": "Brook\u2019s Farm (deleted)", "Active": False}
    theirs = {"Id": "2", "DisplayName": "Stripes", "PrimaryEmailAddr": {"Address": "AP@brook.example"}}
    loopback.answers(found(Vendor=crowd), found(), found(Vendor=[mine]), found(Vendor=[theirs]))

    known = Traits(email=" ap@brook.example")
    accounts = good(client.accounts_like(Side.SUPPLIER, "Brook\u2019s Farm", known))

    assert [(one.id, one.name, one.active) for one in accounts[:2]] == [
        ("1", "Brook\u2019s Farm", False),
        ("2", "Stripes", True),
    ]
    wheres = [query(loopback, number).split(" WHERE ")[1].split(" AND ")[0] for number in range(4)]
    assert wheres == [
        "DisplayName LIKE '%Broo%'",
        "DisplayName LIKE '%Far%'",
        "DisplayName LIKE 'Brook%s Farm'",
        "PrimaryEmailAddr = 'ap@brook.example'",
    ]


PATTERNS = [
    ("O\u2019Neil \u2013 Sons Ltd", "O%Neil % Sons Ltd"),
    ("S\u20131234", "S%1234"),
    ("M\u00fcller", "M%ller"),
    ("W\u0142odarski", "W%odarski"),
    ("\U0001f600\u2019", "%"),
    ("plain", "plain"),
    ("back\\slash", "back%slash"),
    ("line\nend", "line%end"),
]


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("text", "like"), PATTERNS)
def test_signs_that_no_query_can_hold_are_anything_in_a_pattern(text: str, like: str) -> None:
    """(faults F1)"""
    assert queries.pattern(text) == like
    assert queries.is_safe(text) is (text == like)


@pytest.mark.requirement("IN-3", "RUN-4")
def test_a_number_that_no_query_can_hold_is_asked_for_by_itself(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    """(faults F1)"""
    row = {"Id": "7", "CustomerRef": {"value": "1"}, "TotalAmt": 1}
    rows = [{**row, "DocNumber": "S\u20131"}, {**row, "Id": "8", "DocNumber": "S-1"}]
    loopback.answers(found(), found(Invoice=rows))

    asked = ["S\u20131", "S-2"]
    standing = good(client.documents(Kind.SALES_INVOICE, asked))

    assert [(number, one.id) for number, one in standing] == [("S\u20131", "7")]
    assert query(loopback, 0) == "SELECT * FROM Invoice WHERE DocNumber IN ('S-2') MAXRESULTS 1000"
    assert query(loopback, 1) == "SELECT * FROM Invoice WHERE DocNumber LIKE 'S%1' MAXRESULTS 1000"


def test_a_quote_or_backslash_can_not_leave_its_text(client: QuickBooksClient, loopback: Loopback) -> None:
    loopback.answers(found())

    assert good(client.accounts_like(Side.CUSTOMER, "' OR")) == []
    assert query(loopback, 0).startswith("SELECT * FROM Customer WHERE DisplayName LIKE '%OR%' AND")
    good(client.documents(Kind.SALES_INVOICE, ["' OR"]))
    assert query(loopback, 1) == "SELECT * FROM Invoice WHERE DocNumber IN ('\\' OR') MAXRESULTS 1000"


@pytest.mark.requirement("IN-3")
def test_a_sales_line_names_an_item_and_a_bill_the_account(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    accounts = [
        {"Id": "35", "Name": "Service income", "AccountType": "Income", "AcctNum": "4000"},
        {"Id": "36", "Name": "Parts", "AccountType": "Income", "AcctNum": "4100"},
        {"Id": "37", "Name": "Stock only", "AccountType": "Income", "AcctNum": "4200"},
        {"Id": "38", "Name": "No number", "AccountType": "Expense"},
        {"Id": "33", "Name": "Debtors", "AccountType": "Accounts Receivable", "AcctNum": "1100"},
    ]
    items = [
        {"Id": "6", "Name": "Vouchers", "Type": "NonInventory", "IncomeAccountRef": {"value": "35"}},
        {"Id": "7", "Name": "service  income", "Type": "Service", "IncomeAccountRef": {"value": "35"}},
        {"Id": "10", "Name": "Pipes", "Type": "Service", "IncomeAccountRef": {"value": "36"}},
        {"Id": "11", "Name": "Valves", "Type": "NonInventory", "IncomeAccountRef": {"value": "36"}},
        {"Id": "8", "Name": "Pump", "Type": "Inventory", "IncomeAccountRef": {"value": "37"}},
        {"Id": "9", "Name": "Group", "Type": "Group"},
    ]
    loopback.answers(found(Account=accounts), found(Item=items))

    nominals = coded(client.nominals())
    assert nominals["4100"].several == {Side.CUSTOMER: ("Pipes (10)", "Valves (11)")}
    assert {code: dict(nominal.ids) for code, nominal in nominals.items()} == {
        "4000": {Side.CUSTOMER: "7", Side.SUPPLIER: "35"},
        "4100": {Side.SUPPLIER: "36"},
        "4200": {Side.SUPPLIER: "37"},
        "1100": {},
    }
    assert len(loopback.seen) == 2


DATED = {"MetaData": {"LastUpdatedTime": "2026-01-04T02:11:09-08:00"}}
SALES = {"Id": "35", "Name": "Sales", "AccountType": "Income", "AcctNum": "4000", **DATED}
PARTS = {"Id": "36", "Name": "Parts", "AccountType": "Income", "AcctNum": "4100", **DATED}
SERVICE = {"Id": "7", "Name": "Service", "Type": "Service", "IncomeAccountRef": {"value": "35"}, **DATED}


def cdc(*, time: str = "2026-01-05T02:20:00-08:00", **rows: list[Any]) -> Reply:
    """What moved, for each entity a part of the answer."""
    parts = [{name: some, "maxResults": len(some)} if some else {} for name, some in rows.items()]
    return reply({"CDCResponse": [{"QueryResponse": parts}], "time": time})


BOTH = {"4000": "Sales", "4100": "Parts"}
MANY = [{**PARTS, "Id": str(1000 + number), "AcctNum": None} for number in range(1000)]
AS_MOVED: list[tuple[str, Reply, dict[str, str], int]] = [
    ("nothing", cdc(), BOTH, 3),
    ("renamed", cdc(Account=[{**SALES, "Name": "Services"}]), {"4000": "Services", "4100": "Parts"}, 3),
    ("made inactive", cdc(Account=[{**PARTS, "Active": False}]), {"4000": "Sales"}, 3),
    ("deleted", cdc(Account=[{"status": "Deleted", "Id": "36"}]), {"4000": "Sales"}, 3),
    ("new", cdc(Account=[{**PARTS, "Id": "9", "AcctNum": "1"}], Item=[]), {"1": "Parts", **BOTH}, 3),
    # What follows is read whole: both as they were.
    ("an earlier time", cdc(time="2026-01-05T01:00:00-08:00"), {"4000": "Sales"}, 5),
    ("a month later", cdc(time="2026-02-05T01:00:00-08:00"), {"4000": "Sales"}, 5),
    ("no time", cdc(time=""), {"4000": "Sales"}, 5),
    ("as many as it tells", cdc(Account=MANY), {"4000": "Sales"}, 5),
    ("refused", reply({"Fault": {"Error": [{"Message": "no", "code": "500"}]}}, 400), {"4000": "Sales"}, 5),
    ("another form", reply({"CDCResponse": {}, "time": "2026-01-05T02:20:00-08:00"}), {"4000": "Sales"}, 5),
    ("a row that has no time", cdc(Account=[{**SALES, "MetaData": None}]), {"4000": "Sales"}, 5),
]


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("answer", "names", "calls"), [row[1:] for row in AS_MOVED], ids=[row[0] for row in AS_MOVED]
)
def test_lists_that_were_read_before_are_asked_for_what_moved(
    answer: Reply, names: dict[str, str], calls: int, client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(found(Account=[SALES, PARTS]), found(Item=[SERVICE]), answer, found(Account=[SALES]))
    client.nominals()
    kept = client.copied
    assert kept
    assert {code: one.name for code, one in coded(client.nominals(kept)).items()} == names
    assert len(loopback.seen) == calls
    asked = {"entities": "Account,Item", "changedSince": "2026-01-05T10:06:09Z", "minorversion": "75"}
    assert (loopback.seen[2].path, dict(loopback.seen[2].params)) == (f"/v3/company/{REALM}/cdc", asked)


@pytest.mark.requirement("RUN-11")
def test_an_item_that_earns_to_another_account_is_followed(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    moved = {**SERVICE, "IncomeAccountRef": {"value": "36"}}
    loopback.answers(found(Account=[SALES, PARTS]), found(Item=[SERVICE]), cdc(Account=[], Item=[moved]))
    client.nominals()
    nominals = coded(client.nominals(client.copied))
    assert {code: one.ids.get(Side.CUSTOMER) for code, one in nominals.items()} == {"4000": None, "4100": "7"}


def test_lists_are_read_page_by_page(client: QuickBooksClient, loopback: Loopback) -> None:
    rows = [
        {"Id": str(number), "Name": "x", "AccountType": "Expense", "AcctNum": str(number)}
        for number in range(1001)
    ]
    loopback.answers(found(Account=rows[:1000]), found(Account=rows[1000:]), found())

    assert len(coded(client.nominals())) == 1001
    assert [query(loopback, number) for number in range(3)] == [
        "SELECT * FROM Account ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000",
        "SELECT * FROM Account ORDERBY Id STARTPOSITION 1001 MAXRESULTS 1000",
        "SELECT * FROM Item ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000",
    ]


@pytest.mark.requirement("IN-3")
def test_a_tax_code_has_the_rates_and_sides_of_its_lists(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    def rates(*ids: str) -> dict[str, Any]:
        return {"TaxRateDetail": [{"TaxRateRef": {"value": rate_id}} for rate_id in ids]}

    codes = [
        {"Id": "3", "Name": "20.0% S", "SalesTaxRateList": rates("1"), "PurchaseTaxRateList": rates("2")},
        {
            "Id": "4",
            "Name": "Reverse",
            "SalesTaxRateList": rates("3"),
            "PurchaseTaxRateList": rates("1", "4"),
        },
        {"Id": "5", "Name": "Sales only", "SalesTaxRateList": rates("1")},
        {"Id": "6", "Name": "Of a lost rate", "SalesTaxRateList": rates("99")},
        {"Id": "7", "Name": "Of no rate"},
    ]
    values = {"1": 20, "2": 20.0, "3": 0, "4": -17.5}
    loopback.answers(
        found(TaxCode=codes),
        found(TaxRate=[{"Id": key, "RateValue": value} for key, value in values.items()]),
    )

    both, sales, purchases = frozenset(Side), frozenset({Side.CUSTOMER}), frozenset({Side.SUPPLIER})
    standard, bought, nothing = (
        (TaxPart("1", Decimal(20)),),
        (TaxPart("2", Decimal(20)),),
        (TaxPart("3", Decimal(0)),),
    )
    turned = (*standard, TaxPart("4", Decimal("-17.5")))
    assert good(client.tax_codes()) == [
        TaxCode("3", "20.0% S", Decimal(20), both, parts={Side.CUSTOMER: standard, Side.SUPPLIER: bought}),
        TaxCode("4", "Reverse", Decimal(0), sales, parts={Side.CUSTOMER: nothing}),
        TaxCode("4", "Reverse", Decimal("2.5"), purchases, parts={Side.SUPPLIER: turned}),
        TaxCode("5", "Sales only", Decimal(20), sales, parts={Side.CUSTOMER: standard}),
    ]


@pytest.mark.requirement("RUN-4")
def test_a_rate_without_its_value_takes_away_the_codes_that_need_it_alone(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    """(faults F3)"""
    codes = [
        {"Id": key, "Name": name, "SalesTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": rate}}]}}
        for key, name, rate in (("3", "20.0% S", "1"), ("4", "Odd", "2"))
    ]
    loopback.answers(
        found(TaxCode=codes),
        found(TaxRate=[{"Id": "1", "Name": "S", "RateValue": 20}, {"Id": "2", "Name": "Odd"}]),
    )
    unusable: list[BadRow] = []
    assert [one.name for one in client.tax_codes().take(unusable)] == ["20.0% S"]
    assert [(one.number, one.field) for one in unusable] == [("Odd", "RateValue of the tax rate Odd")]


RATE, FIVE = TaxPart("1", Decimal(20)), (TaxPart("5", Decimal(5)),)
REVERSE = (TaxPart("1", Decimal(20)), TaxPart("4", Decimal(-20)))
OWN_TAX: list[tuple[str, Any, dict[str, str]]] = [
    ("as QuickBooks works it out", 3 * (line("10.10", parts=(RATE,)),), {}),
    ("line by line", 3 * (line("10.02", parts=(RATE,)),), {"1": "6.00"}),
    ("fifty lines", 50 * (line("241.67", parts=(RATE,)),), {"1": "2416.50"}),
    ("one rate of two is its own", (line("10.00", parts=(RATE,)), line("0.02", rate=5, parts=FIVE)), {}),
    ("two rates in one code", (line("10.03", rate=0, parts=REVERSE),), {}),
    ("a code that is not known any more", (line("10.02"),) * 3, {}),
]


@pytest.mark.requirement("IN-11")
@pytest.mark.parametrize(("lines", "told"), [row[1:] for row in OWN_TAX], ids=[row[0] for row in OWN_TAX])
def test_the_documents_own_tax_is_told_where_quickbooks_would_work_out_another(
    lines: Any, told: dict[str, str]
) -> None:
    """(faults E3)"""
    one = posting("S1", lines=lines)
    detail: Any = body_of(one, None).get("TxnTaxDetail", {})
    found = {
        row["TaxLineDetail"]["TaxRateRef"]["value"]: str(row["Amount"]) for row in detail.get("TaxLine", [])
    }
    assert found == told
    assert total_of(one) == sum(line.net + line.tax for line in one.lines)


@pytest.mark.requirement("IN-3", "IN-10")
def test_documents_are_found_by_number_with_the_mark_that_we_left(
    client: QuickBooksClient, loopback: Loopback
) -> None:
    rows = [
        made("S1", "396", PrivateNote="AutoVu doc-1")["Invoice"],
        made("s1", "397")["Invoice"],
        made("S'2", "398", TotalAmt=0, PrivateNote="Voided - AutoVu doc-2")["Invoice"],
        made("S'2", "399", TotalAmt=0)["Invoice"],
    ]
    loopback.answers(found(Invoice=rows))

    documents = grouped(client.documents(Kind.SALES_INVOICE, ["S1", "S'2", "S3", ""]))

    assert {number: [one.id for one in found] for number, found in documents.items()} == {
        "S1": ["396", "397"],
        "S'2": ["398", "399"],
    }
    assert [one.void for one in documents["S'2"]] == [True, False]
    assert documents["S1"][0] == Posted(
        "396", Kind.SALES_INVOICE, "S1", "1", Decimal(120), date(2026, 1, 5), "AutoVu doc-1"
    )
    assert query(loopback) == "SELECT * FROM Invoice WHERE DocNumber IN ('S1','S\\'2','S3') MAXRESULTS 1000"


@pytest.mark.parametrize("limited", [THROTTLED, reply({}, 429)])
def test_a_limit_is_waited_for_a_second_and_then_a_minute(
    limited: Reply, client: QuickBooksClient, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(limited)
    new = NewAccount("f" * 32, Side.CUSTOMER, "Ridge")

    for attempt in (client.organisation, client.tax_codes, lambda: client.create_account(new)):
        loopback.seen.clear()
        bench.pauses.clear()
        with pytest.raises(RetryLater) as later:
            attempt()
        assert type(later.value) is RetryLater
        assert (later.value.seconds, later.value.named) == (60, True)
        assert (len(loopback.seen), bench.pauses) == (2, [1.0])


def test_after_a_second_the_call_goes_through(client: QuickBooksClient, loopback: Loopback) -> None:
    loopback.answers(THROTTLED, batch({"Customer": {"Id": "9", "DisplayName": "Ridge"}}))

    assert client.create_account(NewAccount("f" * 32, Side.CUSTOMER, "Ridge")).id == "9"


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "3200", "message=AuthenticationFailed; errorCode=003200; statusCode=401"),
        (401, "120", "AuthorizationFailure"),
        (403, "3100", "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"),
    ],
)
def test_a_token_that_reaches_nothing_is_refused(
    status: int, code: str, words: str, client: QuickBooksClient, loopback: Loopback
) -> None:
    error = {"message": words, "detail": "Token expired", "code": code, "element": None}
    body = {"warnings": None, "fault": {"error": [error], "type": "AUTHENTICATION"}}
    loopback.answers(reply(body, status))

    with pytest.raises(CredentialsRefused) as refusal:
        client.organisation()
    assert refusal.value.code == str(status)


@pytest.mark.parametrize(
    "body",
    [
        {
            "Fault": {
                "Error": [{"Message": "M", "Detail": "a detail", "code": "4000"}],
                "type": "ValidationFault",
            }
        },
        {"fault": {"error": [{"message": "a detail", "code": "4000"}], "type": "ValidationFault"}},
    ],
)
def test_both_shapes_of_a_fault_are_read(body: Any, client: QuickBooksClient, loopback: Loopback) -> None:
    loopback.answers(reply(body, 400))

    with pytest.raises(Rejected, match="a detail") as refusal:
        client.organisation()
    assert refusal.value.code == "4000"


@pytest.mark.parametrize("body", [[], {"Fault": []}, {"Fault": {}}, {"Fault": {"Error": ["x"]}}, "x"])
def test_a_refusal_without_words_is_still_one(
    body: Any, client: QuickBooksClient, loopback: Loopback
) -> None:
    loopback.answers(reply(body, 400))

    with pytest.raises(Rejected):
        client.organisation()


def test_a_consent_without_its_company_is_refused(bench: Bench) -> None:
    row = system("quickbooks")

    with pytest.raises(CredentialsRefused, match="company"):
        row.connect(row.base_url, {"access_token": Secret("token")}, bench.options)
