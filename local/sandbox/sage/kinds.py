"""The kinds of value that members hold: each reads a value of a body, or raises ValueError."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from .errors import malformed

Kind: TypeAlias = Callable[[Any], Any]
Members: TypeAlias = Mapping[str, "Kind | Nested"]


def text(longest: int = 255) -> Kind:
    """A text of at most so many characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError(value)
        return value

    return read


def number(value: Any) -> Decimal:
    """A number, or a text that holds one."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(value)
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", value):
        raise ValueError(value)
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise ValueError(value) from error


def whole(least: int, most: int) -> Kind:
    """A whole number within bounds."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(value)
        return value

    return read


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def day(value: Any) -> str:
    """A date, YYYY-MM-DD."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError(value)
    return date.fromisoformat(value).isoformat()


def moment(value: Any) -> str:
    """A time, 2026-01-05T10:00:00Z."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        raise ValueError(value)
    return value


def hexadecimal(value: Any) -> str:
    """32 hexadecimal characters: an id, or an idempotency_id."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{32}", value):
        raise ValueError(value)
    return value


def words(value: Any) -> list[str]:
    """A list of texts, not empty."""
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError(value)
    return list(value)


class Nested:
    """An object of members, or a list of such objects."""

    def __init__(self, members: Members, *, many: bool = False) -> None:
        self.members, self.many = members, many


def read_members(members: Members, value: Any, path: str) -> dict[str, Any]:
    """The members of an object as they are kept; a null is as good as absent. Raises RefusedError."""
    if not isinstance(value, dict):
        raise malformed(path)
    found: dict[str, Any] = {}
    for name, given in value.items():
        kind = members.get(name)
        where = f"{path}[{name}]"
        if kind is None:
            raise malformed(where)
        if given is not None:
            found[name] = _read(kind, given, where)
    return found


def _read(kind: "Kind | Nested", given: Any, where: str) -> Any:
    if isinstance(kind, Nested):
        if not kind.many:
            return read_members(kind.members, given, where)
        if not isinstance(given, list):
            raise malformed(where)
        return [read_members(kind.members, one, where) for one in given]
    try:
        return kind(given)
    except ValueError as error:
        raise malformed(where) from error


def money(value: Decimal) -> str:
    """An amount as Sage writes it: "2000.0", "20.55"."""
    plain = format(value.normalize(), "f")
    return plain if "." in plain else f"{plain}.0"
