"""A balance sync that is broken off: what Express Leave had answered is in the trail (RUN-6)."""

from __future__ import annotations

import pytest

from tests.worlds.leave import Acme
from tests.worlds.leave_api import employee, leave, user
from tests.worlds.trail import trails


@pytest.mark.requirement("RUN-6")
def test_who_was_written_before_the_trouble_is_in_the_trail_and_the_rest_was_not_attempted(
    acme: Acme,
) -> None:
    """(oncall OC-2) (oncall OC-6)"""
    codes = ("E1", "E2", "E3")
    acme.fill(
        *(employee(code) for code in codes),
        leave=[leave(code) for code in codes],
        users=[user(f"u-{code}", code, Location="Elsewhere") for code in codes],
    )
    acme.faults("express_leave", errors=[503], match="change balances")
    run = acme.sync()
    acme.calm("express_leave")
    assert run.status.value == "failed"
    done = trails(acme)
    records = acme.records(run)
    for code in codes:
        assert records[f"employee:{code}"].outcome == "updated"
        assert [one[0] for one in done[f"employee:{code}"]] == [run.run_id]
    lost = {name for name, one in records.items() if one.reason and one.reason.code == "OUTCOME_UNKNOWN"}
    assert lost
    assert lost.isdisjoint(done)
