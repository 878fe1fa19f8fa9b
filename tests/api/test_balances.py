"""Which employees and which balances a login brings over, and what is said of all others (LB-3 to LB-8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.leave_api import (
    TYPES,
    Acme,
    Row,
    acme,
    connected,
    employee,
    held,
    leave,
    leave_sandboxes,
    user,
)

__all__ = ["acme", "connected", "leave_sandboxes"]

APPROVER = "Employee (Approver)"


def reason_of(acme: Acme, run: Row, record_id: str) -> tuple[str, str]:
    return acme.reasons(run)[record_id]


def synced(acme: Acme, **more: Any) -> Row:
    """A login whose run is done."""
    run = acme.sync(**more)
    assert run["error"] is None, run
    assert sum(run["counts"].values()) == run["progress"]["total"] == run["progress"]["done"]
    return run


# --- LB-3: users that were made in Express Leave ---------------------------------------------------------

BY_HAND: list[tuple[str, Row, list[str], str, str]] = [
    ("same code", {"EmployeeId": "E1", "Email": "x@acme.example"}, [], "E1", "NOT_PAYROLL_USER"),
    ("same e-mail", {"EmployeeId": "X9", "Email": "e1@acme.example"}, [], "E1", "NOT_PAYROLL_USER"),
    ("e-mail in other case", {"EmployeeId": "X9", "Email": "E1@ACME.Example"}, [], "E1", "NOT_PAYROLL_USER"),
    ("a contractor's code", {"EmployeeId": "E1"}, ["E1"], "E1", "KEPT_WITHOUT_PAYROLL"),
    (
        "a contractor's e-mail",
        {"EmployeeId": "X9", "Email": "e1@acme.example"},
        ["X9"],
        "E1",
        "KEPT_WITHOUT_PAYROLL",
    ),
    ("nobody's", {"EmployeeId": "X9"}, [], "X9", "NOT_PAYROLL_USER"),
    ("nobody's, other contractors", {"EmployeeId": "X9"}, ["X8", "X"], "X9", "NOT_PAYROLL_USER"),
    ("a contractor", {"EmployeeId": "X9"}, ["X8", "X9"], "X9", "KEPT_WITHOUT_PAYROLL"),
    ("a non-employee", {"EmployeeId": "X9", "UserType": "Non-Employee"}, [], "X9", "KEPT_WITHOUT_PAYROLL"),
    (
        "a non-employee with a code of payroll",
        {"EmployeeId": "E1", "UserType": "Non-Employee"},
        [],
        "E1",
        "NOT_PAYROLL_USER",
    ),
]


@pytest.mark.requirement("LB-3", "RUN-2")
@pytest.mark.parametrize(
    ("made", "contractors", "key", "code"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND]
)
def test_a_user_made_in_express_leave_is_skipped_and_never_touched(
    connected: Acme, made: Row, contractors: list[str], key: str, code: str
) -> None:
    connected.settings(contractors=contractors)
    by_hand = user("u-9", "X9", payroll=False, Name="Kept As It Is", **made)
    connected.fill(
        employee("E1"), employee("E2"), leave=[leave("E1"), leave("E2")], users=[by_hand, user("u-2", "E2")]
    )
    before = connected.user(by_hand["EmployeeId"])
    run = synced(connected)
    assert run["status"] == "succeeded"
    assert reason_of(connected, run, f"employee:{key}") == ("skipped", code)
    assert connected.user(by_hand["EmployeeId"]) == before
    assert connected.balance(by_hand["EmployeeId"]) is None
    assert not [name for name in connected.records(run) if name.startswith(f"balance:{before['EmployeeId']}")]
    # Whoever stands beside such a user is synced.
    assert connected.balance("E2") == ("107.4512", "2026-01-04")


@pytest.mark.requirement("LB-3")
def test_the_remedy_of_a_user_made_by_hand_is_that_of_the_document(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], users=[user("u-9", "E1", payroll=False)])
    run = synced(connected)
    why = connected.records(run)["employee:E1"]["reason"]
    for words in (
        "Delete this non-payroll user",
        "Manage Users",
        "create the user in Payroll",
        "contractors",
    ):
        assert words in why["remedy"]
    # Deleted there, the next login brings the payroll user.
    connected.fill(employee("E1"), leave=[leave("E1")])
    assert synced(connected)["counts"]["created"] == 3
    assert connected.user("E1")["PayrollUser"] == "Yes"


# --- LB-4: who is created --------------------------------------------------------------------------------


@pytest.mark.requirement("LB-4")
@pytest.mark.parametrize("user_type", ["Employee (Non-Approver)", APPROVER])
def test_an_enabled_employee_is_created_as_payroll_user_without_an_email(
    connected: Acme, user_type: str
) -> None:
    connected.settings(new_user_type=user_type)
    connected.fill(employee("E1", Location="", HourPerDay=7.25), leave=[leave("E1")])
    run = synced(connected)
    assert run["counts"] == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "blocked": 0,
        "failed": 0,
    }
    made = connected.user("E1")
    assert {**made, "UserId": "", "Version": 0} == {
        "UserId": "",
        "EmployeeId": "E1",
        "Name": "Name E1",
        "Location": None,
        "Country": "Australia",
        "State": "NSW",
        "Hours": "7.25",
        "DefaultApprover": None,
        "Email": "e1@acme.example",
        "UserType": user_type,
        "PayrollUser": "Yes",
        "WelcomeEmailSentAt": None,
        "Version": 0,
    }
    assert connected.balance("E1", "SL") == ("38.00", "2026-01-04")


REFUSED: list[tuple[Row, str, str, str]] = [
    ({"EnableAttacheOnline": False}, "skipped", "NOT_ENABLED_ONLINE", "Online Services"),
    ({"AOemail": None}, "skipped", "ONLINE_EMAIL_MISSING", "Online Services"),
    ({"AOemail": " "}, "skipped", "ONLINE_EMAIL_MISSING", "Online Services"),
    ({"TerminationDate": "2026-01-04"}, "skipped", "TERMINATED", "Nothing to do"),
    ({"State": ""}, "blocked", "REQUIRED_FIELD_MISSING", "State"),
    ({"HourPerDay": 0}, "blocked", "REQUIRED_FIELD_MISSING", "Hours per day"),
]


@pytest.mark.requirement("LB-4", "LB-3")
@pytest.mark.parametrize(("changed", "outcome", "code", "where"), REFUSED)
def test_who_can_not_be_created_is_told_why_and_stops_no_other(
    connected: Acme, changed: Row, outcome: str, code: str, where: str
) -> None:
    connected.fill(
        employee("E1", **changed), employee("E2"), leave=[leave("E1"), leave("E2")], users=[user("u-2", "E2")]
    )
    run = synced(connected)
    assert run["status"] == ("partial" if outcome == "blocked" else "succeeded")
    # Nothing is said of balances that can't be anywhere.
    assert connected.reasons(run) == {"employee:E1": (outcome, code)}
    assert where in connected.records(run)["employee:E1"]["reason"]["remedy"]
    assert [row["EmployeeId"] for row in connected.state("express_leave")["users"]] == ["E2"]


@pytest.mark.requirement("LB-4")
@pytest.mark.parametrize("day", ["2099-01-04", None])
def test_who_has_not_left_yet_is_created(connected: Acme, day: str | None) -> None:
    connected.fill(employee("E1", TerminationDate=day), leave=[leave("E1")])
    assert synced(connected)["counts"]["created"] == 3


@pytest.mark.requirement("LB-4", "LB-6")
def test_who_has_left_and_is_still_there_gets_the_last_balances(connected: Acme) -> None:
    connected.fill(
        employee("E1", TerminationDate="2026-01-04"),
        leave=[leave("E1", al=(0.0, 0.0))],
        users=[user("u-1", "E1")],
        balances=[held("E1", "AL", "12.00"), held("E1", "SL", "38.00")],
    )
    run = synced(connected)
    assert (run["counts"]["updated"], run["counts"]["unchanged"]) == (1, 2)
    assert connected.balance("E1") == ("0.00", "2026-01-04")


# --- LB-5: synced, then deleted in Express Leave ---------------------------------------------------------


@pytest.mark.requirement("LB-5")
@pytest.mark.parametrize(
    "made",
    [
        {"EmployeeId": "E1", "Email": "private@post.example"},
        {"EmployeeId": "X9", "Email": "e1@acme.example"},
        {"EmployeeId": "X9", "Email": "E1@Acme.Example"},
    ],
    ids=["same code", "same e-mail", "same e-mail in other case"],
)
def test_a_payroll_user_that_was_replaced_by_hand_is_blocked_and_not_overwritten(
    connected: Acme, made: Row
) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")])
    synced(connected)
    by_hand = user("u-9", "X9", payroll=False, **made)
    connected.put(
        "express_leave",
        {
            "company": connected.state("express_leave")["company"],
            "users": [by_hand],
            "leavetypes": TYPES,
        },
    )
    before = connected.user(by_hand["EmployeeId"])
    connected.forget_requests()
    run = synced(connected)
    assert run["status"] == "partial"
    assert connected.reasons(run) == {"employee:E1": ("blocked", "REPLACED_BY_NON_PAYROLL_USER")}
    assert (
        "Delete the user that was added by hand" in connected.records(run)["employee:E1"]["reason"]["remedy"]
    )
    assert connected.user(by_hand["EmployeeId"]) == before
    assert connected.writes() == []
    # The cure of the document: the administrator deletes the user that was added by hand, and logs in.
    connected.fill(employee("E1"), leave=[leave("E1")])
    assert synced(connected)["counts"]["created"] == 3
    assert connected.balance("E1") == ("107.4512", "2026-01-04")


@pytest.mark.requirement("LB-5", "LB-4")
def test_a_payroll_user_that_was_deleted_is_created_again_with_its_balances(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")])
    synced(connected)
    connected.fill(employee("E1"), leave=[leave("E1")])
    run = synced(connected)
    assert run["counts"]["created"] == 3
    assert connected.balance("E1") == ("107.4512", "2026-01-04")
    connected.forget_requests()
    assert synced(connected)["counts"]["unchanged"] == 3
    assert connected.writes() == []


# --- LB-6, LB-7: which types of leave --------------------------------------------------------------------

OWED: list[tuple[str, Any, str | None, tuple[str, str] | None, str | None]] = [
    ("absent, and shown", None, "12.00", ("blocked", "LEAVE_TYPE_NOT_IN_LEAVE_TABLE"), "12.00"),
    ("absent, and not shown", None, None, ("skipped", "LEAVE_TYPE_NOT_IN_LEAVE_TABLE"), None),
    ("zero, and shown", (0.0, 0.0), "12.00", None, "0.00"),
    ("zero, and not shown", (0.0, 0.0), None, None, "0.00"),
    ("less than nothing", (-7.6, 0.5), "12.00", None, "-7.10"),
]


@pytest.mark.requirement("LB-6")
@pytest.mark.parametrize(
    ("owed", "shown", "reason", "after"), [row[1:] for row in OWED], ids=[row[0] for row in OWED]
)
def test_absent_from_the_leave_table_is_not_zero(
    connected: Acme, owed: Any, shown: str | None, reason: tuple[str, str] | None, after: str | None
) -> None:
    connected.fill(
        employee("E1"),
        leave=[leave("E1", sl=owed)],
        users=[user("u-1", "E1")],
        balances=[held("E1", "SL", shown)] if shown else [],
    )
    run = synced(connected)
    assert connected.reasons(run).get("balance:E1:SL") == reason
    found = connected.balance("E1", "SL")
    assert (found and found[0]) == after
    # The other type of the same employee is not held up.
    assert connected.balance("E1", "AL") == ("107.4512", "2026-01-04")
    if reason:
        assert "not set to zero" in connected.records(run)["balance:E1:SL"]["reason"]["remedy"]


@pytest.mark.requirement("LB-6")
def test_a_type_that_express_leave_does_not_have_is_told_and_stops_no_other(connected: Acme) -> None:
    row = leave("E1", RDOEntitleHourAcc=7.6, RDOProRataHourAcc=0.0)
    connected.fill(employee("E1"), leave=[row], users=[user("u-1", "E1")])
    run = synced(connected)
    assert connected.reasons(run) == {"balance:E1:RDO": ("skipped", "LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE")}
    assert run["counts"]["created"] == 2


@pytest.mark.requirement("LB-7", "LB-10")
@pytest.mark.parametrize(
    ("visible_to", "user_type", "sees"),
    [
        ("HR Manager", "Employee (Non-Approver)", False),
        ("HR Manager", "HR Manager", True),
        ("HR Manager", "Administrator", True),
        (APPROVER, "Employee (Non-Approver)", False),
        (APPROVER, APPROVER, True),
        ("Non-Employee", "Employee (Non-Approver)", True),
    ],
)
def test_a_hidden_type_is_synced_and_the_diagnosis_says_where_to_change_it(
    connected: Acme, visible_to: str, user_type: str, sees: bool
) -> None:
    types = [TYPES[0], {**TYPES[1], "VisibleTo": visible_to}]
    connected.fill(
        employee("E1"), leave=[leave("E1")], users=[user("u-1", "E1", UserType=user_type)], leavetypes=types
    )
    synced(connected)
    assert connected.balance("E1", "SL") == ("38.00", "2026-01-04")
    failing = connected.failing("E1")
    assert [check["name"] for check in failing] == ([] if sees else ["Sick Leave (SL): visible to the user"])
    for check in failing:
        assert (visible_to in check["seen"], user_type in check["seen"]) == (True, True)
        assert "Company Admin, Leave Types, Edit" in check["remedy"]


# --- LB-8: when a balance is written ---------------------------------------------------------------------

HELD: list[tuple[str, str, str, str]] = [
    ("107.4512", "2026-01-04", "unchanged", "2026-01-04"),
    ("107.4511", "2026-01-04", "updated", "2026-01-04"),
    ("107.4512", "2025-12-21", "updated", "2026-01-04"),
    ("12.00", "2025-12-21", "updated", "2026-01-04"),
    ("107.4512", "2026-01-05", "blocked", "2026-01-05"),
    ("12.00", "2026-01-18", "blocked", "2026-01-18"),
]


@pytest.mark.requirement("LB-8", "RUN-2")
@pytest.mark.parametrize(("shown", "as_at", "outcome", "after"), HELD)
def test_a_balance_is_written_if_its_amount_or_its_date_differs_and_never_by_an_older_one(
    connected: Acme, shown: str, as_at: str, outcome: str, after: str
) -> None:
    connected.fill(
        employee("E1"),
        leave=[leave("E1", sl=None)],
        users=[user("u-1", "E1")],
        leavetypes=TYPES[:1],
        balances=[held("E1", "AL", shown, as_at)],
    )
    connected.forget_requests()
    run = synced(connected)
    # The employee's details are equal.
    assert run["counts"][outcome] == (2 if outcome == "unchanged" else 1)
    hours = shown if outcome == "blocked" else "107.4512"
    assert connected.balance("E1") == (hours, after)
    assert len(connected.writes()) == (outcome == "updated")
    if outcome == "blocked":
        why = connected.records(run)["balance:E1:AL"]["reason"]
        assert why["code"] == "OLDER_THAN_HELD"
        assert ("2026-01-04" in why["message"], as_at in why["message"]) == (True, True)


@pytest.mark.requirement("LB-8", "RUN-6")
def test_overtyping_the_same_amount_sends_it_again_once_with_its_comment_in_the_trail(
    connected: Acme,
) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], users=[user("u-1", "E1")])
    synced(connected)
    connected.wait(60)
    connected.overtype("E1", 76.0, "Updated to resync Express Leave balance")
    connected.forget_requests()
    run = synced(connected)
    assert (run["counts"]["updated"], run["counts"]["unchanged"]) == (1, 2)
    assert connected.writes() == ["PUT /api/v1/companies/c-9/balances"]
    assert connected.balance("E1") == ("107.4512", "2026-01-04")
    trail = connected.call("GET", "/history?entity=balance&key=E1:AL").json["items"]
    assert "Updated to resync Express Leave balance" in trail[0]["comment"]
    assert (trail[0]["run_id"], trail[0]["changes"]) == (run["run_id"], [])
    connected.forget_requests()
    assert synced(connected)["counts"]["unchanged"] == 3
    assert connected.writes() == []


@pytest.mark.requirement("LB-8", "RUN-5")
def test_a_repeated_login_with_nothing_changed_writes_nothing(connected: Acme) -> None:
    codes = [f"E{number}" for number in range(1, 13)]
    connected.fill(*map(employee, codes), leave=[leave(code) for code in codes])
    assert synced(connected)["counts"]["created"] == 36
    connected.forget_requests()
    run = synced(connected, role="HR Manager")
    assert (run["status"], run["counts"]["unchanged"], run["progress"]["total"]) == ("succeeded", 36, 36)
    assert connected.records(run) == {}
    assert connected.writes() == []
