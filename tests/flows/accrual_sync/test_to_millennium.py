"""Balances of TimeWorksPlus in Millennium: of the right day, once, and no older one over a newer (AC-6 to AC-9)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Status
from tests.worlds.timeclock import P0, P1, P2, Beta, batch, person

D21, D29, D04 = "2025-12-21", "2025-12-29", "2026-01-04"
USED = {"Vacation": [("24.50", D21), ("21.50", D29)]}


@pytest.mark.requirement("AC-7", "AC-6")
def test_the_button_takes_the_end_of_the_batch_and_no_older_day_goes_over_it(clocked: Beta) -> None:
    """(AW-13)"""
    clocked.staff(person("1001", USED, {"VAC": "18.4200"}))
    pressed = clocked.button()
    assert pressed.status is Status.SUCCEEDED, clocked.stored(pressed)
    assert clocked.there("1001") == ("21.50", D04)
    record = clocked.records(pressed)["accrual:1001:Vacation"]
    assert record.outcome == "updated"
    assert [(one.field, one.old, one.new) for one in record.changes] == [
        ("balance", "18.42", "21.50"),
        ("as_of", None, D04),
    ]
    clocked.forget_requests()
    ticked = clocked.tick()
    assert clocked.there("1001") == ("21.50", D04)
    assert clocked.written() == []
    assert clocked.reasons(ticked)["1001:Vacation"] == "NEWER_BALANCE_THERE"


@pytest.mark.requirement("AC-7")
def test_without_the_button_the_finalized_period_counts_and_the_record_says_what_to_press(
    clocked: Beta,
) -> None:
    """(AW-13)"""
    clocked.staff(person("1001", USED, {"VAC": "18.4200"}))
    ticked = clocked.tick()
    assert clocked.there("1001") == ("24.50", D21)
    record = clocked.records(ticked)["accrual:1001:Vacation"]
    assert (record.outcome, record.reason.code) == ("updated", "PAYROLL_PERIOD_NOT_FINALIZED")
    assert "2025-12-22 to 2026-01-04" in record.reason.message
    assert "Update Accrual Balances" in record.reason.remedy
    assert ticked.status is Status.SUCCEEDED
    pressed = clocked.button()
    assert clocked.there("1001") == ("21.50", D04), clocked.stored(pressed)
