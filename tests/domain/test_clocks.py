"""Marks: from when on a system may have moved, whatever its clock says (RUN-11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payrelay.domain.clocks import Mark

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What a system's clock says at our noon, and from when on it is asked at our noon of the next day.
SINCE = {
    "the same": (timedelta(0), NOON - 2 * HOUR),
    "behind": (-5 * DAY, NOON - 5 * DAY - 2 * HOUR),
    "ahead": (5 * DAY, NOON - 2 * HOUR),
    "not told": (None, NOON - DAY),
}


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("what", SINCE)
def test_the_less_safe_of_both_clocks_counts_less_two_hours(what: str) -> None:
    off, since = SINCE[what]
    mark = Mark(NOON, None if off is None else NOON + off)
    assert mark.since() == since
    assert Mark.parse(mark.stored()) == mark


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("moved", "holds"),
    [(0, True), (1, True), (-1, True), (-2, True), (-3, False), (3, False), (None, True)],
)
def test_a_clock_that_was_put_by_more_than_is_read_again_tells_nothing(
    moved: int | None, holds: bool
) -> None:
    before = Mark(NOON, NOON - 5 * DAY)
    now = Mark(NOON + DAY, None if moved is None else NOON - 4 * DAY + moved * HOUR)
    assert before.holds(now) is holds


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-03-02T12:00:00+00:00 noon"])
def test_a_mark_that_can_not_be_read_is_none(text: str | None) -> None:
    assert Mark.parse(text) is None
