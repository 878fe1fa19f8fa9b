"""Why a balance is not right: the document's checks, in its order, each with its cure (LB-10)."""

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

RIGHT = [held("E1", "AL", "107.4512"), held("E1", "SL", "38.00")]
REACHED = [
    "connection is connected",
    "Attaché Payroll accepts the credentials",
    "Express Leave accepts the credentials",
    "Express Leave is connected to the organisation",
]
EXISTS = "exists in Payroll, enabled for Attaché Online"
PAYROLL_USER = "the user in Express Leave is a Payroll User"
LAST = ["details agree", "last sync"]


def of_type(name: str) -> list[str]:
    """The checks of a type of leave."""
    return [
        f"{name}: in the leave table, and set up",
        f"{name}: visible to the user",
        f"{name}: balance and As At agree",
    ]


WHOLE = [*REACHED, EXISTS, PAYROLL_USER, *of_type("Annual Leave (AL)"), *of_type("Sick Leave (SL)"), *LAST]


def right(acme: Acme, **changed: Any) -> None:
    """One employee who is right on both sides, but for what changed."""
    given: Row = {
        "people": [employee("E1")],
        "leave": [leave("E1")],
        "users": [user("u-1", "E1")],
        "balances": RIGHT,
        **changed,
    }
    acme.fill(*given.pop("people"), **given)


# --- one employee ----------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-10")
@pytest.mark.parametrize(
    ("key", "entity"),
    [
        ("E1", "employee"),
        ("e1@acme.example", "employee"),
        ("E1@ACME.example", "employee"),
        ("E1:SL", "balance"),
        ("e1", "employee"),
        (" e1", "employee"),
        ("e1:sl", "balance"),
    ],
)
def test_who_is_right_passes_every_check_in_the_documents_order(
    connected: Acme, key: str, entity: str
) -> None:
    right(connected)
    connected.sync()
    connected.forget_requests()
    found = connected.checks(key, entity)
    assert [check["name"] for check in found] == WHOLE
    assert [check["passed"] for check in found] == [True] * len(WHOLE)
    assert not any(check["remedy"] for check in found)
    assert all(check["seen"] for check in found)
    for system in ("attache", "express_leave"):
        assert not [one for one in connected.requests(system) if one["writes"] and "oauth" not in one["path"]]


# What is wrong, the check that fails, what it saw, and its remedy.
CAUSES: list[tuple[str, Row, str, str, str]] = [
    ("not enabled", {"people": [employee("E1", EnableAttacheOnline=False)]}, EXISTS, "not enabled", "tick"),
    ("no e-mail", {"people": [employee("E1", AOemail=None)]}, EXISTS, "no e-mail", "Online Services"),
    (
        "made by hand",
        {"users": [user("u-1", "E1", payroll=False)], "balances": []},
        PAYROLL_USER,
        "created directly in Express Leave",
        "Manage Users",
    ),
    (
        "made by hand with the e-mail",
        {"users": [user("u-1", "X9", payroll=False, Email="e1@acme.example")], "balances": []},
        PAYROLL_USER,
        "created directly in Express Leave",
        "Manage Users",
    ),
    ("not created yet", {"users": [], "balances": []}, PAYROLL_USER, "no user", "Log in"),
    (
        "can not be created",
        {"people": [employee("E1", State="")], "users": [], "balances": []},
        PAYROLL_USER,
        "State",
        "State",
    ),
    (
        "no row in the leave table",
        {"leave": [leave("E1", sl=None)]},
        "Sick Leave (SL): in the leave table",
        "Express Leave shows 38.00 hours",
        "Leave tab",
    ),
    (
        "hidden",
        {"leavetypes": [TYPES[0], {**TYPES[1], "VisibleTo": "HR Manager"}]},
        "Sick Leave (SL): visible to the user",
        "HR Manager",
        "Leave Types, Edit",
    ),
    (
        "another amount",
        {"balances": [held("E1", "AL", "100.00"), RIGHT[1]]},
        "Annual Leave (AL): balance and As At agree",
        "100.00 hours as at 2026-01-04, Payroll has 107.4512",
        "overtype the same Entitlement Owing",
    ),
    (
        "another date",
        {"balances": [held("E1", "AL", "107.4512", "2025-12-21"), RIGHT[1]]},
        "Annual Leave (AL): balance and As At agree",
        "as at 2025-12-21",
        "Log in",
    ),
    (
        "a later date",
        {"balances": [held("E1", "AL", "107.4512", "2026-01-18"), RIGHT[1]]},
        "Annual Leave (AL): balance and As At agree",
        "as at 2026-01-18",
        "Process the pay",
    ),
    ("no balance", {"balances": RIGHT[:1]}, "Sick Leave (SL): balance and As At agree", "nothing", "Log in"),
    ("other details", {"people": [employee("E1", State="VIC")]}, "details agree", "state", "Log in"),
]


