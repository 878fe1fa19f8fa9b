"""A function's time is over before its batch is: the next one goes on, and nothing is sent twice (RUN-5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from payrelay.domain.records import Applied
from payrelay.flows.engine import apply
from payrelay.flows.payroll_sync.flow import PayrollSync
from tests.worlds.hr import Delft, card

PEOPLE = range(1101, 1151)
FUNCTION_SECONDS = 240


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
            office.ends_at = office.clock().timestamp() + FUNCTION_SECONDS
            answer = invoke(function, *arguments)
            assert office.time_left() >= 0, "it died at its timeout"
            return answer

        monkeypatch.setattr(PayrollSync, "apply", slowly)
        monkeypatch.setattr(office, "invoke", limited)


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
