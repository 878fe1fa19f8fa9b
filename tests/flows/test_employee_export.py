"""The employee export, through the whole engine, against the sandboxes."""

from __future__ import annotations

import pytest

from tests.flows.conftest import World


@pytest.mark.requirement("EX-4")
def test_a_second_run_finds_everything_unchanged_and_writes_nothing(seeded: World) -> None:
    first = seeded.run()
    assert first.counts
    assert first.counts["created"] > 0
    assert first.counts["updated"] > 0
    seeded.forget_requests()
    second = seeded.run()
    assert second.counts
    assert second.counts["created"] == second.counts["updated"] == 0, seeded.records(second)
    assert seeded.writes() == []
