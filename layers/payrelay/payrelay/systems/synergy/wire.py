"""Values as Synergy writes them: days, moments and exact numbers; and how they stand in a filter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Self

_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def _moment(raw: object) -> datetime:
    found = _DATE.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise ValueError("is not a day or time such as /Date(1767571200000)/")
    try:
        return _EPOCH + timedelta(milliseconds=int(found[1]))
    except OverflowError:
        raise ValueError("is beyond all years") from None
