"""The queue as its users see it: why each document waits, and what may be done (IN-1, IN-5, IN-12)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from payrelay.errors import RetryLater
from payrelay.flows.invoice_sync import views
from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.autovu.models import Queue
from payrelay.systems.rows import BadRow, Listed
from tests.worlds.api import Reply, World, flat
from tests.worlds.invoices import Row, invoice, lines
from tests.worlds.invoices_api import Office, connected, office, quickbooks, sage, sandboxes
from tests.worlds.listed import good
from tests.worlds.structs import replace

__all__ = ["connected", "office", "quickbooks", "sage", "sandboxes"]

BROOK = {"AccountId": "a-12", "AccountName": "Brook Farm Ltd"}
ORSTED = {"AccountId": "a-16", "AccountName": "Ørsted Joinery"}
SECOND = {"AccountId": "a-15", "AccountName": "Brook Farm Ltd 2"}


def linked(office: Office, customer_id: str = "a-11", name: str = "Harper Ltd") -> None:
    answer = office.link(customer_id, {"account_id": office.party(name), "side": "customer"})
    assert answer.status == 200, answer.text


def codes(document: Row) -> list[str]:
    return [why["code"] for why in document["reasons"]]


@pytest.mark.requirement("IN-1")
def test_an_empty_queue_is_an_empty_list(quickbooks: Office) -> None:
    answer = quickbooks.call("GET", "/documents", role="viewer")
    assert answer.json == {
        "items": [],
        "listed": {"SalesInvoice": 0, "SalesCreditNote": 0, "SupplierInvoice": 0},
        "takes_account_ids": True,
        "unreadable": [],
        "remedies": [],
        "remedies_complete": True,
        "next_cursor": None,
    }


@pytest.mark.requirement("IN-1", "IN-3")
def test_a_document_that_may_sync_says_nothing_against_it(connected: Office) -> None:
    linked(connected)
    connected.book(invoice("S2001", "100.00", "20.50"))
    assert connected.listed() == [
        {
            "document_id": "d-S2001",
            "number": "S2001",
            "kind": "SalesInvoice",
            "side": "customer",
            "date": "2026-02-02",
            "customer": "Harper Ltd",
            "customer_id": "a-11",
            "linked": {"account_id": connected.party("Harper Ltd"), "name": "Harper Ltd"},
            "currency": "GBP",
            "total": "144.60",
            "status_code": "",
            "last_status_code": "",
            "reasons": [],
            "suggestions": [],
        }
    ]


@pytest.mark.requirement("IN-1", "IN-3", "IN-12")
def test_every_failing_check_is_told_in_order_and_the_first_is_the_status_code(connected: Office) -> None:
    blank = [{**lines("100.00", nominal="4999")[0], "Text": " "}]
    connected.book(
        {**invoice("S1000", **ORSTED), "Sent": False, "Lines": blank, "StatusCode": "as last time"}
    )
    (document,) = connected.listed()
    assert codes(document)[:4] == [
        "NOT_SENT",
        "ACCOUNT_NOT_FOUND",
        "DUPLICATE_DOCUMENT_NUMBER",
        "NOMINAL_UNKNOWN",
    ]
    assert "LINE_WITHOUT_TEXT" in codes(document)
    assert document["status_code"] == "Cannot sync until marked as sent."
    assert document["last_status_code"] == "as last time"
    for why in document["reasons"]:
        assert why["message"]
        assert why["remedy"]
    remedy = document["reasons"][1]["remedy"]
    assert f"POST /connections/{connected.connection_id}/accounts/a-16/" in remedy, "whole (oncall OC-25)"
    assert "…" not in remedy


@pytest.mark.requirement("IN-1", "IN-2")
def test_documents_of_all_kinds_are_listed_in_the_order_in_which_they_sync(quickbooks: Office) -> None:
    pennine = {"AccountId": "a-19", "AccountName": "Pennine Plumbing Supplies", "Sent": None}
    quickbooks.book(
        invoice("S2002", Date="2026-02-04"),
        invoice("PX-77", Type="SupplierInvoice", Date="2026-02-03", **pennine),
        invoice("C901", Type="SalesCreditNote", Sent=None, DueDate=None, Date="2026-02-02"),
        invoice("S2001", Date="2026-02-04"),
        invoice("S1999", Date="2026-01-01", MarkedForSync=False),
        invoice("S1998", Date="2026-01-01", SyncedAt="2026-01-02T00:00:00Z", ExternalId="7"),
    )
    listed = quickbooks.listed()
    assert [one["number"] for one in listed] == ["C901", "PX-77", "S2001", "S2002"]
    assert [one["kind"] for one in listed[:2]] == ["SalesCreditNote", "SupplierInvoice"]
    assert [one["side"] for one in listed[:2]] == ["customer", "supplier"]


@pytest.mark.requirement("IN-12")
def test_what_frees_the_most_documents_of_the_whole_list_comes_first(
    connected: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    brook = [invoice(f"S200{number}", **BROOK) for number in range(3)]
    linked(connected)
    connected.book(
        invoice("S1001", "100.00", "20.50"),
        invoice("S1002", Sent=False),
        *brook,
        invoice("S2009", **BROOK, Sent=False),
        invoice("S3001", **ORSTED),
        invoice("S3002", **ORSTED),
    )
    answer = connected.call("GET", "/documents?limit=2", role="viewer").json

    assert len(answer["items"]) == 2
    assert answer["remedies_complete"] is True
    told = [(one["code"], one["documents"], one["concerned"], one["customer"]) for one in answer["remedies"]]
    assert told[:3] == [
        ("ACCOUNT_NOT_LINKED", 3, 4, "Brook Farm Ltd"),
        ("ACCOUNT_NOT_FOUND", 2, 2, "Ørsted Joinery"),
        ("NOT_SENT", 1, 1, None),
    ]
    first = answer["remedies"][0]
    assert first["customer_id"] == "a-12"
    assert f"POST /connections/{connected.connection_id}/accounts/a-12/link" in first["remedy"]

    following = connected.call("GET", f"/documents?limit=2&cursor={answer['next_cursor']}").json
    assert (following["remedies"], following["remedies_complete"]) == (None, False)

    monkeypatch.setattr(views, "LOOKED_THROUGH", 4)
    part = connected.call("GET", "/documents?limit=2").json
    assert part["remedies_complete"] is False
    assert [one["documents"] for one in part["remedies"]] == [2, 1]


@pytest.mark.requirement("IN-12")
def test_what_only_the_remedies_would_take_longer_for_is_left_out(
    connected: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list is shown whether or not there is time, or the package takes calls, for the rest of it."""
    connected.book(*(invoice(f"S200{number}", **BROOK) for number in range(3)))

    def busy(*_: Any) -> Any:
        raise RetryLater(connected.package, "busy", seconds=40)

    looks = iter([views.seen_live, busy])

    def look(*of: Any) -> Any:
        return next(looks)(*of)

    with monkeypatch.context() as patch:
        patch.setattr(views, "seen_live", look)
        answer = connected.call("GET", "/documents?limit=2")
    assert (answer.status, len(answer.json["items"])) == (200, 2)
    assert ([one["documents"] for one in answer.json["remedies"]], answer.json["remedies_complete"]) == (
        [2],
        False,
    )
    monkeypatch.setattr(views, "SECONDS", -1)
    late = connected.call("GET", "/documents?limit=2").json
    assert (late["remedies"], late["remedies_complete"]) == (answer.json["remedies"], False)


