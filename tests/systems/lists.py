"""Both halves of a list, as tests look at them."""

from __future__ import annotations

from typing import TypeVar

from payrelay.systems.rows import BadRow, Listed

T = TypeVar("T")


def halves(listed: Listed[T]) -> tuple[list[T], list[BadRow]]:
    """The rows, and those that can't be used."""
    bad: list[BadRow] = []
    return listed.take(bad), bad


def rows(listed: Listed[T]) -> list[T]:
    """The rows of a list in which each can be used."""
    found, bad = halves(listed)
    assert bad == []
    return found
