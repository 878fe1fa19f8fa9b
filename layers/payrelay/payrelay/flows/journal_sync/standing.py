"""What stands in Globe Next of an entry already, and what that means for it now (JRN-1, RUN-5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from payrelay.flows.journal_sync.rules import Entry, Problem, Sent, digest, money, total_of


class Booked(Struct, frozen=True):
    """An entry that stands in Globe Next: its number, debit total, and the digest of what it says.

    Where it took the place of another one that was reversed, `replaces` is the id of that.
    """

    number: str
    total: Decimal
    digest: str
    entry_id: str
    booking: int = 1
    replaces: str = ""
    company: str = ""


def already(
    entry: Entry, booked: Iterable[Booked], listed: Iterable[str], *, again: bool
) -> Problem | Booked | None:
    """What stands in the way of an entry, or makes it one that is done; None where it is to be booked.

    `booked` are the entries of its payroll run and company that stand in Globe Next, and `listed` are those
    that the run has now: one that was booked and is gone from the run has been replaced by this one. Where a
    person has reversed what stands there, and asked for it, the entry is booked `again`.
    """
    rows = list(booked)
    own = [one for one in rows if one.entry_id == entry.id]
    if own:
        last = max(own, key=lambda one: one.booking)
        if last.digest == digest(entry):
            return last
        return None if again else _differs(entry, last)
    before = replaced(rows, listed)
    if before and not again:
        return Problem("ENTRY_REPLACED", {**_totals(entry, before), "before": before.entry_id})
    return None


def replaced(booked: Iterable[Booked], listed: Iterable[str]) -> Booked | None:
    """The entry that stands in Globe Next, is gone from its payroll run, and was not replaced yet."""
    rows = list(booked)
    there = {*listed, *(one.replaces for one in rows)}
    return next((one for one in rows if one.entry_id not in there), None)


def _differs(entry: Entry, booked: Booked) -> Problem:
    return Problem("ENTRY_CHANGED", _totals(entry, booked))


def _totals(entry: Entry, booked: Booked) -> dict[str, str]:
    new = total_of(entry)
    same = " (the same total, in other lines, accounts or dates)" if new == booked.total else ""
    where = {"company": booked.company} if booked.company else {}
    totals = {"old": money(booked.total), "new": money(new), "same": same}
    return {"number": booked.number, **totals, **where}


def still_missing(wanted: Sequence[Sent], there: Sequence[Sent]) -> list[Sent] | None:
    """Which of the lines are not there yet, in their order; None where there is one that is not wanted.

    Lines that are alike stand for each other: which of them came does not matter.
    """
    left = Counter(there)
    missing: list[Sent] = []
    for one in wanted:
        if left[one]:
            left[one] -= 1
        else:
            missing.append(one)
    return None if +left else missing
