"""Previews, plans, the brake, replays and the audit trail of leave balances (RUN-6, RUN-7, RUN-9, RUN-10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.seed import SEEDS
from tests.worlds.leave_api import Acme, Row, acme, connected, employee, held, leave, leave_sandboxes, user

__all__ = ["acme", "connected", "leave_sandboxes"]

CODES = [f"E{number}" for number in range(10, 22)]


@pytest.fixture
def synced(connected: Acme) -> Acme:
    """Twelve employees, right on both sides."""
    connected.fill(*map(employee, CODES), leave=[leave(code) for code in CODES])
    connected.sync()
    connected.forget_requests()
    return connected


def owe(acme: Acme, code: str, amount: float) -> None:
    acme.edit("attache", "leavebalances", {"EmployeeCode": code}, ALEntitleHourAcc=amount, ALProRataHourAcc=0)


def applied(acme: Acme, run: Row, **more: Any) -> Row:
    answer = acme.world.call("POST", f"/runs/{run['run_id']}/apply", **more)
    assert answer.status == 202, answer.text
    acme.settle()
    return acme.run(answer.json["run_id"])


def replayed(acme: Acme, run: Row, **body: Any) -> Row:
    answer = acme.world.call("POST", f"/runs/{run['run_id']}/replay", body, role="operator")
    assert answer.status == 202, answer.text
    acme.settle()
    return acme.run(answer.json["run_id"])


def told(acme: Acme, run: Row) -> dict[str, Row]:
    """What a run says of every record."""
    shown = ("outcome", "reason", "changes", "label")
    return {name: {field: one[field] for field in shown} for name, one in acme.records(run).items()}


# --- RUN-7 -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-7")
def test_a_preview_of_a_whole_company_tells_what_the_sync_does_and_writes_nothing(acme: Acme) -> None:
    acme.put("attache", SEEDS["attache"]())
    acme.put("express_leave", SEEDS["express_leave"]())
    acme.connect()
    # A company as before, but connected and known.
    state = SEEDS["express_leave"]()
    state["company"] = acme.state("express_leave")["company"]
    acme.put("express_leave", state)
    before = acme.state("express_leave")
    acme.forget_requests()
    planned = acme.order("preview")
    assert acme.state("express_leave") == before
    assert not [one for one in acme.requests("express_leave") if one["writes"]]
    assert not [one for one in acme.requests("attache") if one["writes"] and "oauth" not in one["path"]]
    run = acme.order()
    assert planned["counts"] == run["counts"]
    assert run["counts"]["created"] > 20
    assert run["counts"]["blocked"] > 5
    assert told(acme, planned) == told(acme, run)
    assert acme.state("express_leave") != before


# --- RUN-9 -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-9")
def test_a_plan_is_written_exactly_although_more_has_changed_since(synced: Acme) -> None:
    owe(synced, "E10", 5.25)
    synced.edit("attache", "employees", {"EmployeeCode": "E11"}, State="VIC")
    planned = synced.order("preview")
    owe(synced, "E12", 6.25)
    run = applied(synced, planned, role="operator")
    assert (run["mode"], run["status"], run["counts"]["updated"]) == ("apply", "succeeded", 2)
    assert synced.balance("E10") == ("5.25", "2026-01-04")
    assert synced.user("E11")["State"] == "VIC"
    assert synced.balance("E12") == ("107.4512", "2026-01-04")
    assert told(synced, run) == told(synced, planned)


def source_moved(acme: Acme) -> None:
    owe(acme, "E10", 7.75)


def target_moved(acme: Acme) -> None:
    balance = {"EmployeeId": "E10", "IncomeCode": "AL"}
    acme.edit("express_leave", "balances", balance, BalanceHours="1.00")


def resaved(acme: Acme) -> None:
    acme.wait(60)
    acme.overtype("E10", 5.25, "The same again")


def user_deleted(acme: Acme) -> None:
    state = acme.state("express_leave")
    for name in ("users", "balances"):
        state[name] = [row for row in state[name] if row["EmployeeId"] != "E10"]
    acme.put("express_leave", state)


def user_edited(acme: Acme) -> None:
    acme.edit("express_leave", "users", {"EmployeeId": "E11"}, State="QLD")


def details_moved(acme: Acme) -> None:
    acme.edit("attache", "employees", {"EmployeeCode": "E11"}, State="WA")


MOVED: list[tuple[Callable[[Acme], None], str]] = [
    (source_moved, "balance:E10:AL"),
    (target_moved, "balance:E10:AL"),
    (user_edited, "employee:E11"),
    (details_moved, "employee:E11"),
    (resaved, "balance:E10:AL"),
    (user_deleted, "balance:E10:AL"),
]


@pytest.mark.requirement("RUN-9", "LB-8")
@pytest.mark.parametrize(("move", "record_id"), MOVED, ids=[move.__name__ for move, _ in MOVED])
def test_what_has_moved_since_the_preview_is_left_alone(
    synced: Acme, move: Callable[[Acme], None], record_id: str
) -> None:
    owe(synced, "E10", 5.25)
    owe(synced, "E12", 6.25)
    synced.edit("attache", "employees", {"EmployeeCode": "E11"}, State="VIC")
    planned = synced.order("preview")
    assert planned["counts"]["updated"] == 3
    move(synced)
    state = synced.state("express_leave")
    before = [state[name] for name in ("users", "balances")]
    run = applied(synced, planned)
    assert (run["status"], run["counts"]["updated"], run["counts"]["blocked"]) == ("partial", 2, 1)
    assert synced.reasons(run) == {record_id: ("blocked", "MOVED_SINCE_PREVIEW")}
    why = synced.records(run)[record_id]["reason"]
    assert why["message"]
    assert "preview" in why["remedy"].lower()
    assert synced.balance("E12") == ("6.25", "2026-01-04")
    code = record_id.split(":")[1]
    state = synced.state("express_leave")
    for then, name in zip(before, ("users", "balances"), strict=True):
        mine = [row for row in state[name] if row["EmployeeId"] == code]
        assert mine == [row for row in then if row["EmployeeId"] == code]


@pytest.mark.requirement("RUN-9")
def test_what_is_none_of_the_syncs_business_does_not_move_a_plan(synced: Acme) -> None:
    synced.edit("attache", "employees", {"EmployeeCode": "E11"}, State="VIC")
    planned = synced.order("preview")
    state = synced.state("express_leave")
    (row,) = [row for row in state["users"] if row["EmployeeId"] == "E11"]
    row.update(UserType="HR Manager", Version=row["Version"] + 1)
    synced.put("express_leave", state)
    run = applied(synced, planned)
    assert (run["status"], run["counts"]["updated"]) == ("succeeded", 1)
    found = synced.user("E11")
    assert (found["State"], found["UserType"]) == ("VIC", "HR Manager")


# --- RUN-10 ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("emptied", "owed", "status"),
    [
        (3, {"al": (0.0, 0.0), "sl": (0.0, 0.0)}, "held"),
        (2, {"al": (0.0, 0.0), "sl": (0.0, 0.0)}, "succeeded"),
        # Sick leave alone is in the leave table any more, and nothing is left of it.
        (3, {"al": None, "sl": (0.0, 0.0)}, "held"),
        # Something is left to everybody.
        (12, {"al": (0.0, 0.0), "sl": (1.0, 0.0)}, "succeeded"),
    ],
)
def test_a_run_that_would_empty_the_balances_of_many_is_held_until_an_admin_applies_it(
    synced: Acme, emptied: int, owed: Row, status: str
) -> None:
    synced.settings(brake={"people": 2, "share": "0.05"})
    synced.put(
        "attache",
        {
            "employees": [employee(code) for code in CODES],
            "leavebalances": [
                leave(code, **(owed if place < emptied else {})) for place, code in enumerate(CODES)
            ],
        },
    )
    run = synced.sync()
    if status != "held":
        assert run["status"] == status
        assert synced.balance(CODES[0], "AL") == ("0.00", "2026-01-04")
        return
    assert run["status"] == "held"
    assert synced.writes() == []
    assert (run["held"]["people"], run["held"]["risks"]) == (emptied, {"empty": emptied})
    refused = synced.world.call("POST", f"/runs/{run['run_id']}/apply", role="operator")
    assert refused.status == 403
    forced = applied(synced, run)
    assert forced["status"] == "succeeded"
    assert synced.balance(CODES[0], "SL") == ("0.00", "2026-01-04")


@pytest.mark.requirement("RUN-10")
def test_one_type_that_was_nothing_already_does_not_hide_the_other(synced: Acme) -> None:
    synced.settings(brake={"people": 2, "share": "0.05"})
    nothing = (0.0, 0.0)
    rows = [leave(code, al=nothing, sl=(3.0, 0.0)) for code in CODES]
    synced.put("attache", {"employees": [employee(code) for code in CODES], "leavebalances": rows})
    assert synced.sync()["status"] == "succeeded"
    rows = [leave(code, al=nothing, sl=nothing) for code in CODES]
    synced.put("attache", {"employees": [employee(code) for code in CODES], "leavebalances": rows})
    run = synced.sync()
    assert (run["status"], run["held"]["people"]) == ("held", 12)


# --- replays ---------------------------------------------------------------------------------------------


@pytest.fixture
def partial(connected: Acme) -> tuple[Acme, Row]:
    """A run with a blocked balance, a blocked employee, one by hand, one who is gone, and one created."""
    connected.fill(
        employee("E1"),
        employee("E2", State=""),
        employee("E3"),
        leave=[leave("E1"), leave("E2"), leave("E3")],
        users=[user("u-1", "E1"), user("u-9", "X9", payroll=False), user("u-8", "X8")],
        balances=[held("E1", "AL", "1.00", "2026-01-18")],
    )
    run = connected.sync()
    assert connected.reasons(run) == {
        "balance:E1:AL": ("blocked", "OLDER_THAN_HELD"),
        "employee:E2": ("blocked", "REQUIRED_FIELD_MISSING"),
        "employee:X9": ("skipped", "NOT_PAYROLL_USER"),
        "employee:X8": ("blocked", "NOT_IN_PAYROLL"),
    }
    return connected, run


def mended(acme: Acme) -> None:
    """What people do in Payroll."""
    acme.edit("attache", "leavebalances", {"EmployeeCode": "E1"}, LeaveAccrueTo="2026-01-18")
    annual = {"EmployeeCode": "E1", "IncomeCode": "AL"}
    acme.edit("attache", "leave", annual, LeaveAccruedUpToAndIncluding="2026-01-18")
    acme.edit("attache", "employees", {"EmployeeCode": "E2"}, State="VIC")
    there = acme.state("express_leave")
    left = [row for row in there["users"] if row["EmployeeId"] != "X8"]
    acme.put("express_leave", {**there, "users": left})


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize(
    ("body", "counts", "amount"),
    [
        ({"records": ["balance:E1:AL"]}, {"updated": 1}, "107.4512"),
        ({"records": ["employee:E2"]}, {"created": 1}, "1.00"),
        ({"outcomes": ["blocked", "failed"]}, {"created": 1, "updated": 1, "unchanged": 1}, "107.4512"),
        ({}, {"created": 3, "updated": 2, "unchanged": 4, "skipped": 1}, "107.4512"),
    ],
    ids=["one balance", "one employee", "the blocked ones", "the whole run"],
)
def test_a_replay_reads_afresh_and_writes_no_more_than_asked(
    partial: tuple[Acme, Row], body: Row, counts: Row, amount: str
) -> None:
    acme, run = partial
    mended(acme)
    again = replayed(acme, run, **body)
    assert (again["status"], again["replay_of"]) == ("succeeded", run["run_id"])
    assert {name: count for name, count in again["counts"].items() if count} == counts
    found = acme.balance("E1")
    assert found
    assert found[0] == amount


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_what_is_not_mended_says_the_same_again(partial: tuple[Acme, Row]) -> None:
    acme, run = partial
    every = acme.records(run)
    again = replayed(acme, run, records=[name for name in every if every[name]["reason"]])
    assert acme.reasons(again) == acme.reasons(run)


@pytest.mark.requirement("OPS-1", "LB-3", "LB-5")
@pytest.mark.parametrize(
    ("users", "why"),
    [
        ([user("u-5", "E1", payroll=False)], "REPLACED_BY_NON_PAYROLL_USER"),
        ([], "USER_MISSING"),
    ],
)
def test_a_balance_of_somebody_whose_user_is_no_more_says_so_when_it_is_replayed(
    partial: tuple[Acme, Row], users: list[Row], why: str
) -> None:
    acme, run = partial
    mended(acme)
    acme.fill(employee("E1"), leave=[leave("E1")], users=users)
    acme.forget_requests()
    again = replayed(acme, run, records=["balance:E1:AL"])
    assert again["counts"]["blocked"] + again["counts"]["failed"] == 1
    assert acme.reasons(again)["balance:E1:AL"][1] == why
    assert acme.balance("E1") is None


@pytest.mark.requirement("OPS-1")
def test_what_is_gone_meanwhile_is_told_or_settled(partial: tuple[Acme, Row]) -> None:
    acme, run = partial
    # Both users were deleted, which is the remedy; E2 left payroll altogether.
    acme.fill(employee("E1"), leave=[leave("E1")], users=[user("u-1", "E1")])
    again = replayed(acme, run, records=["employee:X9", "employee:X8", "employee:E2"])
    assert acme.reasons(again) == {"employee:E2": ("blocked", "EMPLOYEE_NOT_IN_PAYROLL")}
    assert (again["counts"]["unchanged"], again["counts"]["blocked"]) == (2, 1)


# --- RUN-6 -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-6", "LB-8")
@pytest.mark.parametrize("sick", [(38.0, 0.0), None], ids=["beside a balance that is right", "alone"])
def test_the_trail_of_a_balance_tells_every_value_its_run_and_payrolls_comment(
    connected: Acme, sick: Any
) -> None:
    connected.fill(employee("E0042"), leave=[leave("E0042", sl=sick)])
    created = connected.sync()
    connected.wait(60)
    connected.overtype("E0042", 80.0, "Day of 22 December was worked")
    changed = connected.sync()
    trail = connected.call("GET", "/history?entity=balance&key=E0042:AL", role="viewer").json["items"]
    hours = {"field": "hours", "old": "107.4512", "new": "111.4512"}
    assert [(one["run_id"], one["outcome"]) for one in trail] == [
        (changed["run_id"], "updated"),
        (created["run_id"], "created"),
    ]
    assert trail[0]["changes"] == [hours]
    assert "Day of 22 December was worked" in trail[0]["comment"]
    assert (trail[0]["trigger"], trail[0]["requested_by"]) == ("login", "u-1")
    assert trail[1]["changes"] == [
        {"field": "hours", "old": None, "new": "107.4512"},
        {"field": "as_at", "old": None, "new": "2026-01-04"},
    ]
    assert trail[1]["comment"] is None
    (made,) = connected.call("GET", "/history?entity=employee&key=E0042").json["items"]
    assert (made["run_id"], made["outcome"]) == (created["run_id"], "created")
    assert [(one["field"], one["old"]) for one in made["changes"]] == [
        (field, None) for field in ("name", "location", "country", "state", "hours", "email")
    ]
    other = connected.call("GET", "/history?entity=balance&key=E0042:SL").json["items"]
    assert [one["run_id"] for one in other] == ([created["run_id"]] if sick else [])


@pytest.mark.requirement("RUN-6", "RUN-8", "LB-8")
@pytest.mark.parametrize(("count", "asked"), [(1, 1), (11, 0)])
def test_after_a_pay_run_nobody_is_asked_why_and_after_that_of_a_few_they_are(
    connected: Acme, count: int, asked: int
) -> None:
    """Somebody may have overtyped the amount before the pay, with a comment (faults I2)."""
    codes = [f"E{number}" for number in range(100, 100 + count)]
    connected.fill(*map(employee, codes), leave=[leave(code) for code in codes])
    connected.sync()
    paid = {"LeaveAccrueTo": "2026-01-18", "ModifiedAt": "2026-01-19T03:12:00Z"}
    rows = [leave(code, **paid) for code in codes]
    connected.put("attache", {"employees": [employee(code) for code in codes], "leavebalances": rows})
    connected.clock.pass_by(2)  # What was written in the second of a run's start is looked up again.
    connected.forget_requests()
    run = connected.sync()
    assert (run["status"], run["counts"]["updated"]) == ("succeeded", 2 * count)
    assert len([one for one in connected.requests("attache") if "/leavehistory" in one["path"]]) == asked
    assert connected.sync()["counts"]["unchanged"] == 3 * count
