"""Amounts of what AWS bills, by the names of `prices`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from local.costs.prices import PRICES

Work = Mapping[str, float]


def total(*parts: Work) -> dict[str, float]:
    """All of these together."""
    found: dict[str, float] = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = found.get(name, 0.0) + amount
    return found


def times(count: float, part: Work) -> dict[str, float]:
    """The same so many times."""
    return {name: amount * count for name, amount in part.items()}


def dollars(work: Work) -> dict[str, float]:
    """What it costs by the list, by line of the bill."""
    return _by_line((PRICES[name].line, PRICES[name].of(amount)) for name, amount in work.items())


def given(work: Work) -> float:
    """What of it no account ever pays."""
    return sum(PRICES[name].given(amount) for name, amount in work.items())


def _by_line(parts: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for line, amount in parts:
        found[line] = found.get(line, 0.0) + amount
    return found
