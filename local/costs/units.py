"""How DynamoDB weighs: the bytes of an item, and the units of a read and of a write."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

Item = Mapping[str, Any]

READ_BYTES, WRITE_BYTES = 4096, 1024
# A read of an index can't be consistent, and costs half.
OF_INDEX = 0.5
# A transaction prepares and commits; the indexes follow it as they follow any write.
TRANSACTION = "TransactWriteItems"
INDEXES = ("by_time", "by_connection")
# Of a list, a map, and each of their members.
FRAME, MEMBER = 3, 1


def bytes_of(item: Item | None) -> int:
    """The bytes of an item: names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in (item or {}).items())


def _value(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bool) or value is None:
        return 1
    if isinstance(value, int | Decimal):
        return 1 + math.ceil(len(Decimal(value).as_tuple().digits) / 2)
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Mapping):
        return FRAME + sum(MEMBER + len(name.encode()) + _value(inner) for name, inner in value.items())
    return FRAME + sum(MEMBER + _value(inner) for inner in value)


def read_units(operation: str, items: Sequence[Item | None], *, index: bool) -> float:
    """The read units of one call: a query adds its items up, the others round each item up."""
    sizes = [bytes_of(item) for item in items]
    if operation == "Query":
        sizes = [sum(sizes)]
    return sum(max(1, math.ceil(size / READ_BYTES)) for size in sizes) * (OF_INDEX if index else 1)


def write_units(operation: str, before: Item | None, after: Item | None) -> int:
    """The write units of one item: by the larger of what it was and is, and what each index follows."""
    own = _written(max(bytes_of(before), bytes_of(after)))
    return own * (2 if operation == TRANSACTION else 1) + sum(_indexed(n, before, after) for n in INDEXES)


def _indexed(index: str, before: Item | None, after: Item | None) -> int:
    """The index has all of an item: a change is written once, a move is a delete and a put."""
    was, now = _place(index, before), _place(index, after)
    if was is None and now is None:
        return 0
    if was == now:
        return 0 if before == after else _written(max(bytes_of(before), bytes_of(after)))
    return (_written(bytes_of(before)) if was else 0) + (_written(bytes_of(after)) if now else 0)


def _place(index: str, item: Item | None) -> tuple[str, str] | None:
    keys = [(item or {}).get(f"{index}_{part}") for part in ("pk", "sk")]
    return (keys[0], keys[1]) if all(keys) else None  # type: ignore[return-value]


def _written(size: int) -> int:
    return max(1, math.ceil(size / WRITE_BYTES))


class Weighed:
    """A scale under the ledger in memory: units of reading and of writing, as they add up."""

    def __init__(self) -> None:
        self.units: Counter[str] = Counter()

    def read(self, operation: str, items: Sequence[Item | None], *, index: bool = False) -> None:
        """One call that read these items."""
        self.units["reads"] += read_units(operation, items, index=index)  # type: ignore[assignment]

    def wrote(self, operation: str, before: Sequence[Item | None], after: Sequence[Item | None]) -> None:
        """One call that wrote these items."""
        for was, now in zip(before, after, strict=True):
            self.units["writes"] += write_units(operation, was, now)
