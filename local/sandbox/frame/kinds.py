"""Which values a field takes, and what is said of a row that does not fit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


@dataclass(frozen=True)
class Kind:
    """`words` end the message "must be …"."""

    words: str
    accepts: Callable[[Any], bool]


def instant(moment: datetime) -> str:
    """`2026-01-06T22:01:09Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def is_day(value: object) -> bool:
    """Whether a value is a date such as `2026-01-04`, and one that there is."""
    return isinstance(value, str) and _DAY.fullmatch(value) is not None and _is_on_a_calendar(value)


def is_instant(value: object) -> bool:
    """Whether a value is a time such as `2026-01-06T22:01:09Z`, and one that there is."""
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None and _is_on_a_calendar(value)


def _is_on_a_calendar(text: str) -> bool:
    try:
        date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def like(words: str, pattern: re.Pattern[str]) -> Kind:
    """A text that is wholly of the pattern."""
    return Kind(words, lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None)


def one_of(*values: str) -> Kind:
    """One of these texts."""
    return Kind(f"one of {', '.join(value or 'an empty text' for value in values)}", values.__contains__)


def or_null(kind: Kind) -> Kind:
    """What the other kind takes, and null."""
    return Kind(f"{kind.words}, or null", lambda value: value is None or kind.accepts(value))


TEXT = Kind("a text", lambda value: isinstance(value, str))
NAME = Kind("a text that is not blank", lambda value: isinstance(value, str) and bool(value.strip()))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))


def misfits(fields: Mapping[str, Kind], row: Any, needed: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Field and message of whatever does not fit, the `needed` fields that are missing first."""
    if not isinstance(row, dict):
        return [("", "an object is needed")]
    found = [(name, "is required") for name in needed if name not in row]
    for name, value in row.items():
        kind = fields.get(name)
        if kind is None:
            found.append((str(name), f"unknown field; known are {', '.join(fields)}"))
        elif not kind.accepts(value):
            found.append((name, f"must be {kind.words}"))
    return found
