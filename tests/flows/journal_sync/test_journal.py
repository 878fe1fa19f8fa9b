"""Journal entries through the sandboxes: what is booked where, what is not and why (JRN-1, JRN-2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from payrelay.errors import NeedsAttention
from payrelay.systems.globe_next.client import Books
from payrelay.systems.rows import BadRow, Listed
from tests.worlds.journal import Ledgers, entry, line

Row = dict[str, Any]
Step = Callable[[Ledgers], None]
LABEL = "Journal entry je-55 (Januari 2026)"
SOUND = entry("1000.00", entry_id="je-56", administratienummer="600")


def of_500(books: Ledgers) -> list[tuple[Any, ...]]:
    """What company 500 has."""
    return [row for row in books.ledger_rows() if row[0] == "500"]


@pytest.mark.requirement("JRN-1", "JRN-2", "RUN-5")
def test_an_entry_is_booked_once_in_the_company_of_its_number(books_of_pay: Ledgers) -> None:
    """PW-25: centre and unit each where its company has them; both headers right on every call."""
    books_of_pay.give(entry("3500.00"), SOUND)
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "created", "je-56": "created"}
    assert books_of_pay.ledger_rows() == [
        ("500", "Januari 2026 [je-55]", "1700", "", "", "-3500.00"),
        ("500", "Januari 2026 [je-55]", "4000", "001", "", "3500.00"),
        ("600", "Januari 2026 [je-56]", "1700", "", "", "-1000.00"),
        ("600", "Januari 2026 [je-56]", "4000", "", "P1", "1000.00"),
    ]
    sent = books_of_pay.state("globe_next")["FinancialLine"][0]
    dates = [sent[name] for name in ("EntryDate", "ReportingDate", "FulfillmentDate")]
    assert (sent["Description"], *{str(one)[:10] for one in dates}) == ("Salaris", "2026-01-31")
    books_of_pay.forget_requests()
    again = books_of_pay.journal()
    assert (again.counts["unchanged"], books_of_pay.sent()) == (2, [])
    assert books_of_pay.requests("globe_next") == []


@pytest.mark.requirement("JRN-1", "RUN-7")
def test_a_preview_says_which_entries_go_where_and_how_much_in_total(books_of_pay: Ledgers) -> None:
    """PW-02: more deductions than pay; signs as they stand, debit and credit 250.00."""
    books_of_pay.give(entry("-250.00"))
    preview = books_of_pay.journal("preview")
    assert books_of_pay.sent() == []
    planned = books_of_pay.ledger.plans.writes("demo", "con_TEST", preview.run_id, 0)
    shown = {change.field: change.new for change in planned[0].record.changes}
    assert shown == {
        "Company": "500",
        "Journal": "90",
        "Description": "Januari 2026 [je-55]",
        "Period": "2026/1",
        "Date": "2026-01-31",
        "Reporting date": "2026-01-31",
        "Fulfilment date": "2026-01-31",
        "Debit": "250.00",
        "Credit": "250.00",
        "Line 1": "4000, Salaris, cost centre 001, -250.00",
        "Line 2": "1700, Salaris, 250.00",
    }
    run = books_of_pay.journal()
    record = books_of_pay.records(run)["journal_entry:je-55"]
    assert {change.field: change.new for change in record.changes} == {**shown, "Entry number": "20260001"}
    assert of_500(books_of_pay) == [
        ("500", "Januari 2026 [je-55]", "1700", "", "", "250.00"),
        ("500", "Januari 2026 [je-55]", "4000", "001", "", "-250.00"),
    ]


def given(made: Row) -> Step:
    """This entry, beside a sound one of the other company."""
    return lambda books: books.give(made, SOUND)


def mended(resource: str, match: Row, **values: Any) -> Step:
    """The sound entries, and something in Globe Next that is otherwise."""

    def step(books: Ledgers) -> None:
        books.give(entry("3500.00"), SOUND)
        books.globe(resource, match, **values)

    return step


def with_lines(*lines: Row) -> Row:
    return entry("3500.00", lines=list(lines))


def four(account: str) -> Row:
    """PW-24: four lines that add up to zero; the third has this account."""
    amounts = ("1000.00", "1000.00", "500.00", "-2500.00")
    accounts = ("4000", "4000", account, "1700")
    return with_lines(*(line(n, *one) for n, one in enumerate(zip(accounts, amounts, strict=True), 1)))


IN_500 = {"DatabaseName": "500"}
CORRECT = (
    "Correct the accounts in Exact Payroll Plus, or add or unblock them in Exact Globe Next. No line of the "
    "entry was sent."
)
PLACES = (
    "(Adm, Employer, Algemene gegevens, Administratienummer)",
    "(System, General, Settings, Company data settings, Company)",
)
JOURNAL = (
    "Set it in Exact Globe Next at System, General, Settings, General Ledger Settings, Journal, General "
    "journal (Exact Payroll Plus). It turns blank whenever the integration is edited."
)
BLOCKED = [
    pytest.param(
        given(
            with_lines(
                *(line(n, "4000", "1000.33", costCentre=f"00{n}") for n in (1, 2, 3)),
                line(4, "1700", "-3001.00"),
            )
        ),
        "ENTRY_NOT_BALANCED",
        f"{LABEL} does not balance: debit 3000.99, credit 3001.00, difference 0.01.",
        "Correct the journal entry of run-55 in Exact Payroll Plus, and process the run again. Nothing "
        "of it was sent, and no line is made to make up for the difference.",
        id="PW-01",
    ),
    pytest.param(
        given(with_lines(line(1, "4000", "0.005"), line(2, "1700", "-0.005"))),
        "ENTRY_AMOUNT_TOO_FINE",
        f"{LABEL} has amounts with more than two decimals: line 1 has 0.005; line 2 has -0.005.",
        "Have the amounts rounded to cents in Exact Payroll Plus, so that the entry still adds up to zero.",
        id="finer than a cent",
    ),
    pytest.param(
        given(four("")),
        "LEDGER_ACCOUNT_NOT_USABLE",
        f"{LABEL} can't be booked in the company 500 of Exact Globe Next: line 3 has no account.",
        CORRECT,
        id="PW-24 a",
    ),
    pytest.param(
        given(four("4098")),
        "LEDGER_ACCOUNT_NOT_USABLE",
        f"{LABEL} can't be booked in the company 500 of Exact Globe Next: line 3 has the account 4098, which "
        "does not exist there.",
        CORRECT,
        id="PW-24 b",
    ),
    pytest.param(
        given(four("4099")),
        "LEDGER_ACCOUNT_NOT_USABLE",
        f"{LABEL} can't be booked in the company 500 of Exact Globe Next: line 3 has the account 4099, "
        "which is blocked there.",
        CORRECT,
        id="PW-24 c",
    ),
    pytest.param(
        mended("CompanySetting", IN_500, Company="510"),
        "COMPANY_MISMATCH",
        f'{LABEL}: the Administratienummer in Exact Payroll Plus is "500" {PLACES[0]}, and the company of '
        f'the database "500" in Exact Globe Next is "510" {PLACES[1]}. They must be equal.',
        "Correct one of the two, so that they are equal; leading zeros count. Then replay the entry.",
        id="PW-26 a",
    ),
    pytest.param(
        mended("CompanySetting", IN_500, Company="0500"),
        "COMPANY_MISMATCH",
        f'{LABEL}: the Administratienummer in Exact Payroll Plus is "500" {PLACES[0]}, and the company of '
        f'the database "500" in Exact Globe Next is "0500" {PLACES[1]}. They must be equal.',
        "Correct one of the two, so that they are equal; leading zeros count. Then replay the entry.",
        id="PW-26 b",
    ),
    pytest.param(
        given(entry("3500.00", administratienummer="700")),
        "COMPANY_NOT_CONFIGURED",
        f'{LABEL} is for the Administratienummer "700", and this connection names "500", "600".',
        "Add the company to globe_companies of the connection, or correct the Administratienummer in Exact "
        "Payroll Plus (Adm, Employer, Algemene gegevens, Administratienummer).",
        id="a company that nobody named",
    ),
    pytest.param(
        mended("CompanySetting", IN_500, GeneralJournalExactPayrollPlus=""),
        "GENERAL_JOURNAL_BLANK",
        f"{LABEL}: General journal (Exact Payroll Plus) is blank in the company 500 of Exact Globe Next.",
        JOURNAL,
        id="JRN-2: the journal is blank",
    ),
    pytest.param(
        mended("Journal", IN_500, Blocked=True),
        "GENERAL_JOURNAL_NOT_USABLE",
        f"{LABEL}: the general journal 90 of the company 500 in Exact Globe Next is blocked.",
        "Mend that journal in Exact Globe Next, or set another at System, General, Settings, General Ledger "
        "Settings, Journal, General journal (Exact Payroll Plus).",
        id="the journal is blocked",
    ),
    pytest.param(
        mended("CompanySetting", IN_500, DefaultCurrency="USD"),
        "COMPANY_NOT_IN_EURO",
        f"{LABEL}: the company 500 of Exact Globe Next keeps its books in USD, and pay is in EUR.",
        "Name a company that keeps its books in EUR in globe_companies of the connection.",
        id="books in dollars",
    ),
    pytest.param(
        mended("GLAccount", {**IN_500, "Code": "1700"}, CostCenterMandatory=True),
        "COST_CENTRE_MANDATORY",
        f"{LABEL} can't be booked in the company 500 of Exact Globe Next, where these accounts need a cost "
        "centre: line 2 (account 1700) has no cost centre.",
        "Add or unblock the cost centre in Exact Globe Next, correct it in Exact Payroll Plus, or let the "
        "account do without one.",
        id="a cost centre that must be there",
    ),
    pytest.param(
        given(entry("3500.00", entryDate="2025-12-31", reportingDate="2026-01-31")),
        "FINANCIAL_PERIOD_CLOSED",
        f"{LABEL}: its date 2025-12-31 is in period 12 of 2025, which is closed in the company 500 of Exact "
        "Globe Next.",
        "Open period 12 of 2025 in Exact Globe Next; the next run books the entry there. It is never "
        "moved to another period.",
        id="PW-27",
    ),
    pytest.param(
        given(entry("3500.00", reportingDate="2025-12-31")),
        "FINANCIAL_PERIOD_CLOSED",
        f"{LABEL}: its reporting date 2025-12-31 is in period 12 of 2025, which is closed in the company "
        "500 of Exact Globe Next.",
        "Open period 12 of 2025 in Exact Globe Next; the next run books the entry there. It is never "
        "moved to another period.",
        id="PW-27, by the reporting date",
    ),
    pytest.param(
        given(entry("3500.00", entryDate="2027-01-31")),
        "FINANCIAL_PERIOD_MISSING",
        f"{LABEL}: its date 2027-01-31 is in no financial period of the company 500 in Exact Globe Next.",
        "Add the financial period in Exact Globe Next; the next run books the entry.",
        id="no period of its date",
    ),
]


@pytest.mark.requirement("JRN-1", "JRN-2", "RUN-4", "RUN-7")
@pytest.mark.parametrize(("make", "code", "message", "remedy"), BLOCKED)
def test_one_that_can_not_be_booked_waits_whole_and_the_others_go_on(
    books_of_pay: Ledgers, make: Step, code: str, message: str, remedy: str
) -> None:
    make(books_of_pay)
    preview = books_of_pay.journal("preview")
    assert (preview.counts["blocked"], preview.counts["created"]) == (1, 1)
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "blocked", "je-56": "created"}
    for one in (preview, run):
        why = books_of_pay.records(one)["journal_entry:je-55"].reason
        assert (why.code, why.message, why.remedy) == (code, message, remedy)
    assert (of_500(books_of_pay), books_of_pay.pending()) == ([], [])
    assert not [one for one in books_of_pay.sent() if "delete" in one]


@pytest.mark.requirement("JRN-1")
def test_outer_blanks_of_the_company_do_not_count(books_of_pay: Ledgers) -> None:
    """PW-26 c"""
    books_of_pay.give(entry("3500.00"))
    books_of_pay.globe("CompanySetting", IN_500, Company="   500")
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}


@pytest.mark.requirement("JRN-1")
def test_an_entry_without_a_number_belongs_to_that_of_the_employer(books_of_pay: Ledgers) -> None:
    made = entry("3500.00")
    del made["administratienummer"]
    books_of_pay.give(made)
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}
    assert len(of_500(books_of_pay)) == 2


@pytest.mark.requirement("JRN-1")
def test_an_entry_without_lines_is_skipped(books_of_pay: Ledgers) -> None:
    books_of_pay.give(entry("3500.00", lines=[]))
    run = books_of_pay.journal()
    assert (books_of_pay.outcomes(run), books_of_pay.reasons(run)) == (
        {"je-55": "skipped"},
        {"je-55": "ENTRY_EMPTY"},
    )


@pytest.mark.requirement("JRN-1", "JRN-2")
def test_a_period_that_is_opened_is_found_by_the_next_run_and_the_entry_booked_there(
    books_of_pay: Ledgers,
) -> None:
    """PW-27"""
    books_of_pay.give(entry("3500.00", entryDate="2025-12-31", reportingDate="2026-01-31"))
    books_of_pay.journal()
    # Nothing moves in Payroll Plus, and days go by.
    books_of_pay.clock.pass_by(4 * 86400)
    books_of_pay.journal()
    books_of_pay.globe("FinancialPeriod", {**IN_500, "FinancialYear": 2025}, Closed=False)
    books_of_pay.clock.pass_by(86400)
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}
    header = books_of_pay.headers()[0]
    assert (header["FinancialYear"], header["FinancialPeriod"]) == (2025, 12)
    assert books_of_pay.journal(full=True).counts["unchanged"] == 1


@pytest.mark.requirement("JRN-1")
def test_entries_wait_for_processed_and_not_for_approved(books_of_pay: Ledgers) -> None:
    books_of_pay.give(entry("3500.00"), status="Open")
    assert books_of_pay.outcomes(books_of_pay.journal()) == {}
    books_of_pay.give(entry("3500.00"))
    assert books_of_pay.outcomes(books_of_pay.journal()) == {"je-55": "created"}
    books_of_pay.give(entry("3500.00"), status="Approved")
    assert books_of_pay.journal().counts["unchanged"] == 1


CHANGED = (
    f"{LABEL} was booked in the company 500 of Exact Globe Next as 20260001 with a total of 3500.00, and "
    "Exact Payroll Plus has a total of 3600.00 for it now."
)
REPLACED = (
    "Journal entry je-58 (Januari 2026) takes the place of je-55, which was booked in the company 500 "
    "of Exact Globe Next as 20260001 with a total of 3500.00; the total of je-58 is 3600.00."
)


@pytest.mark.requirement("JRN-1", "RUN-5")
@pytest.mark.parametrize(
    ("entry_id", "code", "message", "mark"),
    [
        ("je-55", "ENTRY_CHANGED", CHANGED, "[je-55/2]"),
        ("je-58", "ENTRY_REPLACED", REPLACED, "[je-58]"),
    ],
)
def test_a_run_processed_again_is_booked_again_once_a_person_has_reversed_it(
    books_of_pay: Ledgers, entry_id: str, code: str, message: str, mark: str
) -> None:
    """PW-28, under the same id and under another."""
    books_of_pay.give(entry("3500.00"))
    books_of_pay.journal()
    books_of_pay.give(entry("3500.00"), status="Open")
    assert books_of_pay.outcomes(books_of_pay.journal()) == {}
    books_of_pay.give(entry("3600.00", entry_id=entry_id))
    for mode in ("preview", "sync", "sync"):
        run = books_of_pay.journal(mode)
        assert books_of_pay.outcomes(run) == {entry_id: "blocked"}
        why = books_of_pay.records(run)[f"journal_entry:{entry_id}"].reason
        assert (why.code, why.message) == (code, message)
        assert why.remedy.startswith(
            f"Reverse 20260001 in Exact Globe Next first; then start a run with book_again: {entry_id}."
        )
    assert len(books_of_pay.headers()) == 1
    run = books_of_pay.journal(book_again=[entry_id])
    assert books_of_pay.outcomes(run) == {entry_id: "created"}
    assert [row["Description"] for row in books_of_pay.headers()][1:] == [f"Januari 2026 {mark}"]
    assert books_of_pay.journal(book_again=[entry_id]).counts["unchanged"] == 1
    assert books_of_pay.journal(full=True).counts["unchanged"] == 1
    assert len(books_of_pay.headers()) == 2


@pytest.mark.requirement("JRN-1", "RUN-11")
def test_an_entry_of_400_lines_takes_a_call_a_line_the_header_and_the_look_ups(books_of_pay: Ledgers) -> None:
    amounts = [f"{number}.{number % 100:02d}" for number in range(1, 400)]
    books_of_pay.give(entry(*amounts))
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "created"}
    assert len(books_of_pay.sent()) == 401
    looked_up = [one for one in books_of_pay.requests("globe_next") if not one["writes"]]
    # Six lists of the company, of which the accounts and the rest have one page; and the mark.
    assert len(looked_up) == 7
    assert len(books_of_pay.ledger_rows()) == 400


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("kept", [True, False], ids=["one of two", "the only one"])
def test_a_company_that_is_stopped_keeps_back_no_other(books_of_pay: Ledgers, kept: bool) -> None:
    books_of_pay.give(entry("3500.00"), *([SOUND] if kept else []))
    state = books_of_pay.state("globe_next")
    books_of_pay.put("globe_next", {**state, "settings": [{"stopped": ["500"]}]})
    run = books_of_pay.journal()
    if kept:
        assert books_of_pay.outcomes(run) == {"je-55": "failed", "je-56": "created"}
        why = books_of_pay.records(run)["journal_entry:je-55"].reason
        assert why.code == "COMPANY_DOES_NOT_ANSWER"
    else:
        assert (run.status.value, run.error.code if run.error else "") == ("failed", "SYSTEM_UNREACHABLE")
    books_of_pay.put("globe_next", {**books_of_pay.state("globe_next"), "settings": [{"stopped": []}]})
    assert books_of_pay.outcomes(books_of_pay.journal())["je-55"] == "created"
    assert len(of_500(books_of_pay)) == 2


@pytest.mark.requirement("CON-1", "JRN-1")
def test_without_companies_it_answers_that_it_is_not_configured(books_of_pay: Ledgers) -> None:
    books_of_pay.settings(globe_companies=[])
    with pytest.raises(NeedsAttention) as refusal:
        books_of_pay.start("journal_sync")
    assert refusal.value.code == "NOT_CONFIGURED"
    assert refusal.value.message == (
        "The connection Delft names no globe_companies, without which journal_sync has nothing to write to."
    )


@pytest.mark.requirement("RUN-9")
def test_a_preview_is_applied_as_it_is_or_says_what_moved(books_of_pay: Ledgers) -> None:
    books_of_pay.give(entry("3500.00"), SOUND)
    preview = books_of_pay.journal("preview")
    books_of_pay.give(entry("3600.00"), SOUND)
    run = books_of_pay.run("journal_sync", "apply", plan_of=preview.run_id)
    assert books_of_pay.outcomes(run) == {"je-55": "blocked", "je-56": "created"}
    assert books_of_pay.reasons(run) == {"je-55": "MOVED_SINCE_PREVIEW"}
    assert of_500(books_of_pay) == []


@pytest.mark.requirement("LB-10")
def test_the_diagnosis_of_a_run_and_of_an_entry_tells_where_it_is_or_why_not(books_of_pay: Ledgers) -> None:
    bad = entry("1.00", entry_id="je-57", runId="run-56", entryDate="2025-12-31")
    books_of_pay.give(entry("3500.00"), bad)
    run = books_of_pay.journal()
    flow = books_of_pay.opening(run)
    books_of_pay.globe("CompanySetting", {"DatabaseName": "600"}, GeneralJournalExactPayrollPlus="")
    books_of_pay.forget_requests()
    seen = {one.name: (one.passed, one.seen) for one in books_of_pay.opening(run).diagnose("run-55")}
    assert seen["company 500 of Exact Globe Next takes the journal"] == (
        True,
        "journal 90; 3 periods, 1 of them closed",
    )
    passed, words = seen["company 600 of Exact Globe Next takes the journal"]
    assert (passed, "is blank in the company 600" in words) == (False, True)
    assert seen["payroll run run-55 is processed"] == (True, "Processed")
    assert seen["Journal entry je-55 is in Exact Globe Next"] == (True, "20260001 in company 500")
    last = flow.diagnose("je-57")[-1]
    assert (last.passed, "which is closed in the company 500" in last.seen) == (False, True)
    assert flow.diagnose("nobody")[-1].passed is False
    assert books_of_pay.sent() == []


@pytest.mark.requirement("RUN-4", "JRN-1")
def test_a_look_up_that_can_not_be_read_stops_its_company(
    books_of_pay: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COMPANY_NOT_READABLE: an account whose mark of blocking is no yes or no may be any of them."""
    books_of_pay.give(entry("3500.00"), SOUND)
    read = Books.accounts

    def accounts(books: Books) -> Any:
        if books.database == "500":
            return Listed([], [BadRow("4000", "4000", "Blocked", "is no yes or no")])
        return read(books)

    monkeypatch.setattr(Books, "accounts", accounts)
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "blocked", "je-56": "created"}
    assert books_of_pay.reasons(run) == {"je-55": "COMPANY_NOT_READABLE"}
    monkeypatch.undo()
    assert books_of_pay.outcomes(books_of_pay.journal())["je-55"] == "created"
