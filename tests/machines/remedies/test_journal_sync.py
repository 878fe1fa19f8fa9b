"""The remedies of the journal sync, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.machines.cures import Cure, carry_out, nothing, then
from tests.worlds.journal import COMPANIES, Ledgers, entry, line, period

Step = Callable[[Ledgers], None]
IN_500 = {"DatabaseName": "500"}
JOURNAL = "tests/flows/journal_sync/test_journal.py"
LOST = "tests/flows/journal_sync/test_lost.py"
# A person orders the second run otherwise, or somebody is quicker than a call.
ELSEWHERE = {
    "ENTRY_CHANGED": f"{JOURNAL}::test_a_run_processed_again_is_booked_again_once_a_person_has_reversed_it",
    "ENTRY_REPLACED": f"{JOURNAL}::test_a_run_processed_again_is_booked_again_once_a_person_has_reversed_it",
    "COMPANY_DOES_NOT_ANSWER": f"{JOURNAL}::test_a_company_that_is_stopped_keeps_back_no_other",
    "FIRST_LINE_IN_DOUBT": f"{LOST}::test_lines_that_can_not_be_told_apart_wait_for_a_person",
    "ENTRY_REFUSED": f"{LOST}::test_what_is_refused_after_the_lines_leaves_no_line_pending",
    "NOT_BOOKED_YET": f"{LOST}::test_a_header_that_is_not_processed_is_not_said_to_be_booked",
    "RUN_NOT_PROCESSED": f"{LOST}::test_what_was_begun_and_is_not_to_be_booked_any_more_is_removed",
    "ENTRY_NOT_THERE": f"{LOST}::test_what_was_begun_of_an_entry_that_is_gone_is_removed",
    "COMPANY_NOT_READABLE": f"{JOURNAL}::test_a_look_up_that_can_not_be_read_stops_its_company",
}


# --- what a person does on the screens ---------------------------------------------------------------------


def given(**values: Any) -> Step:
    """The entry, with these values, is what its run gives."""
    return lambda books: books.give(entry("3500.00", **values))


def globe(resource: str, match: dict[str, Any] | None = None, **values: Any) -> Step:
    """Somebody changes something of company 500."""
    return lambda books: books.globe(resource, {**IN_500, **(match or {})}, **values)


def added(resource: str, **values: Any) -> Step:
    """Somebody adds something to company 500."""

    def step(books: Ledgers) -> None:
        state = books.state("globe_next")
        books.put("globe_next", {**state, resource: [*state[resource], {**IN_500, **values}]})

    return step


def named(*companies: dict[str, str]) -> Step:
    """These are the companies of the connection."""
    return lambda books: books.settings(globe_companies=list(companies))


OFF = [line(1, "4000", "1000.33"), line(2, "1700", "-1000.34")]
FINE = [line(1, "4000", "1.005"), line(2, "1700", "-1.005")]
UNKNOWN = [line(1, "4098", "1.00"), line(2, "1700", "-1.00")]
WRONG = {**COMPANIES[0], "database_name": "501"}
CURES = [
    Cure("ENTRY_EMPTY", given(lines=[]), nothing, "Nothing to do.", stays=True),
    Cure("ENTRY_NOT_BALANCED", given(lines=OFF), given(), "Correct the journal entry of run-55"),
    Cure("ENTRY_AMOUNT_TOO_FINE", given(lines=FINE), given(), "Have the amounts rounded to cents"),
    Cure(
        "COMPANY_NOT_CONFIGURED",
        then(given(), named(COMPANIES[1])),
        named(*COMPANIES),
        "Add the company to globe_companies",
    ),
    Cure(
        "COMPANY_MISMATCH",
        then(given(), globe("CompanySetting", Company="0500")),
        globe("CompanySetting", Company="500"),
        "Correct one of the two",
    ),
    Cure(
        "COMPANY_REFUSED",
        then(given(), named(WRONG)),
        named(*COMPANIES),
        "Correct server_name and database_name in globe_companies",
    ),
    Cure(
        "GENERAL_JOURNAL_BLANK",
        then(given(), globe("CompanySetting", GeneralJournalExactPayrollPlus="")),
        globe("CompanySetting", GeneralJournalExactPayrollPlus="90"),
        "Set it in Exact Globe Next at System, General, Settings, General Ledger Settings",
    ),
    Cure(
        "GENERAL_JOURNAL_NOT_USABLE",
        then(given(), globe("Journal", Blocked=True)),
        globe("Journal", Blocked=False),
        "Mend that journal in Exact Globe Next",
    ),
    Cure(
        "COMPANY_NOT_IN_EURO",
        then(given(), globe("CompanySetting", DefaultCurrency="USD")),
        globe("CompanySetting", DefaultCurrency="EUR"),
        "Name a company that keeps its books in EUR",
    ),
    Cure(
        "LEDGER_ACCOUNT_NOT_USABLE",
        given(lines=UNKNOWN),
        added("GLAccount", Code="4098"),
        "add or unblock them in Exact Globe Next",
    ),
    Cure(
        "COST_CENTRE_MANDATORY",
        then(
            given(lines=[{**one, "costCentre": "002"} for one in entry("1.00")["lines"]]),
            globe("GLAccount", CostCenterMandatory=True),
        ),
        added("CostCenter", Code="002"),
        "Add or unblock the cost centre",
    ),
    Cure(
        "FINANCIAL_PERIOD_CLOSED",
        given(entryDate="2025-12-31"),
        globe("FinancialPeriod", {"FinancialYear": 2025}, Closed=False),
        "Open period 12 of 2025",
    ),
    Cure(
        "FINANCIAL_PERIOD_MISSING",
        given(entryDate="2026-03-31"),
        added("FinancialPeriod", **period(2026, 3, "2026-03-01", "2026-03-31")),
        "Add the financial period",
    ),
]


@pytest.mark.requirement("RUN-7", "JRN-1", "JRN-2")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(books_of_pay: Ledgers, case: Cure) -> None:
    carry_out(books_of_pay, "journal_sync", case)
    assert books_of_pay.pending() == []
