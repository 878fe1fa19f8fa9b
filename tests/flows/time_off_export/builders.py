"""Absences and leave as the tests of pure functions write them down."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from payrelay.flows.time_off_export.matched import Person
from payrelay.flows.time_off_export.rules import Absence, Held, Period, Scope, Written
from payrelay.flows.time_off_export.worked import Worked

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
SCOPE = Scope(FEBRUARY)
# Somebody whose other leave shows that they work from Monday to Friday.
WEEKDAYS = Worked({"other": frozenset(range(5))})


def on(day: str) -> date:
    """`02-09` → 2026-02-09; with a year before it, that year."""
    return date.fromisoformat(day if len(day) > 5 else f"2026-{day}")


def absence(
    start: str, end: str, *, leave: str = "l1", code: str = "FERIE", extent: int = 100, text: str = "Winter"
) -> Absence:
    """What is wanted of employee record `e1`."""
    return Absence("e1", leave, code, on(start), on(end), Decimal(extent), text)


def held(one: Absence, db_id: str, *, number: str = "101", record: str = "e1", by_hand: bool = False) -> Held:
    """The same as Xledger has it: written by an export, or entered by hand."""
    ours = Written(record, number, "7", one.parent, one.code, one.start, one.end, one.extent)
    text = one.text or None
    return Held(db_id, one.code, one.start, one.end, one.extent, text, None if by_hand else ours)


def person(*there: Held) -> Person:
    """Employee 101 with these absences in Xledger."""
    return Person("e1", "101", "7", there)