@pytest.mark.requirement("LB-10")
@pytest.mark.parametrize(
    ("wrong", "name", "seen", "remedy"), [row[1:] for row in CAUSES], ids=[row[0] for row in CAUSES]
)
def test_each_cause_fails_its_own_check_and_names_its_remedy(
    connected: Acme, wrong: Row, name: str, seen: str, remedy: str
) -> None:
    right(connected, **wrong)
    (failing,) = connected.failing("E1")
    assert failing["name"] == name
    assert seen in failing["seen"]
    assert remedy in failing["remedy"]
    assert failing["flow"] == "balance_sync"


@pytest.mark.requirement("LB-10", "LB-6")
@pytest.mark.parametrize("hours", [0.0, 7.6])
def test_days_without_a_length_are_not_set_up(connected: Acme, hours: float) -> None:
    right(connected)
    state = connected.state("attache")
    for row in state["leave"]:
        row.update(DisplayIn="Days", HoursPerDay=hours)
    connected.put("attache", state)
    failing = [check for check in connected.failing("E1") if "set up" in check["name"]]
    assert len(failing) == (0 if hours else 2)
    for check in failing:
        assert "Hours per day" in check["seen"]
        assert "Leave tab" in check["remedy"]


@pytest.mark.requirement("LB-10", "LB-3")
@pytest.mark.parametrize(
    ("key", "users", "seen", "remedy"),
    [
        ("E7", [], "nobody", "E7"),
        ("x7@acme.example", [], "nobody", "x7@acme.example"),
        ("X7", [user("u-7", "X7", payroll=False)], "created directly", "Manage Users"),
        ("X7@acme.example", [user("u-7", "X7", payroll=False)], "created directly", "Manage Users"),
        (
            "X7",
            [user("u-7", "X7", payroll=False, Email="e2@acme.example")],
            "created directly",
            "Manage Users",
        ),
        ("X7", [user("u-7", "X7")], "Payroll does not have this code", "Delete the user"),
        ("x7", [user("u-7", "X7")], "Payroll does not have this code", "Delete the user"),
        (
            "X7",
            [user("u-7", "X7", payroll=False, Email="E2@acme.example")],
            "It is the user of Name E2 (E2), by the e-mail.",
            "create nobody",
        ),
        ("X7", [user("u-7", "X7", payroll=False, UserType="Non-Employee")], "on purpose", None),
    ],
)
def test_nobody_of_payroll_is_told_as_express_leave_knows_them(
    connected: Acme, key: str, users: list[Row], seen: str, remedy: str | None
) -> None:
    """Whose user it is (faults B10); and who is kept on purpose passes (faults H10)."""
    right(connected, people=[employee("E1"), employee("E2")], users=[user("u-1", "E1"), *users])
    found = connected.checks(key)
    assert [check["name"] for check in found] == [*REACHED, EXISTS]
    assert found[-1]["passed"] is (remedy is None)
    assert seen in found[-1]["seen"]
    assert (remedy or "") in (found[-1]["remedy"] or "")


