"""Answers that never come, refusals after the lines, and what was begun: nothing twice, nothing pending."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.journal import Ledgers, entry, ledgers

ONE, SECOND, HEADER = ("create FinancialLine", 0), ("create FinancialLine", 1), ("create FinancialHeader", 0)
BOOKED = [
    ("500", "Januari 2026 [je-55]", "1700", "", "", "-3500.00"),
    ("500", "Januari 2026 [je-55]", "4000", "001", "", "3500.00"),
]


def once(books: Ledgers) -> None:
    """The entry stands there once, and nothing is pending."""
    assert (books.ledger_rows(), books.pending()) == (BOOKED, [])


@pytest.mark.requirement("RUN-5", "JRN-1")
@pytest.mark.parametrize(("call", "after"), [ONE, SECOND, HEADER], ids=["first line", "line", "header"])
@pytest.mark.parametrize("fault", ["after_write_reset", "reset", 503])
@pytest.mark.parametrize("count", [1, 2])
def test_a_lost_answer_is_healed_within_the_run(
    books_of_pay: Ledgers, call: str, after: int, fault: Any, count: int
) -> None:
    books_of_pay.give(entry("3500.00"))
    books_of_pay.faults("globe_next", errors=[fault], count=count, after=after, match=call)
    run = books_of_pay.journal()
    assert (run.status.value, books_of_pay.outcomes(run)) == ("succeeded", {"je-55": "created"})
    once(books_of_pay)
    assert books_of_pay.journal().counts["unchanged"] == 1


@pytest.mark.requirement("RUN-5", "JRN-1")
@pytest.mark.parametrize(
    ("fault", "call", "problem"),
    [
        pytest.param(
            "period_closes", HEADER[0], "Financial period 2026/1 is closed.", id="the period closes"
        ),
        pytest.param("journal_blocks", HEADER[0], "Journal 90 is blocked.", id="the journal is blocked"),
        pytest.param(
            "line_goes", HEADER[0], "The entry is not balanced: the difference is 3500.00.", id="a line goes"
        ),
        pytest.param(
            "account_blocks",
            ONE[0],
            "General ledger account 4000 is blocked. (HTTP 500)",
            id="the first line's account is blocked",
        ),
    ],
)
def test_what_is_refused_after_the_lines_leaves_no_line_pending(
    books_of_pay: Ledgers, fault: str, call: str, problem: str
) -> None:
    books_of_pay.give(entry("3500.00"), entry("1.00", entry_id="je-56", administratienummer="600"))
    books_of_pay.faults("globe_next", errors=[fault], count=1, match=call)
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "failed", "je-56": "created"}
    told = books_of_pay.records(run)["journal_entry:je-55"].reason
    label = "Journal entry je-55 (Januari 2026)"
    assert told.code == "ENTRY_REFUSED"
    assert told.message == f"Exact Globe Next refused {label} in the company 500: {problem}"
    assert books_of_pay.pending() == []
    books_of_pay.globe("FinancialPeriod", {"FinancialYear": 2026}, Closed=False)
    books_of_pay.globe("Journal", {"Code": "90"}, Blocked=False)
    books_of_pay.globe("GLAccount", {"DatabaseName": "500"}, Blocked=False)
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}
    assert [row for row in books_of_pay.ledger_rows() if row[0] == "500"] == BOOKED
    assert books_of_pay.pending() == []


def broken_off(books: Ledgers, after: int) -> None:
    """A run that ends with some lines pending: Globe Next is gone for longer than a run waits."""
    books.give(entry("1000.00", "2500.00"))
    books.faults("globe_next", errors=[503], after=after, match="FinancialLine")
    run = books.journal()
    assert run.status.value == "failed"
    books.calm("globe_next")
    books.forget_requests()


@pytest.mark.requirement("RUN-5", "JRN-1")
def test_the_next_run_sends_only_the_lines_that_are_missing(books_of_pay: Ledgers) -> None:
    broken_off(books_of_pay, 2)
    assert len(books_of_pay.pending()) == 2
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}
    assert books_of_pay.sent() == ["create FinancialLine", "create FinancialHeader"]
    assert (len(books_of_pay.ledger_rows()), books_of_pay.pending()) == (3, [])


@pytest.mark.requirement("RUN-5", "JRN-1")
@pytest.mark.parametrize(
    ("then", "outcome"),
    [
        pytest.param("withdrawn", "skipped", id="the run is withdrawn"),
        pytest.param("unbalanced", "blocked", id="the entry does not balance any more"),
        pytest.param("blank", "blocked", id="the general journal is blank"),
        pytest.param("other", "created", id="the entry says something else"),
    ],
)
def test_what_was_begun_and_is_not_to_be_booked_any_more_is_removed(
    books_of_pay: Ledgers, then: str, outcome: str
) -> None:
    broken_off(books_of_pay, 2)
    if then == "withdrawn":
        books_of_pay.edit("payroll_plus", "payrollRuns", {"runId": "run-55"}, status="Open", processedAt=None)
    elif then == "blank":
        books_of_pay.globe("CompanySetting", {"Company": "500"}, GeneralJournalExactPayrollPlus="")
    else:
        changed = entry("3500.00") if then == "other" else entry("1000.00", "2500.00")
        changed["lines"][0]["amount"] = "3500.00" if then == "other" else "1000.01"
        books_of_pay.give(changed)
    preview = books_of_pay.journal("preview")
    assert preview.counts[outcome] == 1
    assert len(books_of_pay.pending()) == 2
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": outcome}
    if then == "withdrawn":
        assert books_of_pay.reasons(run) == {"je-55": "RUN_NOT_PROCESSED"}
    assert books_of_pay.pending() == []
    assert books_of_pay.ledger_rows() == (BOOKED if then == "other" else [])


@pytest.mark.requirement("RUN-5", "JRN-1")
def test_lines_that_can_not_be_told_apart_wait_for_a_person(books_of_pay: Ledgers) -> None:
    books_of_pay.give(entry("3500.00"))
    books_of_pay.faults("globe_next", errors=["after_write_reset"], count=1, match=ONE[0])
    first = books_of_pay.start("journal_sync")
    others: list[int] = []

    def somebody_else(_: float) -> None:
        state = books_of_pay.state("globe_next")
        if not others:
            line = dict(state["FinancialLine"][0])
            line |= {"ID": line["ID"] + 1000, "TransactionKey": "6f0b8c1a-0000-4000-8000-000000000077"}
            others.append(line["ID"])
            books_of_pay.put("globe_next", {**state, "FinancialLine": [*state["FinancialLine"], line]})

    books_of_pay.wait = somebody_else  # type: ignore[method-assign]
    run = books_of_pay.drive(first)
    told = books_of_pay.records(run)["journal_entry:je-55"]
    assert (told.outcome.value, told.reason.code) == ("blocked", "FIRST_LINE_IN_DOUBT")
    assert told.reason.message == (
        "Journal entry je-55 (Januari 2026): the answer to its first line was lost, and the company 500 of "
        "Exact Globe Next has 2 pending lines like it (2026-01-31, account 4000, 3500.00): whose is whose "
        "can't be told."
    )
    assert told.reason.remedy == (
        "Remove those pending lines in Exact Globe Next, then replay the entry; it is not booked yet."
    )
    del books_of_pay.__dict__["wait"]
    books_of_pay.put("globe_next", {**books_of_pay.state("globe_next"), "FinancialLine": []})
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}
    once(books_of_pay)


@pytest.mark.requirement("RUN-5", "JRN-2")
def test_an_entry_is_found_again_by_its_mark_when_nothing_is_kept_of_it(books_of_pay: Ledgers) -> None:
    books_of_pay.give(entry("3500.00"))
    books_of_pay.journal()
    globe, payroll = books_of_pay.state("globe_next"), books_of_pay.state("payroll_plus")
    anew = ledgers(books_of_pay.urls, books_of_pay.clock)
    anew.put("globe_next", globe)
    anew.put("payroll_plus", payroll)
    assert anew.journal().counts["unchanged"] == 1
    once(anew)
    dearer = entry("3600.00")
    anew = ledgers(books_of_pay.urls, books_of_pay.clock)
    anew.put("globe_next", globe)
    anew.give(dearer)
    assert anew.reasons(anew.journal()) == {"je-55": "ENTRY_CHANGED"}
    once(anew)


@pytest.mark.requirement("RUN-5", "JRN-1")
def test_what_was_begun_of_an_entry_that_is_gone_is_removed(books_of_pay: Ledgers) -> None:
    broken_off(books_of_pay, 2)
    books_of_pay.give(entry("1.00", entry_id="je-99"))
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "skipped", "je-99": "created"}
    assert books_of_pay.reasons(run) == {"je-55": "ENTRY_NOT_THERE"}
    assert books_of_pay.pending() == []
    assert [row[1] for row in books_of_pay.ledger_rows()] == ["Januari 2026 [je-99]"] * 2


@pytest.mark.requirement("RUN-5", "JRN-1")
def test_a_header_that_is_not_processed_is_not_said_to_be_booked(books_of_pay: Ledgers) -> None:
    """NOT_BOOKED_YET until somebody processes it in Globe Next."""
    books_of_pay.give(entry("3500.00"))
    books_of_pay.faults("globe_next", errors=[503], match=HEADER[0])
    books_of_pay.journal()
    books_of_pay.calm("globe_next")
    state = books_of_pay.state("globe_next")
    key = state["FinancialLine"][0]["TransactionKey"]
    header = {"DatabaseName": "500", "ID": 1, "TransactionKey": key, "IsProcessed": False}
    books_of_pay.put("globe_next", {**state, "FinancialHeader": [header]})
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "failed"}
    assert books_of_pay.reasons(run) == {"je-55": "NOT_BOOKED_YET"}
    books_of_pay.globe("FinancialHeader", {"ID": 1}, IsProcessed=True, EntryNumber=20260017)
    books_of_pay.forget_requests()
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}
    assert books_of_pay.sent() == []
    link = next(books_of_pay.ledger.links.all("demo", "con_TEST", "journal_entry"))
    assert link.target_id == "20260017"


@pytest.mark.requirement("RUN-5", "JRN-1")
def test_one_that_was_booked_as_the_run_died_and_is_changed_since_is_not_booked_twice(
    books_of_pay: Ledgers,
) -> None:
    """The header was taken, its answer lost for good, and the payroll run processed again before the next."""
    books_of_pay.give(entry("3500.00"))
    books_of_pay.faults("globe_next", errors=["after_write_reset"], count=1, match=HEADER[0])
    run = books_of_pay.start("journal_sync")

    def the_service_stops(_: float) -> None:
        books_of_pay.clock.pass_by(60)
        books_of_pay.faults("globe_next", errors=["stopped"])

    books_of_pay.wait = the_service_stops  # type: ignore[method-assign]
    books_of_pay.drive(run)
    del books_of_pay.__dict__["wait"]
    books_of_pay.calm("globe_next")
    once(books_of_pay)
    books_of_pay.give(entry("3600.00"))
    assert books_of_pay.reasons(books_of_pay.journal()) == {"je-55": "ENTRY_CHANGED"}
    once(books_of_pay)
