"""What a run says of a journal entry, and how it is found again."""

from __future__ import annotations

from urllib.parse import quote, unquote

from payrelay.domain.records import Change, Outcome, Reason, Record

ENTITY = "journal_entry"
SOURCE, TARGET = "Exact Payroll Plus", "Exact Globe Next"


def label_of(entry_id: str, description: str = "") -> str:
    """How messages name an entry: `Journal entry je-55 (Januari 2026)`."""
    return f"Journal entry {entry_id} ({description})" if description else f"Journal entry {entry_id}"


def source_id_of(run_id: str, entry_id: str) -> str:
    """How Payroll Plus finds an entry again: by its run; `run-55/je-55`."""
    return f"{quote(run_id, safe='')}/{quote(entry_id, safe='')}"


def run_and_entry(source_id: str) -> tuple[str, str]:
    """The ids of the payroll run and of the entry."""
    run_id, _, entry_id = source_id.partition("/")
    return unquote(run_id), unquote(entry_id)


def record_of(
    source_id: str,
    outcome: Outcome,
    why: Reason | None = None,
    *,
    description: str = "",
    changes: tuple[Change, ...] = (),
) -> Record:
    """The record of an entry, under its id."""
    _, entry_id = run_and_entry(source_id)
    return Record(ENTITY, entry_id, label_of(entry_id, description), outcome, source_id, why, changes)
