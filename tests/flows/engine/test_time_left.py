"""A function's time is over before its batch is: the next one goes on, and nothing is sent twice (RUN-5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from payrelay.domain.records import Applied, Outcome, Reason
from payrelay.domain.runs import Halt, Run, Status
from payrelay.errors import RetryLater
from payrelay.flows.engine import apply
from payrelay.flows.payroll_sync.flow import PayrollSync
from tests.worlds.hr import Delft, card
from tests.worlds.run import TENANT

PEOPLE = range(1101, 1151)
FUNCTION_SECONDS = 240
# Eight of the first ten people, and two of the second.
REFUSED = tuple(f"{number}" for number in (*PEOPLE[:8], *PEOPLE[12:14]))
ODD = f"{PEOPLE[9]}"
NO, BUT = Reason("NO", "No.", "Ask."), Reason("EDITED", "Yes, but.", "Look.")
HALT = Halt(Status.STOPPED, Reason("STOPPED", "Somebody stopped it.", "Start it again."))


class Slow:
    """Functions that end after four minutes, and a vendor who takes so long for each group of writes."""

    def __init__(self, office: Delft, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office, self.groups, self.functions = office, list[list[str]](), 0
        send, invoke = PayrollSync.apply, office.invoke

        def slowly(flow: Any, run: Any, writes: Any) -> list[Applied]:
            office.clock.pass_by(seconds)
            self.groups.append([write.record.key for write in writes])
            return send(flow, run, writes)

        def limited(function: Callable[..., Any], *arguments: Any) -> Any:
            self.functions += function is apply.apply_page
            assert self.functions < len(PEOPLE), "it goes on for ever"
            office.ends_at = office.clock().timestamp() + FUNCTION_SECONDS
            answer = invoke(function, *arguments)
            assert office.time_left() >= 0, "it died at its timeout"
            return answer

        monkeypatch.setattr(PayrollSync, "apply", slowly)
        monkeypatch.setattr(office, "invoke", limited)


def reasons_of_writes(office: Delft, run: Run) -> dict[str, str]:
    """The reason codes of what was for writing, by record key; everybody who was sent is a concept still."""
    parts = [records for _, records in office.ledger.parts.records(run, "BATCH")]
    reasons = {one.key: one.reason.code for records in parts for one in records if one.reason}
    return {key: code for key, code in reasons.items() if code != "STILL_CONCEPT"}


@pytest.mark.requirement("RUN-4", "RUN-5")
@pytest.mark.parametrize(("seconds", "functions"), [(1, 1), (60, 2), (75, 3), (200, 5)], ids=str)
def test_what_can_not_be_sent_in_time_is_left_to_the_next_function(
    office: Delft, monkeypatch: pytest.MonkeyPatch, seconds: int, functions: int
) -> None:
    """Fifty people in groups of ten: all are sent, each once, in order (aws 4)."""
    office.hire(*(card(number) for number in PEOPLE))
    slow = Slow(office, seconds, monkeypatch)
    run = office.people()
    assert run.counts
    assert (run.status, run.counts["created"]) == ("succeeded", len(PEOPLE))
    assert slow.groups == [
        [f"{number}" for number in PEOPLE[start : start + 10]] for start in range(0, 50, 10)
    ]
    assert slow.functions == functions
    assert office.waits == [1] * (functions - 1)


@pytest.mark.requirement("RUN-5")
def test_of_what_was_left_nobody_has_to_find_out_anything(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claims are given up: the next function plans nothing afresh, and asks nobody (aws 4)."""
    office.hire(*(card(number) for number in PEOPLE))
    slow = Slow(office, 60, monkeypatch)
    planned: list[int] = []
    real = PayrollSync.plan

    def plan(flow: Any, run: Any, page: Any, context: Any) -> Any:
        planned.append(len(page.ids))
        return real(flow, run, page, context)

    monkeypatch.setattr(PayrollSync, "plan", plan)
    office.people()
    assert slow.functions == 2
    assert planned == [0], "the page itself"


class Refusing(Slow):
    """The same, where Payroll Plus refuses some people, and has something to say of one whom it takes."""

    def __init__(self, office: Delft, monkeypatch: pytest.MonkeyPatch, seconds: float = 100) -> None:
        super().__init__(office, seconds, monkeypatch)
        send = PayrollSync.apply

        def refuse(flow: Any, run: Any, writes: Any) -> list[Applied]:
            return [self.told(one) for one in send(flow, run, writes)]

        monkeypatch.setattr(PayrollSync, "apply", refuse)

    def told(self, one: Applied) -> Applied:
        """What becomes of a write."""
        if one.record.key in REFUSED:
            return replace(one, record=replace(one.record, outcome=Outcome.FAILED, reason=NO))
        return replace(one, record=replace(one.record, reason=BUT)) if one.record.key == ODD else one


@pytest.mark.requirement("RUN-5")
def test_how_records_ended_is_known_to_the_next_function(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten of fifty are refused: each is sent once, keeps its reason, and the run ends (aws 4)."""
    office.hire(*(card(number) for number in PEOPLE))
    slow = Refusing(office, monkeypatch)
    run = office.people()
    assert run.counts
    assert (run.counts["created"], run.counts["failed"]) == (40, 10)
    assert [len(group) for group in slow.groups] == [10] * 5
    assert {key for group in slow.groups for key in group} == {f"{number}" for number in PEOPLE}
    assert reasons_of_writes(office, run) == {**dict.fromkeys(REFUSED, NO.code), ODD: BUT.code}


@pytest.mark.requirement("RUN-5")
def test_how_records_ended_is_told_of_a_batch_that_is_not_gone_on_with(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends between two functions: who was refused was refused, the rest was not attempted (aws 4)."""
    office.hire(*(card(number) for number in PEOPLE))
    slow = Refusing(office, monkeypatch)
    run = office.start("payroll_sync")

    def stop(seconds: float) -> None:
        del seconds
        office.ledger.runs.change(office.ledger.runs.get(TENANT, run.run_id), halt=HALT)

    monkeypatch.setattr(office, "wait", stop)
    office.drive(run)
    asked = [key for group in slow.groups for key in group]
    assert asked == [f"{number}" for number in PEOPLE[:10]]
    expected = {f"{number}": "NOT_ATTEMPTED" for number in PEOPLE[10:]}
    expected |= {key: NO.code for key in asked if key in REFUSED} | {ODD: BUT.code}
    assert reasons_of_writes(office, run) == expected


@pytest.mark.requirement("RUN-5")
def test_how_records_ended_is_known_after_trouble_with_others(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Payroll Plus is busy when the second ten are sent: nobody of the first is sent again (aws 4)."""
    office.hire(*(card(number) for number in PEOPLE))
    slow, send, busy = (
        Refusing(office, monkeypatch, 1),
        PayrollSync.apply,
        [RetryLater("payroll_plus", "busy", seconds=60)],
    )

    def trouble(flow: Any, run: Any, writes: Any) -> list[Applied]:
        if busy and slow.groups:
            raise busy.pop()
        return send(flow, run, writes)

    monkeypatch.setattr(PayrollSync, "apply", trouble)
    run = office.people()
    assert slow.functions == 2
    assert [len(group) for group in slow.groups] == [10] * 5
    assert reasons_of_writes(office, run) == {**dict.fromkeys(REFUSED, NO.code), ODD: BUT.code}
