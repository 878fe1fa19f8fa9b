"""How large an item is as DynamoDB counts it, and how large it may be."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# An item's names and values together, and all items of one transaction.
LARGEST_ITEM = 400 * 1024
LARGEST_TRANSACTION = 4 * 1024 * 1024
# What a list or a map costs by itself, and each of its elements.
_NEST, _ELEMENT = 3, 1
_NUMBER = 21


def size_of(item: Mapping[str, Any]) -> int:
    """The bytes of an item in plain values: its names and its values; None is not stored."""
    return _members({name: value for name, value in item.items() if value is not None}, 0)


def _members(values: Mapping[str, Any], each: int) -> int:
    """Names and values, and so much for each; texts are most of what there is, and are counted here."""
    size = each * len(values)
    for name, value in values.items():
        size += len(name) if name.isascii() else len(name.encode())
        if type(value) is str and value.isascii():
            size += len(value)
        else:
            size += _value(value)
    return size


def _value(value: Any) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int | Decimal):
        return _number(value)
    if isinstance(value, bytes | bytearray):
        return len(value)
    if isinstance(value, Mapping):
        return _NEST + _members(value, _ELEMENT)
    return _NEST + sum(_ELEMENT + _value(inner) for inner in value)


def _number(value: int | Decimal) -> int:
    """Two digits take a byte; one more for the exponent, and one for a sign."""
    return min(_NUMBER, (len(str(value)) + 1) // 2 + 2)
