"""The times of Xledger's rows as numbers, and its clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payrelay.systems.xledger.times import is_twice, seconds_of, text_of, wall_of


@pytest.mark.parametrize(
    "text", [None, "", "soon", "2026-03-02", "2026-13-02T06:00:00", "2026-03-02 at six o'"]
)
def test_what_is_no_time_is_nothing(text: str | None) -> None:
    assert seconds_of(text) == 0


def test_times_grow_as_numbers_do() -> None:
    first, second = seconds_of("2026-03-29T01:59:59"), seconds_of("2026-03-29T03:00:00.123")
    assert first < second
    assert text_of(second) == "2026-03-29T03:00:00"


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("moment", "wall", "twice"),
    [
        (datetime(2026, 3, 2, 5, 0, tzinfo=UTC), "2026-03-02T06:00:00", False),
        (datetime(2026, 7, 2, 5, 0, tzinfo=UTC), "2026-07-02T07:00:00", False),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00", True),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00", True),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), "2026-10-25T03:00:00", False),
        (datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC), "2026-10-25T01:59:59", False),
    ],
)
def test_a_moment_is_told_as_clocks_in_oslo_show_it(moment: datetime, wall: str, twice: bool) -> None:
    assert text_of(wall_of(moment)) == wall
    assert is_twice(wall_of(moment)) is twice
