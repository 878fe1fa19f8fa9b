"""Links of AutoVu's accounts with the package's: Link this, AccsID, Create new (IN-5, IN-6, IN-9)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.quickbooks.client import QuickBooksClient
from payrelay.systems.rows import BadRow, Listed
from tests.worlds.invoices import Row, invoice, lines
from tests.worlds.invoices_api import Office, connected, linking, office, quickbooks, sage, sandboxes

__all__ = ["connected", "linking", "office", "quickbooks", "sage", "sandboxes"]

HARPER, BROOK, SECOND, ORSTED, PENNINE, RIDGE = "a-11", "a-12", "a-15", "a-16", "a-19", "a-21"
NAMES = {
    HARPER: "Harper Ltd",
    BROOK: "Brook Farm Ltd",
    SECOND: "Brook Farm Ltd 2",
    ORSTED: "Ørsted Joinery",
    PENNINE: "Pennine Plumbing Supplies",
    RIDGE: "Ridge Subcontracting",
}


def sale(number: str, customer_id: str) -> Row:
    return invoice(number, AccountId=customer_id, AccountName=NAMES[customer_id])


def bill(number: str, customer_id: str = PENNINE) -> Row:
    kind = {"Type": "SupplierInvoice", "Sent": None, "lines": lines("40.00", nominal="5000")}
    return invoice(number, AccountId=customer_id, AccountName=NAMES[customer_id], **kind)


def codes(office: Office) -> dict[str, list[str]]:
    """The reasons of every listed document, by its number."""
    return {one["number"]: [why["code"] for why in one["reasons"]] for one in office.listed()}


@pytest.mark.requirement("IN-5", "IN-7")
def test_link_this_frees_every_document_of_the_customer(linking: Office) -> None:
    linking.book(sale("S2001", BROOK), sale("S2002", BROOK))
    suggestion = linking.listed()[0]["suggestions"][0]
    answer = linking.link(BROOK, {"account_id": suggestion["account_id"]}, role="operator")
    assert answer.status == 200
    assert answer.json == {
        "customer_id": BROOK,
        "side": "customer",
        "account_id": suggestion["account_id"],
        "name": "Brook Farm Ltd",
        "known": True,
        "reason": None,
    }
    assert codes(linking) == {"S2001": [], "S2002": []}
    kept = linking.account(BROOK)["AccsID"]
    assert kept == (None if linking.package == "sage" else suggestion["account_id"])


@pytest.mark.requirement("IN-5")
def test_accs_id_links_an_account_of_another_name(quickbooks: Office) -> None:
    quickbooks.book(sale("S2001", SECOND))
    answer = quickbooks.link(SECOND, {"account_id": quickbooks.party("Brook Farm Ltd")})
    assert (answer.json["known"], answer.json["name"]) == (True, "Brook Farm Ltd")
    assert codes(quickbooks) == {"S2001": []}


WRONG = {"quickbooks": "99999", "xero": "11111111-2222-3333-4444-555555555555"}


@pytest.mark.requirement("IN-6")
@pytest.mark.parametrize("text", ["a well-formed id", "an id that can't be one"])
def test_a_wrong_id_is_kept_and_said_until_it_is_removed(connected: Office, text: str) -> None:
    if connected.package == "sage":
        pytest.skip("Sage takes no ids, see the test below")
    wrong = WRONG[connected.package] if text == "a well-formed id" else "O'Neil; drop"
    connected.book(sale("S2001", BROOK))
    answer = connected.link(BROOK, {"account_id": wrong})
    assert answer.status == 200, answer.text
    assert (answer.json["known"], answer.json["name"]) == (False, None)
    right = connected.party("Brook Farm Ltd")
    said = f"AccountsID ({wrong}) is not correct, {connected.label} requires {right}"
    assert answer.json["reason"]["code"] == "ACCOUNTS_ID_WRONG"
    assert answer.json["reason"]["message"] == said
    assert connected.account(BROOK)["AccsID"] == wrong
    assert connected.listed()[0]["status_code"] == said
    assert connected.unlink(BROOK).status == 204
    assert connected.account(BROOK)["AccsID"] is None
    assert codes(connected) == {"S2001": []}, "after removal it is found by its name"


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize("customer_id", [BROOK, SECOND, ORSTED])
def test_sage_takes_no_id_but_of_an_account_of_the_same_name(sage: Office, customer_id: str) -> None:
    sage.book(sale("S2001", customer_id))
    other = sage.party("Harper Ltd")
    answer = sage.link(customer_id, {"account_id": other})
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert "not supported by Sage" in answer.fields["account_id"]
    nobody = f"none, for there is no {NAMES[customer_id]}"
    allowed = sage.party("Brook Farm Ltd") if customer_id == BROOK else nobody
    assert allowed in answer.fields["account_id"]
    assert codes(sage)["S2001"] == ["ACCOUNT_NOT_LINKED" if customer_id == BROOK else "ACCOUNT_NOT_FOUND"]
    assert sage.trail(customer_id) == []


@pytest.mark.requirement("IN-6")
def test_an_account_that_is_not_active_is_linked_and_said(quickbooks: Office) -> None:
    account_id = quickbooks.party("Harper Ltd")
    quickbooks.edit("quickbooks", "Customer", {"Id": account_id}, Active=False)
    answer = quickbooks.link(HARPER, {"account_id": account_id})
    assert (answer.json["known"], answer.json["reason"]["code"]) == (True, "ACCOUNT_INACTIVE")


@pytest.mark.requirement("IN-5")
def test_an_account_with_another_link_keeps_it_until_it_is_removed(linking: Office) -> None:
    first, other = linking.party("Harper Ltd"), linking.party("Brook Farm Ltd")
    assert linking.link(HARPER, {"account_id": first}).status == 200
    for answer in (linking.link(HARPER, {"account_id": other}), linking.create(HARPER)):
        assert (answer.status, answer.code) == (409, "ALREADY_LINKED")
        assert first in answer.json["detail"]
        assert f"DELETE /connections/{linking.connection_id}/accounts/{HARPER}/link" in answer.json["remedy"]
    linking.book(sale("S2001", HARPER))
    assert codes(linking) == {"S2001": []}


@pytest.mark.requirement("IN-5", "RUN-5")
def test_the_same_link_again_changes_nothing(linking: Office) -> None:
    body = {"account_id": linking.party("Harper Ltd")}
    first = linking.link(HARPER, body)
    linking.forget_requests()
    again = linking.link(HARPER, body)
    assert (again.status, again.json) == (200, first.json)
    assert not [one for one in linking.requests(linking.autovu) if one["writes"]]
    assert len(linking.trail(HARPER)) == 1


@pytest.mark.requirement("IN-5", "RUN-5")
def test_a_link_whose_answer_was_lost_is_made_by_the_same_call_once(quickbooks: Office) -> None:
    body = {"account_id": quickbooks.party("Harper Ltd")}
    quickbooks.faults(quickbooks.autovu, error_rate=1.0, errors=["after_write_reset"], seed=1)
    lost = quickbooks.link(HARPER, body)
    assert (lost.status, lost.code) == (503, "SYSTEM_UNREACHABLE")
    assert lost.json["remedy"].startswith("It may have been done all the same.")
    quickbooks.calm(quickbooks.autovu)
    assert quickbooks.link(HARPER, body).status == 200
    assert quickbooks.account(HARPER)["AccsID"] == body["account_id"]
    assert len(quickbooks.trail(HARPER)) == 1


# Create new.


@pytest.mark.requirement("IN-5", "IN-7")
def test_create_new_makes_the_account_with_what_autovu_has_and_links_it(connected: Office) -> None:
    connected.book(sale("S2001", ORSTED), sale("S2002", ORSTED))
    answer = connected.create(ORSTED, role="operator")
    assert answer.status == 201, answer.text
    made = connected.party("Ørsted Joinery")
    assert answer.json == {
        "customer_id": ORSTED,
        "side": "customer",
        "account_id": made,
        "name": "Ørsted Joinery",
        "known": True,
        "reason": None,
    }
    assert "post@orsted.example" in str(connected.state(connected.package))
    assert codes(connected) == {"S2001": [], "S2002": []}


@pytest.mark.requirement("IN-5")
def test_a_name_that_is_there_is_not_made_twice_but_named_for_a_link(quickbooks: Office) -> None:
    there = quickbooks.party("Brook Farm Ltd")
    quickbooks.forget_requests()
    answer = quickbooks.create(BROOK)
    assert (answer.status, answer.code) == (409, "ACCOUNT_EXISTS")
    assert f"Brook Farm Ltd ({there})" in answer.json["detail"]
    assert f"account_id {there}" in answer.json["remedy"]
    assert not [one for one in quickbooks.requests(quickbooks.package) if one["writes"]]


@pytest.mark.requirement("IN-5")
def test_a_name_that_looks_alike_does_not_keep_it_from_being_made(quickbooks: Office) -> None:
    answer = quickbooks.create(SECOND)
    assert (answer.status, answer.json["name"]) == (201, "Brook Farm Ltd 2")


@pytest.mark.requirement("IN-5", "RUN-5")
def test_create_new_twice_makes_one(linking: Office) -> None:
    assert linking.create(ORSTED).status == 201
    again = linking.create(ORSTED)
    assert (again.status, again.code) == (409, "ALREADY_LINKED")
    linking.unlink(ORSTED)
    once_more = linking.create(ORSTED)
    assert (once_more.status, once_more.code) == (409, "ACCOUNT_EXISTS")


@pytest.mark.requirement("IN-5", "RUN-5")
def test_an_account_whose_answer_was_lost_is_found_and_not_made_twice(connected: Office) -> None:
    connected.faults(connected.package, error_rate=1.0, errors=["after_write_reset"], seed=1)
    answer = connected.create(ORSTED)
    connected.calm(connected.package)
    assert (answer.status, answer.code) == (503, "SYSTEM_UNREACHABLE")
    assert "Create it again" in answer.json["remedy"]
    again = connected.create(ORSTED)
    assert (again.status, again.code) == (409, "ACCOUNT_EXISTS")
    assert connected.link(ORSTED, {"account_id": connected.party("Ørsted Joinery")}).status == 200
    assert connected.parties().count("Ørsted Joinery") == 1


@pytest.mark.requirement("IN-5")
def test_a_name_that_a_supplier_has_is_refused_in_quickbooks_own_words(quickbooks: Office) -> None:
    quickbooks.edit(quickbooks.autovu, "accounts", {"AccountId": ORSTED}, Name=NAMES[PENNINE])
    answer = quickbooks.create(ORSTED)
    assert (answer.status, answer.code, answer.json["system"]) == (409, "SYSTEM_REFUSED", "quickbooks")
    assert "Pennine Plumbing Supplies" in answer.json["detail"]
    assert "link" in answer.json["remedy"]
    assert quickbooks.account(ORSTED)["AccsID"] is None
    assert quickbooks.trail(ORSTED) == []


# Customers and suppliers.


@pytest.mark.requirement("IN-4", "IN-5")
def test_the_side_that_is_not_named_is_that_of_the_listed_documents(linking: Office) -> None:
    linking.book(bill("PX-77"), bill("PX-78", RIDGE), sale("S2001", HARPER))
    linked = linking.link(PENNINE, {"account_id": linking.party(NAMES[PENNINE])})
    assert (linked.status, linked.json["side"]) == (200, "supplier")
    made = linking.create(RIDGE)
    assert (made.status, made.json["side"]) == (201, "supplier")
    assert codes(linking) == {"PX-77": [], "PX-78": [], "S2001": ["ACCOUNT_NOT_LINKED"]}
    assert linking.unlink(PENNINE).status == 204
    assert linking.trail(PENNINE)[0]["changes"][0]["field"] == "supplier.accs_id"


@pytest.mark.requirement("IN-5")
def test_the_side_is_needed_where_documents_of_both_are_listed(quickbooks: Office) -> None:
    quickbooks.book(bill("PX-78", RIDGE), sale("S2001", RIDGE))
    for answer in (quickbooks.link(RIDGE, {"account_id": "1"}), quickbooks.create(RIDGE)):
        assert (answer.status, list(answer.fields)) == (422, ["side"])
        assert "customer, supplier" in answer.fields["side"]
    assert quickbooks.create(RIDGE, {"side": "supplier"}).status == 201
    assert codes(quickbooks)["PX-78"] == []


@pytest.mark.requirement("IN-6")
def test_the_side_is_needed_to_remove_one_of_two_links(quickbooks: Office) -> None:
    customer, supplier = quickbooks.party(NAMES[HARPER]), quickbooks.party(NAMES[PENNINE])
    quickbooks.link(HARPER, {"account_id": customer, "side": "customer"})
    quickbooks.link(HARPER, {"account_id": supplier, "side": "supplier"})
    answer = quickbooks.unlink(HARPER)
    assert (answer.status, list(answer.fields)) == (400, ["side"])
    assert f"customer: {customer}; supplier: {supplier}" in answer.fields["side"]
    assert quickbooks.unlink(HARPER, "?side=customer").status == 204
    kept = quickbooks.account(HARPER)
    assert (kept["AccsID"], kept["SupplierAccsID"]) == (None, supplier)
    assert quickbooks.unlink(HARPER, "?side=customer").status == 204, "nothing is left to remove"
    assert quickbooks.unlink(HARPER).status == 204
    assert quickbooks.account(HARPER)["SupplierAccsID"] is None


# The audit trail.


@pytest.mark.requirement("RUN-6", "IN-5")
def test_who_linked_what_is_in_the_history_of_the_account(linking: Office) -> None:
    account_id = linking.party("Harper Ltd")
    linking.link(HARPER, {"account_id": account_id}, role="operator")
    linking.unlink(HARPER, role="operator")
    removed, made = linking.trail(HARPER)
    assert made["changes"] == [{"field": "customer.accs_id", "old": None, "new": account_id}]
    assert removed["changes"] == [{"field": "customer.accs_id", "old": account_id, "new": None}]
    for entry in (made, removed):
        assert entry["requested_by"] == "operator@demo.example"
        assert (entry["flow"], entry["trigger"], entry["outcome"]) == ("invoice_sync", "manual", "updated")
        assert entry["run_id"].startswith("api_")
    first = linking.call("GET", f"/history?entity=account&key={HARPER}&limit=1").json
    second = linking.call("GET", f"/history?entity=account&key={HARPER}&cursor={first['next_cursor']}").json
    assert [*first["items"], *second["items"]] == [removed, made]


@pytest.mark.requirement("RUN-6")
def test_removing_what_is_not_linked_leaves_no_trace(quickbooks: Office) -> None:
    quickbooks.forget_requests()
    assert quickbooks.unlink(HARPER).status == 204
    assert quickbooks.trail(HARPER) == []
    assert not [one for one in quickbooks.requests(quickbooks.autovu) if one["writes"]]


# Who may, and what is refused.

CALLS: list[tuple[str, str, Any]] = [
    ("POST", "link", {"account_id": "1"}),
    ("DELETE", "link", None),
    ("POST", "create", {}),
]
EACH = pytest.mark.parametrize(("method", "what", "body"), CALLS, ids=["link", "unlink", "create"])


@pytest.mark.requirement("IN-9")
@EACH
def test_a_viewer_sees_the_queue_and_links_nothing(
    quickbooks: Office, method: str, what: str, body: Any
) -> None:
    quickbooks.forget_requests()
    answer = quickbooks.call(method, f"/accounts/{HARPER}/{what}", body, role="viewer")
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert "operator" in answer.json["detail"]
    assert quickbooks.requests(quickbooks.autovu) == []
    assert quickbooks.call("GET", "/documents", role="viewer").status == 200


@pytest.mark.requirement("IN-9")
def test_a_viewer_starts_no_sync(quickbooks: Office) -> None:
    for mode in ("sync", "auto", "preview"):
        answer = quickbooks.call("POST", "/runs", {"flow": "invoice_sync", "mode": mode}, role="viewer")
        assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.requirement("CON-4")
@EACH
def test_another_tenants_accounts_are_not_found(
    quickbooks: Office, method: str, what: str, body: Any
) -> None:
    quickbooks.forget_requests()
    answer = quickbooks.call(method, f"/accounts/{HARPER}/{what}", body, tenant="other")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert quickbooks.requests(quickbooks.autovu) == []


@pytest.mark.requirement("IN-8")
@EACH
def test_accounts_need_the_connection_connected(office: Office, method: str, what: str, body: Any) -> None:
    answer = office.call(method, f"/accounts/{HARPER}/{what}", body)
    assert (answer.status, answer.code) == (409, "NOT_CONNECTED")
    assert "connect" in answer.json["remedy"]


@pytest.mark.requirement("IN-5")
@EACH
@pytest.mark.parametrize("customer_id", ["a-999", "d-1", "O'Neil", "x" * 300])
def test_an_id_that_autovu_does_not_have_is_not_found(
    quickbooks: Office, method: str, what: str, body: Any, customer_id: str
) -> None:
    answer = quickbooks.call(method, f"/accounts/{customer_id}/{what}", body)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert customer_id[:100] in answer.json["detail"]


@pytest.mark.requirement("IN-5")
def test_an_account_that_can_not_be_read_says_what_is_wrong_with_it(
    quickbooks: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = BadRow(HARPER, "Harper Ltd", "Kind", "is not one of Company, Site")
    monkeypatch.setattr(AutoVuClient, "accounts", lambda self, ids: Listed([], [bad]))
    answer = quickbooks.create(HARPER)
    assert (answer.status, answer.code, answer.json["system"]) == (409, "SYSTEM_REFUSED", "autovu")
    assert "Kind is not one of" in answer.json["detail"]


@pytest.mark.requirement("IN-5", "RUN-4")
def test_nothing_is_linked_or_made_while_the_packages_account_can_not_be_read(
    quickbooks: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = BadRow("58", NAMES[HARPER], "Active", "is no flag")
    for method in ("accounts", "accounts_like"):
        monkeypatch.setattr(QuickBooksClient, method, lambda self, *asked: Listed([], [bad]))
    quickbooks.forget_requests()
    for answer in (quickbooks.create(HARPER), quickbooks.link(HARPER, {"account_id": "58"})):
        assert (answer.status, answer.code, answer.json["system"]) == (409, "SYSTEM_REFUSED", "quickbooks")
        assert answer.json["detail"] == "QuickBooks' account Harper Ltd can't be read: Active is no flag"
        assert answer.json["remedy"] == "Mend the account in QuickBooks, then try again."
    for system in (quickbooks.autovu, quickbooks.package):
        assert not [one for one in quickbooks.requests(system) if one["writes"]]


BODIES: list[tuple[str, str, Any, str, str]] = [
    ("no id", "link", {}, "account_id", "is required"),
    ("a blank id", "link", {"account_id": " "}, "account_id", "1 to 100"),
    ("a number", "link", {"account_id": 58}, "account_id", "text"),
    ("an id that is too long", "link", {"account_id": "x" * 101}, "account_id", "1 to 100"),
    ("a side that is none", "link", {"account_id": "1", "side": "both"}, "side", "customer, supplier"),
    ("a field too many", "link", {"account_id": "1", "name": "x"}, "name", "allowed: account_id, side"),
    ("a side that is none", "create", {"side": 1}, "side", "customer, supplier"),
    ("a name of one's own", "create", {"name": "x"}, "name", "allowed: side"),
]


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(
    ("what", "body", "name", "words"), [row[1:] for row in BODIES], ids=[f"{r[1]}: {r[0]}" for r in BODIES]
)
def test_a_wrong_body_is_answered_with_the_field_and_calls_nobody(
    quickbooks: Office, what: str, body: Any, name: str, words: str
) -> None:
    quickbooks.forget_requests()
    answer = quickbooks.call("POST", f"/accounts/{HARPER}/{what}", body)
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert words in answer.fields[name]
    assert quickbooks.requests(quickbooks.autovu) == []


@pytest.mark.requirement("IN-6")
@pytest.mark.parametrize("query", ["?side=both", "?sides=customer", "?side="])
def test_a_wrong_query_is_answered_with_the_parameter(quickbooks: Office, query: str) -> None:
    answer = quickbooks.unlink(HARPER, query)
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


@pytest.mark.requirement("IN-6")
def test_an_account_that_was_changed_meanwhile_is_a_conflict_to_try_again(
    quickbooks: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = AutoVuClient.set_accs_id

    def after_somebody_else(self: AutoVuClient, *arguments: Any) -> Any:
        quickbooks.edit(quickbooks.autovu, "accounts", {"AccountId": HARPER}, RowVersion="r2")
        return usual(self, *arguments)

    monkeypatch.setattr(AutoVuClient, "set_accs_id", after_somebody_else)
    answer = quickbooks.link(HARPER, {"account_id": quickbooks.party("Harper Ltd")})
    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert "Harper Ltd" in answer.json["detail"]
    monkeypatch.undo()
    assert quickbooks.link(HARPER, {"account_id": quickbooks.party("Harper Ltd")}).status == 200