@pytest.mark.requirement("LB-10", "LB-9")
def test_the_connection_comes_first_and_ends_the_rest(connected: Acme) -> None:
    right(connected)
    company = connected.state("express_leave")["company"][0]
    elsewhere = {"Connected": True, "OrganisationId": "org-18", "OrganisationName": "Acme NZ"}
    for link, seen in (({"Connected": False}, "no organisation"), (elsewhere, "org-18")):
        right(connected, company=[{**company, "Connection": link}])
        found = connected.checks("E1")
        assert [check["name"] for check in found] == REACHED
        assert [check["passed"] for check in found] == [True, True, True, False]
        assert seen in found[-1]["seen"]
        assert "Company Details" in found[-1]["remedy"]
    assert connected.call("POST", "/disconnect").status == 200
    (first,) = connected.checks("E1")
    assert (first["name"], first["passed"]) == (REACHED[0], False)
    assert "Connect to Organisation" in first["remedy"]


# --- everybody -------------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-10")
def test_causes_are_grouped_and_the_most_frequent_comes_first(connected: Acme) -> None:
    codes = [f"E{number}" for number in range(10, 24)]
    connected.fill(
        *map(employee, codes),
        employee("E30", EnableAttacheOnline=False),
        employee("E31", AOemail=None),
        leave=[leave(code) for code in codes],
        users=[*(user(f"u-{code}", code) for code in codes[:12]), user("u-9", "X9", payroll=False)],
        balances=[held(code, "AL", "1.00") for code in codes[:12]]
        + [held(code, "SL", "38.00") for code in codes[:12]],
    )
    connected.forget_requests()
    found = connected.checks()
    assert [check["name"] for check in found[4:6]] == ["As At dates are those of Payroll", "last sync"]
    groups = found[6:]
    assert [(group["code"], len(group["keys"])) for group in groups] == [
        ("DIFFERS", 12),
        ("NOT_SYNCED_YET", 2),
        ("NOT_ENABLED_ONLINE", 1),
        ("NOT_PAYROLL_USER", 1),
        ("ONLINE_EMAIL_MISSING", 1),
    ]
    assert groups[0]["keys"] == codes[:12]
    assert groups[0]["labels"] == {code: f"Name {code}" for code in codes[:12]}
    assert all(group["labels"].keys() <= set(group["keys"]) for group in groups)
    assert groups[0]["seen"].startswith("12 employees: Name E10 (E10), ")
    assert groups[0]["seen"].endswith("Name E19 (E19) and 2 more")
    assert groups[2]["seen"] == "1 employee: Name E30 (E30)"
    assert all(group["passed"] is False and group["remedy"] for group in groups)
    assert not [one for one in connected.requests("express_leave") if one["writes"]]


@pytest.mark.requirement("LB-10", "LB-7")
def test_a_group_is_one_cause_with_its_values(connected: Acme) -> None:
    """Each type of leave, each field, each remedy for itself (faults H6)."""
    types = [
        {"IncomeCode": "AL", "Description": "Annual Leave", "VisibleTo": "Employee (Approver)"},
        {"IncomeCode": "SL", "Description": "Sick Leave", "VisibleTo": "HR Manager"},
    ]
    connected.fill(
        employee("E1"),
        employee("E2", State=""),
        employee("E3", Country="Australia", State="", HourPerDay=0.0),
        employee("E4", AOemail="hand@acme.example"),
        leave=[leave("E1"), leave("E2"), leave("E3")],
        users=[
            user("u-1", "E1"),
            user("u-2", "H1", payroll=False, Email="hand@acme.example"),
            user("u-3", "H2", payroll=False),
        ],
        leavetypes=types,
    )
    found = {check["name"]: check for check in connected.checks() if check["code"]}
    annual = found["leave type hidden: Annual Leave (AL)"]
    assert (annual["keys"], "Visible To, which is Employee (Approver) now" in annual["remedy"]) == (
        ["E1"],
        True,
    )
    assert found["leave type hidden: Sick Leave (SL)"]["keys"] == ["E1"]
    missing = found["required field missing"]
    assert (missing["keys"], "State" in missing["remedy"]) == (["E2", "E3"], True)
    assert "create nobody there" in found["not payroll user: of an employee in Payroll"]["remedy"]
    assert "contractors" in found["not payroll user: of nobody in Payroll"]["remedy"]


