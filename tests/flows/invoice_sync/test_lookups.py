"""Names and numbers that a package can't be asked for: that document says so, and no other waits (RUN-4)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from payrelay.domain.invoices import Kind, Side
from payrelay.errors import Rejected
from payrelay.flows.invoice_sync import accounts
from payrelay.flows.invoice_sync.check import open_books
from payrelay.systems.quickbooks.client import QuickBooksClient
from tests.worlds.invoices import AT_QUICKBOOKS, TENANT, Books, bill, credit_note, invoice

ODD = "S\u20132002"


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-2", "IN-10", "RUN-4")
def test_numbers_with_any_signs_are_looked_up_and_posted_once(books: Books) -> None:
    """(faults F1)"""
    books.link("Harper Ltd")
    books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    books.by_hand("S\u20192003")
    books.book(
        invoice(ODD), invoice("S\u20192003"), credit_note("C\u2019904"), bill("P\u20132005"), invoice()
    )
    preview = books.sync("preview")
    assert preview.counts
    assert (preview.counts["created"], preview.counts["blocked"]) == (4, 1)
    books.faults("quickbooks", errors=["after_write_reset"], count=1)
    run = books.sync()
    assert run.counts == preview.counts
    why = books.records(run)["document:d-S\u20192003"].reason
    assert why.code == "DUPLICATE_DOCUMENT_NUMBER"
    assert set(books.posted().values()) == {1}


@AT_QUICKBOOKS
@pytest.mark.requirement("IN-2", "RUN-4")
def test_what_the_package_refuses_to_look_for_is_said_at_that_document_alone(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy is carried out: another dash in the number, the account linked by its id (faults F1)."""
    books.link("Harper Ltd")
    usual, usual_names = QuickBooksClient.documents, QuickBooksClient.accounts_like

    def documents(self: QuickBooksClient, kind: Kind, numbers: Collection[str]) -> Any:
        if ODD in numbers:
            raise Rejected("quickbooks", "QueryParserError", code="4000")
        return usual(self, kind, numbers)

    def accounts_like(self: QuickBooksClient, side: Side, name: str, *more: Any) -> Any:
        if name == "Brook\u2013Farm":
            raise Rejected("quickbooks", "QueryParserError", code="4000")
        return usual_names(self, side, name, *more)

    monkeypatch.setattr(QuickBooksClient, "documents", documents)
    monkeypatch.setattr(QuickBooksClient, "accounts_like", accounts_like)
    brook = {"AccountId": "a-12", "AccountName": "Brook\u2013Farm"}
    books.book(invoice(ODD), invoice("S2003", **brook), invoice("S2004"), invoice("S2005"))
    preview, run = books.sync("preview"), books.sync()
    assert preview.counts == run.counts
    records = {record.source_id: record for record in books.stored(run)}
    assert records["d-S2003"].reason.code == "LOOKUP_REFUSED"  # type: ignore[union-attr]
    assert 'does not look for the name "Brook\u2013Farm": Query' in records["d-S2003"].reason.message  # type: ignore[union-attr]
    assert {records[one].outcome.value for one in ("d-S2004", "d-S2005")} == {"created"}
    odd = records[f"d-{ODD}"]
    assert odd.outcome.value == "blocked"
    assert odd.reason
    assert odd.reason.code == "LOOKUP_REFUSED"
    assert f'{ODD} can\'t be synced: QuickBooks does not look for the number "{ODD}"' in odd.reason.message
    assert "Write the number in AutoVu in other signs than \u2013 (U+2013); then" in odd.reason.remedy
    assert "in other signs than \u2013 (U+2013), or link the account by its id" in str(
        records["d-S2003"].reason
    )
    books.edit(books.source, "documents", {"DocumentId": f"d-{ODD}"}, Number="S-2002", RowVersion="r8")
    opened = open_books(books, TENANT, books.connection_id, books.connection.settings)
    brook_farm = books.party(Side.CUSTOMER, "Brook Farm Ltd")
    act = accounts.Act("act_1", "2026-03-02T05:00:00Z", "tester")
    accounts.link(accounts.customer_of(opened, "a-12", act), brook_farm, Side.CUSTOMER)
    run = books.sync()
    assert (run.status, books.queue()) == ("succeeded", []), books.stored(run)
