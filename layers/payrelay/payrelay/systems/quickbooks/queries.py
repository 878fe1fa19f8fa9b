"""QuickBooks' query language: texts in quotes, lists, and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

# "O'Neil & Sons" is looked for as Neil, "The Old Forge" as Old: short words and these find too much.
_INSIGNIFICANT = frozenset({"and", "the", "ltd", "limited", "plc", "llp", "inc"})
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3


def text(value: str) -> str:
    """A text as it stands in a query."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def any_of(values: Iterable[str]) -> str:
    """A list of texts."""
    return f"({','.join(text(value) for value in values)})"


def significant_word(name: str) -> str | None:
    """The first word by which names like this one may be found; None where it has no letter or digit."""
    words: list[str] = _WORD.findall(name)
    telling = (word for word in words if len(word) >= _SHORTEST and word.lower() not in _INSIGNIFICANT)
    return next(telling, words[0] if words else None)
