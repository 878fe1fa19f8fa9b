"""Both flows of pay, broken off at each kind of write: what was answered is in the trail (RUN-6)."""

from __future__ import annotations

from typing import Any

import pytest

from local.sandbox import Running
from payrelay.flows.engine import close
from tests.flows.conftest import Clock
from tests.worlds.hr import Delft, delft
from tests.worlds.payday import BEFORE
from tests.worlds.steps import Crash, event
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


LOST = ["change conceptEmployees", "change employees", "change employments"]


@pytest.mark.requirement("RUN-6")
@pytest.mark.parametrize("call", LOST)
def test_what_a_dead_run_of_pay_had_written_is_found_and_put_down_as_its_own(
    office: Delft, clean: dict[str, Any], call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost, and the run dies before it has looked (oncall OC-6)."""

    def dies(_: float) -> None:
        raise Crash("gone")

    BEFORE["payroll_sync"](office)
    office.faults("payroll_plus", errors=["after_write_reset"], match=call, count=1)
    run = office.start("payroll_sync")
    with monkeypatch.context() as patch:
        patch.setattr(type(office), "wait", lambda _, seconds: dies(seconds))
        with pytest.raises(Crash):
            office.act(run)
    office.calm("payroll_plus")
    close.close_run(office.engine, {"run": event(run), "problem": "its execution is ABORTED"})
    office.wait(3600)
    again = office.run("payroll_sync")
    assert again.status.value == "succeeded"
    assert written(office) == clean["payroll_sync"]
    codes = {name: one.reason.code for name, one in office.records(run).items() if one.reason}
    lost = [name for name, code in codes.items() if code in ("OUTCOME_UNKNOWN", "WRITTEN_IN_PART")]
    assert lost
    assert any(run.run_id in [entry[0] for entry in trails(office)[name]] for name in lost)
