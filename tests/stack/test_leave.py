"""A login at the running stack: the hook, the run, and what Express Leave shows of it."""

from __future__ import annotations

import time

import pytest
import requests

from local.demo.leave import Acme
from local.seed import leave_people as who
from local.stack.stack import Stack
from tests.worlds.user import User

pytestmark = pytest.mark.stack

FLOW = "balance_sync"


@pytest.fixture
def acme(stack: Stack) -> Acme:
    return Acme.of(stack.facts)


def last_sync(acme: Acme) -> dict[str, object]:
    found: dict[str, object] = acme.express_leave.state()["syncs"][-1]
    return found


@pytest.mark.requirement("LB-1", "TRG-3", "RUN-3")
def test_a_login_is_answered_within_a_second_and_its_sync_ends(acme: Acme, admin: User) -> None:
    acme.login("Employee (Approver)")  # the function's cold start is not what is looked at
    acme.express_leave.faults(latency_ms=300)
    try:
        began = time.monotonic()
        run = acme.login()
        assert time.monotonic() - began < 1
        joined = acme.login("HR Manager")
        assert (joined["joined"], joined["run_id"]) == (True, run["run_id"])
    finally:
        acme.express_leave.calm()
    ended = admin.follow(run)
    assert (ended["trigger"], ended["status"]) == ("login", "partial"), ended
    until = time.monotonic() + 30
    while last_sync(acme)["Status"] == "Running":
        assert time.monotonic() < until
        time.sleep(0.1)
    assert (last_sync(acme)["Trigger"], last_sync(acme)["Status"]) == ("Login", "CompletedWithErrors")


@pytest.mark.requirement("LB-2", "LB-8")
def test_the_next_login_starts_another_run_which_writes_nothing(acme: Acme, admin: User) -> None:
    first = admin.follow(acme.login())
    second = admin.follow(acme.login())
    assert second["run_id"] != first["run_id"]
    assert second["counts"]["created"] == second["counts"]["updated"] == 0


@pytest.mark.requirement("LB-12")
def test_one_person_is_refreshed_by_an_app_in_seconds(stack: Stack, acme: Acme) -> None:
    operator, code = User(stack, "operator"), who.OVERTYPED
    acme.attache.edit(
        "leave",
        lambda row: (row["EmployeeCode"], row["IncomeCode"]) == (code, "SL"),
        EntitlementOwing=40.25,
    )
    began = time.monotonic()
    asked = operator("POST", f"/connections/{acme.connection}/people/{code}/refresh")
    assert asked.status_code == 202, asked.text
    run = operator.follow(asked.json())
    assert run["status"] == "succeeded"
    assert time.monotonic() - began < 10
    balances = operator("GET", f"/connections/{acme.connection}/people/{code}/balances").json()["items"]
    (sick,) = [row for row in balances if row["income_code"] == "SL"]
    assert sick["agrees"]
    assert sick["source"]["entitlement_owing"] == "40.25"


@pytest.mark.requirement("TRG-3", "CON-4")
def test_a_forged_login_is_refused(stack: Stack, acme: Acme) -> None:
    answer = requests.post(acme.hook_url, data=b"{}", headers={"webhook-signature": "v1,x"}, timeout=30)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code in (400, 401)
