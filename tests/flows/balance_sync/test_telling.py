"""How a run ended, as Express Leave's own record of the sync tells it (LB-2, RUN-2)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Halt, Run, Status
from payrelay.flows.engine import plan
from payrelay.flows.engine.engine import Limits
from tests.worlds.leave import Acme
from tests.worlds.leave_api import company, employee, held, leave, user
from tests.worlds.steps import event
from tests.worlds.structs import replace


@pytest.fixture
def small(acme: Acme) -> Acme:
    """Two employees, of whom one is new."""
    acme.fill(employee("E1"), employee("E2"), leave=[leave("E1"), leave("E2")], users=[user("u-2", "E2")])
    acme.forget_requests()
    return acme


def well(acme: Acme) -> Run:
    return acme.sync()


def one_blocked(acme: Acme) -> Run:
    acme.payroll("E1", State="")
    return acme.sync()


def down(acme: Acme) -> Run:
    acme.faults("attache", errors=[500], match="list")
    return acme.sync()


def stopped(acme: Acme) -> Run:
    run = acme.start()

    def halt() -> None:
        acme.ledger.runs.halt(run, Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="tester")))

    acme.before_apply = halt
    return acme.drive(run)


def braked(acme: Acme) -> Run:
    acme.sync()
    acme.settings(brake={"people": 0, "share": 0})
    for code in ("E1", "E2"):
        for name in ("AL", "SL"):
            acme.overtype(code, 0.0, "Paid out", name)
        acme.payroll(code, "leave", ProRataOwing=0.0)
        acme.payroll(code, "leavebalances", ALProRataHourAcc=0.0)
    return acme.sync()


def apart(acme: Acme) -> Run:
    acme.edit("express_leave", "company", {}, Connection=company()["Connection"])
    return acme.sync()


ENDS: list[tuple[Any, str, str]] = [
    (well, "succeeded", "Completed"),
    (one_blocked, "partial", "CompletedWithErrors"),
    (down, "failed", "Failed"),
    (stopped, "stopped", "Failed"),
    (braked, "held", "Failed"),
    (apart, "failed", "NotConnected"),
]


@pytest.mark.requirement("RUN-2", "LB-9")
@pytest.mark.parametrize(("act", "status", "told"), ENDS, ids=[end[1] + " " + end[2] for end in ENDS])
def test_each_end_of_a_run_is_told_and_telling_it_again_changes_nothing(
    small: Acme, act: Any, status: str, told: str
) -> None:
    run = act(small)
    assert run.status == status, run.error
    shown = small.rows("syncs")[-1]
    assert (shown["Status"], shown["Trigger"]) == (told, "Login")
    assert shown["FinishedAt"]
    small.calm()
    before = small.rows("syncs")
    small.clock.pass_by(5)
    small.tell(run)
    assert small.rows("syncs") == before
    assert [row for row in before if row["Status"] == "Running"] == []


@pytest.mark.requirement("RUN-7")
def test_a_preview_tells_nothing(small: Acme) -> None:
    run = small.sync("preview")
    assert run.status == "succeeded"
    assert small.rows("syncs") == []
    assert small.calls(writes=True) == []


@pytest.mark.requirement("RUN-2")
def test_a_run_that_has_not_ended_is_not_told(small: Acme) -> None:
    run = small.start()
    small.tell(run)
    assert small.rows("syncs") == []


@pytest.mark.requirement("RUN-2")
def test_errors_are_listed_with_whom_they_concern_and_a_hundred_at_most(small: Acme) -> None:
    codes = [f"E{number:03}" for number in range(120)]
    small.fill(
        *(employee(code, State="") for code in codes),
        employee("E900"),
        leave=[leave(code) for code in (*codes, "E900")],
        users=[user("u-9", "E900")],
        balances=[held("E900", "AL", "1.00", "2026-02-01")],
    )
    run = small.sync()
    assert run.counts
    assert run.counts["blocked"] == 121
    (shown,) = small.rows("syncs")
    assert len(shown["Errors"]) == 100
    assert shown["Errors"][0]["EmployeeId"] == "E000"
    assert shown["Errors"][0]["IncomeCode"] is None
    assert "State" in shown["Errors"][0]["Reason"]


@pytest.mark.requirement("RUN-2")
def test_an_error_of_one_balance_names_its_type_of_leave(small: Acme) -> None:
    state = small.state("express_leave")
    small.put("express_leave", {**state, "balances": [held("E2", "AL", "1.00", "2026-02-01")]})
    small.sync()
    (error,) = small.rows("syncs")[0]["Errors"]
    assert (error["EmployeeId"], error["IncomeCode"]) == ("E2", "AL")


@pytest.mark.requirement("RUN-2", "RUN-5")
def test_a_run_whose_plan_is_gone_is_told_all_the_same(small: Acme) -> None:
    small.telling = False
    run = small.sync()
    small.memory.bucket.objects.clear()
    small.tell(run)
    (shown,) = small.rows("syncs")
    assert (shown["Status"], shown["Errors"]) == ("Completed", [])


@pytest.mark.requirement("RUN-2", "LB-12")
def test_a_run_of_one_person_is_told_like_any_other(small: Acme) -> None:
    small.sync()
    small.payroll("E2", "leave", EntitlementOwing=80.0)
    run = small.drive(small.own("E2"))
    assert run.status == "succeeded"
    shown = small.rows("syncs")[-1]
    assert (shown["Status"], shown["Trigger"], shown["Employees"]) == ("Completed", "Manual", 1)
    assert shown["Balances"] == 2


@pytest.mark.requirement("RUN-2")
def test_a_run_that_died_is_told_when_the_next_one_found_it(small: Acme) -> None:
    """Its sync is taken over, and ended by the one that followed."""
    small.limits = replace(Limits(), lease_seconds=60)
    dead = small.start()
    small.invoke(plan.open_run, small.engine, {"run": event(dead)})
    small.step(plan.list_pages, {"run": event(dead)})
    small.clock.pass_by(120)
    assert small.sync().status == "succeeded"
    assert [row["Status"] for row in small.rows("syncs")] == ["Completed"]
    small.tell(small.get(dead))
    assert [row["Status"] for row in small.rows("syncs")] == ["Completed"]
