"""Overtyping the same amount has a balance sent once more: that wish is never lost on the way (LB-8)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.flows.engine.engine import Limits
from tests.worlds.leave import Acme
from tests.worlds.leave_api import employee, held, leave, user
from tests.worlds.structs import replace

COMMENT = "Updated to resync Express Leave balance"


@pytest.fixture
def right(acme: Acme) -> Acme:
    """One employee, synced and right; then both amounts are overtyped, and the name changes as well."""
    acme.fill(
        employee("E1"),
        leave=[leave("E1")],
        users=[user("u-1", "E1")],
        balances=[held("E1", "AL", "107.4512"), held("E1", "SL", "38.00")],
    )
    acme.sync()
    acme.overtype("E1", 76.0, COMMENT, "AL")
    acme.overtype("E1", 38.0, COMMENT, "SL")
    acme.payroll("E1", FullName="Renamed")
    acme.forget_requests()
    return acme


def sent(acme: Acme) -> int:
    """How many rows of balances were sent since the last look."""
    found = sum(int(one["nodes"] or 0) for one in acme.requests("express_leave") if one["nodes"])
    acme.forget_requests()
    return found


def refused_once(acme: Acme) -> None:
    """Somebody deletes the type of leave meanwhile, and adds it again afterwards."""
    state = acme.state("express_leave")
    kinds = [row for row in state["leavetypes"] if row["IncomeCode"] != "SL"]
    acme.put("express_leave", {**state, "leavetypes": kinds, "balances": state["balances"][:1]})


def down(acme: Acme) -> None:
    acme.faults("express_leave", errors=[500], match="change balances")


def down_for_the_second(acme: Acme) -> None:
    """Each write is a batch of its own: the user, then one balance, and the other one no more."""
    acme.limits = replace(Limits(), batch_size=1)
    acme.faults("express_leave", errors=[500], match="change balances", after=1)


@pytest.mark.requirement("LB-8", "RUN-4")
@pytest.mark.parametrize("act", [down, down_for_the_second])
def test_a_refresh_that_did_not_arrive_is_sent_by_the_next_run(right: Acme, act: Any) -> None:
    act(right)
    assert right.sync().status == "failed"
    assert right.user("E1")["Name"] == "Renamed"
    right.calm()
    right.limits = Limits()
    before = {row["IncomeCode"]: row["SyncedAt"] for row in right.rows("balances")}
    right.forget_requests()
    assert right.sync().status == "succeeded"
    after = {row["IncomeCode"]: row["SyncedAt"] for row in right.rows("balances")}
    assert sent(right) == 2
    assert all(after[code] > before[code] for code in after)
    right.settled()


@pytest.mark.requirement("LB-8", "RUN-6")
def test_a_refresh_is_sent_once_with_its_comment_in_the_trail(right: Acme) -> None:
    run = right.sync()
    assert sent(right) == 2
    record = right.records(run)["balance:E1:AL"]
    assert (record.outcome, record.changes) == ("updated", ())
    assert COMMENT in record.reason.message
    right.settled()


@pytest.mark.requirement("LB-8", "RUN-4")
def test_a_refresh_that_was_refused_is_sent_once_it_can_be(right: Acme) -> None:
    """The other balance of the same person went through: that settles nothing for the refused one."""
    first = right.rows("leavetypes")
    right.before_apply = lambda: refused_once(right)
    assert right.reasons(right.sync())["E1:SL"] == "LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE"
    right.before_apply = lambda: None
    state = right.state("express_leave")
    again = [*state["balances"], held("E1", "SL", "38.00")]
    right.put("express_leave", {**state, "leavetypes": first, "balances": again})
    right.forget_requests()
    assert right.sync().status == "succeeded"
    (row,) = [row for row in right.rows("balances") if row["IncomeCode"] == "SL"]
    assert row["SyncedAt"] > "2026-03-02"
    right.settled()


@pytest.mark.requirement("LB-8", "RUN-5", "RUN-6")
def test_a_look_up_asks_what_arrived_and_leaves_what_payroll_has_changed_since_to_the_next_run(
    right: Acme,
) -> None:
    """A lost answer, and the amount changed before the look-up: told is what was written."""
    right.payroll("E1", "leavebalances", ALEntitleHourAcc=80.0)
    right.faults("express_leave", errors=["after_write_reset"], match="change balances", count=1)
    plainly = right.wait

    def others(seconds: float) -> None:
        right.payroll("E1", "leavebalances", ALEntitleHourAcc=90.0)
        plainly(seconds)

    right.wait = others  # type: ignore[method-assign]
    run = right.sync()
    assert right.balance("E1") == ("111.4512", "2026-01-04")
    (change,) = right.records(run)["balance:E1:AL"].changes
    assert (change.field, change.old, change.new) == ("hours", "107.4512", "111.4512")
    right.wait = plainly  # type: ignore[method-assign]
    right.sync()
    assert right.balance("E1") == ("121.4512", "2026-01-04")


@pytest.mark.requirement("LB-8", "RUN-6")
def test_a_comment_reaches_the_trail_although_a_pay_came_between(acme: Acme) -> None:
    """The pay moved every As At, and says nothing of why the amount was overtyped (faults I2)."""
    acme.fill(employee("E1"), leave=[leave("E1")], users=[user("u-1", "E1")])
    acme.sync()
    acme.overtype("E1", 80.0, COMMENT)
    paid = {"LeaveAccrueTo": "2026-01-18", "ModifiedAt": "2026-03-05T00:00:00Z"}
    acme.payroll("E1", "leavebalances", ALProRataHourAcc=40.0, SLProRataHourAcc=1.0, **paid)
    acme.wait(60)
    record = acme.records(acme.sync())["balance:E1:AL"]
    assert (record.outcome, acme.balance("E1")) == ("updated", ("120.00", "2026-01-18"))
    assert COMMENT in record.reason.message


@pytest.mark.requirement("LB-8", "RUN-6")
def test_the_comments_of_more_people_than_a_few_reach_the_trail(acme: Acme) -> None:
    """(faults I2)"""
    codes = [f"E{number}" for number in range(10, 50)]
    acme.fill(*map(employee, codes), leave=[leave(code) for code in codes])
    acme.sync()
    for code in codes:
        acme.overtype(code, 76.0, f"{COMMENT} of {code}")
    records = acme.records(acme.sync())
    for code in codes:
        assert f"{COMMENT} of {code}" in records[f"balance:{code}:AL"].reason.message