@pytest.mark.requirement("IN-1")
def test_the_list_can_be_asked_for_one_kind_or_one_customer(quickbooks: Office) -> None:
    quickbooks.book(
        invoice("S2001", Sent=False),
        invoice("C901", Type="SalesCreditNote", Sent=None, DueDate=None),
        invoice("S2002", **BROOK),
    )

    def listed(query: str) -> list[str]:
        page = quickbooks.call("GET", f"/documents?{query}").json
        assert page["listed"] == {"SalesInvoice": 2, "SalesCreditNote": 1, "SupplierInvoice": 0}
        return [one["number"] for one in page["items"]]

    assert listed("kind=SalesInvoice") == ["S2001", "S2002"]
    assert listed("kind=SupplierInvoice") == []
    assert listed("customer_id=a-12") == ["S2002"]
    assert listed("customer_id=a-12&kind=SalesCreditNote") == []
    path = f"/connections/{quickbooks.connection_id}/documents?kind=SalesInvoice&limit=1"
    assert quickbooks.world.pages(path, "number") == [["S2001"], ["S2002"]]
    assert quickbooks.call("GET", "/documents?kind=Quote").code == "BAD_REQUEST"


@pytest.mark.requirement("IN-1", "IN-10")
def test_one_customers_documents_are_seen_beside_those_of_the_same_number(quickbooks: Office) -> None:
    for who, name in (("a-11", "Harper Ltd"), ("a-12", "Brook Farm Ltd")):
        linked(quickbooks, who, name)
    quickbooks.book(invoice("S2001", DocumentId="d-1"), invoice("S2001", DocumentId="d-2", **BROOK))
    (document,) = quickbooks.call("GET", "/documents?customer_id=a-12").json["items"]
    assert codes(document) == ["DUPLICATE_DOCUMENT_NUMBER"]


