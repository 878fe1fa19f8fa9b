"""The kinds of value that Simployer's fields hold, and how a filter's text reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any

from local.sandbox.frame import kinds
from local.sandbox.frame.kinds import FLAG_TEXT, Kind, or_null


@dataclass(frozen=True)
class Field(Kind):
    """`parse` reads the text of a filter, or raises ValueError; what has none is not filtered by."""

    parse: Callable[[str], Any] | None = None


@lru_cache(maxsize=64)
def moment(value: datetime) -> str:
    """ISO 8601, UTC, milliseconds."""
    utc = value.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


@lru_cache(maxsize=65_536)
def _read_moment(text: str) -> str:
    """A date or a UTC date-time in the vendor's one form."""
    if len(text) < 10 or (len(text) > 10 and not text.endswith("Z")):
        raise ValueError(text)
    value = datetime.fromisoformat(text)
    return moment(value if value.tzinfo else value.replace(tzinfo=UTC))


def _moment(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return _read_moment(value)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(value)
    return value


def _number_text(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


TEXT = Field("a string", kinds.TEXT.take, parse=str)
FILLED = Field("a string that is not empty", kinds.NAME.take, parse=str)
_KINDS = {
    "text": TEXT,
    "flag": Field("a boolean value", kinds.FLAG.take, parse=FLAG_TEXT.take),
    "number": Field("a number", _number, parse=_number_text),
    "moment": Field("a valid ISO 8601 date string", _moment, parse=_read_moment),
    "object": Field("an object", kinds.OBJECT.take),
}


def choice(*values: str) -> Field:
    """One of a few words."""
    take = kinds.one_of(*values).take
    return Field(f"one of the following values: {', '.join(values)}", take, parse=take)


def record(*names: str) -> Field:
    """An object of texts, all optional."""
    return Field("an object", kinds.record(dict.fromkeys(names, or_null(TEXT))).take)


def fields(names: str, **others: Field) -> dict[str, Field]:
    """Fields of `id* active:flag name …`: a text where nothing is said; a star marks what can't be empty.

    The kinds of `others` are given by name. All but the starred take null, which is as good as absent.
    """
    result: dict[str, Field] = {}
    for word in names.split():
        name, _, kind = word.rstrip("*").partition(":")
        field = others.get(name) or _KINDS[kind or "text"]
        filled = FILLED if field is TEXT else field
        result[name] = filled if word.endswith("*") else kinds.may_be_null({name: field})[name]
    return result
