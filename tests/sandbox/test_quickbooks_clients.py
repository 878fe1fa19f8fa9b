"""QuickBooks' sandbox takes what the vendor's published lists know, and what common clients send."""

from datetime import timedelta
from typing import Any

import pytest

from local.sandbox.quickbooks.entities import ENTITIES
from local.sandbox.quickbooks.kinds import PUBLISHED
from tests.sandbox.quickbooks_company import BASE, STATE, bill, bill_line, code_of, invoice, sales_line

BODIES: dict[str, dict[str, Any]] = {
    "Customer": {"DisplayName": "New"},
    "Vendor": {"DisplayName": "New"},
    "Employee": {"DisplayName": "New"},
    "Invoice": invoice("S1"),
    "CreditMemo": invoice("C1"),
    "Bill": bill(),
    "VendorCredit": bill(),
}
# What QuickBooks makes of these is proved elsewhere.
MEANT = {
    *("Id", "SyncToken", "Line", "TxnTaxDetail", "CustomerRef", "VendorRef", "CurrencyRef", "ExchangeRate"),
    *("DisplayName", "ParentRef", "Job", "Active", "DocNumber"),
}
VALUES: dict[str, Any] = {
    "text": "x",
    "id": "7",
    "flag": True,
    "amount": 1.25,
    "whole": 3,
    "ref": {"value": "1", "name": "n"},
    "day": "2026-01-05",
    "moment": "2026-01-05T02:11:09-08:00",
    "any": {"more": [1]},
}


@pytest.fixture
def acme(quickbooks: Any, clocks: Any) -> Any:
    assert quickbooks.put_state(STATE).status_code == 200
    return quickbooks


def post(acme: Any, entity: str, body: Any, **params: str) -> Any:
    return acme.call("POST", f"{BASE}/{entity.lower()}", json=body, params=params)


def value_of(kind: str, depth: int = 0) -> Any:
    """A value that fits what the list says, objects with all of their members."""
    if kind.endswith("[]"):
        return [value_of(kind.removesuffix("[]"), depth)]
    if kind in PUBLISHED.words:
        return PUBLISHED.words[kind][-1]
    return VALUES[kind] if kind in VALUES else members_of(kind, depth + 1)


def members_of(name: str, depth: int = 0) -> dict[str, Any]:
    return {
        member: value_of(kind, depth)
        for kind, names in PUBLISHED.types[name].items()
        for member in names.split()
        if depth < 4 or kind in VALUES
    }


@pytest.mark.parametrize(("entity", "body"), BODIES.items())
def test_every_published_member_is_taken_kept_and_shown(entity: str, body: Any, acme: Any) -> None:
    """(fidelity, too strict: members of the published XSD that are known but unused)"""
    made = MEANT | ENTITIES[entity].read_only
    extra = {name: value for name, value in members_of(entity).items() if name not in made}
    answer = post(acme, entity, {**extra, **body})
    assert answer.status_code == 200, answer.text
    row = answer.json()[entity]
    assert {name: row.get(name) for name in extra} == extra
    assert acme.get(f"{BASE}/{entity.lower()}/{row['Id']}").json()[entity] == row
    assert acme.put_state(acme.state()).status_code == 200


@pytest.mark.parametrize(
    ("entity", "changes", "code"),
    [
        ("Customer", {"CreditLimit": "much"}, "2010"),
        ("Customer", {"IsProject": "yes"}, "2010"),
        ("Customer", {"OpenBalanceDate": "5.1.2026"}, "2010"),
        ("Customer", {"ARAccountRef": "35"}, "2010"),
        ("Customer", {"OtherAddr": {"Line1": "x"}}, "2010"),
        ("Customer", {"OtherAddr": [{"Street": "x"}]}, "2010"),
        ("Customer", {"BillAddr": {"Note": 1}}, "2010"),
        ("Customer", {"TDSSectionTypeId": 1}, "2010"),
        ("Vendor", {"TDSSectionTypeId": 1.5}, "2010"),
        ("Employee", {"Gender": "x"}, "2170"),
        ("Employee", {"ParentRef": {"value": "1"}}, "2010"),
        ("Invoice", {"PaymentType": "Shells"}, "2170"),
        ("Invoice", {"ECloudStatusTimeStamp": "2026-01-05"}, "2010"),
        ("Invoice", {"DeliveryInfo": {"DeliveryType": "Pigeon"}}, "2170"),
        ("Invoice", {"RemainingCredit": 1}, "2010"),
        ("Invoice", {"Line": [{**sales_line(), "CustomField": [{"Shoe": 1}]}]}, "2010"),
        ("Invoice", {"Line": [sales_line(MarkupInfo={"Percent": "x"})]}, "2010"),
        ("Bill", {"Line": [bill_line(BillableStatus="Perhaps")]}, "2170"),
        ("Bill", {"InvoiceLink": "https://x.example"}, "2010"),
    ],
)
def test_what_the_list_does_not_know_or_types_otherwise_is_refused(
    entity: str, changes: Any, code: str, acme: Any
) -> None:
    """(fidelity, too strict: typed as in the XSD, and as strict as before about what is unknown)"""
    assert code_of(post(acme, entity, {**BODIES[entity], **changes})) == code


