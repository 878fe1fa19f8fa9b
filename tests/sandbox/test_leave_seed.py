"""Acme in Attaché and Express Leave: both sandboxes take it, the views agree, and every cause occurs."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.attache import Attache
from local.sandbox.attache.leave import balance_of
from local.sandbox.express_leave import ExpressLeave
from local.sandbox.frame.room import Options
from local.seed import leave_people as who
from local.seed.attache import attache_state, next_pay
from local.seed.express_leave import VISIBLE_TO, express_leave_state

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
LAST, BEFORE = "2026-03-01", "2026-02-15"
State = dict[str, list[dict[str, Any]]]
Rows = dict[Any, dict[str, Any]]


@pytest.fixture(scope="module")
def payroll() -> State:
    """As Attaché's sandbox gives it back."""
    return kept(attache_state(TODAY))


@pytest.fixture(scope="module")
def leave() -> State:
    return express_leave_state(TODAY)


def kept(state: State) -> State:
    room = Attache(Options(now=lambda: NOW))
    room.replace_state(state)
    return room.state()


def exact(state: State) -> State:
    """All numbers as Decimals, by way of JSON text."""
    read: State = json.loads(json.dumps(state), parse_float=Decimal, parse_int=Decimal)
    return read


def by(rows: list[dict[str, Any]], *fields: str) -> Rows:
    return {tuple(row[name] for name in fields) if fields[1:] else row[fields[0]]: row for row in rows}


def total(balance: dict[str, Any], code: str) -> Decimal:
    found: Decimal = balance[f"{code}EntitleHourAcc"] + balance[f"{code}ProRataHourAcc"]
    return found


def test_both_sandboxes_take_it_whole_and_it_is_the_same_every_time(payroll: State, leave: State) -> None:
    given = exact(attache_state(TODAY))
    assert {name: len(rows) for name, rows in given.items()} | {"tokens": 0} == {
        name: len(rows) for name, rows in payroll.items()
    }
    for name, key in (("employees", ("EmployeeCode",)), ("leave", ("EmployeeCode", "IncomeCode"))):
        assert by(given[name], *key) == by(payroll[name], *key)
    room = ExpressLeave(Options(now=lambda: NOW))
    room.replace_state(leave)
    there = room.state()
    assert {name: sorted(map(str, rows)) for name, rows in there.items()} == {
        name: sorted(str(there_row(name, row)) for row in rows) for name, rows in leave.items()
    }
    assert (attache_state(TODAY), express_leave_state(TODAY)) == (attache_state(TODAY), leave)


