"""Employee details, whose user is whose, rows that can't be read, and exact amounts (LB-3, LB-11, RUN-4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from payrelay.systems.attache.client import AttacheClient
from payrelay.systems.express_leave.client import ExpressLeaveClient
from tests.worlds.leave_api import (
    ORGANISATIONS,
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

# --- what is written of a user ---------------------------------------------------------------------------

CHANGED: list[tuple[str, Row, str, str]] = [
    ("Name", {"FullName": "Mia Chen-Okafor"}, "Name E1", "Mia Chen-Okafor"),
    ("Location", {"Location": "Perth"}, "Sydney", "Perth"),
    ("State", {"State": "WA"}, "NSW", "WA"),
    ("Country", {"Country": "New Zealand"}, "Australia", "New Zealand"),
    ("Hours", {"HourPerDay": 7.125}, "7.60", "7.125"),
    ("Email", {"AOemail": "mia@acme.example"}, "e1@acme.example", "mia@acme.example"),
]


@pytest.mark.requirement("LB-1", "RUN-6")
@pytest.mark.parametrize(("field", "changed", "old", "new"), CHANGED, ids=[row[0] for row in CHANGED])
def test_only_what_differs_of_the_six_fields_is_written(
    connected: Acme, field: str, changed: Row, old: str, new: str
) -> None:
    own: Row = {"UserType": "HR Manager", "DefaultApprover": "u-2"}
    connected.fill(
        employee("E1", **changed),
        employee("E2"),
        leave=[leave("E1")],
        users=[user("u-2", "E2"), user("u-1", "E1", **own)],
        balances=RIGHT,
    )
    before = connected.user("E1")
    run = connected.sync()
    assert connected.user("E1") == {**before, field: new, "Version": before["Version"] + 1}
    record = connected.records(run)["employee:E1"]
    assert (record["outcome"], len(record["changes"])) == ("updated", 1)
    trail = connected.call("GET", "/history?entity=employee&key=E1").json["items"]
    assert [(one["run_id"], one["outcome"], one["changes"]) for one in trail] == [
        (run["run_id"], "updated", record["changes"])
    ]
    change = trail[0]["changes"][0]
    assert (change["field"], change["old"], change["new"]) == (field.lower(), old, new)


@pytest.mark.requirement("LB-11", "LB-8")
@pytest.mark.parametrize("day", ["7.60", "7.6000", "7.600"])
def test_the_same_hours_in_other_digits_are_no_difference(
    connected: Acme, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], users=[user("u-1", "E1")], balances=RIGHT)
    spoil(monkeypatch, AttacheClient, "EmployeeCode", "E1", HourPerDay=Decimal(day))
    connected.forget_requests()
    assert connected.sync()["counts"]["unchanged"] == 3
    assert connected.writes() == []


# --- e-mails ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-3", "LB-10")
def test_two_employees_with_one_email_block_only_the_second(connected: Acme) -> None:
    shared = "family@post.example"
    connected.fill(
        employee("E1", AOemail=shared),
        employee("E2", AOemail="Family@Post.example"),
        leave=[leave("E1"), leave("E2")],
        users=[user("u-1", "E1")],
        balances=RIGHT,
    )
    run = connected.sync()
    assert connected.reasons(run) == {"employee:E2": ("blocked", "EMAIL_TAKEN")}
    assert "Employee E1" in connected.records(run)["employee:E2"]["reason"]["message"]
    assert connected.user("E1")["Email"] == shared


@pytest.mark.requirement("LB-3", "RUN-7")
@pytest.mark.parametrize(
    ("users", "other"),
    [
        ([user("u-7", "X7", Email="new@acme.example")], "X7"),
        ([user("u-7", "X7", payroll=False, Email="new@acme.example")], "X7"),
        ([user("u-7", "E7", payroll=False, Email="new@acme.example")], "E7"),
        ([user("u-7", "E8", Email="new@acme.example")], "E8"),
    ],
    ids=["a user of nobody", "by hand", "by hand, with a code of payroll", "who is not enabled any more"],
)
def test_an_email_that_another_user_keeps_blocks_the_details_and_not_the_balances(
    connected: Acme, users: list[Row], other: str
) -> None:
    connected.fill(
        employee("E1", AOemail="new@acme.example"),
        employee("E7"),
        employee("E8", EnableAttacheOnline=False),
        leave=[leave("E1")],
        users=[user("u-1", "E1"), *users],
    )
    for run in (connected.order("preview"), connected.sync()):
        found = connected.records(run)["employee:E1"]
        assert (found["outcome"], found["reason"]["code"]) == ("blocked", "EMAIL_TAKEN")
        assert f"Employee {other}" in found["reason"]["message"]
    assert connected.user("E1")["Email"] == "e1@acme.example"
    assert connected.balance("E1") == ("107.4512", "2026-01-04")


@pytest.mark.requirement("LB-3", "RUN-4", "RUN-7")
def test_emails_that_move_on_in_one_run_all_arrive(connected: Acme) -> None:
    moved = {"E1": "e2@acme.example", "E2": "e3@acme.example", "E3": "last@acme.example"}
    connected.fill(
        *(employee(code, AOemail=email) for code, email in moved.items()),
        users=[user(f"u-{code}", code) for code in moved],
    )
    planned = connected.order("preview")
    run = connected.sync()
    assert run["status"] == "succeeded"
    assert run["counts"] == planned["counts"]
    assert {code: connected.user(code)["Email"] for code in moved} == moved


@pytest.mark.requirement("LB-3", "RUN-4")
def test_two_who_swap_their_emails_are_blocked_and_stop_no_other(connected: Acme) -> None:
    connected.fill(
        employee("E1", AOemail="e2@acme.example"),
        employee("E2", AOemail="e1@acme.example"),
        employee("E3", AOemail="new@acme.example"),
        users=[user(f"u-{code}", code) for code in ("E1", "E2", "E3")],
    )
    run = connected.sync()
    assert {name: code for name, (_, code) in connected.reasons(run).items() if "employee" in name} == {
        "employee:E1": "EMAIL_TAKEN",
        "employee:E2": "EMAIL_TAKEN",
    }
    assert connected.user("E3")["Email"] == "new@acme.example"


# --- whose user it is ------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-3", "LB-10")
def test_a_code_that_was_changed_in_payroll_makes_no_second_user(connected: Acme) -> None:
    connected.fill(employee("E9", AOemail="e1@acme.example"), leave=[leave("E9")], users=[user("u-1", "E1")])
    run = connected.sync()
    assert connected.reasons(run) == {"employee:E9": ("blocked", "CODE_CHANGED")}
    assert "E1" in connected.records(run)["employee:E9"]["reason"]["remedy"]
    assert [row["EmployeeId"] for row in connected.state("express_leave")["users"]] == ["E1"]


@pytest.mark.requirement("LB-3")
def test_a_payroll_user_whom_payroll_does_not_have_is_told_of_and_left_alone(connected: Acme) -> None:
    connected.fill(employee("E2"), users=[user("u-1", "E1"), user("u-2", "E2")], balances=RIGHT)
    run = connected.sync()
    assert connected.reasons(run)["employee:E1"] == ("skipped", "NOT_IN_PAYROLL")
    assert connected.balance("E1") == ("107.4512", "2026-01-04")


@pytest.mark.requirement("LB-9")
def test_the_employees_of_another_organisation_are_not_seen(connected: Acme) -> None:
    other = {"OrganisationId": "org-18"}
    connected.fill(employee("E1"), employee("N1", **other), leave=[leave("E1"), leave("N1", **other)])
    assert len(ORGANISATIONS) == 2
    run = connected.sync()
    assert (run["counts"]["created"], run["progress"]["total"]) == (3, 3)
    assert [row["EmployeeId"] for row in connected.state("express_leave")["users"]] == ["E1"]


# --- rows that can't be used -----------------------------------------------------------------------------


def spoil(patch: pytest.MonkeyPatch, client: Any, key: str, code: str, **values: Any) -> None:
    """Give rows of one employee values that the system does not have in its contract."""
    usual = client._page

    def page(self: Any, *arguments: Any) -> tuple[list[Any], Any]:
        rows, following = usual(self, *arguments)
        spoilt = [
            {**row, **values} if row.get(key) == code and values.keys() <= row.keys() else row for row in rows
        ]
        return spoilt, following

    patch.setattr(client, "_page", page)


SPOILT: list[tuple[str, Any, str, Row, dict[str, str]]] = [
    (
        "an employee",
        AttacheClient,
        "EmployeeCode",
        {"EnableAttacheOnline": "yes"},
        {"employee:E1": "Attaché"},
    ),
    ("amounts", AttacheClient, "EmployeeCode", {"ALEntitleHourAcc": "many"}, {"balance:E1": "Attaché"}),
    (
        "five decimals",
        AttacheClient,
        "EmployeeCode",
        {"ALProRataHourAcc": Decimal("1.00001")},
        {"balance:E1": "Attaché"},
    ),
    ("a date", AttacheClient, "EmployeeCode", {"LeaveAccrueTo": "last week"}, {"balance:E1": "Attaché"}),
    ("a user", ExpressLeaveClient, "EmployeeId", {"Hours": 7.6}, {"employee:E1": "Express Leave"}),
    (
        "a balance",
        ExpressLeaveClient,
        "EmployeeId",
        {"BalanceHours": "many"},
        {"balance:E1:AL": "Express Leave"},
    ),
]


@pytest.mark.requirement("RUN-4", "LB-11")
@pytest.mark.parametrize(
    ("client", "key", "values", "blocked"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT]
)
def test_a_row_that_can_not_be_used_blocks_only_itself(
    connected: Acme,
    monkeypatch: pytest.MonkeyPatch,
    client: Any,
    key: str,
    values: Row,
    blocked: dict[str, str],
) -> None:
    shown = [held("E1", "AL", "12.00"), held("E2", "AL", "12.00")]
    connected.fill(
        employee("E1"),
        employee("E2"),
        leave=[leave("E1"), leave("E2")],
        users=[user("u-1", "E1"), user("u-2", "E2")],
        leavetypes=TYPES[:1],
        balances=shown,
    )
    spoil(monkeypatch, client, key, "E1", **values)
    run = connected.sync()
    assert (run["status"], run["error"]) == ("partial", None)
    found = {
        name: record for name, record in connected.records(run).items() if record["outcome"] == "blocked"
    }
    assert found.keys() == blocked.keys()
    for name, system in blocked.items():
        assert found[name]["reason"]["code"] == "VALUE_NOT_VALID"
        assert next(iter(values)) in found[name]["reason"]["message"]
        assert system in found[name]["reason"]["remedy"]
    assert connected.balance("E2") == ("107.4512", "2026-01-04")
    assert sum(run["counts"].values()) == run["progress"]["total"]


# --- amounts ---------------------------------------------------------------------------------------------

AMOUNTS: list[tuple[Any, Any, str]] = [
    (76.0, 31.4512, "107.4512"),
    (0.1, 0.2, "0.30"),
    (0.0001, 0.0, "0.0001"),
    (-0.0001, 0.0, "-0.0001"),
    (1.1, 2.2, "3.30"),
    (123456.7891, 0.0009, "123456.79"),
    (76, 0, "76.00"),
    (-5.5, 5.5, "0.00"),
]


@pytest.mark.requirement("LB-11")
@pytest.mark.parametrize(("entitled", "pro_rata", "sent"), AMOUNTS)
def test_amounts_are_exact_from_wire_to_wire(
    connected: Acme, entitled: Any, pro_rata: Any, sent: str
) -> None:
    connected.fill(employee("E1"), leave=[leave("E1", al=(entitled, pro_rata))], users=[user("u-1", "E1")])
    run = connected.sync()
    assert connected.balance("E1") == (sent, "2026-01-04")
    assert connected.records(run)["balance:E1:AL"]["changes"][0]["new"] == sent
    connected.forget_requests()
    assert connected.sync()["counts"]["unchanged"] == 3
    assert connected.writes() == []


@pytest.mark.requirement("LB-11", "LB-12")
@pytest.mark.parametrize(
    ("row", "hours"),
    [
        ({"EntitlementOwing": 10, "ProRataOwing": 2.5}, "95.00"),
        ({"EntitlementOwing": 1.2345, "ProRataOwing": 0}, "9.3822"),
        ({"EntitlementOwing": 10, "ProRataOwing": 2.5, "ProRataApplicable": False}, "76.00"),
        ({"EntitlementOwing": 10, "ProRataOwing": 0, "ContingentOwing": 3}, "76.00"),
        ({"EntitlementOwing": 10, "ProRataOwing": 0.3333, "HoursPerDay": 7.25}, "74.9164"),
    ],
)
def test_days_of_the_leave_table_are_the_same_hours_read_alone_and_from_the_list(
    connected: Acme, row: Row, hours: str
) -> None:
    days = {"EmployeeCode": "E1", "IncomeCode": "AL", "DisplayIn": "Days", "HoursPerDay": 7.6, **row}
    days |= {"LeaveAccruedUpToAndIncluding": "2026-01-04", "ModifiedAt": "2026-01-05T03:12:00Z"}
    connected.put("attache", {"organisations": ORGANISATIONS, "employees": [employee("E1")], "leave": [days]})
    connected.put(
        "express_leave",
        {
            "company": connected.state("express_leave")["company"],
            "users": [user("u-1", "E1")],
            "leavetypes": TYPES[:1],
        },
    )
    connected.sync()
    assert connected.balance("E1") == (hours, "2026-01-04")
    assert connected.order(employees=["E1"])["counts"]["unchanged"] == 1
    (shown,) = connected.call("GET", "/people/E1/balances").json["items"]
    assert (shown["hours"], shown["agrees"], shown["source"]["unit"]) == (hours, True, "days")