SAVED = {"SyncToken": 0, "sparse": False, "domain": "QBO"}
LINE = {"LineNum": 0, "LinkedTxn": [], "CustomField": []}


@pytest.mark.parametrize(
    ("entity", "body", "shown"),
    [
        (
            "Customer",
            {
                **SAVED,
                **dict.fromkeys(("Title", "FullyQualifiedName", "PreferredDeliveryMethod"), ""),
                "DisplayName": "New",
                "Active": True,
                "IsProject": False,
                "Job": False,
                "Taxable": True,
                "Balance": 0,
                "BalanceWithJobs": 0,
                "Level": 0,
                "OpenBalanceDate": "",
            },
            {"IsProject": False, "SyncToken": "0"},
        ),
        (
            "Vendor",
            {**SAVED, "DisplayName": "New", "Balance": 0, "BillRate": 0, "TaxReportingBasis": ""},
            {"BillRate": 0, "SyncToken": "0"},
        ),
        (
            "Invoice",
            {
                **SAVED,
                **invoice("S1", {**sales_line(100, Qty=0, UnitPrice=0, TaxInclusiveAmt=0), **LINE}),
                "ExchangeRate": 1,
                "Deposit": 0,
                "Balance": 0,
                "HomeBalance": 0,
                "HomeTotalAmt": 0,
                "AllowIPNPayment": True,
                "AllowOnlineACHPayment": False,
                "TotalAmt": "",
                "TxnDate": "",
                "PrintStatus": "NotSet",
                "EmailStatus": "NotSet",
                "InvoiceLink": "",
                "CustomField": [],
            },
            {"TotalAmt": 120, "Balance": 120, "AllowIPNPayment": True, "SyncToken": "0"},
        ),
        (
            "CreditMemo",
            {**SAVED, **invoice("C1"), "ExchangeRate": 0, "RemainingCredit": 0, "ApplyTaxAfterDiscount": ""},
            {"TotalAmt": 120, "RemainingCredit": 120},
        ),
        (
            "Bill",
            {**SAVED, **bill("B1", {**bill_line(), **LINE}), "ExchangeRate": 0, "LinkedTxn": []},
            {"TotalAmt": 48, "SyncToken": "0"},
        ),
    ],
)
def test_what_the_common_client_saves_by_default_is_taken(
    entity: str, body: Any, shown: Any, acme: Any
) -> None:
    """(fidelity, too strict: SyncToken as a number, ExchangeRate 1, empty CustomField of a line)"""
    answer = post(acme, entity, body, format="json")
    assert answer.status_code == 200, answer.text
    row = answer.json()[entity]
    assert {name: row.get(name) for name in shown} == shown
    if entity in ("Invoice", "Bill"):
        assert row["Line"][0]["CustomField"] == []
    again = {"Id": int(row["Id"]), "SyncToken": 0, "sparse": True}
    assert post(acme, entity, again).json()[entity]["SyncToken"] == "1"
    assert code_of(post(acme, entity, again)) == "5010"


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/customer/1", {}),
        ("GET", "/preferences", {}),
        ("GET", "/query", {"params": {"query": "SELECT * FROM Vendor"}}),
        ("POST", "/batch", {"json": {"BatchItemRequest": [{"bId": "1", "Query": "SELECT * FROM Vendor"}]}}),
        ("GET", "/cdc", {"params": {"entities": "Bill", "changedSince": "2026-03-01"}}),
    ],
)
def test_json_may_be_asked_for_in_the_query_too(method: str, path: str, more: Any, acme: Any) -> None:
    """(fidelity, too strict: ?format=json)"""
    for format_, status in (("json", 200), ("yaml", 400)):
        asked = {**more, "params": {**more.get("params", {}), "format": format_}}
        assert acme.call(method, BASE + path, **asked).status_code == status


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT *, Sku FROM Item", None),
        ("select * , Sku,Name from item where Active IN (true, false)", None),
        ("SELECT *, MetaData.CreateTime FROM Invoice", None),
        ("SELECT *, Sku FROM Customer", "4001"),
        ("SELECT *, FROM Item", "4000"),
        ("SELECT Sku, * FROM Item", "4000"),
        ("SELECT Sku FROM Item", "4000"),
    ],
)
def test_members_may_be_named_beside_the_star(text: str, code: str | None, acme: Any) -> None:
    """(fidelity, too strict: SELECT *, Sku FROM Item)"""
    item = {**STATE["Item"][0], "Sku": "B-1"}
    acme.put_state({**STATE, "Item": [item]})
    answer = acme.get(f"{BASE}/query", params={"query": text})
    if code:
        assert code_of(answer) == code
    else:
        assert answer.status_code == 200, answer.text
        assert all(row["Sku"] == "B-1" for row in answer.json()["QueryResponse"].get("Item", ()))


