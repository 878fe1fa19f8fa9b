"""Lists of a system as they were read before: what moved since is asked for and put over them (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

# A system answers by several machines, whose clocks differ a little.
MARGIN = timedelta(minutes=5)


class Copy(Struct, frozen=True):
    """Rows as they came over the wire, by list and id; `at` is the system's own time when that began."""

    at: datetime
    lists: dict[str, dict[str, Any]]

    @property
    def since(self) -> datetime:
        """From when on to ask what moved."""
        return self.at - MARGIN

    def rows(self, name: str) -> list[Any]:
        """The rows of one list, in the order of their ids."""
        return [row for _, row in sorted(self.lists[name].items(), key=_place)]

    def moved(self, name: str, rows: Mapping[str, Any], gone: Iterable[str], at: datetime) -> Copy:
        """The same with these rows put over those of a list, and without those that are gone."""
        left = set(gone)
        merged = {one: row for one, row in {**self.lists[name], **rows}.items() if one not in left}
        return Copy(at, {**self.lists, name: merged})

    def differs(self, other: Copy) -> int:
        """How many rows the two have otherwise, or one alone."""
        return sum(
            self.lists.get(name, {}).get(one) != other.lists.get(name, {}).get(one)
            for name in {*self.lists, *other.lists}
            for one in {*self.lists.get(name, {}), *other.lists.get(name, {})}
        )


def by_id(rows: Iterable[object], key: str, fields: Iterable[str]) -> dict[str, Any] | None:
    """These fields of rows by their ids; None where a row tells no id, or two the same one."""
    found: dict[str, Any] = {}
    names = tuple(fields)
    for row in rows:
        one = row.get(key) if isinstance(row, Mapping) else None
        if not isinstance(row, Mapping) or not isinstance(one, str) or not one or one in found:
            return None
        found[one] = {name: row[name] for name in names if name in row}
    return found


def moment_in(text: object) -> datetime | None:
    """A time with its offset, as RFC 3339 writes it; None for anything else."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found and found.tzinfo else None


def _place(item: tuple[str, Any]) -> tuple[int, str]:
    """Numbers as numbers."""
    return (len(item[0]), item[0]) if item[0].isdigit() else (0, item[0])
