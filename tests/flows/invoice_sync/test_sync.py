"""Documents from AutoVu to each package: checked in order, posted once, off the list (IN-1 to IN-12)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.invoices import Side
from tests.worlds.invoices import Books, bill, credit_note, invoice, lines
from tests.worlds.steps import Crash
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


@pytest.mark.requirement("IN-2", "RUN-2")
def test_an_empty_list_is_a_run_without_records(books: Books) -> None:
    run = books.sync()
    assert (run.status, run.total) == ("succeeded", 0)


CHECKS: list[tuple[str, dict[str, Any], str, str]] = [
    ("not sent", {"Sent": False}, "NOT_SENT", "Cannot sync until marked as sent."),
    (
        "an account that is nowhere",
        {"AccountId": "a-16", "AccountName": "Ørsted Joinery"},
        "ACCOUNT_NOT_FOUND",
        "The account Ørsted Joinery does not exist in",
    ),
    (
        "an account that is not linked",
        {"AccountId": "a-12", "AccountName": "Brook Farm Ltd"},
        "ACCOUNT_NOT_LINKED",
        "The account Brook Farm Ltd exists in",
    ),
    ("a number in use", {"Number": "S1000"}, "DUPLICATE_DOCUMENT_NUMBER", "with this number already"),
    ("a nominal that is nowhere", {"Lines": lines("100.00", nominal="4999")}, "NOMINAL_UNKNOWN", "4999"),
    ("a nominal of purchases", {"Lines": lines("100.00", nominal="5000")}, "NOMINAL_UNKNOWN", "5000"),
    ("a nominal without tax", {"Lines": lines("100.00", nominal="4300")}, "NOMINAL_WITHOUT_TAX", "4300"),
    ("a blank line", {"Lines": [{**lines("100.00")[0], "Text": "  "}]}, "LINE_WITHOUT_TEXT", "Line 1"),
    ("totals that do not add up", {"Gross": "121.00"}, "TOTALS_DIFFER", "121.00 in AutoVu, and 120.00"),
]


@pytest.mark.requirement("IN-1", "IN-3", "IN-11")
@pytest.mark.parametrize(
    ("changed", "code", "words"), [row[1:] for row in CHECKS], ids=[row[0] for row in CHECKS]
)
def test_a_document_that_fails_a_check_says_so_in_its_status_code(
    books: Books, changed: dict[str, Any], code: str, words: str
) -> None:
    books.link("Harper Ltd")
    books.book({**invoice("S2001"), **changed})
    run = books.sync()
    assert run.status == "partial"
    (record,) = books.stored(run)
    assert record.reason
    assert (record.outcome, record.reason.code) == ("blocked", code)
    assert words in record.reason.message
    assert record.reason.remedy
    assert books.posted() == {}
    assert books.document("d-S2001")["StatusCode"] == record.reason.message
    books.forget_requests()
    books.sync()
    assert not [one for one in books.requests(books.source) if one["writes"]], "it says so already"


@pytest.mark.requirement("IN-3")
def test_the_first_check_that_fails_is_the_status_code(books: Books) -> None:
    blank = [{**lines("100.00", nominal="4999")[0], "Text": ""}]
    books.book({**invoice("S1000"), "Sent": False, "Lines": blank})
    reasons = []
    for cure in ({"Sent": True}, {}, {"Number": "S2001"}, {"Lines": lines("100.00")}):
        (record,) = books.stored(books.sync())
        reasons.append(record.reason.code if record.reason else "")
        if not cure:
            books.link("Harper Ltd")
        books.edit(books.source, "documents", {"DocumentId": "d-S1000"}, **cure)
    assert reasons == ["NOT_SENT", "ACCOUNT_NOT_LINKED", "DUPLICATE_DOCUMENT_NUMBER", "NOMINAL_UNKNOWN"]
    assert books.sync().status == "succeeded"


@pytest.mark.requirement("IN-2", "RUN-4")
def test_a_blocked_document_does_not_keep_the_others(books: Books) -> None:
    books.link("Harper Ltd")
    books.book(invoice("S2001", Sent=False), invoice("S2002"))
    run = books.sync()
    assert run.counts
    assert (run.counts["created"], run.counts["blocked"]) == (1, 1)
    assert books.posted() == {"S2002": 1}


@pytest.mark.requirement("IN-6")
def test_a_wrong_accounts_id_stays_until_it_is_removed_and_then_the_name_is_found(books: Books) -> None:
    if books.package == "sage":
        pytest.skip("Sage takes no AccsID")
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


class Saboteur:
    """Lets the process die before or after the call of this number, counted over both systems."""

    def __init__(self, at: int, after: bool) -> None:
        self.at, self.after_it, self.calls = at, after, 0

    def before(self, call: object) -> None:
        self.calls += 1
        if self.calls == self.at and not self.after_it:
            raise Crash

    def after(self, call: object) -> None:
        if self.calls == self.at and self.after_it:
            raise Crash


@pytest.mark.requirement("IN-10", "RUN-5")
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_crash_at_any_call_posts_nothing_twice_and_loses_nothing(books: Books, after: bool) -> None:
    """Every call to either system once: the worker dies there, and is started again."""
    books.link("Harper Ltd")
    number, died = 0, True
    while died:
        number += 1
        names = [f"S{number:02}{place}" for place in range(3)]
        books.book(*(invoice(name) for name in names), invoice(f"B{number:02}", Sent=False))
        saboteur = Saboteur(number, after)
        before, books.door = books.door, replace(books.door, observer=saboteur)
        crashes = books.crashes
        run = books.sync()
        books.door = before
        died = books.crashes > crashes
        assert run.counts
        assert (run.counts["created"], run.counts["blocked"]) == (3, 1), f"call {number}"
        assert {name: books.posted().get(name) for name in names} == dict.fromkeys(names, 1), f"call {number}"
        assert [row["Number"] for row in books.queue()] == [f"B{number:02}"]
    assert number > 10


@pytest.mark.requirement("IN-10", "RUN-5")
@pytest.mark.parametrize("later", [0, 600], ids=["at once", "ten minutes later"])
def test_an_answer_lost_after_the_write_is_looked_up_not_posted_again(books: Books, later: int) -> None:
    books.link("Harper Ltd")
    books.link("Pennine Plumbing Supplies", Side.SUPPLIER)
    books.book(invoice("S2001"), credit_note(), bill())
    books.faults(books.package, errors=["after_write_reset"], count=1)
    run = books.sync()
    books.clock.pass_by(later)
    assert run.status == "succeeded", books.stored(run)
    assert books.posted() == {"S2001": 1, "C901": 1, "PX-77": 1}
    assert books.queue() == []


@pytest.mark.requirement("IN-10")
def test_the_list_that_could_not_be_told_is_told_by_the_next_run(books: Books) -> None:
    """Posted, and then AutoVu is down: the run fails, and the next one knows its own document again."""
    books.link("Harper Ltd")
    books.book(invoice("S2001"))
    books.faults(books.source, errors=[500], match="change")
    run = books.sync()
    assert run.status == "failed"
    assert books.posted() == {"S2001": 1}
    books.calm(books.source)
    again = books.sync()
    assert again.status == "succeeded"
    assert books.posted() == {"S2001": 1}
    assert books.queue() == []


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


@pytest.mark.requirement("IN-2", "RUN-2")
def test_auto_sync_can_be_stopped(books: Books) -> None:
    from payrelay.domain.reasons import reason
    from payrelay.domain.runs import Halt, Status

    books.link("Harper Ltd")
    books.book(invoice("S2001", Sent=False))

    def stop() -> None:
        run = books.ledger.runs.in_progress("demo", books.connection_id, "invoice_sync")
        assert run
        books.ledger.runs.halt(run, Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="tester")))

    books.meanwhile = stop
    assert books.auto().status == "stopped"


@pytest.mark.requirement("IN-12")
def test_all_failing_checks_are_seen_at_once_with_what_each_fix_would_free(books: Books) -> None:
    books.link("Harper Ltd")
    books.book(invoice("S2001", Sent=False), invoice("S1000", Sent=False), invoice("S2003"))
    flow = books.opening(books.sync("preview"))
    checks = {check.name: check for check in flow.diagnose(None)}
    assert checks["marked as sent"].passed is False
    assert "2 of 3 documents" in checks["marked as sent"].seen
    assert "this fix alone frees 1" in checks["marked as sent"].seen
    assert checks["document number is new"].passed is False
    assert checks["every line has text"].passed is True
    one = {check.name: check.passed for check in flow.diagnose("S1000")}
    assert (one["marked as sent"], one["document number is new"], one["matching accounts id"]) == (
        False,
        False,
        True,
    )
