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
    return sum(_text(name) + _value(value) for name, value in item.items() if value is not None)


def _value(value: Any) -> int:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int | Decimal):
        return _number(value)
    if isinstance(value, bytes | bytearray):
        return len(value)
    if isinstance(value, Mapping):
        return _NEST + sum(_ELEMENT + _text(name) + _value(inner) for name, inner in value.items())
    return _NEST + sum(_ELEMENT + _value(inner) for inner in value)


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _number(value: int | Decimal) -> int:
    """Two digits take a byte; one more for the exponent, and one for a sign."""
    return min(_NUMBER, (len(str(value)) + 1) // 2 + 2)
