"""Express Leave's rules for all calls: states, key, company, limit, log and faults."""

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
    STATE,
    SYNC,
    WRITTEN,
    call,
    error,
)

NOW = "2026-03-02T11:30:00Z"


# --- the state -------------------------------------------------------------------------------------------


def test_the_contracts_own_rows_are_kept_as_they_are(leave: Any) -> None:
    assert leave.state() == {**STATE, "users": [ANNA, CONTRACTOR, MIA]}
    assert leave.put_state(leave.state()).json()["rows"] == {
        "company": 1,
        "users": 3,
        "leavetypes": 2,
        "balances": 1,
        "syncs": 1,
    }


def test_a_state_in_part_is_completed(express_leave: Any) -> None:
    given = {"EmployeeId": "E1", "Name": "Mia", "Email": "m@acme.example", "PayrollUser": "Yes"}
    balance = {"EmployeeId": "E1", "IncomeCode": "LSL", "BalanceHours": "-7.60", "AsAt": "2026-01-04"}
    sync = {"Trigger": "Login", "Status": "Running"}
    answer = express_leave.put_state({"users": [given], "balances": [balance], "syncs": [sync]})
    assert answer.status_code == 200, answer.text

    state = express_leave.state()

    assert state["company"] == [
        {**COMPANY, "Connection": {**COMPANY["Connection"], "ConnectedAt": NOW}, "LastSyncAt": None}
    ]
    assert state["users"] == [
        {
            **MIA,
            **given,
            "UserId": "u-1",
            "Location": None,
            "DefaultApprover": None,
            "Version": 1,
        }
    ]
    assert [row["IncomeCode"] for row in state["leavetypes"]] == ["AL", "LSL", "RDO", "SL", "STL"]
    assert state["leavetypes"][0] == LEAVE_TYPE
    assert state["balances"] == [{**balance, "SyncedAt": NOW}]
    assert state["syncs"] == [
        {
            "SyncId": "sy-1",
            **sync,
            "StartedAt": NOW,
            "FinishedAt": None,
            "Employees": 0,
            "Balances": 0,
            "Errors": [],
        }
    ]


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
def test_leave_types_are_made_only_where_a_state_says_nothing_of_them(
    express_leave: Any, state: Any, codes: int
) -> None:
    assert express_leave.put_state(state).status_code == 200
    assert len(express_leave.state()["leavetypes"]) == codes


@pytest.mark.parametrize(
    ("connection", "shown"),
    [
        ({"Connected": False}, {"Connected": False}),
        ({"Connected": False, "OrganisationId": "org-17"}, {"Connected": False}),
        (
            {"Connected": True, "OrganisationId": "org-2"},
            {
                "Connected": True,
                "OrganisationId": "org-2",
                "OrganisationName": "org-2",
                "ConnectedAt": NOW,
            },
        ),
    ],
)
def test_a_connection_in_part_is_completed(express_leave: Any, connection: Any, shown: Any) -> None:
    express_leave.put_state({"company": [{"CompanyId": "c-9", "Connection": connection}]})
    nothing = {"OrganisationId": None, "OrganisationName": None, "ConnectedAt": None}
    assert call(express_leave, "GET", "").json()["Connection"] == {**nothing, **shown}


