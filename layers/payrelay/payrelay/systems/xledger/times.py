"""The times of Xledger's rows: its wall clock without an offset, as numbers that grow with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cache

_LENGTH = len("2026-01-05T06:01:12")
_FIRST_DAY, _DAY = date(1970, 1, 1).toordinal(), 24 * 60 * 60


@cache
def _zone() -> tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  (few steps ask for it)

    return ZoneInfo("Europe/Oslo")


def seconds_of(text: str | None) -> int:
    """A time of a row as a number; 0 for what is none."""
    if not text or len(text) < _LENGTH:
        return 0
    try:
        at = datetime.fromisoformat(text[:_LENGTH])
    except ValueError:
        return 0
    return (at.toordinal() - _FIRST_DAY) * _DAY + at.hour * 3600 + at.minute * 60 + at.second


def text_of(seconds: int) -> str:
    """The time as rows have it that is this number."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def wall_of(moment: datetime) -> int:
    """A moment as rows tell it."""
    return int(moment.astimezone(_zone()).replace(tzinfo=UTC).timestamp())


def is_twice(seconds: int) -> bool:
    """Whether clocks show this time twice: it lies in the night in which they are put back."""
    once = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=_zone())
    again = once.replace(fold=1)
    return once.utcoffset() != again.utcoffset() and all(wall_of(one) == seconds for one in (once, again))
