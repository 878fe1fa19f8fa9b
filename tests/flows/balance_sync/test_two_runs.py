"""A person's own refresh beside a full run: both plan, then both write, in either order (RUN-1, RUN-5)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.flows.engine import apply, close, plan, review
from tests.worlds.leave import Acme, Once
from tests.worlds.leave_api import employee, held, leave, user
from tests.worlds.steps import event
from tests.worlds.structs import replace

PERSON = "E1"


@pytest.fixture
def behind(acme: Acme) -> Acme:
    """Two people whose annual leave is not as payroll has it any more."""
    codes = (PERSON, "E2")
    acme.fill(
        *(employee(code) for code in codes),
        leave=[leave(code) for code in codes],
        users=[user(f"u-{code}", code) for code in codes],
        balances=[held(code, name, "38.00") for code in codes for name in ("AL", "SL")],
    )
    acme.forget_requests()
    return acme


def planned(acme: Acme, run: Run) -> dict[str, Any]:
    """The steps of a run until its one batch is to be applied: the message for that."""
    base = {"run": event(run)}
    acme.invoke(plan.open_run, acme.engine, base)
    acme.planned(run)
    (batch,) = acme.invoke(review.review_plan, acme.engine, base)["batches"]
    return {**base, "batch": batch}


def ended(acme: Acme, run: Run) -> Run:
    close.close_run(acme.engine, {"run": event(run)})
    found = acme.get(run)
    acme.tell(found)
    return found


def sent(acme: Acme) -> int:
    """How many rows of balances were sent."""
    return sum(int(one["nodes"] or 0) for one in acme.requests("express_leave") if one["nodes"])


@pytest.mark.requirement("RUN-1", "RUN-5", "LB-12")
@pytest.mark.parametrize("own_first", [False, True], ids=["full run first", "own refresh first"])
@pytest.mark.parametrize("news", [None, 90.0], ids=["same plan", "payroll changed between the plans"])
def test_both_plan_and_then_both_write_and_each_value_is_sent_once(
    behind: Acme, own_first: bool, news: float | None
) -> None:
    full = behind.start()
    first = planned(behind, full)
    if news:
        behind.overtype(PERSON, news, "Corrected")
    own = behind.own(PERSON)
    assert own.run_id != full.run_id
    second = planned(behind, own)
    for message in (second, first) if own_first else (first, second):
        assert behind.step(apply.apply_page, message)["status"] == "done"
    results = [ended(behind, run) for run in (full, own)]
    assert [run.status for run in results] == ["succeeded", "succeeded"]
    assert behind.balance(PERSON) == ("121.4512" if news else "107.4512", "2026-01-04")
    assert behind.balance("E2") == ("107.4512", "2026-01-04")
    # E2's, and this person's once, or twice if the full run had the older value and came first.
    assert sent(behind) == (3 if news and not own_first else 2)
    assert all(run.counts and run.counts["failed"] + run.counts["blocked"] == 0 for run in results)
    behind.settled()


@pytest.mark.requirement("RUN-1", "RUN-5", "LB-12")
@pytest.mark.parametrize("own_inside", [False, True], ids=["full run inside", "own refresh inside"])
def test_a_claim_that_is_at_work_is_waited_for(behind: Acme, own_inside: bool) -> None:
    full, own = behind.start(), behind.own(PERSON)
    messages = [planned(behind, full), planned(behind, own)]
    inner, outer = reversed(messages) if own_inside else messages
    seen: list[str] = []

    def meanwhile() -> None:
        answer = apply.apply_page(behind.engine, behind.opening, {**inner, "tries": 0})
        seen.append(answer["status"])

    behind.door = replace(behind.door, observer=Once(meanwhile, "PUT", "/balances"))
    assert behind.step(apply.apply_page, outer)["status"] == "done"
    assert seen == ["later"]
    assert behind.step(apply.apply_page, inner)["status"] == "done"
    assert sent(behind) == 2
    assert [ended(behind, run).status for run in (full, own)] == ["succeeded", "succeeded"]
    assert behind.balance(PERSON) == ("107.4512", "2026-01-04")
    behind.settled()


@pytest.mark.requirement("RUN-1", "LB-12")
def test_an_own_refresh_leaves_the_sync_of_the_full_run_at_work(behind: Acme) -> None:
    full = behind.start()
    message = planned(behind, full)
    refreshed = behind.drive(behind.own(PERSON))
    assert refreshed.status == "succeeded"
    assert [row["Status"] for row in behind.rows("syncs")] == ["Running"]
    behind.step(apply.apply_page, message)
    ended(behind, full)
    assert [row["Status"] for row in behind.rows("syncs")] == ["Completed"]
    assert "change balances" in behind.calls(writes=True)
    behind.settled()
