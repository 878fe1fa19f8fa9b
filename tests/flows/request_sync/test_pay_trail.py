"""Both flows of pay, broken off at each kind of write: what was answered is in the trail (RUN-6)."""

from __future__ import annotations

from typing import Any

import pytest

from local.sandbox import Running
from tests.flows.conftest import Clock
from tests.worlds.hr import Delft, delft
from tests.worlds.payday import BEFORE
from tests.worlds.trail import trails, written

# The flow, the system, the writing call that is refused from then on, and how many go well before.
BROKEN: list[tuple[str, str, str, int]] = [
    ("payroll_sync", "payroll_plus", "change conceptEmployees", 0),
    ("payroll_sync", "payroll_plus", "change employments", 0),
    ("payroll_sync", "payroll_plus", "change sepaBankPayments", 0),
    ("request_sync", "payroll_plus", "change payments", 1),
    ("request_sync", "payroll_plus", "change variableInputs", 0),
    ("request_sync", "synergy", "change Request", 0),
    ("request_sync", "synergy", "change Request", 2),
]


@pytest.fixture(scope="module")
def clean(exact: tuple[Running, Clock]) -> dict[str, Any]:
    """What is in the trail after a run in peace, of each flow."""
    served, clock = exact
    found = {}
    for flow, before in BEFORE.items():
        clock.now = Clock().now
        made = delft(served.urls, clock)
        before(made)
        made.run(flow)
        found[flow] = written(made)
    return found


@pytest.mark.requirement("RUN-6")
@pytest.mark.parametrize(("flow", "system", "call", "after"), BROKEN)
def test_what_was_answered_before_the_trouble_is_in_the_trail_of_the_run_that_wrote_it(
    office: Delft, clean: dict[str, Any], flow: str, system: str, call: str, after: int
) -> None:
    """(oncall OC-2) (oncall OC-6)"""
    BEFORE[flow](office)
    known = trails(office)
    office.faults(system, errors=[503], match=call, after=after)
    run = office.run(flow)
    office.calm(system)
    assert run.status.value == "failed"
    told = office.records(run)
    new = {name: entries for name, entries in trails(office).items() if entries != known.get(name)}
    for name, record in told.items():
        if record.reason and record.reason.code == "NOT_ATTEMPTED":
            assert name not in new, "what was answered is never told as not attempted"
        if record.reason and record.reason.code == "WRITTEN_IN_PART":
            last_run, changes = new[name][-1]
            assert (last_run, changes) == (run.run_id, frozenset((c.field, c.new) for c in record.changes))
    office.wait(3600)
    office.run(flow)
    assert written(office).keys() == clean[flow].keys()
    if flow == "payroll_sync":
        # What a request writes beside another one depends on which of them was there first.
        assert written(office) == clean[flow]
