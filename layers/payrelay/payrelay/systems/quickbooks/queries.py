"""QuickBooks' query language: texts in quotes, lists, and pages."""

from __future__ import annotations

from collections.abc import Iterable


def text(value: str) -> str:
    """A text as it stands in a query."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def any_of(values: Iterable[str]) -> str:
    """A list of texts."""
    return f"({','.join(text(value) for value in values)})"
