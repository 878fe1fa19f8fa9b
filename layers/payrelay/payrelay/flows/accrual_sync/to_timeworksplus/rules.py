"""The effective date of a balance, which code holds it, and whether it differs (AC-2, AC-3, AC-4).

A balance of Millennium is true at the end of the pay period that its last accrual paid; it is written to
TimeWorksPlus as of that day, and hours used after it are taken off there. Hours that Millennium has taken
off already must not lie after that day, or they are taken off twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

# TimeWorksPlus keeps so many decimals.
DECIMALS = 2


class Check(Struct, frozen=True, array_like=True, gc=False):
    """A check of one employee. It `counts` where no rule passes it over; one that is `voided` never does."""

    day: date
    begin: date
    end: date
    batch: str
    number: str
    counts: bool = True
    voided: bool = False


class Row(Struct, frozen=True, array_like=True, gc=False):
    """An employee's accrual of one code in Millennium, and when it last accrued."""

    code: str
    balance: Decimal
    accrued: date | None
    start: date | None = None
    end: date | None = None

    def in_effect(self, day: date) -> bool:
        """Whether the code is in effect for the employee on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class Dating(Struct, frozen=True):
    """The effective `day` of a balance, and the check that gave it: None where it is the Last Accrue Date.

    A `later` check was paid after the accrual for a later period; since it accrued nothing, the balance may
    hold hours that were used after `day`.
    """

    day: date
    check: Check | None
    later: Check | None = None


def counts(begin: date, end: date, calendar: object, blocked: Collection[object], *, voided: bool) -> bool:
    """Whether a check may date a balance: not voided, no correction, accruals not blocked (AC-3).

    A correction is paid for a period of one day. Blocks are those of the check's own calendar entry: two runs
    may share a check date.
    """
    return not voided and begin != end and calendar not in blocked


def dating(accrued: date, checks: Iterable[Check]) -> Dating:
    """When a balance that last accrued on this day is true, by the employee's checks (AC-3).

    Of several checks of that day the one with the latest period end counts; of none the day itself.
    """
    of_day: Check | None = None
    later: Check | None = None
    for one in checks:
        if not one.counts or one.day < accrued:
            continue
        if one.day == accrued:
            of_day = one if of_day is None or one.end > of_day.end else of_day
        else:
            later = one if later is None or one.end > later.end else later
    day = of_day.end if of_day else accrued
    # What a later check paid for days up to the effective date is in the balance of that date.
    if later and later.end <= day:
        later = None
    return Dating(day, of_day, later)


def is_of_another_year(dated: Dating) -> bool:
    """Whether the check is of another year than the end of its period: what the year's end cuts or carries
    over is in the balance already, and the period is the old year's."""
    return dated.check is not None and dated.check.day.year != dated.check.end.year


def void_before(dated: Dating, checks: Iterable[Check]) -> Check | None:
    """A voided check whose work nothing pays any more that counts, if the dating check's period begins after
    it: it was paid again in the wrong batch (AC-3)."""
    if dated.check is None:
        return None
    rows = list(checks)
    paid = {(one.begin, one.end) for one in rows if one.counts}
    lost = [one for one in rows if one.voided and one.end < dated.check.begin and one.begin != one.end]
    lost = [one for one in lost if (one.begin, one.end) not in paid]
    return max(lost, key=lambda one: one.end, default=None)


def in_effect(rows: Sequence[Row], checks: Iterable[Check]) -> tuple[Row, ...]:
    """Those of an employee's codes of one description that hold its balance: one, or it is ambiguous (AC-2).

    In effect is what is so on the latest effective date among them. Where none is, the one that was last.
    """
    if len(rows) < 2:
        return tuple(rows)
    known = list(checks)
    days = [dating(row.accrued, known).day for row in rows if row.accrued]
    if not days:
        return tuple(row for row in rows if row.end is None) or tuple(rows)
    day = max(days)
    found = tuple(row for row in rows if row.in_effect(day))
    return found or (max(rows, key=lambda row: (row.end or date.max, row.accrued or date.min)),)


def places(decimals: int) -> int:
    """To how many places a balance is compared and written: the code's, and no more than the clock keeps."""
    return min(decimals, DECIMALS)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """A value to so many places: half up, away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def hours(value: Decimal, decimals: int = DECIMALS) -> str:
    """A balance as TimeWorksPlus has it: two decimals, of which `decimals` count; no minus before a zero."""
    kept = rounded(rounded(value, places(decimals)), DECIMALS)
    return f"{kept if kept else abs(kept):f}"


def differs(millennium: Decimal, timeworksplus: Decimal | None, decimals: int) -> bool:
    """Whether TimeWorksPlus has another balance, or none: nothing is never zero (AC-4)."""
    if timeworksplus is None:
        return True
    to = places(decimals)
    return rounded(millennium, to) != rounded(timeworksplus, to)
