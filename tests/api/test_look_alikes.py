"""Accounts that may be the one: named with evidence, never doubled, in the currency that is needed (IN-5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.invoices import Row, bill, credit_note, invoice
from tests.worlds.invoices_api import Office, connected, linking, office, quickbooks, sage, sandboxes

__all__ = ["connected", "linking", "office", "quickbooks", "sage", "sandboxes"]

HARPER = "a-11"
FIELDS: dict[str, tuple[str, str]] = {
    "quickbooks": ("Customer", "DisplayName"),
    "xero": ("Contacts", "Name"),
    "sage": ("contacts", "name"),
}
OFF: dict[str, Row] = {
    "quickbooks": {"Active": False},
    "xero": {"ContactStatus": "ARCHIVED"},
    "sage": {"is_active": False},
}


def named(connected: Office, name: str, **more: Any) -> None:
    """The customer is called so in AutoVu."""
    connected.edit(connected.autovu, "accounts", {"AccountId": HARPER}, Name=name, **more)


def there(connected: Office, old: str, new: str | None = None, **changed: Any) -> None:
    """The package's customer of the old name is changed."""
    resource, field = FIELDS[connected.package]
    values = {field: new, **changed} if new else changed
    connected.edit(connected.package, resource, {field: old}, **values)
    if new and connected.package == "quickbooks":
        connected.edit(connected.package, resource, {field: new}, FullyQualifiedName=new)


def sale(name: str, number: str = "S2001", **changed: Any) -> Row:
    return invoice(number, AccountName=name, **changed)


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(
    ("ours", "theirs", "evidence"),
    [
        ("Harper  Ltd", "Harper Ltd", "same but for blanks"),
        ("Müller Bau", "Mu\u0308ller Bau", "same but for the form of its letters (Unicode)"),
        ("O\u2019Neil \u2013 Sons", "O'Neil - Sons", "same but for quotation marks or dashes"),
        ("HARPER LTD", "Harper Ltd", "same but for capitals"),
    ],
)
def test_a_name_that_reads_the_same_is_named_and_never_made_twice(
    connected: Office, ours: str, theirs: str, evidence: str
) -> None:
    """(faults C3, F1)"""
    named(connected, ours)
    if theirs != "Harper Ltd":
        there(connected, "Harper Ltd", theirs)
    connected.book(sale(ours))
    (document,) = connected.listed()
    assert [why["code"] for why in document["reasons"]] == ["ACCOUNT_SPELLED_OTHERWISE"]
    first = document["suggestions"][0]
    account_id = connected.party(theirs)
    assert (first["account_id"], first["exact"], first["active"]) == (account_id, False, True)
    assert first["evidence"][-1] == evidence
    before = connected.parties()
    refused = connected.create(HARPER)
    assert (refused.status, refused.code) == (409, "ACCOUNT_EXISTS"), refused.text
    assert account_id in refused.json["detail"]
    assert evidence in refused.json["detail"]
    assert connected.parties() == before
    assert connected.link(HARPER, {"account_id": account_id}).json["reason"] is None
    assert connected.listed()[0]["reasons"] == []


@pytest.mark.requirement("IN-5")
def test_an_inactive_account_of_the_name_is_named_with_what_to_do(connected: Office) -> None:
    """(faults C5)"""
    there(connected, "Harper Ltd", **OFF[connected.package])
    account_id = connected.party("Harper Ltd")
    connected.book(sale("Harper Ltd"))
    (document,) = connected.listed()
    (why,) = document["reasons"]
    assert why["code"] == "ACCOUNT_INACTIVE"
    assert why["message"] == f"The account Harper Ltd ({account_id}) is not active in {connected.label}."
    assert f"active again in {connected.label}" in why["remedy"]
    assert (document["suggestions"][0]["account_id"], document["suggestions"][0]["active"]) == (
        account_id,
        False,
    )
    refused = connected.create(HARPER)
    assert (refused.status, refused.code) == (409, "ACCOUNT_EXISTS")
    assert f"({account_id}, inactive)" in refused.json["detail"]
    on = {"quickbooks": {"Active": True}, "xero": {"ContactStatus": "ACTIVE"}, "sage": {"is_active": True}}
    there(connected, "Harper Ltd", **on[connected.package])
    assert connected.link(HARPER, {"account_id": account_id}).json["reason"] is None
    assert connected.listed()[0]["reasons"] == []


@pytest.mark.requirement("IN-5")
def test_a_look_alike_is_found_by_its_e_mail_and_by_how_it_is_written(connected: Office) -> None:
    """(faults C4)"""
    named(connected, "Zebrra Mueller Ltd", Email="ap@stripes.example")
    there(connected, "Harper Ltd", "Zebra Müller Limited")
    changed = {
        "quickbooks": {"PrimaryEmailAddr": {"Address": "AP@Stripes.example"}},
        "xero": {"EmailAddress": "AP@Stripes.example"},
        "sage": {"main_contact_person": {"name": "Ann", "email": "AP@Stripes.example"}},
    }[connected.package]
    there(connected, "Brook Farm Ltd", **changed)
    connected.book(sale("Zebrra Mueller Ltd"))
    (document,) = connected.listed()
    assert [why["code"] for why in document["reasons"]] == ["ACCOUNT_NOT_FOUND"]
    told = {one["name"]: one for one in document["suggestions"]}
    assert list(told)[:2] == ["Brook Farm Ltd", "Zebra Müller Limited"]
    assert told["Brook Farm Ltd"]["evidence"] == ["same e-mail"]
    assert told["Zebra Müller Limited"]["evidence"][0].startswith("similar name (0.9")
    assert all(0 < one["score"] < 1 for one in told.values())
    assert "Brook Farm Ltd" in document["reasons"][0]["remedy"]


