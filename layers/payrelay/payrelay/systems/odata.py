"""What rooms of Exact's OData v2 services share: values as they are written, filters, and pages of lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from .http.answers import error_of_unreadable

_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Code(str):
    """A code without the blanks that the server may put in front: `                  HR` is HR."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The code that a text is; ValueError for anything else."""
        if not isinstance(raw, str):
            raise ValueError("is not a text")
        return cls(raw.strip())


class Moment(datetime):
    """A time, `/Date(1767589920000)/`, in UTC."""

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The time that a text is; ValueError for anything else. Not the value: this text is shown."""
        at = _moment(raw)
        return cls(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, UTC)


class EdmDay(date):
    """A day, `/Date(1767571200000)/`: midnight of the local day, as if it were UTC."""

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The day that a text is; ValueError for anything else. Not the value: it may be a birthday."""
        at = _moment(raw)
        return cls(at.year, at.month, at.day)


class Number(Decimal):
    """A number, exact to the digit: `Edm.Double` comes as a number, `Edm.Decimal` as text."""

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The number; ValueError for what is none. Not the value: it may be somebody's pay."""
        if isinstance(raw, str | int | Decimal) and not isinstance(raw, bool):
            try:
                number = cls(raw)
            except InvalidOperation:
                number = cls("nan")
            if number.is_finite():
                return number
        raise ValueError("is not a number")


def moment(at: datetime) -> str:
    """A time as it stands in a filter, to the second: a fraction is cut off, so that nothing is missed."""
    return f"datetime'{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}'"


def midnight(day: date) -> str:
    """A day as it is written."""
    return f"{day:%Y-%m-%d}T00:00:00"


def text(value: str) -> str:
    """A text as it stands in a filter."""
    return "'" + value.replace("'", "''") + "'"


def rows(system: str, page_of: Callable[[tuple[tuple[str, str], ...]], Any]) -> Iterator[Any]:
    """The raw rows of a list, page after page; `page_of` answers one, given where to go on."""
    onwards: tuple[tuple[str, str], ...] = ()
    seen: set[str] = set()
    for page in count(1):
        raws, following = _page(system, page_of(onwards))
        yield from raws
        if following is None:
            return
        if not raws or following in seen:
            raise error_of_unreadable(system, f"page {page} does not lead to the next", safe=True)
        seen.add(following)
        onwards = (("$skiptoken", following),)


def words_of(body: object) -> str:
    """What a refusal says: `{"error": {"message": {"value"}}}`."""
    match body:
        case {"error": {"message": {"value": str(words)}}}:
            return words
    return ""


def _page(system: str, answer: Any) -> tuple[list[Any], str | None]:
    """The raw rows of a page, and the token of the next one."""
    match answer:
        case {"d": {"results": list(raws), "__next": str(link)}}:
            return raws, _token(system, link)
        case {"d": {"results": list(raws), **more}} if more.get("__next") is None:
            return raws, None
    raise error_of_unreadable(system, "not a list of rows", safe=True)


def _token(system: str, link: str) -> str:
    """Where a link to the next page goes on; its address is not followed, so that it can't lead elsewhere."""
    try:
        tokens = parse_qs(urlsplit(link).query).get("$skiptoken", [])
    except ValueError:
        tokens = []
    if len(tokens) != 1:
        raise error_of_unreadable(system, "a next page without a $skiptoken", safe=True)
    return tokens[0]


def _moment(raw: object) -> datetime:
    found = _DATE.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise ValueError("is not a day or time such as /Date(1767571200000)/")
    try:
        return _EPOCH + timedelta(milliseconds=int(found[1]))
    except OverflowError:
        raise ValueError("is beyond all years") from None