@pytest.mark.parametrize(
    ("resource", "rows", "row", "field", "said"),
    [
        ("people", [], None, "", "unknown resource"),
        ("users", {}, None, "", "a list of rows is needed"),
        ("users", ["Mia"], 0, "", "an object is needed"),
        ("users", [{**MIA, "Shoe": 44}], 0, "Shoe", "unknown field"),
        ("users", [{"UserId": "u-77"}], 0, "EmployeeId", "is required"),
        ("users", [{**MIA, "UserType": "Boss"}], 0, "UserType", "one of Non-Employee, Employee"),
        ("users", [{**MIA, "PayrollUser": "No"}], 0, "PayrollUser", "one of Yes, an empty text"),
        ("users", [{**MIA, "Country": "Norway"}], 0, "Country", "one of Australia, New Zealand"),
        ("users", [{**MIA, "Hours": 7.6}], 0, "Hours", "hours as text"),
        ("users", [{**MIA, "Hours": "7.6"}], 0, "Hours", "two to four decimals"),
        ("users", [{**MIA, "Version": 0}], 0, "Version", "a whole number"),
        ("users", [MIA, {**ANNA, "UserId": "u-77"}], 1, "UserId", "u-77 is used twice"),
        ("users", [MIA, {**ANNA, "EmployeeId": "E0042"}], 1, "EmployeeId", "E0042 is used twice"),
        ("users", [MIA, {**ANNA, "Email": "MIA@Acme.example"}], 1, "Email", "is used twice"),
        ("leavetypes", [{"IncomeCode": "AL"}], 0, "Description", "is required"),
        ("leavetypes", [{**LEAVE_TYPE, "VisibleTo": "All"}], 0, "VisibleTo", "one of"),
        ("leavetypes", [LEAVE_TYPE, LEAVE_TYPE], 1, "IncomeCode", "AL is used twice"),
        ("balances", [{**BALANCE, "EmployeeId": "E9"}], 0, "EmployeeId", "E9 is no user's"),
        ("balances", [{**BALANCE, "EmployeeId": "C1"}], 0, "EmployeeId", "C1 is no payroll user"),
        ("balances", [{**BALANCE, "IncomeCode": "XX"}], 0, "IncomeCode", "XX is no leave type"),
        ("balances", [{**BALANCE, "BalanceHours": "107.45123"}], 0, "BalanceHours", "hours as text"),
        ("balances", [{**BALANCE, "AsAt": "2026-02-30"}], 0, "AsAt", "a date"),
        ("balances", [BALANCE, BALANCE], 1, "IncomeCode", "AL of E0042 is used twice"),
        ("syncs", [{**SYNC, "Status": "Done"}], 0, "Status", "one of Running"),
        ("syncs", [{**SYNC, "Status": "Running"}], 0, "FinishedAt", "must be null"),
        ("syncs", [{**SYNC, "Errors": [{"Reason": "x"}]}], 0, "Errors[0].EmployeeId", "is required"),
        ("syncs", [SYNC, SYNC], 1, "SyncId", "sy-31 is used twice"),
        ("company", [COMPANY, COMPANY], 1, "", "there is one company"),
        ("company", [{**COMPANY, "Connection": True}], 0, "Connection", "an object"),
        ("company", [{"Connection": {"Connected": True}}], 0, "Connection.OrganisationId", "is required"),
        ("company", [{"Connection": {}}], 0, "Connection.Connected", "is required"),
        ("company", [{**COMPANY, "LastSyncAt": "today"}], 0, "LastSyncAt", "a time"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(
    leave: Any, resource: str, rows: Any, row: int | None, field: str, said: str
) -> None:
    before = leave.state()
    answer = leave.put_state({**STATE, resource: rows})
    assert answer.status_code == 400
    problem = answer.json()["errors"][0]
    assert (problem["resource"], problem["row"], problem["field"]) == (resource, row, field)
    assert said in problem["message"]
    assert leave.state() == before


# --- key, company, limit ---------------------------------------------------------------------------------


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
    more = {} if headers is None else {"headers": headers}
    assert error(leave.get(path, **more)) == expected


@pytest.mark.parametrize("path", [BASE, f"{BASE}/", "/companies/c-9", "/companies/c-9/"])
def test_the_company_is_shown_with_and_without_a_slash(leave: Any, path: str) -> None:
    assert leave.get(path).json() == COMPANY


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users/u-99"),
        ("GET", "/syncs/sy-99"),
        ("GET", "/leavetypes/AL"),
        ("GET", "/balances/E0042"),
        ("GET", "/connection"),
        ("GET", "/company"),
        ("GET", "/users/"),
        ("GET", "/users/u-77/balances"),
        ("PUT", "/users"),
        ("PUT", "/users/u-99"),
        ("PUT", "/leavetypes/XX"),
        ("PUT", "/syncs/sy-99"),
        ("DELETE", "/users/u-99"),
        ("DELETE", "/leavetypes/AL"),
        ("POST", "/balances"),
        ("PATCH", "/users/u-77"),
        ("PUT", ""),
    ],
)
def test_what_is_not_there_is_not_found(leave: Any, method: str, path: str) -> None:
    assert error(call(leave, method, path))[:2] == (404, "NotFound")


def test_the_eleventh_call_in_a_second_must_wait(leave: Any, clocks: Any) -> None:
    leave.session.hooks["response"].clear()
    clocks.seconds += 1
    assert [call(leave, "GET", "").status_code for _ in range(11)] == [200] * 10 + [429]
    refused = call(leave, "GET", "/users")
    assert error(refused) == (429, "RateLimited", None)
    assert refused.headers["Retry-After"] == "1"
    clocks.seconds += 1
    assert call(leave, "GET", "").status_code == 200


# --- log and faults --------------------------------------------------------------------------------------


def test_the_log_says_what_was_asked_for(leave: Any) -> None:
    leave.call("DELETE", "/_sandbox/requests")
    call(leave, "GET", "")
    call(leave, "GET", "/users?payrollUser=Yes")
    call(leave, "GET", "/users/u-77")
    call(leave, "DELETE", "/users/u-77")
    call(leave, "PUT", "/balances", {"SyncId": "sy-31", "Rows": [{}, {}]})
    call(leave, "PUT", "/balances", [])
    leave.call("PUT", f"{BASE}/balances", data=b"\xff")
    call(leave, "POST", "/syncs", {"Trigger": "Login"})
    call(leave, "DELETE", "/connection?confirm=Yes")
    call(leave, "GET", "/elsewhere")
    assert [(row["operation"], row["writes"], row["nodes"]) for row in leave.log()] == [
        ("get company", False, None),
        ("list users", False, None),
        ("get users", False, None),
        ("delete users", True, None),
        ("change balances", True, 2),
        ("change balances", True, None),
        ("change balances", True, None),
        ("create syncs", True, None),
        ("delete connection", True, None),
        (None, False, None),
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
    version = "4"
    if fault == "edited":
        assert call(leave, "GET", "/users/u-77").json()["Version"] == 4
    refused = call(leave, "PUT", "/users/u-77", WRITTEN, If_Match=version)
    assert error(refused) == expected
    version = str(call(leave, "GET", "/users/u-77").json()["Version"])
    assert version == ("5" if fault == "edited" else "4")
    assert call(leave, "PUT", "/users/u-77", WRITTEN, If_Match=version).status_code == 200
