"""The time-off export over a whole invented company, as the demonstration has it."""

from __future__ import annotations

import pytest

from tests.flows.conftest import World

WINTER = {"from": "2026-01-01", "to": "2026-03-31"}


@pytest.mark.requirement("TO-1", "TO-2", "RUN-2")
def test_the_same_export_of_a_company_twice_writes_nothing_new(seeded: World) -> None:
    first = seeded.run("time_off_export", options=WINTER)
    assert first.counts
    assert first.counts["created"] > 10
    assert set(seeded.reasons(first).values()) == {
        "CUT_TO_PERIOD",
        "ABSENCE_CODE_MISSING",
        "ABSENCE_CODE_UNKNOWN",
        "EMPLOYEE_UNKNOWN",
    }
    seeded.forget_requests()
    second = seeded.run("time_off_export", options=WINTER)
    assert seeded.writes() == []
    assert second.counts
    assert second.counts["unchanged"] == sum(
        first.counts[outcome] for outcome in ("created", "updated", "unchanged")
    )
    assert second.counts["blocked"] == first.counts["blocked"]
