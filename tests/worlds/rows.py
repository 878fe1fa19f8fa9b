"""What a list of a vendor's rows holds, for tests that look at both kinds."""

from __future__ import annotations

from typing import TypeVar

from payrelay.systems.rows import BadRow, Listed

T = TypeVar("T")


def taken(listed: Listed[T]) -> tuple[list[T], list[BadRow]]:
    """The rows, and those that can't be used."""
    bad: list[BadRow] = []
    return listed.take(bad), bad