def test_changes_are_told_since_a_moment_deleted_ones_by_their_ids(acme: Any, clocks: Any) -> None:
    """(fidelity, too thin: GET /cdc)"""
    clocks.moment += timedelta(hours=1)
    since = "2026-03-02T12:00:00Z"
    gone = post(acme, "invoice", invoice("S1")).json()["Invoice"]
    kept = post(acme, "invoice", invoice("S2")).json()["Invoice"]
    post(acme, "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    post(acme, "customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})

    asked = {"entities": "Invoice, bill,Customer,Item", "changedSince": since}
    answer = acme.get(f"{BASE}/cdc", params=asked).json()
    invoices, bills, customers, items = answer["CDCResponse"][0]["QueryResponse"]

    assert "time" in answer
    deleted = {"domain": "QBO", "status": "Deleted", "Id": gone["Id"]}
    times = {"MetaData": {"LastUpdatedTime": "2026-03-02T04:30:00-08:00"}}
    assert invoices == {
        "Invoice": [kept, {**deleted, **times}],
        "startPosition": 1,
        "maxResults": 2,
        "totalCount": 2,
    }
    assert [(row["Id"], row["Active"]) for row in customers["Customer"]] == [("1", False)]
    assert (bills, items) == ({}, {})
    assert [(one["operation"], one["writes"]) for one in acme.log()][-1] == ("cdc", False)


def test_a_thousand_changes_are_told_in_all(acme: Any) -> None:
    """(fidelity, too thin: GET /cdc)"""
    names = [{"DisplayName": f"Name {number:04}"} for number in range(1200)]
    acme.put_state({"Customer": names, "Vendor": [{"DisplayName": "V"}]})
    asked = {"entities": "Customer,Vendor", "changedSince": "2026-03-01T00:00:00Z"}
    customers, vendors = acme.get(f"{BASE}/cdc", params=asked).json()["CDCResponse"][0]["QueryResponse"]
    assert (len(customers["Customer"]), vendors) == (1000, {})


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"entities": "Invoice"}, "2020"),
        ({"changedSince": "2026-03-01"}, "2020"),
        ({"entities": "Invoice", "changedSince": "yesterday"}, "2010"),
        ({"entities": "Invoice", "changedSince": "2026-01-30T00:00:00Z"}, "500"),
        ({"entities": "Invoice,Shoe", "changedSince": "2026-03-01"}, "500"),
        ({"entities": "TaxCode", "changedSince": "2026-03-01"}, "500"),
    ],
)
def test_changes_that_are_not_to_be_had_are_refused(asked: dict[str, str], code: str, acme: Any) -> None:
    """(fidelity, too thin: GET /cdc)"""
    assert code_of(acme.get(f"{BASE}/cdc", params=asked)) == code
