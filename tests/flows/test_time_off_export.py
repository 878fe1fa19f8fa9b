"""The time-off export, through the whole engine, against the sandboxes."""

from __future__ import annotations

import pytest

from tests.flows.conftest import World

WINTER = {"from": "2026-01-01", "to": "2026-03-31"}


@pytest.mark.requirement("TO-1")
def test_the_same_export_twice_writes_nothing_new(seeded: World) -> None:
    first = seeded.run("time_off_export", options=WINTER)
    assert first.counts
    assert first.counts["created"] > 10, seeded.records(first)
    seeded.forget_requests()
    second = seeded.run("time_off_export", options=WINTER)
    assert seeded.writes() == []
    assert second.counts
    assert second.counts["unchanged"] >= first.counts["created"]
