"""What other people do in Payroll and in Express Leave while a balance sync runs (RUN-4, LB-4, LB-5)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.systems.attache import client as attache
from payrelay.systems.registry import SYSTEMS
from tests.flows.conftest import TENANT
from tests.worlds.leave import FLOW, KEY, Acme, Once
from tests.worlds.leave_api import employee, held, leave, user
from tests.worlds.structs import replace

PUT_BALANCES = ("PUT", "/balances")
BOSS = user("u-1", "boss", payroll=False, UserType="Administrator")


@pytest.fixture
def three(acme: Acme) -> Acme:
    """E1 is new, E2 is renamed, E3 has another balance."""
    acme.fill(
        employee("E1"),
        employee("E2", FullName="Renamed"),
        employee("E3"),
        leave=[leave("E1"), leave("E2"), leave("E3", al=(80.0, 0.0))],
        users=[BOSS, user("u-2", "E2"), user("u-3", "E3")],
        balances=[held(code, name, "38.00") for code in ("E2", "E3") for name in ("AL", "SL")],
    )
    acme.settings(contractors=["boss"])
    acme.forget_requests()
    return acme


# --- in Payroll, after it was read -----------------------------------------------------------------------


def renamed(acme: Acme) -> None:
    acme.payroll("E2", FullName="Renamed Again")


def coded_anew(acme: Acme) -> None:
    state = acme.state("attache")
    for resource in ("employees", "leavebalances", "leave"):
        for row in state[resource]:
            row.update({"EmployeeCode": "E9"} if row["EmployeeCode"] == "E2" else {})
    acme.put("attache", state)


def terminated(acme: Acme) -> None:
    acme.payroll("E2", TerminationDate="2026-01-31")


def moved_away(acme: Acme) -> None:
    state = acme.state("attache")
    for resource in ("employees", "leavebalances", "leave"):
        for row in state[resource]:
            row.update({"OrganisationId": "org-18"} if row["EmployeeCode"] == "E2" else {})
    acme.put("attache", state)


def deleted(acme: Acme) -> None:
    acme.without("attache", "employees", EmployeeCode="E2")


# What this run makes of it, by its old plan; then the next one's name of the user, and its reasons.
IN_PAYROLL: list[tuple[Any, str, dict[str, str]]] = [
    (renamed, "Renamed Again", {}),
    (coded_anew, "Renamed", {"E9": "CODE_CHANGED"}),
    (terminated, "Renamed", {}),
    (moved_away, "Renamed", {"E2": "NOT_IN_PAYROLL"}),
    (deleted, "Renamed", {"E2": "NOT_IN_PAYROLL"}),
]


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(("act", "name", "reasons"), IN_PAYROLL)
def test_what_changes_in_payroll_after_it_was_read_is_the_next_runs(
    three: Acme, act: Any, name: str, reasons: dict[str, str]
) -> None:
    three.before_apply = lambda: act(three)
    assert three.sync().status == "succeeded"
    assert three.user("E2")["Name"] == "Renamed"
    three.before_apply = lambda: None
    again = three.sync()
    found = {key: code for key, code in three.reasons(again).items() if key != "boss"}
    assert found == reasons
    assert three.user("E2")["Name"] == name
    assert three.balance("E3") == ("80.00", "2026-01-04")
    three.settled()


@pytest.mark.requirement("RUN-4", "RUN-8")
def test_a_run_that_takes_long_writes_what_it_planned_and_reads_nothing_again(three: Acme) -> None:
    """The first load of a large company takes an hour: its late batches must not read both systems."""

    def late() -> None:
        renamed(three)
        three.clock.pass_by(1000)
        three.forget_requests()

    three.before_apply = late
    run = three.sync()
    assert run.status == "succeeded"
    assert three.calls("attache") == []
    assert three.calls(writes=False) == []
    assert (three.user("E2")["Name"], three.balance("E3")) == ("Renamed", ("80.00", "2026-01-04"))


@pytest.mark.requirement("RUN-4", "LB-8")
def test_a_late_balance_never_replaces_a_later_one(three: Acme) -> None:
    def late() -> None:
        three.clock.pass_by(1000)
        three.edit("express_leave", "balances", {"EmployeeId": "E3", "IncomeCode": "AL"}, AsAt="2026-02-01")

    three.before_apply = late
    run = three.sync()
    assert three.reasons(run)["E3:AL"] == "OLDER_THAN_HELD"
    assert three.balance("E3") == ("38.00", "2026-02-01")


# --- in Express Leave, after it was read -----------------------------------------------------------------


@pytest.mark.requirement("RUN-5")
def test_a_user_who_is_edited_meanwhile_keeps_what_others_set(three: Acme) -> None:
    def others() -> None:
        three.edit(
            "express_leave",
            "users",
            {"EmployeeId": "E2"},
            DefaultApprover="u-1",
            UserType="HR Manager",
            Location="Perth",
            Version=7,
        )

    three.before_apply = others
    assert three.sync().status == "succeeded"
    row = three.user("E2")
    assert (row["DefaultApprover"], row["UserType"], row["Name"]) == ("u-1", "HR Manager", "Renamed")
    assert three.calls(writes=True).count("change users") == 2
    three.before_apply = lambda: None
    assert three.sync().status == "succeeded"
    assert three.user("E2")["Location"] == "Sydney"


@pytest.mark.requirement("RUN-4")
def test_a_user_who_is_edited_all_the_time_fails_alone(three: Acme) -> None:
    three.faults("express_leave", errors=["edited"], match="change users")
    run = three.sync()
    assert three.reasons(run)["E2"] == "REFUSED_BY_TARGET"
    assert three.outcomes(run)["E1"] == "created"
    assert three.balance("E2") == ("107.4512", "2026-01-04")


@pytest.mark.requirement("RUN-4", "LB-4")
def test_a_user_who_is_deleted_meanwhile_is_made_by_the_next_run(three: Acme) -> None:
    three.edit("express_leave", "balances", {"EmployeeId": "E2"}, BalanceHours="1.00")

    def others() -> None:
        state = three.state("express_leave")
        for name in ("users", "balances"):
            state[name] = [row for row in state[name] if row["EmployeeId"] != "E2"]
        three.put("express_leave", state)

    three.before_apply = others
    run = three.sync()
    codes = {key: code for key, code in three.reasons(run).items() if key != "boss"}
    assert codes == dict.fromkeys(("E2", "E2:AL", "E2:SL"), "USER_MISSING")
    three.before_apply = lambda: None
    assert three.outcomes(three.sync())["E2"] == "created"
    assert three.balance("E2") == ("107.4512", "2026-01-04")
    three.settled()


@pytest.mark.requirement("LB-5", "RUN-4")
@pytest.mark.parametrize("known", [False, True], ids=["new", "synced before"])
def test_a_user_who_is_added_by_hand_meanwhile_is_left_alone(three: Acme, known: bool) -> None:
    if known:
        three.sync()
        three.without("express_leave", "balances", EmployeeId="E1")
        three.without("express_leave", "users", EmployeeId="E1")

    def others() -> None:
        state = three.state("express_leave")
        by_hand = user("u-50", "E1", payroll=False, Name="By Hand", Email="hand@acme.example")
        three.put("express_leave", {**state, "users": [*state["users"], by_hand]})

    three.before_apply = others
    run = three.sync()
    code = "REPLACED_BY_NON_PAYROLL_USER" if known else "NOT_PAYROLL_USER"
    assert three.reasons(run)["E1"] == code
    assert three.reasons(run)["E1:AL"] == "NOT_PAYROLL_USER"
    assert three.user("E1") == {**three.user("E1"), "Name": "By Hand", "Version": 1, "PayrollUser": ""}
    assert three.balance("E1") is None
    assert three.balance("E3") == ("80.00", "2026-01-04")


@pytest.mark.requirement("RUN-4")
def test_an_address_that_somebody_takes_meanwhile_blocks_that_person_alone(three: Acme) -> None:
    def others() -> None:
        three.edit("express_leave", "users", {"EmployeeId": "boss"}, Email="e1@acme.example")

    three.before_apply = others
    run = three.sync()
    assert three.reasons(run)["E1"] == "EMAIL_TAKEN"
    assert three.user("E2")["Name"] == "Renamed"


# --- the lists of Payroll move ---------------------------------------------------------------------------


@pytest.fixture
def paged(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """Eight people in pages of three: one more or less makes no other number of pages."""
    monkeypatch.setattr(attache, "PAGE_SIZE", 3)
    codes = [f"E{number}" for number in range(1, 9)]
    acme.fill(
        *(employee(code) for code in codes),
        leave=[leave(code) for code in codes],
        users=[user(f"u-{code}", code) for code in codes],
    )
    acme.forget_requests()
    return acme


def hired(acme: Acme) -> None:
    state = acme.state("attache")
    state["employees"].append({**employee("E0"), "OrganisationId": "org-17"})
    state["leavebalances"].append({**leave("E0"), "OrganisationId": "org-17"})
    acme.put("attache", state)


def dismissed(acme: Acme) -> None:
    acme.without("attache", "employees", EmployeeCode="E2")


@pytest.mark.requirement("RUN-4", "RUN-5")
@pytest.mark.parametrize("act", [hired, dismissed])
@pytest.mark.parametrize("path", ["/employees", "/leavebalances"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_list_that_moves_while_it_is_read_is_read_again(
    paged: Acme, act: Any, path: str, skip: int
) -> None:
    paged.door = replace(paged.door, observer=Once(lambda: act(paged), "GET", path, after=True, skip=skip))
    run = paged.sync()
    there = {row["EmployeeCode"] for row in paged.state("attache")["employees"]}
    assert {key.partition(":")[0] for key in paged.balances()} == there
    gone = {} if act is hired else {"E2": "NOT_IN_PAYROLL"}
    assert paged.reasons(run) == gone
    assert run.complete
    assert paged.calls("attache").count("list employees") > 3
    paged.settled()


@pytest.mark.requirement("RUN-4")
def test_lists_that_never_hold_still_count_nobody_as_gone_and_nothing_as_agreed(paged: Acme) -> None:
    """Every time that the first page was read, one before the others comes or goes."""
    away = []

    def others() -> None:
        state = paged.state("attache")
        if away:
            for name, row in away.pop():
                state[name].insert(0, row)
            paged.put("attache", state)
        else:
            names = ("employees", "leavebalances")
            away.append([(n, row) for n in names for row in state[n] if row["EmployeeCode"] == "E1"])
            paged.without("attache", "employees", EmployeeCode="E1")

    class Always(Once):
        def _look(self, call: Any) -> None:
            if "/leavebalances" in call.path or "/employees" in call.path:
                self.calls += 1
                if self.calls % 3 == 1:
                    others()

    paged.door = replace(paged.door, observer=Always(others, "GET", "", after=True))
    run = paged.sync()
    assert not run.complete
    # Whoever slipped through each time is told of, and is not said to be gone or to be owed nothing.
    slipped = paged.reasons(run)
    assert set(slipped.values()) == {"VALUE_NOT_VALID"}
    assert len(paged.balances()) == 16 - 2 * len(slipped)
    standing = paged.ledger.connections.standing(TENANT, paged.connection_id, FLOW)
    assert "agreed_at" not in standing
    paged.calm()
    if away:
        others()
    assert paged.sync().complete
    assert len(paged.balances()) == 16
    assert "agreed_at" in paged.ledger.connections.standing(TENANT, paged.connection_id, FLOW)


@pytest.mark.requirement("RUN-8")
def test_an_employee_whom_payroll_owes_no_row_of_balances_makes_a_long_list_be_read_twice(
    paged: Acme,
) -> None:
    paged.without("attache", "leave", EmployeeCode="E4")
    state = paged.state("attache")
    state["employees"].append({**employee("E4"), "OrganisationId": "org-17"})
    paged.put("attache", state)
    run = paged.sync()
    assert run.complete
    assert paged.calls("attache").count("list employees") == 6


# --- the sync record -------------------------------------------------------------------------------------


def somebodys(acme: Acme, key: str) -> str:
    """Somebody else starts a sync in Express Leave, or joins the one that is running."""
    quiet = replace(acme.door, observer=None)
    client = SYSTEMS["express_leave"].connect(acme.urls["express_leave"], KEY, quiet)
    found = client.start_sync("Manual", key).sync_id
    return str(found)


def end_running(acme: Acme) -> None:
    """Somebody ends the sync that is at work, through the API, so that no key is forgotten."""
    quiet = replace(acme.door, observer=None)
    client = SYSTEMS["express_leave"].connect(acme.urls["express_leave"], KEY, quiet)
    client.change_sync(client.start_sync("Manual", "x").sync_id, status="Failed")


@pytest.mark.requirement("RUN-4", "RUN-5")
def test_a_sync_that_somebody_ends_in_mid_run_is_followed_by_another(three: Acme) -> None:
    three.door = replace(three.door, observer=Once(lambda: end_running(three), *PUT_BALANCES))
    run = three.sync()
    assert run.status == "succeeded"
    assert [row["Status"] for row in three.rows("syncs")] == ["Failed", "Completed"]
    assert three.balance("E3") == ("80.00", "2026-01-04")
    three.settled()


@pytest.mark.requirement("RUN-4", "RUN-5")
def test_a_sync_that_is_ended_again_and_again_is_waited_out_and_no_row_is_blamed(three: Acme) -> None:
    class Always(Once):
        def _look(self, call: Any) -> None:
            if (call.method, call.path.endswith("/balances")) == ("PUT", True) and self.calls < 6:
                self.calls += 1
                end_running(three)

    three.door = replace(three.door, observer=Always(lambda: None, *PUT_BALANCES))
    run = three.sync()
    assert run.status == "succeeded", (run.error, three.reasons(run))
    assert len(three.waits) == 1
    assert three.rows("syncs")[-1]["Status"] == "Completed"
    three.calm()
    three.settled()


@pytest.mark.requirement("RUN-1", "RUN-4")
@pytest.mark.parametrize("age", [0, 1000], ids=["at work", "of a dead run"])
def test_a_sync_that_runs_already_is_gone_on_with_or_buried(three: Acme, age: int) -> None:
    theirs = somebodys(three, "theirs")
    three.clock.pass_by(age)
    assert three.sync().status == "succeeded"
    states = {row["SyncId"]: row["Status"] for row in three.rows("syncs")}
    assert states == ({theirs: "Completed"} if not age else {theirs: "Failed", "sy-2": "Completed"})
    three.settled()
