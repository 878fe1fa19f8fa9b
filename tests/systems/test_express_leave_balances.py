"""Express Leave's client: leave types, balances, and the syncs that its screen shows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.express_leave.client import ExpressLeaveClient
from payrelay.systems.express_leave.models import BalanceRow, Sync, written_hours
from tests.systems.conftest import Bench
from tests.systems.express_leave_answers import BALANCE, LEAVE_TYPE, SYNC, listing, refused
from tests.systems.loopback import RESET, Loopback, Reply, reply
from tests.worlds.listed import bad, usable

BASE = "/el/api/v1/companies/c-9"
DAY = date(2026, 1, 4)
ROWS = [
    BalanceRow("E0042", "AL", Decimal("107.4512"), DAY),
    BalanceRow("E0042", "SL", Decimal(38), DAY),
]


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> ExpressLeaveClient:
    return ExpressLeaveClient(f"{loopback.origin}/el", "c-9", Secret("the-key"), options=bench.options)


def results(*statuses: str) -> list[dict[str, str]]:
    return [
        {"EmployeeId": row.employee_id, "IncomeCode": row.income_code, "Status": status}
        for row, status in zip(ROWS, statuses, strict=False)
    ]


# --- reading ---------------------------------------------------------------------------------------------


def test_leave_types_are_read_to_their_end(client: ExpressLeaveClient, loopback: Loopback) -> None:
    hidden = LEAVE_TYPE | {"IncomeCode": "RDO", "VisibleTo": "HR Manager"}
    spoilt = LEAVE_TYPE | {"IncomeCode": "STL", "VisibleTo": "Everybody"}
    loopback.answers(listing([LEAVE_TYPE], "n-1"), listing([hidden, spoilt]))

    types = client.leave_types()

    assert [(row.income_code, row.visible_to) for row in usable(types)] == [
        ("AL", "Employee (Non-Approver)"),
        ("RDO", "HR Manager"),
    ]
    assert usable(types)[0].description == "Annual Leave"
    assert [(row.id, row.field) for row in bad(types)] == [("STL", "VisibleTo")]
    assert [dict(seen.params).get("after") for seen in loopback.seen] == [None, "n-1"]


@pytest.mark.parametrize("second", [listing([LEAVE_TYPE], "n-1"), listing([], "n-2")])
def test_a_list_that_does_not_end_is_for_later(
    second: Reply, client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(listing([LEAVE_TYPE], "n-1"), second)

    with pytest.raises(RetryLater, match="page 2 does not lead to the next"):
        client.leave_types()


@pytest.mark.requirement("LB-11")
def test_balances_are_read_digit_by_digit(client: ExpressLeaveClient, loopback: Loopback) -> None:
    number = BALANCE | {"IncomeCode": "SL", "BalanceHours": "many"}
    loopback.answers(listing([BALANCE, number], "n-1"), listing([BALANCE | {"SyncedAt": None}]))

    page = client.balances()
    (of_one,) = usable(client.balances_of("E 42"))

    (row,) = usable(page.rows)
    assert (row.employee_id, row.income_code, row.as_at) == ("E0042", "AL", DAY)
    assert (str(row.hours), row.synced_at) == ("107.4512", "2026-01-06T22:01:15Z")
    assert [(row.id, row.number, row.field) for row in bad(page.rows)] == [("E0042", "SL", "BalanceHours")]
    assert (page.next, of_one.synced_at) == ("n-1", None)
    assert [dict(seen.params) for seen in loopback.seen] == [
        {"limit": "200"},
        {"employeeId": "E 42", "limit": "200"},
    ]


# --- writing ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-11")
@pytest.mark.parametrize(
    ("hours", "written"),
    [
        ("38", "38.00"),
        ("107.4512", "107.4512"),
        ("7.6", "7.60"),
        ("-1.25000", "-1.25"),
        ("0.1230", "0.123"),
        ("1E+2", "100.00"),
        ("1000.0000", "1000.00"),
        ("0.0001", "0.0001"),
    ],
)
def test_hours_go_out_with_two_to_four_decimals(hours: str, written: str) -> None:
    assert written_hours(Decimal(hours)) == written


@pytest.mark.parametrize("hours", ["0.00001", "NaN", "Infinity"])
def test_hours_are_not_rounded_on_their_way_out(hours: str) -> None:
    with pytest.raises(ValueError, match=r"four decimals|not a number"):
        written_hours(Decimal(hours))


def test_balances_are_set_and_each_has_its_status(client: ExpressLeaveClient, loopback: Loopback) -> None:
    loopback.answers(reply({"Results": results("Updated", "OlderThanCurrent")}))

    assert client.put_balances("sy-31", ROWS) == ["Updated", "OlderThanCurrent"]

    (seen,) = loopback.seen
    assert (seen.method, seen.path) == ("PUT", f"{BASE}/balances")
    assert seen.body == {
        "SyncId": "sy-31",
        "Rows": [
            {
                "EmployeeId": "E0042",
                "IncomeCode": "AL",
                "BalanceHours": "107.4512",
                "AsAt": "2026-01-04",
            },
            {"EmployeeId": "E0042", "IncomeCode": "SL", "BalanceHours": "38.00", "AsAt": "2026-01-04"},
        ],
    }


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize(
    "answered",
    [
        results("Updated"),
        [*results("Updated", "Updated"), *results("Updated")],
        list(reversed(results("Updated", "Updated"))),
        [{"EmployeeId": "E0042", "IncomeCode": "AL"}, *results("Updated", "Updated")[1:]],
        ["Updated", "Updated"],
    ],
    ids=["too few", "too many", "another order", "no status", "no names"],
)
def test_results_that_are_not_those_of_the_balances_are_unknown(
    answered: list[Any], client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(reply({"Results": answered}))

    with pytest.raises(OutcomeUnknown):
        client.put_balances("sy-31", ROWS)
    assert len(loopback.seen) == 1


def test_no_balances_need_no_call_and_too_many_are_none(
    client: ExpressLeaveClient, loopback: Loopback
) -> None:
    assert client.put_balances("sy-31", []) == []
    with pytest.raises(ValueError, match="at most 200"):
        client.put_balances("sy-31", ROWS * 101)
    assert loopback.seen == []


# --- syncs -----------------------------------------------------------------------------------------------


def test_a_sync_is_started_under_its_key_and_again_after_a_blip(
    client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(RESET, reply(SYNC, 201))

    assert client.start_sync("Login", "ev-8f1") == Sync("sy-31", "Running", running_elsewhere=False)

    assert len(loopback.seen) == 2
    for seen in loopback.seen:
        assert (seen.method, seen.path, seen.body) == ("POST", f"{BASE}/syncs", {"Trigger": "Login"})
        assert seen.headers["Idempotency-Key"] == "ev-8f1"


def test_without_a_connection_a_sync_ends_at_once(client: ExpressLeaveClient, loopback: Loopback) -> None:
    loopback.answers(reply(SYNC | {"Status": "NotConnected"}, 201))

    assert client.start_sync("Manual", "k").status == "NotConnected"


@pytest.mark.parametrize("beside", [True, False])
def test_a_sync_that_runs_already_is_named(
    beside: bool, client: ExpressLeaveClient, loopback: Loopback
) -> None:
    error = {"Code": "SyncRunning", "Message": "A sync is running.", "Field": None}
    running = {"SyncId": "sy-30"}
    body = {"Error": error, **running} if beside else {"Error": {**error, **running}}
    loopback.answers(reply(body, 409))

    assert client.start_sync("Login", "k") == Sync("sy-30", "Running", running_elsewhere=True)


def test_another_conflict_is_a_refusal_and_a_running_sync_has_an_id(
    client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(refused(409, "LockedField"), refused(409, "SyncRunning"), reply({"Error": "x"}, 409))

    with pytest.raises(Rejected) as refusal:
        client.start_sync("Login", "k")
    assert (refusal.value.code, refusal.value.message) == ("LockedField", "Said LockedField.")
    with pytest.raises(RetryLater, match="without its id"):
        client.start_sync("Login", "k")
    with pytest.raises(Rejected) as refusal:
        client.start_sync("Login", "k")
    assert (refusal.value.code, refusal.value.message) == ("409", "refused (HTTP 409)")


@pytest.mark.parametrize(
    ("told", "body"),
    [
        ({"employees": 0, "balances": 2}, {"Employees": 0, "Balances": 2}),
        ({"status": "Completed", "errors": []}, {"Status": "Completed", "Errors": []}),
        (
            {"errors": [{"EmployeeId": "E1", "IncomeCode": None, "Reason": "x"}]},
            {"Errors": [{"EmployeeId": "E1", "IncomeCode": None, "Reason": "x"}]},
        ),
    ],
)
def test_a_sync_is_told_what_is_new(
    told: dict[str, Any], body: dict[str, Any], client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(RESET, reply(SYNC))

    client.change_sync("sy/31", **told)

    assert [(seen.method, seen.path, seen.body) for seen in loopback.seen] == [
        ("PUT", f"{BASE}/syncs/sy%2F31", body)
    ] * 2


def test_a_sync_that_has_ended_stays_as_it_is(client: ExpressLeaveClient, loopback: Loopback) -> None:
    loopback.answers(refused(409, "SyncFinished"), refused(404, "NotFound"))

    client.change_sync("sy-31", status="Completed")
    with pytest.raises(Rejected):
        client.change_sync("sy-31", status="Completed")
    with pytest.raises(ValueError, match="nothing is said"):
        client.change_sync("sy-31")
