"""How many calls writes will take, by system, before they are made (RUN-11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from msgspec import Struct

LOADS, LOOKS = "loads", "looks"
MADE = "made_"


class Load(Struct, frozen=True):
    """So many things for a system, of which one call takes so many at once."""

    system: str
    count: int
    at_once: int = 1


# By what they are, such as new employees: what goes out in calls of its own.
Loads = Mapping[str, Load]


def lists(system: str, calls: int, writes: int, batch_size: int) -> dict[str, Load]:
    """So many lists of a system that are read once for each batch of writes."""
    return {f"list {number} of {system}": Load(system, writes, batch_size) for number in range(1, calls + 1)}


def calls_of(loads: Loads) -> dict[str, int]:
    """The calls that these take when they go out together, by system."""
    found: Counter[str] = Counter()
    for one in loads.values():
        found[one.system] += ceil(one.count / one.at_once)
    return {system: calls for system, calls in found.items() if calls}


def calls_of_plan(
    pages: Iterable[Mapping[str, Any]], batches: Sequence[Mapping[str, Any]], kept: str = LOADS
) -> dict[str, int]:
    """The calls that a plan takes, by system: what was `kept` of its pages, as it goes out in these batches.

    What goes out thing by thing is exact. A page that is cut into several batches counts in each by its part,
    as if its writes were well mixed.
    """
    found: Counter[str] = Counter()
    by_page = {int(page["index"]): page for page in pages if page.get(kept)}
    loads = {index: _loads(page[kept]) for index, page in by_page.items()}
    for each in loads.values():
        for one in each.values():
            found[one.system] += one.count if one.at_once == 1 else 0
    for batch in batches:
        shares: dict[tuple[str, str, int], Fraction] = {}
        for part in batch["slices"]:
            index = int(part["page"])
            for name, one in loads.get(index, {}).items():
                if one.at_once > 1:
                    writes = int(by_page[index]["writes"])
                    share = Fraction(one.count * int(part["stop"] - part["start"]), writes)
                    where = (name, one.system, one.at_once)
                    shares[where] = shares.get(where, Fraction()) + share
        for (_, system, at_once), share in shares.items():
            found[system] += ceil(share / at_once)
    return {system: calls for system, calls in found.items() if calls}


def stored(loads: Loads) -> dict[str, list[Any]]:
    """As it is kept with a page: plain values."""
    return {name: [one.system, one.count, one.at_once] for name, one in loads.items() if one.count}


def _loads(kept: Mapping[str, Sequence[Any]]) -> Loads:
    return {name: Load(system, int(count), int(at_once)) for name, (system, count, at_once) in kept.items()}


def made_of(asked: Mapping[str, int]) -> dict[str, int]:
    """The calls that were made, by system, of all that calls have come to."""
    return {name.removeprefix(MADE): number for name, number in asked.items() if name.startswith(MADE)}


def together(*parts: Mapping[str, int]) -> dict[str, int]:
    """The sums of calls by system."""
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part)
    return dict(found)
