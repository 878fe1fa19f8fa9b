"""The audit trails of a world: what each run has put down of each record."""

from __future__ import annotations

from typing import Any

Entry = tuple[str, frozenset[tuple[str, str | None]]]


def trails(world: Any) -> dict[str, list[Entry]]:
    """By record, the entries in the order of their runs: the run, and the fields with their new values."""
    found: dict[str, list[Entry]] = {}
    for item in world.memory.table.everything():
        _, history, record_id = item["pk"].partition("#HISTORY#")
        if history:
            changes = frozenset((change["field"], change["new"]) for change in item["changes"])
            found.setdefault(record_id, []).append((item["run_id"], changes))
    return {name: sorted(entries, key=lambda one: one[0]) for name, entries in sorted(found.items())}


def written(world: Any) -> dict[str, frozenset[tuple[str, str | None]]]:
    """By record, all fields that any run has written, with their new values."""
    return {name: frozenset().union(*(one[1] for one in found)) for name, found in trails(world).items()}
