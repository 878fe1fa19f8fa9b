"""What a login brings over, as the API tells of it; its rules: tests/flows/balance_sync (LB-4, LB-8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.leave_api import Acme, Row, acme, connected, employee, leave, leave_sandboxes, user

__all__ = ["acme", "connected", "leave_sandboxes"]

APPROVER = "Employee (Approver)"


def synced(acme: Acme, **more: Any) -> Row:
    """A login whose run is done."""
    run = acme.sync(**more)
    assert run["error"] is None, run
    assert sum(run["counts"].values()) == run["progress"]["total"] == run["progress"]["done"]
    return run


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
