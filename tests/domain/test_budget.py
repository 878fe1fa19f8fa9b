"""What is used, left and kept of a day's calls (RUN-11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from payrelay.domain.budget import UNKNOWN_RUN, Day, Due, Told, day_of, largest_first, share_of

pytestmark = pytest.mark.requirement("RUN-11")
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)
LATER, OVER = NOW + timedelta(hours=3), NOW - timedelta(seconds=1)


def due(hour: int, calls: int | None = 100, day: int = 2) -> Due:
    return Due("invoice_sync", datetime(2026, 3, day, hour, tzinfo=UTC), calls)


@pytest.mark.parametrize(
    ("calls", "kept"), [(0, 0), (1, 2), (10, 11), (11, 13), (100, 110), (None, UNKNOWN_RUN)]
)
def test_what_is_kept_for_a_run_is_a_tenth_more_than_the_last_one_made(calls: int | None, kept: int) -> None:
    assert due(18, calls).kept == kept


# What it is, used, limit, told, due, own limit; left, reserved, free, reset, whether that was told.
DAYS = [
    ("no limit", (9, None, None, [due(18)], None), (None, 0, None, MIDNIGHT, False)),
    ("by our own counting", (812, 5000, None, [], None), (4188, 0, 4188, MIDNIGHT, False)),
    ("more than there are", (5001, 5000, None, [], None), (0, 0, 0, MIDNIGHT, False)),
    ("as the vendor said", (812, 5000, Told(3000), [], None), (3000, 0, 3000, MIDNIGHT, False)),
    ("and less what was made since", (812, 5000, Told(3000, 40), [], None), (2960, 0, 2960, MIDNIGHT, False)),
    ("and nothing less than nothing", (812, 5000, Told(3, 40), [], None), (0, 0, 0, MIDNIGHT, False)),
    ("with when it is over", (812, 5000, Told(0, 0, LATER), [], None), (0, 0, 0, LATER, True)),
    ("which is over", (812, 5000, Told(0, 0, OVER), [], None), (5000, 0, 5000, MIDNIGHT, False)),
    ("fewer by the settings", (812, 5000, None, [], 1000), (188, 0, 188, MIDNIGHT, False)),
    ("fewer than the vendor has left", (812, 5000, Told(4000), [], 1000), (188, 0, 188, MIDNIGHT, False)),
    ("the vendor has fewer left", (812, 5000, Told(100), [], 1000), (100, 0, 100, MIDNIGHT, False)),
    ("a limit by the settings alone", (9, None, None, [], 100), (91, 0, 91, MIDNIGHT, False)),
    ("runs that are due", (812, 5000, None, [due(18), due(16)], None), (4188, 220, 3968, MIDNIGHT, False)),
    (
        "runs after midnight",
        (812, 5000, None, [due(1, day=3), due(18)], None),
        (4188, 110, 4078, MIDNIGHT, False),
    ),
    (
        "runs after the vendor's reset",
        (1, 5000, Told(500, 0, LATER), [due(17), due(19)], None),
        (500, 110, 390, LATER, True),
    ),
    ("more than is left", (4950, 5000, None, [due(18), due(19)], None), (50, 50, 0, MIDNIGHT, False)),
]


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_how_a_day_stands(
    given: tuple[int, int | None, Told | None, list[Due], int | None],
    expected: tuple[int | None, int, int | None, datetime, bool],
) -> None:
    used, limit, told, waiting, own = given
    day = day_of(NOW, used, limit, told, waiting, own)
    assert (day.left, day.reserved, day.free, day.reset, day.told) == expected
    assert day.used == used


def test_the_runs_are_told_in_their_order_and_the_dearest_first_to_people() -> None:
    day: Day = day_of(NOW, 0, 5000, None, [due(20, 5), due(16, 1), due(18, 90)])
    assert [one.at.hour for one in day.due] == [16, 18, 20]
    assert [one.at.hour for one in largest_first(day.due)] == [18, 20, 16]


@pytest.mark.parametrize(
    ("limit", "share", "calls"),
    [(5000, "0.05", 250), (1000, "0.05", 50), (10, "0.05", 1), (5000, "0", 0), (7, "1", 7)],
)
def test_the_share_of_diagnoses(limit: int, share: str, calls: int) -> None:
    assert share_of(limit, Decimal(share)) == calls
