"""Xero's sandbox takes what the vendor's published file knows, and what common clients ask for."""

from __future__ import annotations

from typing import Any

import pytest

from local.sandbox.xero.shapes import PUBLISHED, guid
from tests.sandbox.test_xero_writes import API, HARPER, LINE, NOTE, SALE, STATE, reasons, write

VALUES: dict[str, Any] = {
    **dict.fromkeys(("text", "text12", "text30", "text50"), "x"),
    "guid": guid("x"),
    "number": 1.25,
    "whole": 3,
    "flag": True,
    "day": "2026-03-05",
    "list": [{"Message": "x"}],
}
DAYS = {"2026-03-05": "/Date(1772668800000+0000)/"}
BODIES = {
    "Contacts": ("Contact", {"Name": "New"}),
    "Invoices": ("Invoice", SALE),
    "CreditNotes": ("CreditNote", {**NOTE, "Status": "AUTHORISED"}),
}


@pytest.fixture
def books(xero: Any) -> Any:
    assert xero.put_state(STATE).status_code == 200
    return xero


def value_of(kind: str) -> Any:
    """A value that fits what the list says, objects with all of their members."""
    if kind.endswith("[]"):
        return [value_of(kind.removesuffix("[]"))]
    if kind in VALUES:
        return VALUES[kind]
    return PUBLISHED.words[kind][-1] if kind in PUBLISHED.words else members_of(kind)


def members_of(name: str) -> dict[str, Any]:
    by_kind = PUBLISHED.types[name].items()
    return {member: value_of(kind) for kind, names in by_kind for member in names.split()}


@pytest.mark.parametrize("resource", BODIES)
def test_every_published_member_is_taken_kept_and_shown(resource: str, books: Any) -> None:
    """(fidelity, too strict: members of the OpenAPI file, DueDate of a credit note)

    What Xero sets itself may be echoed, to no effect.
    """
    name, body = BODIES[resource]
    extra, by_xero = members_of(name), members_of(f"{name} by Xero")
    answer = write(books, {**by_xero, **extra, **body}, resource=resource)
    assert reasons(answer, resource) == [[]]
    (row,) = answer.json()[resource]
    sent = {**extra, **{name: body[name] for name in extra if name in body}}
    shown = {
        name: DAYS.get(value, value) if isinstance(value, str) else value for name, value in sent.items()
    }
    assert {name: row.get(name) for name in extra} == shown
    assert not (by_xero.keys() - {"StatusAttributeString"}) & row.keys()
    key = row[f"{name}ID"]
    (kept,) = books.get(f"{API}/{resource}/{key}").json()[resource]
    assert {name: kept.get(name) for name in extra} == shown
    state = books.state()
    (at,) = [place for place, one in enumerate(state[resource]) if one[f"{name}ID"] == key]
    state[resource][at] |= by_xero
    assert books.put_state(state).status_code == 200
    (told,) = books.get(f"{API}/{resource}/{key}").json()[resource]
    assert by_xero.keys() <= told.keys()


def test_every_published_member_of_a_line_is_kept(books: Any) -> None:
    """(fidelity, too strict: members of LineItem) An amount of discount is taken off the line's."""
    extra = members_of("LineItem")
    (row,) = write(books, {**SALE, "LineItems": [{**LINE, **extra}]}).json()["Invoices"]
    (line,) = row["LineItems"]
    assert {name: line.get(name) for name in extra} == extra
    assert (line["LineAmount"], row["Total"]) == (98.75, 118.5)


