"""The kinds of value that Simployer's fields hold: what is accepted, and how a filter's text reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any


@dataclass(frozen=True)
class Kind:
    """`words` end the message "<field> must be …"; `parse` reads a filter's text or raises ValueError."""

    words: str
    accepts: Callable[[Any], bool]
    parse: Callable[[str], Any] | None
    store: Callable[[Any], Any] | None = None


def moment(value: datetime) -> str:
    """ISO 8601, UTC, milliseconds."""
    utc = value.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


@lru_cache(maxsize=65_536)
def read_moment(text: str) -> str:
    """A date or a UTC date-time in the vendor's one form; raises ValueError."""
    if len(text) < 10 or (len(text) > 10 and not text.endswith("Z")):
        raise ValueError(text)
    value = datetime.fromisoformat(text)
    return moment(value if value.tzinfo else value.replace(tzinfo=UTC))


def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        read_moment(value)
    except ValueError:
        return False
    return True


def _read_flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _read_number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TEXT = Kind("a string", lambda value: isinstance(value, str), str)
FLAG = Kind("a boolean value", lambda value: isinstance(value, bool), _read_flag)
NUMBER = Kind("a number", _is_number, _read_number)
MOMENT = Kind("a valid ISO 8601 date string", _is_moment, read_moment, read_moment)
OBJECT = Kind("an object", lambda value: isinstance(value, dict), None)


def choice(*values: str) -> Kind:
    """One of a few words."""

    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(text)
        return text

    return Kind(f"one of the following values: {', '.join(values)}", lambda value: value in values, parse)


def record(*fields: str) -> Kind:
    """An object of text fields, all optional."""

    def accepts(value: object) -> bool:
        return isinstance(value, dict) and all(
            key in fields and (part is None or isinstance(part, str)) for key, part in value.items()
        )

    return Kind(f"an object of {', '.join(fields)}", accepts, None)


def fields(**names_by_kind: Mapping[str, Kind] | str) -> dict[str, Kind]:
    """Field names by kind: `text="a b"`, `flag=…`, `number=…`, `moment=…`, and `others={name: kind}`."""
    kinds = {"text": TEXT, "flag": FLAG, "number": NUMBER, "moment": MOMENT}
    result: dict[str, Kind] = {}
    for kind, names in names_by_kind.items():
        if isinstance(names, str):
            result.update(dict.fromkeys(names.split(), kinds[kind]))
        else:
            result.update(names)
    return result
