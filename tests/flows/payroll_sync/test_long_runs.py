"""A payroll sync that takes hours, batch by batch: the calls grow with the people (RUN-8)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.flows.engine import apply
from payrelay.flows.payroll_sync.flow import PayrollSync
from tests.worlds.hr import Delft, card

A_BATCH = 10


def role_calls(office: Delft, people: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The calls that read roles before anything is written, and after, with 20 minutes before each batch."""
    monkeypatch.setattr(PayrollSync, "batch_size", A_BATCH)
    office.hire(*(card(number) for number in range(1101, 1101 + people)))
    office.forget_requests()
    step, before = office.step, list[int]()

    def count() -> int:
        return sum(one["operation"] == "list RoleMember" for one in office.requests("synergy"))

    def slowly(function: Any, message: Any) -> Any:
        if function is apply.apply_page:
            before.append(count())
            office.clock.pass_by(20 * 60)
        return step(function, message)

    monkeypatch.setattr(office, "step", slowly)
    run = office.people()
    assert run.counts
    assert (run.status, run.counts["created"], run.batches) == ("succeeded", people, people // A_BATCH)
    return before[0], count() - before[0]


@pytest.mark.requirement("PE-1", "RUN-4", "RUN-8")
def test_a_plan_that_is_old_asks_for_the_roles_of_its_batch_and_not_of_everybody(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """220 people are three pages of the list of roles; a batch of ten is one call (aws 4)."""
    listing, applying = role_calls(office, 220, monkeypatch)
    assert (listing, applying) == (3, 22)
