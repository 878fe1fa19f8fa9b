"""Xero's sandbox: what may be written, by PUT and POST, one by one or as a whole, and sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.sandbox.xero.shapes import guid
from local.sandbox.xero.store import TENANT
from tests.sandbox.conftest import XERO_HEADERS

API = "/api.xro/2.0"
HARPER, GONE = guid(TENANT, "contact", "Harper Ltd"), guid(TENANT, "contact", "Gone Ltd")
STATE = {
    "TaxRates": [
        {"TaxType": "OUTPUT2", "EffectiveRate": 20, "CanApplyToExpenses": False},
        {"TaxType": "INPUT2", "EffectiveRate": 20, "CanApplyToRevenue": False},
        {"TaxType": "OLD", "EffectiveRate": 17.5, "Status": "DELETED"},
    ],
    "Accounts": [
        {"Code": "4000", "Name": "Service", "Type": "SALES", "TaxType": "OUTPUT2"},
        {"Code": "5000", "Name": "Materials", "Type": "DIRECTCOSTS", "TaxType": "INPUT2"},
        {"Code": "1200", "Name": "Bank", "Type": "BANK"},
        {"Code": "610", "Name": "Receivable", "Type": "CURRENT", "SystemAccount": "DEBTORS"},
        {"Code": "7000", "Name": "Closed", "Type": "EXPENSE", "Status": "ARCHIVED"},
    ],
    "Contacts": [{"Name": "Harper Ltd"}, {"Name": "Gone Ltd", "ContactStatus": "ARCHIVED"}],
    "Invoices": [
        {"Type": "ACCREC", "InvoiceNumber": "S1000", "Contact": {"Name": "Harper Ltd"}, "Total": 50}
    ],
}
LINE = {
    "Description": "Work",
    "Quantity": 1,
    "UnitAmount": 100.0,
    "AccountCode": "4000",
    "TaxType": "OUTPUT2",
}
SALE = {
    "Type": "ACCREC",
    "InvoiceNumber": "S1",
    "Contact": {"ContactID": HARPER},
    "Date": "2026-01-05",
    "DueDate": "2026-02-04",
    "Status": "AUTHORISED",
    "LineItems": [LINE],
}
BILL = {**SALE, "Type": "ACCPAY", "LineItems": [{**LINE, "AccountCode": "5000", "TaxType": "INPUT2"}]}
NOTE = {
    "Type": "ACCRECCREDIT",
    "CreditNoteNumber": "C1",
    "Contact": {"ContactID": HARPER},
    "LineItems": [LINE],
}


@pytest.fixture
def books(xero: Any) -> Any:
    assert xero.put_state(STATE).status_code == 200
    return xero


def write(
    books: Any,
    *rows: Any,
    method: str = "PUT",
    resource: str = "Invoices",
    key: str | None = None,
    **query: str,
) -> Any:
    headers = XERO_HEADERS | ({"Idempotency-Key": key} if key else {})
    query = {"summarizeErrors": "false", **query}
    return books.call(method, f"{API}/{resource}", json={resource: list(rows)}, params=query, headers=headers)


def reasons(answer: Any, resource: str = "Invoices") -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return [
        [error["Message"] for error in row.get("ValidationErrors", [])] for row in answer.json()[resource]
    ]


def test_a_document_is_made_with_its_totals(books: Any) -> None:
    (row,) = write(books, SALE).json()["Invoices"]
    assert (row["SubTotal"], row["TotalTax"], row["Total"], row["AmountDue"]) == (100.0, 20.0, 120.0, 120.0)
    assert (row["Status"], row["StatusAttributeString"], row["HasErrors"]) == ("AUTHORISED", "OK", False)
    assert row["Contact"]["Name"] == "Harper Ltd"
    assert (row["CurrencyCode"], row["LineAmountTypes"]) == ("GBP", "Exclusive")
    (contact,) = [one for one in books.state()["Contacts"] if one["ContactID"] == HARPER]
    assert (contact["IsCustomer"], contact["IsSupplier"]) == (True, False)


def test_one_object_may_come_by_itself_and_is_a_draft_of_today(books: Any) -> None:
    alone = {"Type": "ACCREC", "Contact": {"ContactID": HARPER}, "LineItems": [{"Description": "Only words"}]}
    answer = books.call("PUT", f"{API}/invoices?summarizeErrors=True", json=alone)
    (row,) = answer.json()["Invoices"]
    assert (row["Status"], row["InvoiceNumber"], row["Total"]) == ("DRAFT", "INV-0001", 0.0)
    assert row["DateString"] == "2026-03-02T00:00:00"


@pytest.mark.parametrize("day", ["2026-01-05", "/Date(1767571200000)/", "/Date(1767571200000+0000)/"])
def test_a_day_may_come_in_milliseconds(books: Any, day: str) -> None:
    (row,) = write(books, {**SALE, "Date": day}).json()["Invoices"]
    assert row["DateString"] == "2026-01-05T00:00:00"


@pytest.mark.parametrize(
    ("mode", "price", "digits", "totals"),
    [
        ("Exclusive", 0.125, "2", (0.13, 0.03, 0.16)),
        ("Exclusive", 0.12345, "4", (0.12, 0.02, 0.14)),
        ("Inclusive", 12.0, "2", (10.0, 2.0, 12.0)),
        ("NoTax", 12.0, "2", (12.0, 0.0, 12.0)),
    ],
)
def test_amounts_are_rounded_half_up_line_by_line(
    books: Any, mode: str, price: float, digits: str, totals: tuple[float, ...]
) -> None:
    given = {**SALE, "LineAmountTypes": mode, "LineItems": [{**LINE, "UnitAmount": price}]}
    (row,) = write(books, given, unitdp=digits).json()["Invoices"]
    assert (row["SubTotal"], row["TotalTax"], row["Total"]) == totals


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Type": "ACCRECCREDIT"}, "The Type must be one of ACCREC, ACCPAY"),
        ({"InvoiceNumber": "s1000"}, "Invoice # must be unique."),
        ({"InvoiceNumber": "x" * 256}, "longer than 255"),
        ({"InvoiceID": guid("x")}, "PUT takes none"),
        ({"Contact": None}, "A Contact must be specified for this type of transaction"),
        ({"Contact": {"ContactID": guid("nobody")}}, "could not be found"),
        ({"Contact": {"ContactID": GONE}}, "archived"),
        ({"DueDate": None}, "DueDate is needed"),
        ({"Status": "VOIDED"}, "status VOIDED is not valid"),
        ({"Status": "DRAFT", "SentToContact": True}, "approved documents only"),
        ({"LineAmountTypes": "Net"}, "LineAmountTypes"),
        ({"CurrencyCode": "Pound"}, "CurrencyCode"),
        ({"CurrencyCode": "USD"}, "not subscribed to currency USD"),
        ({"Reference": "r" * 256}, "longer than 255"),
        ({"Url": "invoice 7"}, "absolute address"),
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"Type": "ACCPAY", "Reference": "PO 7"}, "ACCREC only"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused(books: Any, changes: dict[str, Any], said: str) -> None:
    given = {name: value for name, value in {**SALE, **changes}.items() if value is not None}
    (why,) = reasons(write(books, given))
    assert said in " ".join(why)
    assert len(books.state()["Invoices"]) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Description": ""}, "Description must be at least 1 character"),
        ({"Description": "d" * 4001}, "longer than 4000"),
        ({"AccountCode": "999"}, "Account code '999' is not a valid code for this document."),
        ({"AccountCode": "1200"}, "Account code '1200'"),
        ({"AccountCode": "610"}, "Account code '610'"),
        ({"AccountCode": "7000"}, "Account code '7000'"),
        ({"AccountCode": None}, "An AccountCode is needed"),
        ({"TaxType": "X"}, "The TaxType code 'X' does not exist or cannot be used"),
        ({"TaxType": "INPUT2"}, "The TaxType code 'INPUT2'"),
        ({"TaxType": "OLD"}, "The TaxType code 'OLD'"),
        ({"LineAmount": 99.99}, "does not match"),
        ({"Tracking": [{}, {}, {}]}, "two tracking categories"),
    ],
)
def test_a_line_that_breaks_a_rule_is_refused(books: Any, changes: dict[str, Any], said: str) -> None:
    line = {name: value for name, value in {**LINE, **changes}.items() if value is not None}
    (why,) = reasons(write(books, {**SALE, "LineItems": [line]}))
    assert said in why[0]


def test_numbers_are_unique_for_sales_only_and_free_again_once_void(books: Any) -> None:
    assert reasons(write(books, SALE, SALE, BILL, BILL)) == [[], ["Invoice # must be unique."], [], []]
    assert reasons(write(books, {**SALE, "Status": "VOIDED"}, method="POST")) == [[]]
    assert reasons(write(books, SALE)) == [[]]
    twice = write(books, NOTE, NOTE, {**NOTE, "Type": "ACCPAYCREDIT"}, resource="CreditNotes")
    assert reasons(twice, "CreditNotes") == [
        [],
        ["Credit note # must be unique."],
        [],
    ]


def test_post_overwrites_what_put_refuses(books: Any) -> None:
    (why,) = reasons(write(books, {**SALE, "InvoiceNumber": "S1000"}))
    assert why == ["Invoice # must be unique."]
    assert reasons(write(books, {**SALE, "InvoiceNumber": "S1000"}, method="POST")) == [[]]
    (row,) = books.state()["Invoices"]
    assert (row["InvoiceNumber"], row["Total"]) == ("S1000", 120.0)


def test_what_is_void_is_changed_no_more(books: Any) -> None:
    (made,) = write(books, SALE).json()["Invoices"]
    key = {"InvoiceID": made["InvoiceID"]}
    assert reasons(write(books, {**key, "Status": "VOIDED"}, method="POST")) == [[]]
    (why,) = reasons(write(books, {**key, "Reference": "x"}, method="POST"))
    assert "not of valid status" in why[0]


@pytest.mark.parametrize(("summarize", "kept"), [("false", 2), ("True", 1)])
def test_errors_spoil_themselves_or_the_whole_call(books: Any, summarize: str, kept: int) -> None:
    by_name = {**BILL, "Contact": {"Name": "New Supplier"}}
    answer = write(books, by_name, {**SALE, "InvoiceNumber": "S1000"}, summarizeErrors=summarize)
    state = books.state()
    assert len(state["Invoices"]) == kept
    assert ("New Supplier" in {row["Name"] for row in state["Contacts"]}) == (kept == 2)
    if summarize == "false":
        good, bad = answer.json()["Invoices"]
        assert (good["StatusAttributeString"], bad["StatusAttributeString"]) == ("OK", "ERROR")
        assert (bad["HasErrors"], bad["InvoiceNumber"]) == (True, "S1000")
    else:
        assert answer.status_code == 400
        body = answer.json()
        assert (body["ErrorNumber"], body["Type"]) == (10, "ValidationException")
        (element,) = body["Elements"]
        assert element["ValidationErrors"] == [{"Message": "Invoice # must be unique."}]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "JSON for post data was invalid"),
        (b"[]", "an object or a list of Invoices"),
        (b'{"Invoices": []}', "an object or a list of Invoices"),
        (b'{"Invoices": [{}], "More": 1}', "stands alone"),
        (b'{"Shoe": 1}', "Shoe unknown field"),
        (b'{"Date": "5.1.2026"}', "Date must be a date"),
        (b'{"Contact": {"Shoe": 1}}', "Shoe unknown field"),
        (b'{"LineItems": [{"Quantity": "1"}]}', "Quantity must be a number"),
        (b'{"LineItems": [{"Quantity": true}]}', "Quantity must be a number"),
        (b'{"LineItems": ["x"]}', "LineItems[0] must be an object"),
    ],
)
def test_a_body_that_does_not_fit_ends_the_call(books: Any, body: bytes, said: str) -> None:
    headers = {**XERO_HEADERS, "Content-Type": "application/json"}
    answer = books.call("PUT", f"{API}/Invoices", data=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["Type"] == "PostDataInvalidException"
    assert said in answer.json()["Message"]


def test_a_contact_id_that_is_no_guid_is_a_bare_500_and_leaves_no_trace(books: Any) -> None:
    before = books.state()
    answer = write(books, {**BILL, "Contact": {"Name": "New"}}, {**SALE, "Contact": {"ContactID": "129"}})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert books.state() == before


def test_a_body_is_json(books: Any) -> None:
    assert books.call("PUT", f"{API}/Invoices", data="x").status_code == 415


@pytest.mark.parametrize(
    ("method", "contact", "said"),
    [
        (
            "PUT",
            {"Name": "harper ltd"},
            "The contact name harper ltd is already assigned to another contact.",
        ),
        ("PUT", {"Name": "Gone Ltd"}, None),
        ("PUT", {}, "name must be specified"),
        ("PUT", {"Name": "x" * 256}, "longer than 255"),
        ("PUT", {"Name": "New", "AccountNumber": "x" * 51}, "longer than 50"),
        ("PUT", {"Name": "New", "EmailAddress": "x" * 255}, None),
        ("PUT", {"Name": "New", "EmailAddress": "x" * 256}, "EmailAddress is longer than 255"),
        ("PUT", {"Name": "New", "TaxNumber": "x" * 51}, "TaxNumber is longer than 50"),
        ("PUT", {"Name": "New", "Addresses": [{"Street": "1"}]}, "Street unknown field"),
        ("PUT", {"Name": "New", "Addresses": [{"AddressLine1": "x" * 501}]}, "at most 500"),
        ("PUT", {"Name": "New", "Addresses": [{"City": "x" * 256}]}, "at most 255"),
        ("PUT", {"Name": "New", "Addresses": [{"PostalCode": "x" * 51}]}, "at most 50"),
        ("PUT", {"Name": "New", "Addresses": [{"AddressType": "HOME"}]}, "AddressType must be one of"),
        ("PUT", {"Name": "New", "Phones": [{"PhoneType": "HOME"}]}, "PhoneType must be one of"),
        ("PUT", {"Name": "New", "Phones": [{"PhoneType": "FAX", "PhoneNumber": "x" * 51}]}, "at most 50"),
        ("PUT", {"Name": "New", "DefaultCurrency": "POUND"}, "currency code POUND"),
        ("PUT", {"Name": "New", "DefaultCurrency": "USD"}, None),
        ("PUT", {"Name": "New", "ContactID": "129"}, "no GUID"),
        ("PUT", {"Name": "New", "ContactPersons": [{"FirstName": "A"}] * 6}, "at most 5 contact persons"),
        ("PUT", {"Name": "New", "Addresses": [{"AddressType": "STREET", "City": "Leeds"}]}, None),
        ("PUT", {"Name": "New", "ContactID": HARPER}, "PUT takes none"),
        ("PUT", {"Name": "New", "ContactStatus": "LOST"}, "ContactStatus"),
        ("POST", {"Name": "Harper Ltd", "EmailAddress": "new@harper.example"}, None),
        ("POST", {"ContactID": HARPER, "ContactStatus": "ARCHIVED"}, None),
    ],
)
def test_contacts_keep_their_rules(books: Any, method: str, contact: Any, said: str | None) -> None:
    """(fidelity, too kind: lengths, enumerations, phones, GUIDs)"""
    (why,) = reasons(write(books, contact, method=method, resource="Contacts"), "Contacts")
    assert (said is None and not why) or (said is not None and said in why[0])


def test_a_contact_is_changed_by_its_own_address(books: Any) -> None:
    """(fidelity, too strict: POST /Contacts/{id})"""
    for key, city in ((HARPER, "Leeds"), (HARPER.upper(), "York")):
        answer = books.call("POST", f"{API}/Contacts/{key}", json={"Addresses": [{"City": city}]})
        assert answer.status_code == 200, answer.text
    (harper,) = [one for one in books.state()["Contacts"] if one["ContactID"] == HARPER]
    assert (harper["Name"], harper["Addresses"]) == ("Harper Ltd", [{"City": "York"}])
    assert books.call("POST", f"{API}/Contacts/{GONE[:-1]}0", json={"Name": "x"}).status_code == 404


def test_a_contact_number_belongs_to_one(books: Any) -> None:
    first, second = {"Name": "A", "ContactNumber": "7"}, {"Name": "B", "ContactNumber": "7"}
    assert reasons(write(books, first, second, resource="Contacts"), "Contacts") == [
        [],
        ["The contact number 7 is already assigned to another contact."],
    ]
    write(books, {"Name": "A2", "ContactNumber": "7"}, method="POST", resource="Contacts")
    assert {"A2"} == {row["Name"] for row in books.state()["Contacts"] if row.get("ContactNumber")}


def test_the_same_call_within_six_minutes_gets_the_first_answer_again(books: Any, clocks: Any) -> None:
    first = write(books, BILL, key="k-1")
    clocks.moment += timedelta(minutes=5, seconds=59)
    assert write(books, BILL, key="k-1").content == first.content
    other = write(books, {**BILL, "InvoiceNumber": "8"}, key="k-1")
    assert other.status_code == 400
    assert other.json()["Message"] == "Idempotency Key k-1 is used with a different request"
    clocks.moment += timedelta(seconds=1)
    assert write(books, BILL, key="k-1").json()["Id"] != first.json()["Id"]
    assert len([row for row in books.state()["Invoices"] if row["Type"] == "ACCPAY"]) == 2


def test_a_refused_call_uses_its_key_up_though_its_cause_is_gone(books: Any) -> None:
    sale = {**SALE, "Contact": {"ContactID": GONE}}
    first = write(books, sale, key="k-1", summarizeErrors="true")
    assert first.status_code == 400
    write(books, {"ContactID": GONE, "ContactStatus": "ACTIVE"}, method="POST", resource="Contacts")
    assert write(books, sale, key="k-1", summarizeErrors="true").content == first.content
    assert write(books, sale, key="k-2", summarizeErrors="true").status_code == 200


def test_a_key_has_128_characters_at_most(books: Any) -> None:
    assert write(books, SALE, key="x" * 129).status_code == 400
    assert write(books, SALE, key="x" * 128).status_code == 200


def test_calls_are_described_for_the_log(books: Any) -> None:
    write(books, SALE, BILL)
    books.get(f"{API}/contacts")
    books.call("PUT", f"{API}/Contacts", data="{")
    assert [(one["operation"], one["writes"], one["nodes"]) for one in books.log()][-3:] == [
        ("PUT Invoices", True, 2),
        ("GET Contacts", False, None),
        ("PUT Contacts", True, None),
    ]