@pytest.mark.parametrize(
    ("resource", "changes", "said"),
    [
        ("Contacts", {"TaxNumberType": "VAT"}, "TaxNumberType must be one of SSN"),
        ("Contacts", {"SalesDefaultLineAmountType": "Exclusive"}, "must be one of INCLUSIVE"),
        ("Contacts", {"PaymentTerms": {"Bills": {"Type": "SOON"}}}, "PaymentTerms.Bills.Type must be one of"),
        ("Contacts", {"PaymentTerms": {"Bills": {"Day": "5"}}}, "must be a whole number"),
        ("Contacts", {"PaymentTerms": {"Rents": {}}}, "Rents unknown field"),
        ("Contacts", {"BatchPayments": {"Code": "x" * 13}}, "at most 12"),
        ("Contacts", {"SalesTrackingCategories": {}}, "must be a list"),
        ("Contacts", {"BrandingTheme": {"BrandingThemeID": "7"}}, "must be a GUID"),
        ("Contacts", {"MergedToContactID": "7"}, "must be a GUID"),
        ("Contacts", {"Discount": "5"}, "must be a number"),
        ("Contacts", {"Shoe": 1}, "Shoe unknown field"),
        ("Invoices", {"ExpectedPaymentDate": "soon"}, "must be a date"),
        ("Invoices", {"BrandingThemeID": "7"}, "must be a GUID"),
        ("Invoices", {"InvoiceAddresses": [{"InvoiceAddressType": "HOME"}]}, "must be one of FROM, TO"),
        ("Invoices", {"LineItems": [{**LINE, "LineItemID": "7"}]}, "must be a GUID"),
        ("Invoices", {"LineItems": [{**LINE, "Taxability": "SOME"}]}, "must be one of TAXABLE"),
        ("Invoices", {"LineItems": [{**LINE, "Item": {"Code": "x" * 31}}]}, "at most 30"),
        ("CreditNotes", {"DueDate": "5.3.2026"}, "must be a date"),
        ("CreditNotes", {"ExpectedPaymentDate": "2026-03-05"}, "unknown field"),
    ],
)
def test_what_the_file_does_not_know_or_types_otherwise_is_refused(
    resource: str, changes: Any, said: str, books: Any
) -> None:
    """(fidelity, too strict: typed as published, and as strict as before about what is unknown)"""
    answer = write(books, {**BODIES[resource][1], **changes}, resource=resource)
    assert (answer.status_code, answer.json()["Type"]) == (400, "PostDataInvalidException")
    assert said in answer.json()["Message"]


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ({"Addresses": [{"AddressType": "DELIVERY"}]}, "AddressType must be one of POBOX, STREET"),
        ({"Phones": [{"PhoneAreaCode": "x" * 11}]}, "at most 10"),
        ({"Phones": [{"PhoneCountryCode": "x" * 21}]}, "at most 20"),
        ({"Phones": [{"PhoneNumber": 113}]}, "PhoneNumber must be"),
        ({"Phones": [{"Number": "113"}]}, "Number unknown field"),
        ({"Phones": ["113"]}, "an object is needed"),
        ({"ContactPersons": [{"IncludeInEmails": "yes"}]}, "IncludeInEmails must be true or false"),
        ({"DefaultCurrency": "ABC"}, "The currency code ABC is not valid"),
        ({"DefaultCurrency": "gbp"}, "The currency code gbp is not valid"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_contact_is_looked_into(contact: Any, said: str, method: str, books: Any) -> None:
    """(fidelity, too kind: enumerations, Phones)"""
    (why,) = reasons(write(books, {"Name": "New", **contact}, method=method, resource="Contacts"), "Contacts")
    assert said in " ".join(why)


def test_documents_are_changed_by_their_own_address(books: Any) -> None:
    """(fidelity, too strict: POST /Invoices/{id}, and credit notes alike)"""
    write(books, SALE)
    write(books, NOTE, resource="CreditNotes")
    invoice = next(row["InvoiceID"] for row in books.state()["Invoices"] if row["InvoiceNumber"] == "S1")
    (note,) = (row["CreditNoteID"] for row in books.state()["CreditNotes"])
    for path, change in (
        (f"Invoices/{invoice}", {"Reference": "a"}),
        ("invoices/S1", {"Invoices": [{"Reference": "b"}]}),
        (f"CreditNotes/{note.upper()}", {"Reference": "c"}),
        ("CreditNotes/C1?unitdp=4&summarizeErrors=true", {"DueDate": "2026-03-05"}),
    ):
        answer = books.call("POST", f"{API}/{path}", json=change)
        assert answer.status_code == 200, answer.text
    state = books.state()
    assert {row["InvoiceNumber"]: row.get("Reference") for row in state["Invoices"]} == {
        "S1000": None,
        "S1": "b",
    }
    assert [(row["Reference"], row["DueDate"]) for row in state["CreditNotes"]] == [("c", "2026-03-05")]
    for path, body, status in (
        (f"Invoices/{HARPER}", {"Reference": "x"}, 404),
        ("Invoices/S9", {"Reference": "x"}, 404),
        ("Invoices/S1", {"Invoices": [{"Reference": "x"}] * 2}, 400),
        ("Accounts/4000", {"Name": "x"}, 405),
    ):
        assert books.call("POST", f"{API}/{path}", json=body).status_code == status
    assert books.call("PUT", f"{API}/Invoices/S1", json={"Reference": "x"}).status_code == 405


@pytest.mark.parametrize(
    ("resource", "where", "found"),
    [
        ("Invoices", "AmountDue>0", ["S1000", "S1"]),
        ("Invoices", "AmountDue > 50.00 AND AmountDue != null", ["S1"]),
        ("Invoices", "Total>=50 && Total<50.01", ["S1000"]),
        ("Invoices", "DueDate!=null", ["S1"]),
        ("Invoices", "DueDate==null", ["S1000"]),
        ("Invoices", 'Type=="ACCREC" AND InvoiceNumber.StartsWith("S10")', ["S1000"]),
        ("Contacts", 'EmailAddress!=null&&EmailAddress.StartsWith("ap@")', ["Mill Ltd"]),
        ("Contacts", "EmailAddress==null", ["Harper Ltd"]),
    ],
)
def test_a_where_may_ask_for_amounts_and_for_what_is_there(
    resource: str, where: str, found: list[str], books: Any
) -> None:
    """(fidelity, too strict: where with AmountDue>0 and !=null; amounts that are whole, too)"""
    write(books, SALE)
    write(books, {"Name": "Mill Ltd", "EmailAddress": "ap@mill.example"}, resource="Contacts")
    rows = books.get(f"{API}/{resource}", params={"where": where}).json()[resource]
    name = "Name" if resource == "Contacts" else "InvoiceNumber"
    assert sorted(row[name] for row in rows) == sorted(found)


@pytest.mark.parametrize("path", ["Contacts", f"Contacts/{HARPER}", "Invoices/S1000", "CreditNotes"])
def test_unit_digits_may_be_named_wherever_there_is_something_to_write(path: str, books: Any) -> None:
    """(fidelity, too strict: unitdp on Contacts)"""
    for digits, status in (("4", 200), ("2", 200), ("3", 400)):
        assert books.get(f"{API}/{path}", params={"unitdp": digits}).status_code == status
