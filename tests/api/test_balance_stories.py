"""Every cause of the document in one company: diagnosed, cured as it says, right after a login."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local.seed import SEEDS
from local.seed import leave_people as who
from tests.worlds.leave_api import Acme, Row, acme, leave_sandboxes

__all__ = ["acme", "leave_sandboxes"]

SECOND = who.SAME_EMAIL[1]


def in_payroll(acme: Acme, code: str, **values: Any) -> None:
    acme.edit("attache", "employees", {"EmployeeCode": code}, **values)


def delete_user(acme: Acme, code: str) -> None:
    """What the administrator does in Manage Users; the balances go with the user."""
    state = acme.state("express_leave")
    for name in ("users", "balances"):
        state[name] = [row for row in state[name] if row["EmployeeId"] != code]
    acme.put("express_leave", state)


def replace_by_hand(acme: Acme, code: str) -> None:
    """What went wrong for one: deleted, and added there again."""
    old = acme.user(code)
    delete_user(acme, code)
    state = acme.state("express_leave")
    state["users"].append({**old, "UserId": "u-999", "PayrollUser": ""})
    acme.put("express_leave", state)


def leave_row(acme: Acme, code: str, income_code: str, owed: tuple[float, float], **values: Any) -> None:
    """What a payroll officer enters on the Leave tab, and the balances that follow."""
    state = acme.state("attache")
    rows = [row for row in state["leave"] if row["EmployeeCode"] == code]
    found = [row for row in rows if row["IncomeCode"] == income_code]
    if not found:
        found = [{**rows[0], "IncomeCode": income_code, "Description": "Sick Leave"}]
        found[0] |= {"EntitlementOwing": owed[0], "ProRataOwing": owed[1]}
        state["leave"] += found
    found[0].update(values)
    (balance,) = [row for row in state["leavebalances"] if row["EmployeeCode"] == code]
    balance |= {f"{income_code}EntitleHourAcc": owed[0], f"{income_code}ProRataHourAcc": owed[1]}
    acme.put("attache", state)


def process_pay(acme: Acme, code: str) -> None:
    """The employee stands where everybody else does."""
    state = acme.state("attache")
    (balance,) = [row for row in state["leavebalances"] if row["EmployeeCode"] == code]
    balance["LeaveAccrueTo"] = max(row["LeaveAccrueTo"] for row in state["leavebalances"])
    for row in state["leave"]:
        if row["EmployeeCode"] == code:
            row["LeaveAccruedUpToAndIncluding"] = balance["LeaveAccrueTo"]
    acme.put("attache", state)


def show_to_all(acme: Acme, income_code: str) -> None:
    acme.edit("express_leave", "leavetypes", {"IncomeCode": income_code}, VisibleTo=who.EMPLOYEE)


# Who shows it, the cause among everybody's, what their own diagnosis says, and the cure.
STORIES: list[tuple[str, str, str, Callable[[Acme], Any]]] = [
    (
        who.CREATED_BY_HAND,
        "NOT_PAYROLL_USER",
        "created directly in Express Leave",
        lambda acme: delete_user(acme, who.CREATED_BY_HAND),
    ),
    (
        who.REPLACED,
        "REPLACED_BY_NON_PAYROLL_USER",
        "deleted in Express Leave and added there by hand",
        lambda acme: delete_user(acme, who.REPLACED),
    ),
    (
        who.NO_SICK_LEAVE,
        "LEAVE_TYPE_NOT_IN_LEAVE_TABLE",
        "not in the leave table",
        lambda acme: leave_row(acme, who.NO_SICK_LEAVE, "SL", (22.8, 5.25)),
    ),
    (
        who.SET_UP_WRONG,
        "LEAVE_TYPE_NOT_IN_LEAVE_TABLE",
        "and Display In is Days",
        # 10 and 4.153 days.
        lambda acme: leave_row(acme, who.SET_UP_WRONG, "AL", (76.0, 31.5628), HoursPerDay=7.6),
    ),
    (
        who.HIDDEN_TYPE,
        "LEAVE_TYPE_HIDDEN",
        "visible to HR Manager and higher",
        lambda acme: show_to_all(acme, "LSL"),
    ),
    (
        who.NOT_ENABLED,
        "NOT_ENABLED_ONLINE",
        "not enabled for Attaché Online",
        lambda acme: in_payroll(acme, who.NOT_ENABLED, EnableAttacheOnline=True),
    ),
    (
        who.NO_EMAIL,
        "ONLINE_EMAIL_MISSING",
        "has no e-mail there",
        lambda acme: in_payroll(acme, who.NO_EMAIL, AOemail="evie@acme.example"),
    ),
    (
        who.NO_STATE,
        "REQUIRED_FIELD_MISSING",
        "has no State",
        lambda acme: in_payroll(acme, who.NO_STATE, State="QLD"),
    ),
    (
        who.OLDER_AS_AT,
        "OLDER_THAN_HELD",
        "Express Leave shows",
        lambda acme: process_pay(acme, who.OLDER_AS_AT),
    ),
    (
        SECOND,
        "EMAIL_TAKEN",
        f"same e-mail as Yannis Papas ({who.SAME_EMAIL[0]})",
        lambda acme: in_payroll(acme, SECOND, AOemail="eleni@acme.example"),
    ),
    (who.RECODED, "CODE_CHANGED", who.RECODED_FROM, lambda acme: delete_user(acme, who.RECODED_FROM)),
    (who.LEFT, "NOT_IN_PAYROLL", "Payroll does not have this code", lambda acme: delete_user(acme, who.LEFT)),
]


def of_everybody(acme: Acme) -> dict[str, list[str]]:
    """Whom each cause concerns."""
    found: dict[str, list[str]] = {}
    for check in acme.checks():
        if check["code"]:
            found[check["code"]] = [*found.get(check["code"], []), *check["keys"]]
    return found


def wrong(acme: Acme, code: str) -> list[Row]:
    """The failing checks of one."""
    return acme.failing(code)


def owed(acme: Acme) -> dict[tuple[str, str], tuple[Decimal, str]]:
    """What payroll owes everybody of the organisation."""
    return {
        (row["EmployeeCode"], code): (
            Decimal(str(row[f"{code}EntitleHourAcc"])) + Decimal(str(row[f"{code}ProRataHourAcc"])),
            row["LeaveAccrueTo"],
        )
        for row in acme.state("attache")["leavebalances"]
        if row["OrganisationId"] == who.AUSTRALIA
        for code in ("AL", "SL", "LSL", "RDO")
        if f"{code}EntitleHourAcc" in row
    }


@pytest.mark.requirement("LB-3", "LB-4", "LB-5", "LB-6", "LB-7", "LB-8", "LB-9", "LB-10")
def test_each_story_of_the_document_is_diagnosed_and_right_after_its_cure(acme: Acme) -> None:
    acme.put("attache", SEEDS["attache"]())
    acme.put("express_leave", SEEDS["express_leave"]())
    # The story of all employees: not connected.
    (check,) = acme.checks()
    assert (check["passed"], "Connect to Organisation" in check["remedy"]) == (False, True)
    acme.connect()
    replace_by_hand(acme, who.REPLACED)

    causes = of_everybody(acme)
    for code, cause, seen, _ in STORIES:
        assert code in causes[cause], (code, causes)
        found = wrong(acme, code)
        assert any(seen in check["seen"] and check["remedy"] for check in found), (code, found)
    every = {code for codes in causes.values() for code in codes}
    assert every == {code for code, *_ in STORIES}, causes

    for _, _, _, cure in STORIES:
        cure(acme)
    run = acme.sync()
    assert (run["status"], run["counts"]["blocked"], run["counts"]["failed"]) == ("succeeded", 0, 0)

    assert of_everybody(acme) == {}
    for code, *_ in STORIES:
        if code != who.LEFT:
            assert wrong(acme, code) == []
            assert acme.user(code)["PayrollUser"] == "Yes"
    shown = {
        (row["EmployeeId"], row["IncomeCode"]): (Decimal(row["BalanceHours"]), row["AsAt"])
        for row in acme.state("express_leave")["balances"]
    }
    expected = {place: amount for place, amount in owed(acme).items() if place[0] != who.TERMINATED}
    assert shown == expected
    # Kept on purpose, and left as it was.
    assert acme.user(who.CONTRACTOR)["PayrollUser"] == ""


@pytest.mark.requirement("LB-8", "LB-10")
def test_the_last_resort_of_the_document_sends_a_balance_again(acme: Acme) -> None:
    acme.put("attache", SEEDS["attache"]())
    acme.put("express_leave", SEEDS["express_leave"]())
    acme.connect()
    before = acme.balance(who.OVERTYPED)
    rows = acme.state("attache")["leave"]
    (row,) = [one for one in rows if (one["EmployeeCode"], one["IncomeCode"]) == (who.OVERTYPED, "AL")]
    acme.wait(60)
    acme.overtype(who.OVERTYPED, row["EntitlementOwing"], "Updated to resync Express Leave balance")
    assert of_everybody(acme)["SAVED_AGAIN_IN_PAYROLL"] == [who.OVERTYPED]
    run = acme.sync()
    assert run["counts"]["updated"] == 1
    assert acme.balance(who.OVERTYPED) == before
    assert "SAVED_AGAIN_IN_PAYROLL" not in of_everybody(acme)
    trail = acme.call("GET", f"/history?entity=balance&key={who.OVERTYPED}:AL").json["items"]
    assert "Updated to resync Express Leave balance" in trail[0]["comment"]


# --- everybody: the connection ---------------------------------------------------------------------------


@pytest.mark.requirement("LB-9", "LB-10")
def test_an_express_leave_that_is_not_connected_syncs_nothing_and_says_so(acme: Acme) -> None:
    acme.put("attache", SEEDS["attache"]())
    acme.put("express_leave", SEEDS["express_leave"]())
    acme.connect()
    # Somebody chooses Disconnect on the screen of Express Leave, which nobody tells us.
    (company,) = acme.state("express_leave")["company"]
    state = SEEDS["express_leave"]()
    state["company"] = [{**company, "Connection": {"Connected": False}}]
    acme.put("express_leave", state)
    before = acme.state("express_leave")
    run = acme.sync()
    assert (run["status"], run["error"]["code"]) == ("failed", "NOT_CONNECTED")
    assert "Connect to Organisation" in run["error"]["remedy"]
    after = acme.state("express_leave")
    assert [after[name] for name in ("users", "balances")] == [before[name] for name in ("users", "balances")]
    assert after["syncs"][-1]["Status"] == "NotConnected"
    failing = acme.failing()
    assert [check["name"] for check in failing] == ["Express Leave is connected to the organisation"]


@pytest.mark.requirement("LB-9", "LB-2", "LB-10")
def test_disconnecting_and_connecting_again_refreshes_everything(acme: Acme) -> None:
    acme.put("attache", SEEDS["attache"]())
    acme.put("express_leave", SEEDS["express_leave"]())
    acme.connect()
    acme.edit("express_leave", "balances", {"IncomeCode": "AL"}, BalanceHours="1.00", AsAt="2025-01-05")
    assert acme.call("POST", "/disconnect").status == 200
    refused = acme.login()
    assert (refused.status, refused.json["code"]) == (409, "NOT_CONNECTED")
    assert "Connect to Organisation" in refused.json["remedy"]
    answer = acme.connect(who.AUSTRALIA)
    run = acme.run(answer.json["run_id"])
    assert (run["trigger"], run["options"]) == ("connect", {})
    annual = owed(acme)["E1006", "AL"]
    found = acme.balance("E1006")
    assert found
    assert (Decimal(found[0]), found[1]) == annual
    assert acme.checks()[4]["passed"] is True
