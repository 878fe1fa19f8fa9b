"""As of which day a person's balance goes to Millennium: the end of their own open batch (AC-7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct


class Batch(Struct, frozen=True):
    """A batch of a payroll that was started; whose it is matters only where the ends differ."""

    number: int
    description: str
    begin: date
    end: date
    people: frozenset[str] = frozenset()


class Undated(Struct, frozen=True):
    """Why it can't be told as of which day: a code of `reasons.py`, and the batches in question."""

    code: str
    batches: tuple[Batch, ...]


def ends_differ(batches: Sequence[Batch]) -> bool:
    """Whether it matters in which batch somebody is."""
    return len({one.end for one in batches}) > 1


def end_of(person: str, batches: Sequence[Batch]) -> date | Undated:
    """The ending date of a person's own batch (AC-7).

    Where all batches end on one day, that is everybody's. Where they differ, a person in none of them, or in
    two that differ, has no such day.
    """
    if not ends_differ(batches):
        return batches[0].end
    own = [one for one in batches if person in one.people]
    if not own:
        return Undated("IN_NO_BATCH", tuple(batches))
    if ends_differ(own):
        return Undated("IN_TWO_BATCHES", tuple(own))
    return own[0].end


def named(batches: Sequence[Batch]) -> str:
    """How messages name batches: `batch 3 "Biweekly" (2025-12-22 to 2026-01-04)`."""
    return ", ".join(_named(one) for one in batches)


def _named(batch: Batch) -> str:
    name = f' "{batch.description}"' if batch.description else ""
    return f"batch {batch.number}{name} ({batch.begin} to {batch.end})"
