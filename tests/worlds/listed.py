"""Lists of rooms in tests: their rows, of which none may be unusable."""

from __future__ import annotations

from typing import Any, TypeVar

from payrelay.domain.invoices import Nominal
from payrelay.systems.rows import BadRow, Listed

T = TypeVar("T")


def good(listed: Listed[T]) -> list[T]:
    """The rows."""
    bad: list[BadRow] = []
    rows = listed.take(bad)
    assert bad == []
    return rows


def usable(listed: Listed[T]) -> list[T]:
    """The rows that can be used, whatever others there are."""
    return listed.take([])


def bad(listed: Listed[Any]) -> list[BadRow]:
    """The rows that can't be used."""
    found: list[BadRow] = []
    listed.take(found)
    return found


def keyed(listed: Listed[tuple[str, T]]) -> dict[str, T]:
    """The rows by what was asked for."""
    return dict(good(listed))


def grouped(listed: Listed[tuple[str, T]]) -> dict[str, list[T]]:
    """The rows by what was asked for, several of each."""
    found: dict[str, list[T]] = {}
    for key, row in good(listed):
        found.setdefault(key, []).append(row)
    return found


def coded(listed: Listed[Nominal]) -> dict[str, Nominal]:
    """Nominals by their code."""
    return {one.code: one for one in good(listed)}
