"""Cutting long lists into groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Thing = TypeVar("Thing")


def in_groups(things: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    """`things` in their order, in lists of `size`, the last one shorter."""
    rest = iter(things)
    while group := list(islice(rest, size)):
        yield group
