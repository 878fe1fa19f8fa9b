"""Leave balances: when one is written, and how hours are said (LB-8, LB-11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

_HUNDREDTH = Decimal("0.01")


class Amount(Struct, frozen=True):
    """What somebody is owed of one type of leave, in hours, and the day for which that is true (As At)."""

    hours: Decimal
    as_at: date


class Verdict(StrEnum):
    """What is to be done about a balance."""

    SET = "set"
    CHANGE = "change"
    REFRESH = "refresh"
    LEAVE = "leave"
    OLDER = "older"


def verdict(held: Amount | None, owed: Amount, *, resaved: bool) -> Verdict:
    """What to do when the target holds one balance and payroll owes another.

    A balance that payroll has `resaved` is written although nothing differs: people overtype the same
    amount to have it sent once more. One that is true for an earlier day never replaces a later one.
    """
    if held is None:
        return Verdict.SET
    if owed.as_at < held.as_at:
        return Verdict.OLDER
    if owed != held:
        return Verdict.CHANGE
    return Verdict.REFRESH if resaved else Verdict.LEAVE


def hours_text(hours: Decimal) -> str:
    """Hours with all their decimals, and at least two: `107.4512`, `38.00`. Equal hours are one text."""
    if not hours:
        return "0.00"
    short = hours.quantize(_HUNDREDTH)
    return f"{short if short == hours else hours.normalize():f}"
