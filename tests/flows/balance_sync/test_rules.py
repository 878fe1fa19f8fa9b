"""When a balance is written, and how hours are said (LB-8, LB-11)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.flows.balance_sync.people import Amount
from payrelay.flows.balance_sync.rules import Verdict, hours_text, verdict
from payrelay.systems.express_leave.models import Hours, written_hours

DAY = date(2026, 1, 4)
EARLIER, LATER = DAY - timedelta(days=14), DAY + timedelta(days=14)
OWED = Amount.of(Decimal("107.4512"), DAY)
# What payroll may owe: hours to the ten-thousandth, of either sign.
HOURS = st.decimals(min_value=-999_999, max_value=999_999, places=4)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))
AMOUNTS = st.builds(Amount.of, HOURS, DAYS)

VERDICTS: list[tuple[str, Amount | None, bool, Verdict]] = [
    ("nothing held", None, False, Verdict.SET),
    ("nothing held, saved again", None, True, Verdict.SET),
    ("the same", OWED, False, Verdict.LEAVE),
    ("the same in other digits", Amount.of(Decimal("107.451200"), DAY), False, Verdict.LEAVE),
    ("the same, saved again", OWED, True, Verdict.REFRESH),
    ("another amount", Amount.of(Decimal("107.4511"), DAY), False, Verdict.CHANGE),
    ("another amount, saved again", Amount.of(Decimal(0), DAY), True, Verdict.CHANGE),
    ("the same amount of an earlier day", Amount.of(OWED.hours, EARLIER), False, Verdict.CHANGE),
    ("the same amount of a later day", Amount.of(OWED.hours, LATER), False, Verdict.OLDER),
    ("of a later day, saved again", Amount.of(Decimal(1), LATER), True, Verdict.OLDER),
]


@pytest.mark.requirement("LB-8")
@pytest.mark.parametrize(
    ("held", "resaved", "expected"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS]
)
def test_what_is_done_about_a_balance(held: Amount | None, resaved: bool, expected: Verdict) -> None:
    assert verdict(held, OWED, resaved=resaved) is expected


@pytest.mark.requirement("LB-11")
@pytest.mark.parametrize(
    ("hours", "text"),
    [
        ("107.4512", "107.4512"),
        ("38", "38.00"),
        ("38.0", "38.00"),
        ("7.6", "7.60"),
        ("7.6000", "7.60"),
        ("7.6010", "7.601"),
        ("1E+2", "100.00"),
        ("0.0001", "0.0001"),
        ("-7.1", "-7.10"),
        ("0", "0.00"),
        ("-0.0", "0.00"),
    ],
)
def test_hours_are_said_with_all_their_decimals_and_at_least_two(hours: str, text: str) -> None:
    assert hours_text(Decimal(hours)) == text


@pytest.mark.requirement("LB-11")
@given(HOURS)
def test_hours_lose_nothing_on_their_way_through_text(hours: Decimal) -> None:
    text = hours_text(hours)
    assert Decimal(text) == hours
    assert re.fullmatch(r"-?\d+\.\d{2,4}", text)
    # What Express Leave is sent, and what it answers, are the same again.
    assert Decimal(written_hours(hours)) == Hours.from_wire(written_hours(hours)) == hours


@pytest.mark.requirement("LB-11")
@given(HOURS, st.integers(0, 4))
def test_equal_hours_are_one_text(hours: Decimal, places: int) -> None:
    same = hours.normalize() if places == 0 else hours.quantize(Decimal(1).scaleb(-4 - places))
    assert same == hours
    assert hours_text(same) == hours_text(hours)


@pytest.mark.requirement("LB-8")
@given(AMOUNTS, AMOUNTS, st.booleans())
def test_a_balance_that_was_written_needs_no_second_write(held: Amount, owed: Amount, again: bool) -> None:
    found = verdict(held, owed, resaved=again)
    # A later balance is never replaced by an earlier one, and nothing else keeps a difference.
    assert (found is Verdict.OLDER) == (owed.as_at < held.as_at)
    assert (found is Verdict.CHANGE) == (owed != held and found is not Verdict.OLDER)
    if found is not Verdict.OLDER:
        assert verdict(owed, owed, resaved=False) is Verdict.LEAVE