@pytest.mark.requirement("LB-10")
def test_a_healthy_employee_is_all_green(connected: Acme) -> None:
    """A type of leave that they neither have nor are shown is not applicable (faults H5)."""
    right(connected, leave=[leave("E1", sl=None)], balances=RIGHT[:1])
    connected.sync()
    found = connected.checks("E1")
    assert [check["passed"] for check in found] == [True] * len(found)
    (sick,) = [check for check in found if "Sick Leave" in check["name"]]
    assert "not applicable" in sick["seen"]


@pytest.mark.requirement("LB-10", "LB-8")
def test_all_and_one_say_the_same_of_what_payroll_saved_again(connected: Acme) -> None:
    """(faults H10)"""
    right(connected)
    connected.sync()
    connected.overtype("E1", 76.0, "Again")
    (all_of_them,) = [check for check in connected.checks() if check["code"]]
    (one,) = [check for check in connected.checks("E1") if check["code"]]
    assert (one["name"], one["code"], one["passed"], one["remedy"]) == tuple(
        all_of_them[name] for name in ("name", "code", "passed", "remedy")
    )


@pytest.mark.requirement("LB-10")
def test_an_e_mail_of_two_employees_names_both(connected: Acme) -> None:
    right(connected, people=[employee("E1"), employee("E2", AOemail="E1@acme.example")])
    last = connected.checks("e1@acme.example")[-1]
    assert (last["passed"], "Name E1 (E1), Name E2 (E2)" in last["seen"]) == (False, True)


@pytest.mark.requirement("LB-10")
def test_who_is_right_is_diagnosed_without_reading_anybody_else_in_express_leave(connected: Acme) -> None:
    """Nor more of Payroll's list than up to their own row (faults H8)."""
    right(connected)
    connected.sync()
    connected.forget_requests()
    connected.checks("E1")
    seen = [one["path"].partition("?")[0].rpartition("/api/v1")[2] for one in connected.requests("attache")]
    assert seen == [
        "/organisations",
        "/organisations/org-17/employees",
        "/organisations/org-17/employees/E1/leave",
    ]
    there = [one["path"].partition("?")[0] for one in connected.requests("express_leave")]
    assert not [path for path in there if path.endswith("/users")]


@pytest.mark.requirement("LB-10", "LB-9")
@pytest.mark.parametrize(
    ("match", "name"),
    [("list organisations", REACHED[1]), ("list leave", "Attaché Payroll answers")],
)
def test_a_limit_that_was_met_is_told_as_that_and_until_when(connected: Acme, match: str, name: str) -> None:
    """(faults H8)"""
    right(connected)
    connected.sync()
    connected.faults("attache", error_rate=1.0, errors=[429], seed=1, match=match)
    found = connected.checks("E1")
    connected.calm("attache")
    (check,) = [check for check in found if check["passed"] is None]
    assert check["name"] == name
    assert "asked too often" in check["seen"]
    assert "Try again in" in check["remedy"]
    assert not [one for one in found if one["passed"] is False]


@pytest.mark.requirement("LB-10")
@pytest.mark.parametrize(("as_at", "passed"), [("2025-12-21", False), ("2026-01-04", True)])
def test_dates_that_did_not_move_are_told_for_everybody(connected: Acme, as_at: str, passed: bool) -> None:
    right(connected, balances=[held("E1", code, "1.00", as_at) for code in ("AL", "SL")])
    dates = connected.checks()[4]
    assert (dates["passed"], as_at in dates["seen"]) == (passed, True)


@pytest.mark.requirement("LB-10", "RUN-2")
def test_the_last_sync_is_told_with_how_it_ended(connected: Acme) -> None:
    right(connected)
    run = connected.sync()
    last = connected.checks("E1")[-1]
    assert (last["passed"], last["seen"]) == (True, f"succeeded at {run['finished_at']}")
    company = connected.state("express_leave")["company"][0]
    connected.put("express_leave", {"company": [{**company, "Connection": {"Connected": False}}]})
    failed = connected.sync()
    assert failed["status"] == "failed"
    right(connected, company=[company])
    last = connected.checks("E1")[-1]
    assert (last["name"], last["passed"]) == ("last sync", False)
    assert failed["run_id"] in last["remedy"]
