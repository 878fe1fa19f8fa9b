"""Calls to a system that counts them by the second are kept apart."""

from __future__ import annotations

import pytest

from payrelay.systems.pace import Pace


@pytest.mark.parametrize(
    ("spacing", "moments", "waits"),
    [
        (0.25, [0.0, 0.25, 0.5], [0.25, 0.25, 0.25]),
        (0.25, [0.0, 0.375, 0.5], [0.25, 0.125, 0.25]),
        (0.25, [1.0, 1.0, 3.0], [0.0, 0.25, 0.0]),
        (0.0, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ],
    ids=["the first one waits, too", "what passed counts", "nothing is saved up", "no limit"],
)
def test_turns_are_so_far_apart(spacing: float, moments: list[float], waits: list[float]) -> None:
    now = [0.0]
    pace = Pace(spacing, lambda: now[0])
    taken = []
    for moment in moments:
        now[0] = moment
        taken.append(pace.take())
    assert taken == waits
