"""Express Leave's sandbox: states, key, company, limit, log, faults, and lists."""

import time
from typing import Any

import pytest

from tests.sandbox.express_leave_company import (
    ANNA,
    BALANCE,
    BASE,
    COMPANY,
    CONTRACTOR,
    LEAVE_TYPE,
    MIA,
    NOW,
    STATE,
    SYNC,
    WRITTEN,
    call,
    check_unfit,
    error,
    many,
)
from tests.sandbox.rules import check_limit, check_refused

# --- the state ----------------------------------------------------------------------------------------------


def test_the_contracts_own_rows_are_kept_as_they_are(leave: Any) -> None:
    assert leave.state() == STATE
    assert leave.put_state(STATE).json()["rows"] == {name: len(rows) for name, rows in STATE.items()}


def test_a_state_in_part_is_completed(express_leave: Any) -> None:
    given = {"EmployeeId": "E1", "Name": "Mia", "Email": "m@acme.example", "PayrollUser": "Yes"}
    balance = {"EmployeeId": "E1", "IncomeCode": "LSL", "BalanceHours": "-7.60", "AsAt": "2026-01-04"}
    sync = {"Trigger": "Login", "Status": "Running"}
    answer = express_leave.put_state({"users": [given], "balances": [balance], "syncs": [sync]})
    assert answer.status_code == 200, answer.text
    state = express_leave.state()
    connection = {**COMPANY["Connection"], "ConnectedAt": NOW}
    assert state["company"] == [{**COMPANY, "Connection": connection, "LastSyncAt": None}]
    made: dict[str, Any] = {"UserId": "u-1", "Location": None, "DefaultApprover": None, "Version": 1}
    assert state["users"] == [{**MIA, **given, **made}]
    assert [row["IncomeCode"] for row in state["leavetypes"]] == ["AL", "LSL", "RDO", "SL", "STL"]
    assert state["leavetypes"][0] == LEAVE_TYPE
    assert state["balances"] == [{**balance, "SyncedAt": NOW}]
    begun = {"SyncId": "sy-1", "StartedAt": NOW, "FinishedAt": None}
    assert state["syncs"] == [{**begun, **sync, "Employees": 0, "Balances": 0, "Errors": []}]


@pytest.mark.parametrize(
    ("state", "codes"),
    [
        ({}, 0),
        ({"company": [COMPANY]}, 0),
        ({"users": [MIA]}, 5),
        ({"users": [MIA], "leavetypes": []}, 0),
        ({"users": [MIA], "leavetypes": [{"IncomeCode": "X", "Description": "Own"}]}, 1),
    ],
)
def test_leave_types_are_made_where_a_state_says_nothing_of_them(
    express_leave: Any, state: Any, codes: int
) -> None:
    assert express_leave.put_state(state).status_code == 200
    assert len(express_leave.state()["leavetypes"]) == codes


@pytest.mark.parametrize(
    ("connection", "shown"),
    [
        ({"Connected": False}, (False, None, None, None)),
        ({"Connected": False, "OrganisationId": "org-17"}, (False, None, None, None)),
        ({"Connected": True, "OrganisationId": "org-2"}, (True, "org-2", "org-2", NOW)),
    ],
)
def test_a_connection_in_part_is_completed(express_leave: Any, connection: Any, shown: Any) -> None:
    express_leave.put_state({"company": [{"CompanyId": "c-9", "Connection": connection}]})
    made = call(express_leave, "GET", "").json()["Connection"]
    assert made == dict(zip(COMPANY["Connection"], shown, strict=True))