@pytest.mark.requirement("IN-5")
def test_an_account_of_the_same_name_is_suggested_as_exact_and_named_by_its_id(connected: Office) -> None:
    connected.book(invoice("S2001", **BROOK))
    (document,) = connected.listed()
    assert codes(document) == ["ACCOUNT_NOT_LINKED"]
    first = document["suggestions"][0]
    assert first["account_id"] == connected.party("Brook Farm Ltd")
    assert (first["name"], first["exact"]) == ("Brook Farm Ltd", True)
    assert first["email"] == "office@brookfarm.example"


@pytest.mark.requirement("IN-5")
def test_an_account_that_only_looks_alike_is_suggested_as_such(quickbooks: Office) -> None:
    quickbooks.book(invoice("S2001", **SECOND))
    (document,) = quickbooks.listed()
    assert codes(document) == ["ACCOUNT_NOT_FOUND"]
    alike = {one["name"]: one["exact"] for one in document["suggestions"]}
    assert alike.get("Brook Farm Ltd") is False, alike


@pytest.mark.requirement("IN-5")
def test_nothing_is_suggested_where_nothing_is_alike(quickbooks: Office) -> None:
    quickbooks.book(invoice("S2001", **ORSTED))
    assert quickbooks.listed()[0]["suggestions"] == []


@pytest.mark.requirement("IN-1", "RUN-7")
def test_looking_at_the_queue_writes_nothing(connected: Office) -> None:
    connected.book(invoice("S2001", **BROOK), invoice("S2002", Sent=False))
    connected.forget_requests()
    connected.listed()
    seen = [*connected.requests(connected.autovu), *connected.requests(connected.package)]
    assert seen
    assert not [one for one in seen if one["writes"]]


@pytest.mark.requirement("IN-1")
def test_a_document_that_can_not_be_read_is_told_beside_the_others(
    quickbooks: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AutoVu's sandbox stores no such document, so that it comes from the client itself."""
    quickbooks.book(invoice("S2002"))
    usual = AutoVuClient.queue
    bad = BadRow("d-S2001", "S2001", "Gross", "is not an amount as text, such as 120.00")

    def queue(self: AutoVuClient) -> Queue:
        listed = usual(self)
        return replace(listed, documents=Listed(good(listed.documents), [bad]))

    monkeypatch.setattr(AutoVuClient, "queue", queue)
    answer = quickbooks.call("GET", "/documents").json
    assert [one["number"] for one in answer["items"]] == ["S2002"]
    assert answer["unreadable"] == [
        {
            "document_id": "d-S2001",
            "number": "S2001",
            "field": "Gross",
            "problem": "is not an amount as text, such as 120.00",
        }
    ]


# Page by page.


def numbered(count: int) -> list[Row]:
    return [invoice(f"S{2000 + place}", Date=f"2026-02-{1 + place // 3:02}") for place in range(count)]


@pytest.mark.requirement("IN-1")
def test_the_queue_is_listed_page_by_page(quickbooks: Office) -> None:
    quickbooks.book(*numbered(7))
    path = f"/connections/{quickbooks.connection_id}/documents?limit=3"
    pages = quickbooks.world.pages(path, "number")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert flat(pages) == [f"S{2000 + place}" for place in range(7)]


@pytest.mark.requirement("IN-1")
def test_a_document_that_leaves_the_list_between_two_pages_hides_no_other(quickbooks: Office) -> None:
    documents = numbered(7)
    quickbooks.book(*documents)
    first = quickbooks.call("GET", "/documents?limit=3").json
    for gone in ((0, 1), (0, 1, 2)):
        quickbooks.book(*(one for place, one in enumerate(documents) if place not in gone))
        second = quickbooks.call("GET", f"/documents?limit=3&cursor={first['next_cursor']}").json
        assert [one["number"] for one in second["items"]] == ["S2003", "S2004", "S2005"]


@pytest.mark.requirement("IN-1")
def test_a_page_is_small_enough_to_be_answered_in_time(quickbooks: Office) -> None:
    quickbooks.book(*numbered(60))
    path = f"/connections/{quickbooks.connection_id}/documents?limit=200"
    pages = quickbooks.world.pages(path, "number")
    assert [len(page) for page in pages] == [50, 10]
    assert len(set(flat(pages))) == 60


def cursor_of(*position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


@pytest.mark.requirement("IN-1", "TRG-4")
@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        cursor_of("documents", "x"),
        cursor_of("documents", 5),
        cursor_of("runs", "2026-02-01/S1/0/d"),
    ],
)
def test_a_cursor_of_another_list_is_refused(quickbooks: Office, cursor: str) -> None:
    answer = quickbooks.call("GET", f"/documents?cursor={cursor}")
    assert (answer.status, list(answer.fields)) == (400, ["cursor"])