def there_row(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Fields in the order in which the sandbox keeps them."""
    first = {"users": ("UserId",), "company": (), "leavetypes": (), "balances": (), "syncs": ()}[name]
    if name == "users":
        order = ("EmployeeId", "Name", "Location", "Country", "State", "Hours", "DefaultApprover", "Email")
        first = (*first, *order)
    return {**{field: row[field] for field in first}, **row}


def test_most_are_known_some_are_not_and_the_company_is_not_connected(payroll: State, leave: State) -> None:
    at_home = {row["EmployeeCode"] for row in payroll["employees"] if row["OrganisationId"] == who.AUSTRALIA}
    abroad = [row for row in payroll["employees"] if row["OrganisationId"] == who.NEW_ZEALAND]
    users = {row["EmployeeId"] for row in leave["users"] if row["PayrollUser"] == "Yes"}
    assert (len(at_home), len(abroad), len(users), len(users & at_home)) == (60, 3, 38, 36)
    assert {row["Country"] for row in abroad} == {"New Zealand"}
    company = leave["company"][0]
    assert company["Connection"]["Connected"] is False
    assert company["LastSyncAt"] < f"{LAST}T"
    assert leave["syncs"][-1]["Status"] == "NotConnected"


def test_the_leave_tables_come_to_the_balances(payroll: State) -> None:
    employees = by(payroll["employees"], "EmployeeCode")
    for balance in payroll["leavebalances"]:
        code = balance["EmployeeCode"]
        table = [row for row in payroll["leave"] if row["EmployeeCode"] == code]
        usable = [row for row in table if row["DisplayIn"] == "Hours" or row["HoursPerDay"]]
        made = balance_of(employees[code], usable, "")
        assert balance == made
        for row in table:
            if row["DisplayIn"] == "Days":
                days = row["EntitlementOwing"] + row["ProRataOwing"]
                assert days * row["HoursPerDay"] == (total(balance, "AL") if row in usable else 0)
    rows = by(payroll["leave"], "EmployeeCode", "IncomeCode")
    odd = rows[who.PRO_RATA_NOT_APPLICABLE, "AL"]
    assert odd["ProRataOwing"] > 0
    assert odd["ProRataApplicable"] is False
    balances = by(payroll["leavebalances"], "EmployeeCode")
    assert balances[who.PRO_RATA_NOT_APPLICABLE]["ALProRataHourAcc"] == 0
    assert rows[who.IN_DAYS, "AL"]["DisplayIn"] == "Days"


def test_express_leave_has_the_balances_of_the_pay_before(payroll: State, leave: State) -> None:
    balances = by(payroll["leavebalances"], "EmployeeCode")
    before = by(leave["balances"], "EmployeeId", "IncomeCode")
    assert {row["AsAt"] for row in leave["balances"]} == {BEFORE}
    assert {row["LeaveAccrueTo"] for code, row in balances.items() if code != who.OLDER_AS_AT} == {LAST}
    for code in (who.REPLACED, who.OVERTYPED, who.TAKES_LEAVE):
        gained = [
            total(balances[code], kind) - Decimal(before[code, kind]["BalanceHours"]) for kind in ("AL", "SL")
        ]
        assert gained == [Decimal("5.8462"), Decimal("2.9231")]


def test_every_cause_has_its_employee_in_payroll(payroll: State, leave: State) -> None:
    employees, users = by(payroll["employees"], "EmployeeCode"), by(leave["users"], "EmployeeId")
    balances = by(payroll["leavebalances"], "EmployeeCode")
    rows = by(payroll["leave"], "EmployeeCode", "IncomeCode")
    before = by(leave["balances"], "EmployeeId", "IncomeCode")
    assert (who.NO_SICK_LEAVE, "SL") not in rows
    assert "SLEntitleHourAcc" not in balances[who.NO_SICK_LEAVE]
    assert Decimal(before[who.NO_SICK_LEAVE, "SL"]["BalanceHours"]) > 0
    wrong = rows[who.SET_UP_WRONG, "AL"]
    assert (wrong["DisplayIn"], wrong["HoursPerDay"]) == ("Days", 0)
    assert "ALEntitleHourAcc" not in balances[who.SET_UP_WRONG]
    assert employees[who.NOT_ENABLED]["EnableAttacheOnline"] is False
    assert (employees[who.NO_EMAIL]["EnableAttacheOnline"], employees[who.NO_EMAIL]["AOemail"]) == (
        True,
        None,
    )
    assert employees[who.NO_STATE]["State"] == ""
    assert balances[who.OLDER_AS_AT]["LeaveAccrueTo"] < before[who.OLDER_AS_AT, "AL"]["AsAt"]
    assert employees[who.TERMINATED]["TerminationDate"] < LAST
    first, second = who.SAME_EMAIL
    assert employees[first]["AOemail"] == employees[second]["AOemail"] == users[first]["Email"]
    absent = {who.NOT_ENABLED, who.NO_EMAIL, who.NO_STATE, who.TERMINATED, second, who.RECODED}
    assert not absent & set(users)
    shared = [row["AOemail"] for row in employees.values() if row["AOemail"]]
    assert len(shared) - len(set(shared)) == 1


def test_every_cause_has_its_user_in_express_leave(payroll: State, leave: State) -> None:
    employees, users = by(payroll["employees"], "EmployeeCode"), by(leave["users"], "EmployeeId")
    by_hand, contractor = users[who.CREATED_BY_HAND], users[who.CONTRACTOR]
    assert [row["EmployeeId"] for row in leave["users"] if not row["PayrollUser"]] == [
        who.CREATED_BY_HAND,
        who.CONTRACTOR,
    ]
    assert by_hand["Email"] == employees[who.CREATED_BY_HAND]["AOemail"]
    assert employees[who.CREATED_BY_HAND]["EnableAttacheOnline"] is True
    assert contractor["UserType"] == "Non-Employee"
    assert not {who.CONTRACTOR, who.LEFT, who.RECODED_FROM} & set(employees)
    assert users[who.RECODED_FROM]["Email"] == employees[who.RECODED]["AOemail"]
    assert {users[code]["PayrollUser"] for code in (who.REPLACED, who.OVERTYPED, who.LEFT)} == {"Yes"}
    long_service = {row["EmployeeId"] for row in leave["balances"] if row["IncomeCode"] == "LSL"}
    hidden = {code for code in long_service if users[code]["UserType"] not in (who.HR, who.ADMINISTRATOR)}
    assert (VISIBLE_TO["LSL"], hidden, len(long_service)) == (who.HR, {who.HIDDEN_TYPE}, 3)
    changed = {
        name
        for code, row in users.items()
        if row["PayrollUser"] and code in employees
        for name, other in (
            ("Name", "FullName"),
            ("Email", "AOemail"),
            ("Location", "Location"),
            ("State", "State"),
        )
        if row[name] != employees[code][other]
    }
    assert changed == {"Name", "Email", "Location", "State"}
    assert (users[who.OTHER_HOURS]["Hours"], employees[who.OTHER_HOURS]["HourPerDay"]) == (
        "7.60",
        Decimal("7.5"),
    )
    assert users["E1001"]["UserId"] == "u-1"
    assert users["E1002"]["UserId"] == "u-2"
    assert (users["E1001"]["UserType"], users["E1002"]["UserType"]) == (who.ADMINISTRATOR, who.HR)
    types = {row["UserId"]: row["UserType"] for row in leave["users"]}
    assert who.APPROVER in {types[row["DefaultApprover"]] for row in leave["users"] if row["DefaultApprover"]}


@pytest.mark.parametrize(
    "as_read",
    [kept, lambda state: json.loads(json.dumps(state)), exact],
    ids=["as the sandbox keeps it", "with floats", "with Decimals"],
)
def test_the_next_pay_moves_every_balance_exactly(as_read: Callable[[State], State]) -> None:
    state = as_read(attache_state(TODAY))
    now = NOW + timedelta(days=14)
    after = kept(json.loads(json.dumps(next_pay(state, now))))
    old, new = (by(kept(part)["leavebalances"], "EmployeeCode") for part in (attache_state(TODAY), after))
    assert set(new) - set(old) == {who.NEWCOMER_CODE}
    for code, row in old.items():
        moved = date.fromisoformat(row["LeaveAccrueTo"]) + timedelta(days=14)
        assert new[code]["LeaveAccrueTo"] == str(moved)
        assert new[code]["ModifiedAt"] == "2026-03-16T11:30:00Z"
        for kind, gain in (("AL", "5.8462"), ("SL", "2.9231")):
            if f"{kind}EntitleHourAcc" not in row:
                continue
            gained = total(new[code], kind) - total(row, kind)
            expected = Decimal(gain)
            if code == who.TERMINATED or (code, kind) == (who.PRO_RATA_NOT_APPLICABLE, "AL"):
                expected = Decimal(0)
            elif (code, kind) == (who.IN_DAYS, "AL"):
                expected = Decimal("5.8444")
            elif (code, kind) == (who.TAKES_LEAVE, "AL"):
                expected -= 38
            assert gained == expected, (code, kind)
    assert total(new[who.NEWCOMER_CODE], "AL") == Decimal("5.8462")
    test_the_leave_tables_come_to_the_balances(after)


def test_a_pay_leaves_the_given_state_alone_and_nobody_starts_twice() -> None:
    state = attache_state(TODAY)
    twice = next_pay(next_pay(state))
    assert state == attache_state(TODAY)
    assert len(twice["employees"]) == len(state["employees"]) + 1
