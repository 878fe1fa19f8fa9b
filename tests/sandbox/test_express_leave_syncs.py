"""Express Leave's connection, syncs and balances: how a sync begins, what it writes, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.express_leave_company import (
    BALANCE,
    COMPANY,
    NOW,
    STATE,
    SYNC,
    call,
    check_unfit,
    error,
    many,
)

SENT = {name: BALANCE[name] for name in ("EmployeeId", "IncomeCode", "BalanceHours", "AsAt")}


def start(client: Any, trigger: str = "Login", **headers: str) -> Any:
    return call(client, "POST", "/syncs", {"Trigger": trigger}, **headers)


def news(client: Any, body: Any, sync_id: str = "sy-32") -> Any:
    return call(client, "PUT", f"/syncs/{sync_id}", body)


def overwrite(client: Any, *rows: Any, sync_id: str = "sy-32") -> Any:
    return call(client, "PUT", "/balances", {"SyncId": sync_id, "Rows": list(rows)})


# --- the connection -----------------------------------------------------------------------------------------


def test_a_company_disconnects_and_connects_again_and_keeps_its_data(leave: Any) -> None:
    before = leave.state()
    gone = {"Connected": False, "OrganisationId": None, "OrganisationName": None, "ConnectedAt": None}
    for _ in range(2):
        assert call(leave, "DELETE", "/connection?confirm=Yes").status_code == 204
        assert call(leave, "GET", "").json() == {**COMPANY, "Connection": gone}
    body = {"OrganisationName": "Two", "OrganisationId": "org-2"}
    answer = call(leave, "POST", "/connection", body)
    assert (answer.status_code, answer.json()) == (201, {"Connected": True, **body, "ConnectedAt": NOW})
    assert call(leave, "GET", "").json() == {**COMPANY, "Connection": answer.json()}
    assert {**leave.state(), "company": []} == {**before, "company": []}


def test_the_same_organisation_may_be_connected_again(leave: Any) -> None:
    body = {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"}
    assert call(leave, "POST", "/connection", body).status_code == 201
    assert call(leave, "GET", "").json()["Connection"]["ConnectedAt"] == NOW


@pytest.mark.parametrize(
    ("method", "query", "body", "expected"),
    [
        ("DELETE", "", None, (400, "ConfirmationRequired", "confirm")),
        ("DELETE", "?confirm=yes", None, (400, "ConfirmationRequired", "confirm")),
        ("DELETE", "?confirm=Yes&force=1", None, (400, "ValidationFailed", "force")),
        ("POST", "", {"OrganisationId": "org-2"}, (409, "AlreadyConnected", "OrganisationId")),
        ("POST", "", {"OrganisationName": None}, (400, "ValidationFailed", "OrganisationName")),
        ("POST", "", {"OrganisationId": 17}, (400, "ValidationFailed", "OrganisationId")),
        ("POST", "", {"Key": "x"}, (400, "ValidationFailed", "Key")),
    ],
)
def test_a_connection_that_does_not_fit_is_refused(
    leave: Any, method: str, query: str, body: Any, expected: Any
) -> None:
    whole = body and {"OrganisationId": "org-17", "OrganisationName": "A", **body}
    assert error(call(leave, method, f"/connection{query}", whole)) == expected
    assert call(leave, "GET", "").json() == COMPANY


# --- a sync begins ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["Login", "Connect", "Manual"])
def test_a_sync_begins_and_is_shown(leave: Any, trigger: str) -> None:
    answer = start(leave, trigger)
    made = {"SyncId": "sy-32", "Trigger": trigger, "Status": "Running", "StartedAt": NOW, "FinishedAt": None}
    expected = {**made, "Employees": 0, "Balances": 0, "Errors": []}
    assert (answer.status_code, answer.json()) == (201, expected)
    assert call(leave, "GET", "/syncs/sy-32").json() == expected
    assert call(leave, "GET", "/syncs").json()["Items"] == [expected, SYNC]


def test_without_a_connection_it_ends_at_once(leave: Any) -> None:
    call(leave, "DELETE", "/connection?confirm=Yes")
    row = start(leave).json()
    assert (row["Status"], row["StartedAt"], row["FinishedAt"]) == ("NotConnected", NOW, NOW)
    assert start(leave).json()["SyncId"] == "sy-33"
    assert call(leave, "GET", "").json()["LastSyncAt"] == COMPANY["LastSyncAt"]


def test_one_sync_runs_at_a_time_until_it_counts_as_dead(leave: Any, clocks: Any) -> None:
    start(leave)
    clocks.moment += timedelta(minutes=14, seconds=59)
    refused = start(leave)
    assert error(refused) == (409, "SyncRunning", None)
    assert refused.json()["SyncId"] == "sy-32"
    clocks.moment += timedelta(seconds=1)
    assert start(leave).json()["SyncId"] == "sy-33"
    dead = call(leave, "GET", "/syncs/sy-32").json()
    assert (dead["Status"], dead["FinishedAt"]) == ("Failed", "2026-03-02T11:45:00Z")


def test_a_key_gives_the_first_answer_for_a_day(leave: Any, clocks: Any) -> None:
    first = start(leave, Idempotency_Key="ev-1")
    news(leave, {"Status": "Completed"})
    again = start(leave, Idempotency_Key="ev-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert start(leave, Idempotency_Key="ev-2").json()["SyncId"] == "sy-33"
    clocks.moment += timedelta(hours=24)
    assert start(leave, Idempotency_Key="ev-1").json()["SyncId"] == "sy-34"


def test_neither_a_refusal_nor_another_state_keeps_a_key(leave: Any) -> None:
    start(leave)
    assert error(start(leave, Idempotency_Key="ev-1")) == (409, "SyncRunning", None)
    news(leave, {"Status": "Failed"})
    assert start(leave, Idempotency_Key="ev-1").json()["SyncId"] == "sy-33"
    leave.put_state(STATE)
    assert start(leave, Idempotency_Key="ev-1").json()["SyncId"] == "sy-32"


# --- a sync goes on and ends --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "moves"),
    [("Completed", True), ("CompletedWithErrors", True), ("Failed", False), ("NotConnected", False)],
)
def test_an_end_is_told_once_or_twice_but_not_otherwise(
    leave: Any, clocks: Any, status: str, moves: bool
) -> None:
    begun = start(leave).json()
    errors = [{"EmployeeId": "E0042", "IncomeCode": None, "Reason": "No such user"}]
    assert news(leave, {"Employees": 7}).json()["Status"] == "Running"
    clocks.moment += timedelta(seconds=9)
    body, finished = {"Status": status, "Balances": 14, "Errors": errors}, "2026-03-02T11:30:09Z"
    ended = {**begun, **body, "Employees": 7, "FinishedAt": finished}
    for _ in range(2):
        answer = news(leave, body)
        assert (answer.status_code, answer.json()) == (200, ended)
        last = finished if moves else COMPANY["LastSyncAt"]
        assert call(leave, "GET", "").json()["LastSyncAt"] == last
        clocks.moment += timedelta(seconds=9)
    for other in ({"Status": "Running"}, {"Balances": 14}):
        assert error(news(leave, other)) == (409, "SyncFinished", "Status")


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("POST", {}, "Trigger"),
        ("POST", {"Trigger": "login"}, "Trigger"),
        ("POST", {"Trigger": "Login", "Status": "Running"}, "Status"),
        ("POST", [], None),
        ("PUT", {}, None),
        ("PUT", [], None),
        ("PUT", {"Status": "Done"}, "Status"),
        ("PUT", {"Employees": -1}, "Employees"),
        ("PUT", {"Balances": "2"}, "Balances"),
        ("PUT", {"Errors": {}}, "Errors"),
        ("PUT", {"Errors": ["x"]}, "Errors[0]"),
        ("PUT", {"Errors": [{"EmployeeId": "E1", "IncomeCode": None}]}, "Errors[0].Reason"),
        ("PUT", {"Trigger": "Login"}, "Trigger"),
        ("PUT", {"FinishedAt": NOW}, "FinishedAt"),
    ],
)
def test_what_is_told_of_a_sync_must_fit(leave: Any, method: str, body: Any, field: str | None) -> None:
    start(leave)
    before = leave.state()
    check_unfit(call(leave, method, "/syncs/sy-32" if method == "PUT" else "/syncs", body), field)
    assert leave.state() == before


# --- balances -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"EmployeeId": "E9"}, "UnknownEmployee"),
        ({"EmployeeId": "E9", "IncomeCode": "XX"}, "UnknownEmployee"),
        ({"EmployeeId": "C1"}, "NotPayrollUser"),
        ({"EmployeeId": "C1", "IncomeCode": "XX"}, "NotPayrollUser"),
        ({"IncomeCode": "XX", "AsAt": "2026-01-03"}, "UnknownLeaveType"),
        ({"AsAt": "2026-01-03"}, "OlderThanCurrent"),
        ({"AsAt": "2026-01-03", "BalanceHours": "1.00"}, "OlderThanCurrent"),
        ({}, "Unchanged"),
        ({"AsAt": "2026-01-05"}, "Updated"),
        ({"BalanceHours": "107.4513"}, "Updated"),
        ({"BalanceHours": "-0.50"}, "Updated"),
        ({"IncomeCode": "SL", "BalanceHours": "0.000"}, "Updated"),
    ],
)
def test_every_row_has_a_verdict(leave: Any, row: Any, status: str) -> None:
    start(leave)
    sent, before = {**SENT, **row}, leave.state()["balances"]
    key = {name: sent[name] for name in ("EmployeeId", "IncomeCode")}
    answer = overwrite(leave, sent)
    assert (answer.status_code, answer.json()) == (200, {"Results": [{**key, "Status": status}]})
    after = leave.state()["balances"]
    if status in ("Updated", "Unchanged"):
        assert [kept for kept in after if kept.items() >= key.items()] == [{**sent, "SyncedAt": NOW}]
    else:
        assert after == before


def test_the_same_hours_written_otherwise_are_unchanged(leave: Any) -> None:
    leave.put_state({**STATE, "balances": [{**BALANCE, "BalanceHours": "7.60"}]})
    start(leave)
    answer = overwrite(leave, {**SENT, "BalanceHours": "7.6000"})
    assert answer.json()["Results"][0]["Status"] == "Unchanged"
    assert leave.state()["balances"] == [{**BALANCE, "BalanceHours": "7.60", "SyncedAt": NOW}]


def test_results_come_in_the_order_of_the_rows(leave: Any) -> None:
    start(leave)
    rows = [{**SENT, "EmployeeId": "E9"}, {**SENT, "BalanceHours": "1.00"}, {**SENT, "BalanceHours": "1.00"}]
    results = overwrite(leave, *rows).json()["Results"]
    assert [row["Status"] for row in results] == ["UnknownEmployee", "Updated", "Unchanged"]


HOURS = (107.45, "107.4", "107.45123", "+7.60", "1e2")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"Rows": []}, "Rows"),
        ({"Rows": [SENT] * 201}, "Rows"),
        ({"Rows": "x"}, "Rows"),
        ({"Rows": [SENT, None]}, "Rows[1]"),
        ({"Rows": [{**SENT, "SyncedAt": NOW}]}, "Rows[0].SyncedAt"),
        ({"Rows": [{"EmployeeId": "E0042"}]}, "Rows[0].IncomeCode"),
        ({"Rows": [SENT, SENT, SENT, {**SENT, "AsAt": "4/1/2026"}]}, "Rows[3].AsAt"),
        ({"Rows": [{**SENT, "AsAt": "2026-02-30"}]}, "Rows[0].AsAt"),
        *(({"Rows": [{**SENT, "BalanceHours": hours}]}, "Rows[0].BalanceHours") for hours in HOURS),
        ({"Rows": [{**SENT, "EmployeeId": None}]}, "Rows[0].EmployeeId"),
        ({"SyncId": None, "Rows": [SENT]}, "SyncId"),
        ({"Rows": [SENT], "Force": True}, "Force"),
        ([SENT], None),
    ],
)
def test_one_row_that_does_not_fit_refuses_the_whole_call(leave: Any, body: Any, field: str | None) -> None:
    start(leave)
    before = leave.state()
    whole = {"SyncId": "sy-32", **body} if isinstance(body, dict) else body
    check_unfit(call(leave, "PUT", "/balances", whole), field)
    assert leave.state() == before


@pytest.mark.parametrize("sync_id", ["sy-31", "sy-99"])
def test_only_a_running_sync_writes_balances(leave: Any, sync_id: str) -> None:
    assert error(overwrite(leave, SENT, sync_id=sync_id)) == (409, "SyncNotRunning", "SyncId")
    assert leave.state()["balances"] == [BALANCE]


def test_the_largest_write_is_taken(leave: Any) -> None:
    people, running = many(range(200)), {"SyncId": "sy-32", "Trigger": "Login", "Status": "Running"}
    leave.put_state({"users": people, "syncs": [running]})
    answer = overwrite(leave, *({**SENT, "EmployeeId": row["EmployeeId"]} for row in people))
    assert {row["Status"] for row in answer.json()["Results"]} == {"Updated"}
    assert len(leave.state()["balances"]) == 200
