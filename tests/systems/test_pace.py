"""Calls to a system that counts them stay within its limit."""

from __future__ import annotations

import pytest

from payrelay.systems.http.pace import Pace, Rate


@pytest.mark.parametrize(
    ("rate", "moments", "waits"),
    [
        ((1, 0.25), [0.0, 0.25, 0.5], [0.25, 0.25, 0.25]),
        ((1, 0.25), [0.0, 0.375, 0.5], [0.25, 0.125, 0.25]),
        ((1, 0.25), [1.0, 1.0, 3.0], [0.0, 0.25, 0.0]),
        ((3, 1.0), [0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 1.0]),
        ((3, 1.0), [0.0, 0.75, 1.0, 1.0, 1.75], [0.0, 0.0, 0.0, 0.0, 0.0]),
        ((3, 1.0), [0.0, 0.75, 1.0, 1.0, 1.5], [0.0, 0.0, 0.0, 0.0, 0.25]),
        ((3, 1.0), [9.0, 9.0, 9.0, 9.0, 10.0], [0.0, 0.0, 0.0, 1.0, 0.0]),
        (None, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ],
    ids=[
        "one at a time: the first one waits, too",
        "what passed counts",
        "nothing is saved up",
        "as many at once as are taken, but for one",
        "the oldest call has left the stretch",
        "the oldest call has not left it",
        "any stretch counts, not a clock's",
        "no limit",
    ],
)
def test_no_stretch_has_more_calls_than_are_taken(
    rate: Rate | None, moments: list[float], waits: list[float]
) -> None:
    now = [0.0]
    pace = Pace(rate, lambda: now[0])
    taken = []
    for moment in moments:
        now[0] = moment
        taken.append(pace.take())
    assert taken == waits