# Who may, and when.


@pytest.mark.requirement("IN-1", "IN-8")
def test_a_queue_needs_the_connection_connected(office: Office) -> None:
    answer = office.call("GET", "/documents")
    assert (answer.status, answer.code) == (409, "NOT_CONNECTED")
    assert f"/connections/{office.connection_id}/connect" in answer.json["remedy"]
    assert office.requests(office.autovu) == []


@pytest.mark.requirement("IN-1", "CON-2")
def test_a_queue_of_a_connection_that_needs_attention_says_what_to_do(quickbooks: Office) -> None:
    quickbooks.put("quickbooks", {**quickbooks.state("quickbooks"), "oauth_tokens": []})
    assert quickbooks.call("POST", "/connect").code == "CREDENTIALS_REFUSED"
    answer = quickbooks.call("GET", "/documents")
    assert (answer.status, answer.code) == (409, "CREDENTIALS_REFUSED")
    assert "consent" in answer.json["remedy"]


@pytest.mark.requirement("IN-1")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/documents", None),
        ("POST", "/accounts/a-11/link", {"account_id": "1"}),
        ("DELETE", "/accounts/a-11/link", None),
        ("POST", "/accounts/a-11/create", {}),
    ],
)
def test_a_connection_of_another_kind_has_no_documents_and_no_accounts(
    world: World, method: str, path: str, body: Any
) -> None:
    answer: Reply = world.call(method, f"/connections/{world.connected()}{path}", body)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert "simployer_xledger" in answer.json["detail"]
    assert "autovu_accounting" in answer.json["detail"]


@pytest.mark.requirement("RUN-4")
def test_a_system_that_does_not_answer_is_named(quickbooks: Office) -> None:
    quickbooks.book(invoice("S2001"))
    for system, name in ((quickbooks.autovu, "autovu"), (quickbooks.package, quickbooks.package)):
        quickbooks.faults(system, error_rate=1.0, errors=[503], seed=1)
        answer = quickbooks.call("GET", "/documents")
        assert (answer.status, answer.code, answer.json["system"]) == (503, "SYSTEM_UNREACHABLE", name)
        quickbooks.calm(system)


@pytest.mark.requirement("IN-12")
def test_the_diagnosis_tells_how_many_documents_each_fix_would_free(quickbooks: Office) -> None:
    linked(quickbooks)
    quickbooks.book(
        invoice("S2001"),
        invoice("S2002", Sent=False),
        invoice("S2003", Sent=False),
        invoice("S2004", Sent=False, Lines=lines("100.00", nominal="4999")),
    )
    checks = quickbooks.call("GET", "/diagnosis", role="viewer").json["checks"]
    by_name = {check["name"]: check for check in checks}
    sent = by_name["marked as sent"]
    assert sent["passed"] is False
    assert sent["seen"].startswith("3 of 4 documents fail")
    assert sent["seen"].endswith("this fix alone frees 2")
    assert by_name["every line has text"]["passed"] is True
    one = quickbooks.call("GET", "/diagnosis?entity=document&key=S2004").json["checks"]
    failed = [check["name"] for check in one if check["passed"] is False]
    assert failed == ["marked as sent", "matching nominal codes"]
