"""Express Leave's connection, syncs and balances: how a sync begins, what it writes, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.express_leave_company import BALANCE, COMPANY, MIA, STATE, SYNC, call, error

NOW = "2026-03-02T11:30:00Z"
SENT = {name: BALANCE[name] for name in ("EmployeeId", "IncomeCode", "BalanceHours", "AsAt")}


def start(client: Any, trigger: str = "Login", **headers: str) -> Any:
    return call(client, "POST", "/syncs", {"Trigger": trigger}, **headers)


def overwrite(client: Any, *rows: Any, sync_id: str = "sy-32") -> Any:
    return call(client, "PUT", "/balances", {"SyncId": sync_id, "Rows": list(rows)})


# --- the connection --------------------------------------------------------------------------------------


def test_a_company_disconnects_and_connects_again_and_keeps_its_data(leave: Any) -> None:
    before = leave.state()
    assert call(leave, "DELETE", "/connection?confirm=Yes").status_code == 204
    gone = {"Connected": False, "OrganisationId": None, "OrganisationName": None, "ConnectedAt": None}
    assert call(leave, "GET", "").json() == {**COMPANY, "Connection": gone}
    assert call(leave, "DELETE", "/connection?confirm=Yes").status_code == 204
    answer = call(leave, "POST", "/connection", {"OrganisationId": "org-2", "OrganisationName": "Two"})
    assert answer.status_code == 201
    assert answer.json() == {
        "Connected": True,
        "OrganisationId": "org-2",
        "OrganisationName": "Two",
        "ConnectedAt": NOW,
    }
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
        (
            "POST",
            "",
            {"OrganisationId": "org-2", "OrganisationName": "Two"},
            (409, "AlreadyConnected", "OrganisationId"),
        ),
        ("POST", "", {"OrganisationId": "org-17"}, (400, "ValidationFailed", "OrganisationName")),
        (
            "POST",
            "",
            {"OrganisationId": 17, "OrganisationName": "A"},
            (400, "ValidationFailed", "OrganisationId"),
        ),
        (
            "POST",
            "",
            {"OrganisationId": "org-17", "OrganisationName": "A", "Key": "x"},
            (400, "ValidationFailed", "Key"),
        ),
    ],
)
def test_a_connection_that_does_not_fit_is_refused(
    leave: Any, method: str, query: str, body: Any, expected: Any
) -> None:
    assert error(call(leave, method, f"/connection{query}", body)) == expected
    assert call(leave, "GET", "").json() == COMPANY


# --- a sync begins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["Login", "Connect", "Manual"])
def test_a_sync_begins_and_is_shown(leave: Any, trigger: str) -> None:
    answer = start(leave, trigger)
    assert answer.status_code == 201
    assert answer.json() == {
        "SyncId": "sy-32",
        "Trigger": trigger,
        "Status": "Running",
        "StartedAt": NOW,
        "FinishedAt": None,
        "Employees": 0,
        "Balances": 0,
        "Errors": [],
    }
    assert call(leave, "GET", "/syncs/sy-32").json() == answer.json()
    assert call(leave, "GET", "/syncs").json()["Items"] == [answer.json(), SYNC]


def test_without_a_connection_it_ends_at_once(leave: Any) -> None:
    call(leave, "DELETE", "/connection?confirm=Yes")
    row = start(leave).json()
    assert (row["Status"], row["StartedAt"], row["FinishedAt"]) == ("NotConnected", NOW, NOW)
    assert start(leave).json()["SyncId"] == "sy-33"
    assert call(leave, "GET", "").json()["LastSyncAt"] == COMPANY["LastSyncAt"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "Trigger"),
        ({"Trigger": "login"}, "Trigger"),
        ({"Trigger": "Login", "Status": "Running"}, "Status"),
        ([], None),
    ],
)
def test_a_sync_that_does_not_fit_does_not_begin(leave: Any, body: Any, field: str | None) -> None:
    assert error(call(leave, "POST", "/syncs", body)) == (400, "ValidationFailed", field)
    assert leave.state()["syncs"] == [SYNC]


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
    call(leave, "PUT", f"/syncs/{first.json()['SyncId']}", {"Status": "Completed"})
    again = start(leave, Idempotency_Key="ev-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert start(leave, Idempotency_Key="ev-2").json()["SyncId"] == "sy-33"
    clocks.moment += timedelta(hours=24)
    assert start(leave, Idempotency_Key="ev-1").json()["SyncId"] == "sy-34"


def test_a_refusal_uses_no_key_up(leave: Any) -> None:
    start(leave)
    assert error(start(leave, Idempotency_Key="ev-1")) == (409, "SyncRunning", None)
    call(leave, "PUT", "/syncs/sy-32", {"Status": "Failed"})
    assert start(leave, Idempotency_Key="ev-1").json()["SyncId"] == "sy-33"


# --- a sync goes on and ends -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "moves"),
    [("Completed", True), ("CompletedWithErrors", True), ("Failed", False), ("NotConnected", False)],
)
def test_an_end_is_told_once_or_twice_but_not_otherwise(
    leave: Any, clocks: Any, status: str, moves: bool
) -> None:
    start(leave)
    errors = [{"EmployeeId": "E0042", "IncomeCode": None, "Reason": "No such user"}]
    assert call(leave, "PUT", "/syncs/sy-32", {"Employees": 7}).json()["Status"] == "Running"
    clocks.moment += timedelta(seconds=9)
    body = {"Status": status, "Balances": 14, "Errors": errors}
    ended = call(leave, "PUT", "/syncs/sy-32", body)
    assert ended.status_code == 200
    assert ended.json() == {
        "SyncId": "sy-32",
        "Trigger": "Login",
        "StartedAt": NOW,
        "FinishedAt": "2026-03-02T11:30:09Z",
        "Employees": 7,
        **body,
    }
    last = "2026-03-02T11:30:09Z" if moves else COMPANY["LastSyncAt"]
    assert call(leave, "GET", "").json()["LastSyncAt"] == last
    clocks.moment += timedelta(seconds=9)
    again = call(leave, "PUT", "/syncs/sy-32", body)
    assert (again.status_code, again.json()) == (200, ended.json())
    for other in ({"Status": "Running"}, {"Balances": 14}):
        assert error(call(leave, "PUT", "/syncs/sy-32", other)) == (409, "SyncFinished", "Status")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ([], None),
        ({"Status": "Done"}, "Status"),
        ({"Employees": -1}, "Employees"),
        ({"Balances": "2"}, "Balances"),
        ({"Errors": {}}, "Errors"),
        ({"Errors": ["x"]}, "Errors[0]"),
        ({"Errors": [{"EmployeeId": "E1", "IncomeCode": None}]}, "Errors[0].Reason"),
        ({"Trigger": "Login"}, "Trigger"),
        ({"FinishedAt": NOW}, "FinishedAt"),
    ],
)
def test_news_of_a_sync_must_fit(leave: Any, body: Any, field: str | None) -> None:
    start(leave)
    assert error(call(leave, "PUT", "/syncs/sy-32", body)) == (400, "ValidationFailed", field)


# --- balances --------------------------------------------------------------------------------------------


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
    sent = {**SENT, **row}
    before = leave.state()["balances"]

    answer = overwrite(leave, sent)

    assert answer.status_code == 200
    verdict = {"EmployeeId": sent["EmployeeId"], "IncomeCode": sent["IncomeCode"], "Status": status}
    assert answer.json() == {"Results": [verdict]}
    after = {(kept["EmployeeId"], kept["IncomeCode"]): kept for kept in leave.state()["balances"]}
    if status in ("Updated", "Unchanged"):
        assert after[(sent["EmployeeId"], sent["IncomeCode"])] == {**sent, "SyncedAt": NOW}
    else:
        assert list(after.values()) == before


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


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([], "Rows"),
        ([SENT] * 201, "Rows"),
        ("x", "Rows"),
        ([SENT, None], "Rows[1]"),
        ([{**SENT, "SyncedAt": NOW}], "Rows[0].SyncedAt"),
        ([{"EmployeeId": "E0042"}], "Rows[0].IncomeCode"),
        ([SENT, SENT, SENT, {**SENT, "AsAt": "4/1/2026"}], "Rows[3].AsAt"),
        ([{**SENT, "AsAt": "2026-02-30"}], "Rows[0].AsAt"),
        ([{**SENT, "BalanceHours": 107.45}], "Rows[0].BalanceHours"),
        ([{**SENT, "BalanceHours": "107.4"}], "Rows[0].BalanceHours"),
        ([{**SENT, "BalanceHours": "107.45123"}], "Rows[0].BalanceHours"),
        ([{**SENT, "BalanceHours": "+7.60"}], "Rows[0].BalanceHours"),
        ([{**SENT, "BalanceHours": "1e2"}], "Rows[0].BalanceHours"),
        ([{**SENT, "EmployeeId": None}], "Rows[0].EmployeeId"),
    ],
)
def test_one_row_that_does_not_fit_refuses_the_whole_call(leave: Any, rows: Any, field: str) -> None:
    start(leave)
    before = leave.state()
    answer = call(leave, "PUT", "/balances", {"SyncId": "sy-32", "Rows": rows})
    assert error(answer) == (400, "ValidationFailed", field)
    assert leave.state() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"Rows": [SENT]}, "SyncId"),
        ({"SyncId": "sy-32", "Rows": [SENT], "Force": True}, "Force"),
        ([SENT], None),
    ],
)
def test_the_body_of_a_bulk_write_must_fit(leave: Any, body: Any, field: str | None) -> None:
    start(leave)
    assert error(call(leave, "PUT", "/balances", body)) == (400, "ValidationFailed", field)


@pytest.mark.parametrize("sync_id", ["sy-31", "sy-99"])
def test_only_a_running_sync_writes_balances(leave: Any, sync_id: str) -> None:
    assert error(overwrite(leave, SENT, sync_id=sync_id)) == (409, "SyncNotRunning", "SyncId")
    assert leave.state()["balances"] == [BALANCE]


def test_the_largest_write_is_taken(leave: Any) -> None:
    people = [
        {**MIA, "UserId": f"u-{n}", "EmployeeId": f"E{n}", "Email": f"{n}@acme.example"} for n in range(200)
    ]
    leave.put_state(
        {"users": people, "syncs": [{"SyncId": "sy-32", "Trigger": "Login", "Status": "Running"}]}
    )
    answer = overwrite(leave, *({**SENT, "EmployeeId": row["EmployeeId"]} for row in people))
    assert {row["Status"] for row in answer.json()["Results"]} == {"Updated"}
    assert len(leave.state()["balances"]) == 200
