"""Notes compared with pins: what would be pinned, and why the rest would not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from payrelay.domain.records import Change, Outcome, PlannedPage, Reason, Record, Write
from payrelay.flows.pin_notes.reasons import reason
from payrelay.flows.pin_notes.rules import pinned


class ToPin(Struct, frozen=True):
    """What a write sends."""

    note_id: str
    text: str


def compare(index: int, notes: Iterable[tuple[str, str]], pins: Mapping[str, str]) -> PlannedPage:
    """One page: `notes` are id and text, `pins` texts by the note's id."""
    unchanged, records, writes = 0, [], []
    for note_id, text in notes:
        wanted, held = pinned(text), pins.get(note_id)
        if wanted is None:
            why = reason("NOTE_EMPTY", label=f"Note {note_id}")
            records.append(record(note_id, Outcome.SKIPPED, why))
        elif wanted == held:
            unchanged += 1
        else:
            outcome = Outcome.CREATED if held is None else Outcome.UPDATED
            shown = record(note_id, outcome, changes=(Change("text", held, wanted),))
            writes.append(Write(shown, ToPin(note_id, wanted), target_id=note_id))
    return PlannedPage(index, unchanged, tuple(records), tuple(writes))


def record(
    note_id: str, outcome: Outcome, why: Reason | None = None, changes: tuple[Change, ...] = ()
) -> Record:
    """A note as a run tells of it."""
    return Record("note", note_id, f"Note {note_id}", outcome, note_id, why, changes)