@pytest.mark.parametrize(
    ("resource", "changes", "field", "said"),
    [
        ("company", {"LastSyncAt": "today"}, "LastSyncAt", "a time"),
        ("company", {"Connection": True}, "Connection", "an object"),
        ("company", {"Connection": {}}, "Connection.Connected", "is required"),
        ("company", {"Connection": {"Connected": True}}, "Connection.OrganisationId", "is required"),
        ("leavetypes", {"VisibleTo": "All"}, "VisibleTo", "one of Non-Employee"),
        ("users", {"UserType": "Boss"}, "UserType", "one of Non-Employee, Employee"),
        ("users", {"PayrollUser": "No"}, "PayrollUser", "one of Yes, an empty text"),
        ("users", {"Country": "Norway"}, "Country", "one of Australia, New Zealand"),
        ("users", {"Hours": 7.6}, "Hours", "hours as text"),
        ("users", {"Hours": "7.6"}, "Hours", "two to four decimals"),
        ("users", {"Version": 0}, "Version", "a whole number"),
        ("balances", {"EmployeeId": "E9"}, "EmployeeId", "E9 is no user's"),
        ("balances", {"EmployeeId": "C1"}, "EmployeeId", "C1 is no payroll user"),
        ("balances", {"IncomeCode": "XX"}, "IncomeCode", "XX is no row of leavetypes"),
        ("balances", {"BalanceHours": "107.45123"}, "BalanceHours", "hours as text"),
        ("balances", {"AsAt": "2026-02-30"}, "AsAt", "a date"),
        ("syncs", {"Status": "Done"}, "Status", "one of Running"),
        ("syncs", {"Status": "Running"}, "FinishedAt", "must be null"),
        ("syncs", {"Errors": [{"Reason": "x"}]}, "Errors[0].EmployeeId", "is required"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    leave: Any, resource: str, changes: Any, field: str, said: str
) -> None:
    check_refused(leave, {**STATE, resource: [{**STATE[resource][0], **changes}]}, 0, field, said)


@pytest.mark.parametrize(("name", "value"), [("EmployeeId", "E0042"), ("Email", "MIA@Acme.example")])
def test_a_code_and_an_address_are_of_one_user(leave: Any, name: str, value: str) -> None:
    state = {**STATE, "users": [MIA, {**ANNA, name: value}]}
    check_refused(leave, state, 1, name, f"{value} is used twice")


# --- key, company, limit, log and faults --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        (f"{BASE}/users", {}, (401, "BadKey", None)),
        (f"{BASE}/users", {"X-Api-Key": "wrong"}, (401, "BadKey", None)),
        (f"{BASE}/users", {"Authorization": "Bearer express-leave-sandbox-key"}, (401, "BadKey", None)),
        ("/elsewhere", {"X-Api-Key": "wrong"}, (401, "BadKey", None)),
        ("/api/v1/companies/c-8/users", None, (403, "WrongCompany", None)),
        ("/api/v1/companies/c-8", None, (403, "WrongCompany", None)),
        ("/companies/c-8/nothing", None, (403, "WrongCompany", None)),
    ],
)
def test_a_key_is_good_for_its_company(leave: Any, path: str, headers: Any, expected: Any) -> None:
    assert error(leave.get(path, **({} if headers is None else {"headers": headers}))) == expected


@pytest.mark.parametrize("path", [BASE, f"{BASE}/", "/companies/c-9", "/companies/c-9/"])
def test_the_company_is_shown_with_and_without_a_slash(leave: Any, path: str) -> None:
    assert leave.get(path).json() == COMPANY


NOT_THERE = {
    "GET": "/users/u-99 /syncs/sy-99 /leavetypes/AL /balances/E0042 /connection /company /users/ "
    "/users/u-77/balances /elsewhere",
    "PUT": "/users /users/u-99 /leavetypes/XX /syncs/sy-99 /",
    "DELETE": "/users/u-99 /leavetypes/AL /",
    "POST": "/balances /users/u-77",
    "PATCH": "/users/u-77",
}


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, paths in NOT_THERE.items() for path in paths.split()]
)
def test_what_is_not_there_is_not_found(leave: Any, method: str, path: str) -> None:
    assert error(call(leave, method, path))[:2] == (404, "NotFound")
    assert error(leave.call(method, f"/elsewhere{path}"))[:2] == (404, "NotFound")


def test_the_eleventh_call_in_a_second_must_wait(leave: Any, clocks: Any) -> None:
    words = {"Error": {"Code": "RateLimited", "Message": "Too many requests.", "Field": None}}
    check_limit(leave, clocks, BASE, 10, words)


def test_the_log_says_what_was_asked_for(leave: Any) -> None:
    leave.call("DELETE", "/_sandbox/requests")
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/users?payrollUser=Yes", None),
        ("GET", "/users/u-77", None),
        ("DELETE", "/users/u-77", None),
        ("PUT", "/balances", {"SyncId": "sy-31", "Rows": [{}, {}]}),
        ("PUT", "/balances", []),
        ("POST", "/syncs", {"Trigger": "Login"}),
        ("DELETE", "/connection?confirm=Yes", None),
        ("GET", "/elsewhere", None),
    ):
        call(leave, method, path, body)
    leave.call("PUT", f"{BASE}/balances", data=b"\xff")
    assert [(row["operation"], row["writes"], row["nodes"]) for row in leave.log()] == [
        ("get company", False, None),
        ("list users", False, None),
        ("get users", False, None),
        ("delete users", True, None),
        ("change balances", True, 2),
        ("change balances", True, None),
        ("create syncs", True, None),
        ("delete connection", True, None),
        (None, False, None),
        ("change balances", True, None),
    ]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("key", (401, "BadKey", None)),
        ("edited", (412, "VersionMismatch", "Version")),
        (429, (429, "RateLimited", None)),
        (500, (500, "ServerError", None)),
        (503, (503, "Unavailable", None)),
    ],
)
def test_a_fault_is_worded_as_the_system_words_it(leave: Any, fault: Any, expected: Any) -> None:
    assert leave.faults(errors=[fault], count=1).status_code == 200
    if fault == "edited":
        assert call(leave, "GET", "/users/u-77").json()["Version"] == 4
    assert error(call(leave, "PUT", "/users/u-77", WRITTEN, If_Match="4")) == expected
    version = "5" if fault == "edited" else "4"
    assert call(leave, "GET", "/users/u-77").json()["Version"] == int(version)
    assert call(leave, "PUT", "/users/u-77", WRITTEN, If_Match=version).status_code == 200


