"""QuickBooks' query language: texts in quotes, lists, patterns, and pages.

Its parser knows the signs of Latin-1 alone: a name with U+2019 or a number with U+2013 in it is refused as a
whole (400, code 4000). Such texts are asked for by a pattern, and compared where their rows are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ANYTHING = "%"
# Not even what Latin-1 has besides ASCII: how its letters are composed is not known.
_UNSAFE = re.compile(r"[^ -~]+|\\")
_MANY = re.compile(r"%[% ]*%")


def text(value: str) -> str:
    """A text as it stands in a query."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def any_of(values: Iterable[str]) -> str:
    """A list of texts."""
    return f"({','.join(text(value) for value in values)})"


def is_safe(value: str) -> bool:
    """Whether a text can stand in a query as it is."""
    return _UNSAFE.search(value) is None


def pattern(value: str) -> str:
    """What LIKE takes for a text, and maybe for some others: `O%Neil`, whatever stands between the two."""
    return _MANY.sub(ANYTHING, _UNSAFE.sub(ANYTHING, value))


def finds_all(like: str) -> bool:
    """Whether a pattern has no letter and no digit in it: it would find every row."""
    return not any(char.isalnum() for char in like)
