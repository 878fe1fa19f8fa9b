"""Documents from AutoVu to each package: checked in order, posted once, off the list (IN-1 to IN-12)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.invoices import Side
from tests.worlds.invoices import ANY_PACKAGE, EACH_WAY, Books, bill, credit_note, invoice, lines
from tests.worlds.saboteur import Mortal
from tests.worlds.structs import replace


@pytest.mark.requirement("IN-2", "IN-4", "IN-7", "RUN-2")
def test_every_kind_of_document_is_posted_once_and_leaves_the_list(books: Books) -> None:
    books.link("Harper Ltd")
    books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    books.book(invoice("S2001"), invoice("S2002", "10.00", "20.00"), credit_note(), bill())
    run = books.sync()
    assert run.status == "succeeded", books.stored(run)
    assert run.counts
    assert run.counts["created"] == 4
    assert books.posted() == {"S2001": 1, "S2002": 1, "C901": 1, "PX-77": 1}
    assert books.queue() == []
    synced = books.document("d-S2001")
    link = books.ledger.links.get("demo", books.connection_id, "document", ["d-S2001"])["d-S2001"]
    assert synced["ExternalId"] == link.target_id
    assert synced["SyncedAt"]
    trail = [*books.ledger.history.of("demo", books.connection_id, "document:d-S2001")]
    assert {change["field"] for change in trail[0]["changes"]} >= {"number", "account", "line 1", "total"}


@ANY_PACKAGE
@pytest.mark.requirement("IN-2")
def test_sync_attempts_the_first_five_listed(books: Books) -> None:
    books.link("Harper Ltd")
    books.book(*(invoice(f"S20{number:02}", Date=f"2026-02-{number:02}") for number in range(1, 8)))
    first = books.sync()
    assert first.total == 5
    assert sorted(books.posted()) == ["S2001", "S2002", "S2003", "S2004", "S2005"]
    books.sync()
    assert len(books.posted()) == 7
    assert books.queue() == []


@ANY_PACKAGE
@pytest.mark.requirement("IN-2", "RUN-2")
def test_an_empty_list_is_a_run_without_records(books: Books) -> None:
    run = books.sync()
    assert (run.status, run.total) == ("succeeded", 0)


CHECKS: list[tuple[dict[str, Any], str, str]] = [
    ({"Sent": False}, "NOT_SENT", "Cannot sync until marked as sent."),
    (
        {"AccountId": "a-16", "AccountName": "Ørsted Joinery"},
        "ACCOUNT_NOT_FOUND",
        "The account Ørsted Joinery does",
    ),
    (
        {"AccountId": "a-12", "AccountName": "Brook Farm Ltd"},
        "ACCOUNT_NOT_LINKED",
        "The account Brook Farm Ltd",
    ),
    ({"Number": "S1000"}, "DUPLICATE_DOCUMENT_NUMBER", "with this number already"),
    ({"Lines": lines("100.00", nominal="4999")}, "NOMINAL_UNKNOWN", "4999"),
    ({"Lines": lines("100.00", nominal="5000")}, "NOMINAL_UNKNOWN", "5000"),
    ({"Lines": lines("100.00", nominal="4300")}, "NOMINAL_WITHOUT_TAX", "4300"),
    ({"Lines": [{**lines("100.00")[0], "Text": "  "}]}, "LINE_WITHOUT_TEXT", "Line 1"),
    ({"Gross": "121.00"}, "TOTALS_DIFFER", "121.00 in AutoVu, and 120.00"),
]


@pytest.mark.requirement("IN-1", "IN-2", "IN-3", "IN-11", "RUN-4")
def test_documents_that_fail_a_check_say_so_in_their_status_code_and_keep_no_other(books: Books) -> None:
    books.link("Harper Ltd")
    for first in (0, 4, 8):
        some = CHECKS[first : first + 4]
        rows = [{**invoice(f"S20{place}1"), **changed} for place, (changed, *_) in enumerate(some)]
        good = invoice(f"S29{first}9", Date="2026-02-03")
        books.book(*rows, good)
        run = books.sync()
        assert run.status == "partial"
        records = books.records(run)
        assert records[f"document:{good['DocumentId']}"].outcome == "created"
        for row, (_, code, words) in zip(rows, some, strict=True):
            record = records[f"document:{row['DocumentId']}"]
            assert record.reason
            assert (record.outcome, record.reason.code) == ("blocked", code)
            assert words in record.reason.message
            assert record.reason.remedy
            assert books.document(row["DocumentId"])["StatusCode"] == record.reason.message
        books.forget_requests()
        books.sync()
        assert not [one for one in books.requests(books.source) if one["writes"]], "it says so already"
    assert set(books.posted()) == {"S2909", "S2949", "S2989"}


@pytest.mark.parametrize("trade", ["quickbooks", "xero"], indirect=True)
@pytest.mark.requirement("IN-6")
def test_a_wrong_accounts_id_stays_until_it_is_removed_and_then_the_name_is_found(books: Books) -> None:
    """Sage takes no AccsID."""
    wanted = books.party(Side.CUSTOMER, "Harper Ltd")
    books.link("Harper Ltd", target="99999")
    books.book(invoice("S2001"))
    for _ in range(2):
        (record,) = books.stored(books.sync())
        assert record.reason
        assert record.reason.code == "ACCOUNTS_ID_WRONG"
        label = {"quickbooks": "QuickBooks", "xero": "Xero"}[books.package]
        assert record.reason.message == f"AccountsID (99999) is not correct, {label} requires {wanted}"
    books.edit(books.source, "accounts", {"Name": "Harper Ltd"}, AccsID=None)
    run = books.sync()
    assert run.status == "succeeded", books.stored(run)
    assert books.posted() == {"S2001": 1}
    accounts = books.state(books.source)["accounts"]
    assert next(row for row in accounts if row["Name"] == "Harper Ltd")["AccsID"] == wanted


@pytest.mark.requirement("IN-5")
def test_an_account_is_never_linked_without_a_person(books: Books) -> None:
    books.book(invoice("S2001"))
    books.sync()
    (record,) = books.stored(books.sync())
    assert record.reason
    assert record.reason.code == "ACCOUNT_NOT_LINKED"


@pytest.mark.requirement("RUN-7", "IN-1")
def test_a_preview_tells_what_sync_does_and_writes_nothing(books: Books) -> None:
    books.link("Harper Ltd")
    books.book(invoice("S2001"), invoice("S2002", Sent=False))
    books.forget_requests()
    preview = books.sync("preview")
    for name in (books.package, books.source):
        assert not [one for one in books.requests(name) if one["writes"]]
    run = books.sync()
    assert preview.counts == run.counts
    planned = {
        w.record.record_id: w.record
        for w in books.ledger.plans.writes("demo", books.connection_id, preview.run_id, 0)
    }
    done = books.records(run)
    assert {name: one.changes for name, one in planned.items()} == {
        name: one.changes for name, one in done.items()
    }


@pytest.mark.requirement("IN-10", "RUN-5")
def test_a_crash_at_any_call_posts_nothing_twice_and_loses_nothing(books: Books) -> None:
    """At every call to either system that finds something new written, the worker dies and starts again."""
    books.link("Harper Ltd")
    number, died = 0, True
    while died:
        number += 1
        names = [f"S{number:02}{place}" for place in range(3)]
        books.book(*(invoice(name) for name in names), invoice(f"B{number:02}", Sent=False))
        before, books.door = books.door, replace(books.door, observer=Mortal(books, number))
        crashes = books.crashes
        run = books.sync()
        books.door = before
        died = books.crashes > crashes
        assert run.counts
        assert (run.counts["created"], run.counts["blocked"]) == (3, 1), f"call {number}"
        assert {name: books.posted().get(name) for name in names} == dict.fromkeys(names, 1), f"call {number}"
        assert [row["Number"] for row in books.queue()] == [f"B{number:02}"]
    assert number > 8


@pytest.mark.requirement("IN-10", "RUN-5")
def test_an_answer_lost_after_the_write_is_looked_up_not_posted_again(books: Books) -> None:
    books.link("Harper Ltd")
    books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    books.book(invoice("S2001"), credit_note(), bill())
    books.faults(books.package, errors=["after_write_reset"], count=1)
    run = books.sync()
    assert run.status == "succeeded", books.stored(run)
    assert books.posted() == {"S2001": 1, "C901": 1, "PX-77": 1}
    assert books.queue() == []


@EACH_WAY
@pytest.mark.requirement("IN-2", "IN-10")
def test_auto_sync_takes_the_whole_list_in_fives(books: Books) -> None:
    books.link("Harper Ltd")
    good = [invoice(f"S3{number:03}", Date=f"2026-02-{1 + number % 28:02}") for number in range(23)]
    bad = [invoice(f"S4{number:03}", Date="2026-01-02", Sent=False) for number in range(7)]
    books.book(*bad, *good)

    def cured() -> None:
        for row in bad:
            books.edit(
                books.source,
                "documents",
                {"DocumentId": row["DocumentId"]},
                Sent=True,
                RowVersion=f"x{row['Number']}",
            )

    books.meanwhile = cured
    run = books.auto()
    assert run.status in ("succeeded", "partial"), run.error
    assert len(books.posted()) == 30
    assert set(books.posted().values()) == {1}
    assert books.queue() == []
    pages = books.ledger.parts.summaries(run, "PAGE")
    assert all(page["looked_at"] <= 5 for page in pages)
    assert 30 in books.waits


@ANY_PACKAGE
@pytest.mark.requirement("IN-2")
def test_auto_sync_starts_no_batch_after_twenty_minutes(books: Books) -> None:
    books.link("Harper Ltd")
    books.book(invoice("S2001", Sent=False))
    run = books.auto()
    assert run.status == "partial"
    took = run.finished_at, run.started_at
    assert all(took)
    assert sum(wait for wait in books.waits if wait == 30) <= 1200
    assert [row["Number"] for row in books.queue()] == ["S2001"]
