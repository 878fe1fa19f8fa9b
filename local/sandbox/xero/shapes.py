"""Xero's ids, its moments, its kinds of value, and what a resource is."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from local.sandbox.frame.kinds import DAY, FLAG, Fields, Kind, instance_of, like, listed, record, that
from local.sandbox.frame.published import Published
from local.sandbox.frame.resources import Resource

_NAMESPACE = uuid.UUID("6b1d5a52-38cf-4f4c-9d4d-3b1f7a0c2e11")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SLASHED = re.compile(r"/Date\((\d{1,14})(?:[+-]\d{4})?\)/")
# Members that are null count as not sent.
ABSENT: tuple[Any, ...] = (None,)


@dataclass(frozen=True, eq=False)
class Listed(Resource):
    """One collection below `/api.xro/2.0`; what is no document and no contact can't be written.

    - `written`: what may be written; the other fields Xero sets itself: a write that echoes them is no error.
    - `where`: the fields that a listing may compare and be in order of; `parameters`: those that it takes.
    - `scopes`: the first words of the scopes that let one in.
    - `number`, `types`, `prefix`: a document's number, its types with whether their numbers are unique, and
      what numbers that Xero makes begin with.
    """

    written: Fields = field(default_factory=dict)
    where: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = ()
    number: str = ""
    types: Mapping[str, bool] = field(default_factory=dict)
    prefix: str = ""

    @property
    def id(self) -> str:
        """The field that names a row within its tenant."""
        return self.keys[-1]

    @property
    def days(self) -> tuple[str, ...]:
        """The fields that are dates, which answers show in milliseconds."""
        return tuple(name for name, kind in self.fields.items() if kind is DATE)

    @property
    def body(self) -> Fields:
        """What an element of a body may have."""
        return {name: kind for name, kind in self.fields.items() if name != "tenantId"}


def guid(*parts: str) -> str:
    """The id that always belongs to these parts."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def is_guid(value: object) -> bool:
    """Whether it has the form of an id."""
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def slashed(moment: str) -> str:
    """`/Date(1767571200000+0000)/` of a day or a UTC time in ISO form."""
    value = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return f"/Date({int(value.timestamp()) * 1000}+0000)/"


# A state asks for every row of it.
@lru_cache(maxsize=64)
def to_the_second(now: datetime) -> str:
    """`2026-01-05T10:00:00`, UTC."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _day(value: Any) -> str:
    """A day as it is, or that of `/Date(1767571200000)/`, with or without an offset."""
    match = _SLASHED.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return str(DAY.take(value))
    return datetime.fromtimestamp(int(match[1]) / 1000, UTC).date().isoformat()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _list(value: Any) -> Any:
    if not isinstance(value, list):
        raise ValueError(value)
    return _without_nulls(value)


TEXT = instance_of(str, "a string")
NUMBER = that("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool))
DATE = Kind("a date such as 2026-01-05", _day)
GUID = like("a GUID", _GUID)
LIST = Kind("a list", _list)


def text_of(longest: int) -> Kind:
    """A text that has a length."""
    words = f"a text of at most {longest} characters"
    return that(words, lambda value: isinstance(value, str) and len(value) <= longest)


def members(text: str = "", **others: Kind) -> dict[str, Kind]:
    """Texts by their names in one string, and members of other kinds."""
    return {**dict.fromkeys(text.split(), TEXT), **others}


def numbers(text: str) -> dict[str, Kind]:
    """Numbers by their names in one string."""
    return dict.fromkeys(text.split(), NUMBER)


def part(fields: Fields) -> Kind:
    """An object of such members."""
    return record(fields, absent=ABSENT)


def parts(fields: Fields) -> Kind:
    """A list of such objects."""
    return listed(part(fields))


# What the published list knows beside the members that the sandbox has a use for.
PUBLISHED = Published(
    Path(__file__).with_name("published.toml"),
    {
        "text": TEXT,
        **{f"text{longest}": text_of(longest) for longest in (12, 30, 50)},
        "guid": GUID,
        "number": NUMBER,
        "whole": that("a whole number", lambda value: type(value) is int),
        "flag": FLAG,
        "day": DATE,
        "list": LIST,
    },
    part,
)