@pytest.mark.requirement("IN-5")
def test_a_look_alike_is_found_by_its_tax_number(connected: Office) -> None:
    """(faults C4) QuickBooks can't be asked for a tax number: there it tells among those of a like name."""
    field = {"quickbooks": "PrimaryTaxIdentifier", "xero": "TaxNumber", "sage": "tax_number"}
    named(connected, "Harper Holdings", TaxNumber="GB 123 4567 89")
    there(connected, "Harper Ltd", **{field[connected.package]: "123456789"})
    connected.book(sale("Harper Holdings"))
    first = connected.listed()[0]["suggestions"][0]
    assert (first["name"], first["evidence"][0]) == ("Harper Ltd", "same tax number")


@pytest.mark.requirement("IN-5", "IN-6")
def test_a_blank_around_an_id_is_no_part_of_it(quickbooks: Office) -> None:
    """(faults C3) Nobody would see what is wrong with `129 `."""
    account_id = quickbooks.party("Harper Ltd")
    quickbooks.book(sale("Harper Ltd"))
    made = quickbooks.link(HARPER, {"account_id": f" {account_id}\u00a0"})
    assert (made.json["account_id"], made.json["known"]) == (account_id, True)
    named(quickbooks, "Harper Ltd", AccsID=f"{account_id}\u200b ")
    assert quickbooks.listed()[0]["reasons"] == []


@pytest.mark.requirement("IN-5")
def test_two_accounts_of_exactly_the_name_are_told_apart(sage: Office) -> None:
    """(faults C6) Sage takes a name twice; QuickBooks and Xero never do."""
    twin = {"name": "Harper Ltd", "reference": "H-2", "main_address": {"city": "York"}}
    sage.put("sage", {**sage.state("sage"), "contacts": [*sage.state("sage")["contacts"], twin]})
    sage.book(sale("Harper Ltd"))
    (document,) = sage.listed()
    (why,) = document["reasons"]
    assert why["code"] == "ACCOUNT_NOT_LINKED"
    assert "exists in Sage 2 times (" in why["message"]
    assert "number H-2, in York" in why["message"]
    exact = [one for one in document["suggestions"] if one["exact"]]
    assert {one["city"] for one in exact} >= {"York"}
    assert len({(one["number"], one["city"]) for one in exact}) == 2


@pytest.mark.requirement("IN-5")
def test_a_new_account_has_the_currency_of_its_documents(connected: Office) -> None:
    """(faults E6)"""
    if connected.package == "quickbooks":
        state = connected.state("quickbooks")
        state["Preferences"][0]["CurrencyPrefs"]["MultiCurrencyEnabled"] = True
        connected.put("quickbooks", state)
    named(connected, "Quartz Cabinets")
    connected.book(sale("Quartz Cabinets", Currency="USD"), sale("Quartz Cabinets", "S2002", Currency="EUR"))
    asked = connected.create(HARPER)
    assert (asked.status, asked.code) == (422, "VALIDATION_FAILED")
    assert asked.fields["currency"].startswith("is required, for its listed documents are in EUR, USD")
    connected.book(sale("Quartz Cabinets", Currency="USD"))
    assert connected.create(HARPER).status == 201
    resource, field = FIELDS[connected.package]
    (made,) = [one for one in connected.state(connected.package)[resource] if one[field] == "Quartz Cabinets"]
    match made:
        case {"CurrencyRef": {"value": found}} | {"DefaultCurrency": found} | {"currency": {"id": found}}:
            assert found == "USD"
        case _:
            assert made["currency_id"] == "USD"


@pytest.mark.requirement("IN-5")
def test_a_name_that_quickbooks_has_on_the_other_side_is_told_with_a_way_out(quickbooks: Office) -> None:
    """(faults C5) Names are unique over customers, suppliers and employees there."""
    named(quickbooks, "Pennine Plumbing Supplies")
    quickbooks.book(sale("Pennine Plumbing Supplies"))
    refused = quickbooks.create(HARPER)
    supplier = quickbooks.party("Pennine Plumbing Supplies")
    assert (refused.status, refused.code) == (409, "SYSTEM_REFUSED")
    assert f"It has the supplier Pennine Plumbing Supplies ({supplier})." in refused.json["detail"]
    assert "such as Pennine Plumbing Supplies (customer)" in refused.json["remedy"]


ODD = "O\u2019Neil \u2013 Sons Ltd"


@pytest.mark.requirement("IN-2", "RUN-4")
def test_signs_that_quickbooks_can_not_read_stop_nobody(quickbooks: Office) -> None:
    """(faults F1) The first of five has them in its customer, the second in its number."""
    named(quickbooks, ODD)
    harper = quickbooks.party("Harper Ltd")
    other = {"AccountId": "a-12", "AccountName": "Brook Farm Ltd"}
    quickbooks.edit(quickbooks.autovu, "accounts", {"AccountId": "a-12"}, AccsID=harper)
    quickbooks.book(
        sale(ODD, "S2001"),
        invoice("S\u20132002", **other),
        invoice("S2003", **other),
        credit_note("C\u2019904", **other),
        bill("P\u20132005"),
    )
    found = {one["number"]: [why["code"] for why in one["reasons"]] for one in quickbooks.listed()}
    assert found["S2001"] == ["ACCOUNT_NOT_FOUND"]
    assert [found[number] for number in ("S\u20132002", "S2003", "C\u2019904")] == [[], [], []]
    assert found["P\u20132005"] == ["ACCOUNT_NOT_LINKED"]
    assert quickbooks.create(HARPER).status == 201
    assert quickbooks.create(HARPER).code == "ALREADY_LINKED"
    assert ODD in quickbooks.parties()
    assert {one["number"]: one["reasons"] for one in quickbooks.listed()}["S2001"] == []