# --- lists --------------------------------------------------------------------------------------------------
# Places of which one is no text, and one of another list.
USERS_7, SYNCS_1_2 = "WyJ1c2VycyIsIDdd", "WyJzeW5jcyIsICIxIiwgIjIiXQ"


def walked(client: Any, path: str, limit: int) -> list[Any]:
    """All pages of a list."""
    pages, mark = [], None
    while True:
        query = f"limit={limit}" + (f"&after={mark}" if mark else "")
        body = call(client, "GET", f"{path}{'&' if '?' in path else '?'}{query}").json()
        assert set(body) == {"Items", "Next"}
        pages.append(body["Items"])
        mark = body["Next"]
        if mark is None:
            return pages


@pytest.mark.parametrize(
    ("path", "limit", "names"),
    [
        ("/users", 3, ["u-2 u-8 u-9", "u-10 u-11"]),
        ("/users?payrollUser=", 3, ["u-2"]),
        ("/users?payrollUser=Yes", 4, ["u-8 u-9 u-10 u-11"]),
        ("/users?payrollUser=Yes", 3, ["u-8 u-9 u-10", "u-11"]),
        ("/leavetypes", 2, ["AL LSL", "RDO SL", "STL"]),
        ("/balances", 5, ["E10 E10 E11 E11 E8", "E8 E9 E9"]),
        ("/balances?employeeId=E9", 1, ["E9", "E9"]),
        ("/balances?employeeId=nobody", 1, [""]),
        ("/syncs", 2, ["sy-10 sy-9", "sy-8"]),
    ],
)
def test_pages_follow_each_other_until_next_is_null(
    express_leave: Any, path: str, limit: int, names: list[str]
) -> None:
    people = many(range(8, 12))
    owned = [(row["EmployeeId"], code) for row in people for code in ("SL", "AL")]
    balances = [{**BALANCE, "EmployeeId": employee, "IncomeCode": code} for employee, code in owned]
    syncs = [{**SYNC, "SyncId": f"sy-{number}"} for number in (8, 9, 10)]
    users = [*people, {**CONTRACTOR, "UserId": "u-2"}]
    answer = express_leave.put_state({"users": users, "balances": balances, "syncs": syncs})
    assert answer.status_code == 200, answer.text
    pages = walked(express_leave, path, limit)
    assert [" ".join(next(iter(row.values())) for row in page) for page in pages] == names
    assert walked(express_leave, path, 200) == [[row for page in pages for row in page]]


def test_a_place_is_kept_when_its_row_goes(leave: Any) -> None:
    mark = call(leave, "GET", "/users?limit=2").json()["Next"]
    call(leave, "DELETE", "/users/u-10")
    assert [row["UserId"] for row in call(leave, "GET", f"/users?after={mark}").json()["Items"]] == ["u-77"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/users?payrollUser=No", "payrollUser"),
        *((f"/users?limit={limit}", "limit") for limit in ("0", "201", "x", "1&limit=1")),
        *((f"/users?after={mark}", "after") for mark in ("u-77", "", "%C3%B8", USERS_7, SYNCS_1_2)),
        ("/users?employeeId=E1", "employeeId"),
        ("/balances?payrollUser=Yes", "payrollUser"),
        ("/users/u-77?expand=all", "expand"),
        ("?page=1", "page"),
    ],
)
def test_a_query_that_it_does_not_know_is_refused(leave: Any, path: str, field: str) -> None:
    check_unfit(call(leave, "GET", path), field)


def test_a_large_company_is_quick(express_leave: Any) -> None:
    owned = [(f"E{number}", code) for number in range(5000) for code in ("AL", "SL")]
    balances = [{**BALANCE, "EmployeeId": employee, "IncomeCode": code} for employee, code in owned]
    running = {"SyncId": "sy-1", "Trigger": "Login", "Status": "Running"}
    express_leave.put_state({"users": many(range(5000)), "balances": balances, "syncs": [running]})
    sent = [{name: row[name] for name in row if name != "SyncedAt"} for row in balances[-200:]]
    call(express_leave, "GET", "/users")
    started = time.process_time()
    pages = walked(express_leave, "/users?payrollUser=Yes", 200)
    pages += walked(express_leave, "/balances", 200)
    for _ in range(10):
        answer = call(express_leave, "PUT", "/balances", {"SyncId": "sy-1", "Rows": sent})
    assert {row["Status"] for row in answer.json()["Results"]} == {"Unchanged"}
    assert len(pages) == 75
    # Some 0.5 s of both client and server; a table searched for every row would take minutes.
    assert time.process_time() - started < 10
