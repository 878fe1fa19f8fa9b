"""What is planned of one entry: its booking, a clean-up of what was begun, or why it waits (JRN-2, RUN-5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.domain.spelling import shown
from payrelay.flows.journal_sync.notes import Note, facts_of, facts_of_note
from payrelay.flows.journal_sync.read import Sides, Unusable
from payrelay.flows.journal_sync.reasons import reason
from payrelay.flows.journal_sync.records import label_of, record_of, source_id_of
from payrelay.flows.journal_sync.rules import (
    EURO,
    LINE_TEXT,
    Booked,
    Booking,
    Entry,
    Problem,
    Sent,
    already,
    booking_of,
    credit,
    debit,
    flaw,
    header_text,
    money,
)

# What is nobody's work.
_SKIPS = frozenset({"ENTRY_EMPTY"})


class Payload(Struct, frozen=True):
    """What is sent of an entry to its company: the lines, then the header.

    Lines are account, amount, cost centre and cost unit; `facts` are what is kept of the entry. One that
    `cleans` only removes the pending lines that a run left which was broken off; one with a `number` turned
    out to be booked under it already.
    """

    company: str
    lines: Sequence[tuple[str, str, str, str]] = ()
    days: tuple[str, str, str] = ("", "", "")
    header: Mapping[str, Any] = {}
    facts: Mapping[str, str] = {}
    cleans: bool = False
    number: str = ""


class Known(Struct, frozen=True):
    """What is known beside an entry: what was booked of its payroll run and company, what the run has now."""

    booked: Sequence[Booked]
    listed: Collection[str]


def judged(entry: Entry, known: Known, sides: Sides, *, again: bool) -> Booking | Record | Booked:
    """What is to be sent of an entry; or that it stands there as it is; or its record, which says why not."""
    verdict = already(entry, known.booked, known.listed, again=again)
    if isinstance(verdict, Booked):
        return verdict
    problem = verdict or flaw(entry)
    if problem:
        return refused(entry, problem, sides)
    company = sides.company(entry.company)
    if isinstance(company, Unusable):
        return record(entry, company.outcome, company.why(label_of(entry.id, entry.description)))
    found = booking_of(entry, company)
    return refused(entry, found, sides) if isinstance(found, Problem) else found


def refused(entry: Entry, problem: Problem, sides: Sides) -> Record:
    """The record of an entry that is not booked as it is."""
    outcome = Outcome.SKIPPED if problem.code in _SKIPS else Outcome.BLOCKED
    return record(entry, outcome, why(entry, problem, sides))


def why(entry: Entry, problem: Problem, sides: Sides) -> Reason:
    """The reason of a problem; its company is named as Payroll Plus and as the settings name it."""
    database = sides.companies.get(entry.company, {}).get("database_name", "")
    common = {
        "label": label_of(entry.id, entry.description),
        "entry": entry.id,
        "run": entry.run_id,
        "company": entry.company,
        "database": shown(database),
    }
    return reason(problem.code, **{**common, **problem.values})


def record(
    entry: Entry, outcome: Outcome, told: Reason | None = None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of an entry."""
    where = source_id_of(entry.run_id, entry.id)
    return record_of(where, outcome, told, description=entry.description, changes=changes)


def write_of(entry: Entry, booking: Booking, number: int, replaces: str = "") -> Write[Payload]:
    """The write of an entry: its record, and what is sent; it is booked for the `number`-th time."""
    days = tuple(day.isoformat() for day in (entry.day, entry.reporting, entry.fulfilment))
    header = {
        "Journal": booking.journal,
        "Description": header_text(entry, number),
        "FinancialYear": booking.year,
        "FinancialPeriod": booking.period,
        "CurrencyCode": EURO,
    }
    facts = facts_of(entry, number, replaces)
    return Write(
        record=record(entry, Outcome.CREATED, changes=_changes(entry, booking, header)),
        payload=Payload(
            company=entry.company,
            lines=tuple((one.account, money(one.amount), one.centre, one.unit) for one in booking.lines),
            days=days,  # type: ignore[arg-type]
            header=header,
            facts=facts,
        ),
        facts=facts,
    )


def confirming(entry: Entry, note: Note, done: Booked) -> Write[Payload]:
    """A write of an entry whose header was taken before the answer came: nothing is left to send."""
    rows = {"Company": note.company, "Debit": note.total, "Credit": note.total}
    changes = tuple(Change(name, None, value) for name, value in rows.items())
    return Write(
        record=record(entry, Outcome.CREATED, changes=changes),
        payload=Payload(company=note.company, number=done.number),
        facts=facts_of_note(note),
    )


def cleaning(told: Record, note: Note) -> Write[Payload]:
    """A write that removes what was begun of an entry that is not booked now; its record says why not."""
    return Write(record=told, payload=Payload(company=note.company, cleans=True))


def _changes(entry: Entry, booking: Booking, header: Mapping[str, Any]) -> tuple[Change, ...]:
    """What a person sees of it: the header, the totals, and each line as it will stand there."""
    amounts = [one.amount for one in booking.lines]
    dates = {"Date": entry.day, "Reporting date": entry.reporting, "Fulfilment date": entry.fulfilment}
    rows = {
        "Company": entry.company,
        "Journal": header["Journal"],
        "Description": header["Description"],
        "Period": f"{booking.year}/{booking.period}",
        **{name: f"{day}" for name, day in dates.items()},
        "Debit": money(debit(amounts)),
        "Credit": money(credit(amounts)),
    }
    width = len(str(len(booking.lines)))
    for place, one in enumerate(booking.lines, 1):
        rows[f"Line {place:0{width}}"] = _shown(one)
    return tuple(Change(name, None, value) for name, value in rows.items())


def _shown(line: Sent) -> str:
    parts = [line.account, LINE_TEXT]
    parts += [f"cost centre {line.centre}"] if line.centre else []
    parts += [f"cost unit {line.unit}"] if line.unit else []
    return ", ".join([*parts, money(line.amount)])
