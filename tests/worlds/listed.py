"""What a list held, for tests that look at its two halves one by one."""

from __future__ import annotations

from typing import TypeVar

from payrelay.systems.rows import BadRow, Listed

T = TypeVar("T")


def good(listed: Listed[T]) -> list[T]:
    """The rows that can be used."""
    return listed.take([])


def bad(listed: Listed[T]) -> list[BadRow]:
    """The others."""
    found: list[BadRow] = []
    listed.take(found)
    return found
