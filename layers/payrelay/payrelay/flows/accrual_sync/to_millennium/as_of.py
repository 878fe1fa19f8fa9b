"""What becomes of one balance on its way to Millennium, given both sides and their days (AC-6, AC-7)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from msgspec import Struct

# Millennium refuses more.
_MOST_DECIMALS = 4


class Verdict(StrEnum):
    """What is done about a balance."""

    # There is none on either side.
    NOTHING = "nothing"
    # TimeWorksPlus has none: that of Millennium stays, it is no zero.
    EMPTY = "empty"
    EQUAL = "equal"
    # What Millennium has is of a later day.
    NEWER = "newer"
    UPDATE = "update"
    ADD = "add"


class There(Struct, frozen=True):
    """A balance in Millennium; None where the field is blank. `as_of` is the day that it was written for."""

    balance: Decimal | None
    as_of: date | None = None


def rounded(value: Decimal, decimals: int) -> Decimal:
    """A balance as Millennium keeps it: half up, away from zero, to the decimals of the code."""
    places = min(max(decimals, 0), _MOST_DECIMALS)
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def later(*days: date | None) -> date | None:
    """The last of these days; None where there is none."""
    return max((one for one in days if one is not None), default=None)


def verdict(
    balance: Decimal | None, there: There | None, as_of: date, written: date | None, decimals: int
) -> Verdict:
    """What is done about a balance of TimeWorksPlus as of a day (AC-6, AC-7).

    `written` is the last day for which this balance was written or found equal: an older one never goes over
    a newer one. None is no balance, and never zero.
    """
    if balance is None:
        return Verdict.EMPTY if there and there.balance is not None else Verdict.NOTHING
    if there and there.balance is not None and rounded(balance, decimals) == rounded(there.balance, decimals):
        return Verdict.EQUAL
    last = later(written, there.as_of if there else None)
    if last is not None and as_of < last:
        return Verdict.NEWER
    return Verdict.UPDATE if there else Verdict.ADD


def falls(balance: Decimal, there: There | None) -> bool:
    """Whether writing it takes hours away: the brake counts that as emptying (RUN-10)."""
    return there is not None and there.balance is not None and balance < there.balance
