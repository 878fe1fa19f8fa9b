"""The calls of a day: what is used, left, and kept for the scheduled runs that are still due (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import Struct, field

_DAY = timedelta(days=1)
# What is kept for a scheduled run beyond what the last one made: one tenth, rounded up.
_MARGIN = 10
# What is kept for one of which nothing is known yet.
UNKNOWN_RUN = 50
# The part of a day's calls that a diagnosis may take, unless the connection's settings say another.
DIAGNOSIS_SHARE = Decimal("0.05")


class Left(Struct, frozen=True):
    """So many calls were left of a vendor's day when it was told, and until when, where that was told too."""

    calls: int
    at: datetime
    reset: datetime | None = None


class Spent(Struct, frozen=True):
    """Calls by what and system, such as `made_xledger`, and what systems said is left of their day."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, Left] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.numbers)


class Due(Struct, frozen=True):
    """A scheduled run that is still due: of which flow, when, and how many calls the last one made."""

    flow: str
    at: datetime
    calls: int | None = None

    @property
    def kept(self) -> int:
        """The calls that are kept for it."""
        if self.calls is None:
            return UNKNOWN_RUN
        return self.calls + -(-self.calls // _MARGIN)


class Told(Struct, frozen=True):
    """What a vendor told last: so many calls `left`, of which so many were made `since`, and until when."""

    left: int
    since: int = 0
    reset: datetime | None = None


class Day(Struct, frozen=True):
    """A system's day: the calls made, and, where it has a limit, what is left and what of that is kept.

    `told` is whether the vendor itself said when it is reset; else it is assumed to be midnight, UTC.
    """

    used: int
    reset: datetime
    limit: int | None = None
    left: int | None = None
    reserved: int = 0
    due: tuple[Due, ...] = ()
    told: bool = False

    @property
    def free(self) -> int | None:
        """What is left for whoever has no first claim; None without a limit."""
        return None if self.left is None else max(0, self.left - self.reserved)


def midnight(now: datetime) -> datetime:
    """When a day ends that begins at midnight, UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + _DAY


def reset_of(told: Told | None, now: datetime) -> datetime:
    """When all calls of a day are there again: as the vendor said, else at midnight."""
    return told.reset if told and told.reset and told.reset > now else midnight(now)


def day_of(
    now: datetime,
    used: int,
    limit: int | None,
    told: Told | None = None,
    due: Iterable[Due] = (),
    own: int | None = None,
) -> Day:
    """A system's day: `limit` calls by the vendor, or fewer that somebody set as their `own`.

    What the vendor said is left counts more than our own counting, since others may call it as well; one that
    was reset since says nothing. Kept are the calls of what is `due` before it is reset.
    """
    limit = limit if own is None else own
    reset = reset_of(told, now)
    if limit is None:
        return Day(used, reset)
    over = told is not None and told.reset is not None and told.reset <= now
    left = max(0, limit - used)
    if told and not over:
        by_vendor = max(0, told.left - told.since)
        left = by_vendor if own is None else min(left, by_vendor)
    elif over:
        left = limit
    left = min(left, limit)
    waiting = tuple(sorted((one for one in due if one.at < reset), key=lambda one: (one.at, one.flow)))
    reserved = min(left, sum(one.kept for one in waiting))
    known = told is not None and told.reset is not None and not over
    return Day(used, reset, limit, left, reserved, waiting, known)


def share_of(limit: int, share: Decimal) -> int:
    """The calls that are a share of a day's; one at least, unless it is nothing at all."""
    return max(1, int(limit * share)) if share else 0


def largest_first(due: Sequence[Due]) -> list[Due]:
    """Those for which most is kept first, then the earliest of each flow."""
    return sorted(due, key=lambda one: (-one.kept, one.at, one.flow))
