"""The story of the journal: after the pay run its entries are booked, each once, in the right company."""

from collections import Counter

from local.demo.client import Json, must, say, show_changes, show_reasons, show_run
from local.demo.reports import Delft
from local.seed.payroll_outputs import SECOND_ADMINISTRATION

FLOW = "journal_sync"
WRONG_NUMBER = "601"
BLANK = (
    "General journal (Exact Payroll Plus) is blank in the company "
    f"{SECOND_ADMINISTRATION} of Exact Globe Next."
)


def entries_and_a_blank_journal(delft: Delft) -> None:
    """A number that does not match, a blank journal, and a lost answer: in the end each entry stands once."""
    plan = delft.director.call("GET", f"/connections/{delft.connection}/schedules/{FLOW}")
    say(f"   Scheduled since it was connected: every day at {plan['time']} {plan['time_zone']}.")
    _second_company(delft, Company=WRONG_NUMBER)
    say(f"   In the database {SECOND_ADMINISTRATION} somebody has entered {WRONG_NUMBER} as the company.")
    preview = delft.director.run(delft.connection, FLOW, "preview")
    show_run(preview)
    records = delft.director.records(preview)
    created = [one for one in records if one["outcome"] == "created"]
    must(bool(created), "the preview would book nothing")
    say(f"   {created[0]['label']}, as it would be booked:")
    show_changes(created[0], 9)
    others = [one for one in records if one["outcome"] == "blocked"]
    must(
        bool(others)
        and all(
            number in one["reason"]["message"]
            for one in others
            for number in (SECOND_ADMINISTRATION, WRONG_NUMBER)
        ),
        "a number that does not match was not told",
    )
    show_reasons(others[:1])
    _second_company(delft, Company=SECOND_ADMINISTRATION, GeneralJournalExactPayrollPlus="")
    say(f"   That is corrected. The integration was edited: the journal of {SECOND_ADMINISTRATION} is blank.")
    delft.globe.faults(errors=["after_write_reset"], count=1, match="create FinancialHeader")
    run = _run(delft)
    delft.globe.calm()
    blocked = [one for one in delft.director.records(run) if one["outcome"] == "blocked"]
    must(
        bool(blocked) and all(BLANK in one["reason"]["message"] for one in blocked),
        "no blank journal was told",
    )
    show_reasons(blocked[:1])
    say("   The answer to one of the headers was lost on the way: it was looked for, and not sent again.")
    _second_company(delft, GeneralJournalExactPayrollPlus="90")
    say("   The journal is set again in Exact Globe Next; the next run books what had waited.")
    cured = _run(delft)
    must(cured["counts"]["created"] == len(blocked), "not all that had waited was booked")
    delft.globe.forget()
    _run(delft)
    must(delft.globe.writes() == 0, "something was booked twice")
    _stands_once(delft.globe.state(), len(created) + len(blocked))


def _stands_once(state: Json, expected: int) -> None:
    """What Globe Next itself has: one header an entry, and no line without one."""
    marks = Counter(
        row["Description"].rpartition("[")[2]
        for row in state["FinancialHeader"]
        if (row["Description"] or "").endswith("]")
    )
    must(set(marks.values()) == {1} and len(marks) == expected, f"the ledger has {dict(marks)}")
    done = {row["TransactionKey"] for row in state["FinancialHeader"]}
    pending = [row for row in state["FinancialLine"] if row["TransactionKey"] not in done]
    must(not pending, f"{len(pending)} lines are pending")
    say(f"   Exact Globe Next has {expected} entries of ours, each once, and no line is pending.")


def _second_company(delft: Delft, **values: str) -> None:
    delft.globe.edit("CompanySetting", lambda row: row["DatabaseName"] == SECOND_ADMINISTRATION, **values)


def _run(delft: Delft) -> Json:
    run = delft.director.run(delft.connection, FLOW)
    show_run(run)
    must(run["status"] in ("succeeded", "partial"), f"the run of {FLOW} is {run['status']}")
    return run
