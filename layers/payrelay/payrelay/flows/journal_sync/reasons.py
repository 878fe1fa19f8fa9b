"""The reasons that the journal sync alone gives (JRN-1, JRN-2)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

COMPANY_PLACE = "System, General, Settings, Company data settings, Company"
JOURNAL_PLACE = (
    "System, General, Settings, General Ledger Settings, Journal, General journal (Exact Payroll Plus)"
)
NUMBER_PLACE = "Adm, Employer, Algemene gegevens, Administratienummer"

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "ENTRY_EMPTY": ("{label} has no lines.", "Nothing to do."),
    "ENTRY_AMOUNT_TOO_FINE": (
        "{label} has amounts with more than two decimals: {lines}.",
        "Have the amounts rounded to cents in Exact Payroll Plus, so that the entry still adds up to zero.",
    ),
    "ENTRY_NOT_BALANCED": (
        "{label} does not balance: debit {debit}, credit {credit}, difference {difference}.",
        (
            "Correct the journal entry of {run} in Exact Payroll Plus, and process the run again. "
            "Nothing of it was sent, and no line is made to make up for the difference."
        ),
    ),
    "COMPANY_NOT_CONFIGURED": (
        "{label} is for the Administratienummer {administration}, and this connection names {known}.",
        (
            "Add the company to globe_companies of the connection, or correct the Administratienummer "
            f"in Exact Payroll Plus ({NUMBER_PLACE})."
        ),
    ),
    "COMPANY_MISMATCH": (
        (
            "{label}: the Administratienummer in Exact Payroll Plus is {administration} "
            f"({NUMBER_PLACE}), and the company of the database {{database}} in Exact Globe Next is "
            f"{{there}} ({COMPANY_PLACE}). They must be equal."
        ),
        "Correct one of the two, so that they are equal; leading zeros count. Then replay the entry.",
    ),
    "GENERAL_JOURNAL_BLANK": (
        (
            "{label}: General journal (Exact Payroll Plus) is blank in the company {company} of Exact Globe "
            "Next."
        ),
        (
            f"Set it in Exact Globe Next at {JOURNAL_PLACE}. "
            "It turns blank whenever the integration is edited."
        ),
    ),
    "GENERAL_JOURNAL_NOT_USABLE": (
        "{label}: the general journal {journal} of the company {company} in Exact Globe Next {what}.",
        f"Mend that journal in Exact Globe Next, or set another at {JOURNAL_PLACE}.",
    ),
    "COMPANY_NOT_IN_EURO": (
        (
            "{label}: the company {company} of Exact Globe Next keeps its books in {currency}, and pay is "
            "in EUR."
        ),
        "Name a company that keeps its books in EUR in globe_companies of the connection.",
    ),
    "LEDGER_ACCOUNT_NOT_USABLE": (
        "{label} can't be booked in the company {company} of Exact Globe Next: {lines}.",
        (
            "Correct the accounts in Exact Payroll Plus, or add or unblock them in Exact Globe Next. No "
            "line of the entry was sent."
        ),
    ),
    "COST_CENTRE_MANDATORY": (
        (
            "{label} can't be booked in the company {company} of Exact Globe Next, where these accounts "
            "need a cost centre: {lines}."
        ),
        (
            "Add or unblock the cost centre in Exact Globe Next, correct it in Exact Payroll Plus, or "
            "let the account do without one."
        ),
    ),
    "FINANCIAL_PERIOD_CLOSED": (
        (
            "{label}: its {what} {day} is in period {period} of {year}, which is closed in the company "
            "{company} of Exact Globe Next."
        ),
        (
            "Open period {period} of {year} in Exact Globe Next; the next run books the entry there. It "
            "is never moved to another period."
        ),
    ),
    "FINANCIAL_PERIOD_MISSING": (
        "{label}: its {what} {day} is in no financial period of the company {company} in Exact Globe Next.",
        "Add the financial period in Exact Globe Next; the next run books the entry.",
    ),
    "ENTRY_CHANGED": (
        (
            "{label} was booked in the company {company} of Exact Globe Next as {number} with a total "
            "of {old}, and Exact Payroll Plus has a total of {new} for it now{same}."
        ),
        (
            "Reverse {number} in Exact Globe Next first; then start a run with book_again: {entry}. "
            "Until then nothing more is booked of it."
        ),
    ),
    "ENTRY_REPLACED": (
        (
            "{label} takes the place of {before}, which was booked in the company {company} of Exact "
            "Globe Next as {number} with a total of {old}; the total of {entry} is {new}{same}."
        ),
        (
            "Reverse {number} in Exact Globe Next first; then start a run with book_again: {entry}. "
            "Until then {entry} is not booked."
        ),
    ),
    "RUN_NOT_PROCESSED": (
        "{label}: its payroll run {run} is not processed in Exact Payroll Plus (any more).",
        "Nothing to do: the entry is booked by itself once the run is processed.",
    ),
    "ENTRY_NOT_THERE": (
        "{label} is not in its payroll run {run} of Exact Payroll Plus (any more).",
        "Nothing to do: what the run has instead is booked by the next run.",
    ),
    "COMPANY_DOES_NOT_ANSWER": (
        "{label}: the company {company} of Exact Globe Next does not answer: {problem}",
        "Start the Windows service of Exact Globe Next; the next run, or a replay, books the entry.",
    ),
    "COMPANY_REFUSED": (
        "{label}: Exact Globe Next refuses the database {database} on {server}: {problem}",
        (
            "Correct server_name and database_name in globe_companies of the connection, or give its "
            "user the rights there; then replay it."
        ),
    ),
    "COMPANY_NOT_READABLE": (
        "{label}: something in the company {company} of Exact Globe Next can't be read: {problem}",
        "Correct it in Exact Globe Next; the next run books the entry.",
    ),
    "FIRST_LINE_IN_DOUBT": (
        (
            "{label}: the answer to its first line was lost, and the company {company} of Exact Globe "
            "Next has {count} pending lines like it ({day}, account {account}, {amount}): whose is "
            "whose can't be told."
        ),
        "Remove those pending lines in Exact Globe Next, then replay the entry; it is not booked yet.",
    ),
    "NOT_BOOKED_YET": (
        "{label}: Exact Globe Next took its header, and did not process it.",
        "Look at the entry in Exact Globe Next, and process or remove it there; then replay it.",
    ),
    "ENTRY_REFUSED": (
        "Exact Globe Next refused {label} in the company {company}: {problem}",
        "Mend that in Exact Globe Next, or in Exact Payroll Plus, then replay the entry. No lines were left.",
    ),
}

reason = reasons_with(REASONS)
