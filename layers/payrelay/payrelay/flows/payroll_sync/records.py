"""What a run says of a person, and how they are known in messages."""

from __future__ import annotations

from payrelay.domain.records import Change, Outcome, Reason, Record
from payrelay.domain.spelling import trimmed
from payrelay.systems.rows import BadRow
from payrelay.systems.synergy.cards import Card

ENTITY = "employee"
SOURCE, TARGET = "Exact Synergy", "Exact Payroll Plus"
BLANK = "(blank)"


def label_of(number: int | str) -> str:
    """How messages name a person; no personal data."""
    return f"Employee {number}"


def named(card: Card) -> str:
    """A person as messages name them: the name beside the number."""
    name = trimmed(card.full_name) if isinstance(card.full_name, str) else ""
    return f"{label_of(card.id)} ({name})" if name else label_of(card.id)


def beside(card: Card) -> str:
    """The same within a sentence."""
    return f"employee{named(card).removeprefix('Employee')}"


def record_of(
    number: int | str, outcome: Outcome, why: Reason | None = None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of a person, under their number."""
    return Record(ENTITY, str(number), label_of(number), outcome, str(number), why, changes)


def unreadable(row: BadRow, system: str = SOURCE) -> Record:
    """The record of somebody of whom a row can't be used."""
    return record_of(row.id, Outcome.BLOCKED, row.why(label_of(row.id), system))
