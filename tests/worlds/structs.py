"""Changed copies and plain values, of dataclasses and of structs alike."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def replace(one: T, **changes: Any) -> T:
    """A copy with other values."""
    if isinstance(one, msgspec.Struct):
        return msgspec.structs.replace(one, **changes)
    return dataclasses.replace(one, **changes)  # type: ignore[type-var]


def asdict(one: Any) -> dict[str, Any]:
    """Everything inside, plain."""
    found: dict[str, Any] = msgspec.to_builtins(one)
    return found
