"""What a record's last outcome lets be known without reading the target: both sides, as they agreed (RUN-11).

An entry is a fact of one record: the source row with this digest, and the target at these versions, are
equal, or the record is not for the target. It holds while the row has that digest, the target tells of
nothing newer, and no day has come that could change the judgement.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from zlib import crc32

from msgspec import Struct, msgpack

# At least once in so many days everything is compared, unless the connection says sooner.
FULL_DAYS = 7
# The day of what no day changes.
NEVER = sys.maxsize
_EPOCH = date(1970, 1, 1)
# Runs of every day or week do not begin at the same second, and clocks are not equal.
_LEEWAY = timedelta(hours=1)


class Kind(StrEnum):
    """What was found of a record: it was equal, or not for the target, or was planned as a write.

    What came of a write is told by the record's link.
    """

    EQUAL = "e"
    LEFT_OUT = "l"
    SENT = "s"


class Entry(Struct, frozen=True, gc=False, array_like=True):
    """What is known of one record.

    `digest` is a keyed hash of its row at the source, as it was read. `ids` are those of the target in each
    of the flow's lists there, none where it has none, and `versions` its own times in these lists, in
    seconds, 0 where that is not known. `until` is the first day (since 1970) on which it is to be compared
    again.
    """

    kind: Kind
    digest: bytes
    ids: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    until: int = NEVER


class Part(Struct, frozen=True):
    """The entries of one page, as they are kept: how many, the first of their ids, and the object's name."""

    first: str
    name: str
    count: int


def day_number(day: date) -> int:
    """A day as it is kept: days since 1970."""
    return (day - _EPOCH).days


def until(today: date, days: Iterable[date | None]) -> int:
    """The next day on which one of these `days` is not ahead, now, or past any more as it is `today`."""
    coming = [day for day in days if day is not None and day >= today]
    if not coming:
        return NEVER
    first = min(coming)
    return day_number(first) + (first == today)


def pack(entries: Mapping[str, Entry]) -> bytes:
    """Entries by source id, compressed; the same bytes for the same entries."""
    plain = msgpack.encode(dict(sorted(entries.items())))
    return gzip.compress(plain, compresslevel=1, mtime=0)


def unpack(data: bytes) -> dict[str, Entry]:
    """What `pack` was given, sorted by source id."""
    return msgpack.decode(gzip.decompress(data), type=dict[str, Entry])


def is_full_due(full_at: datetime | None, now: datetime, days: int, spread: str) -> bool:
    """Whether everything is to be compared again, `full_at` being when that was done last.

    It is never later than after so many `days`, and sooner after the first time: each `spread` has a moment
    of its own in them, so that not all tenants are compared on the same day.
    """
    if full_at is None:
        return True
    period = timedelta(days=days)
    if not -_LEEWAY <= now - full_at < period - _LEEWAY:
        return True
    whole = int(period.total_seconds())
    turn = crc32(spread.encode()) % whole
    return (int(now.timestamp()) - turn) // whole > (int(full_at.timestamp()) - turn) // whole
