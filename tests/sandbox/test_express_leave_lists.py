"""Express Leave's lists: their order, filters and pages, also of a large company."""

import time
from typing import Any

import pytest

from tests.sandbox.express_leave_company import BALANCE, CONTRACTOR, MIA, SYNC, call, error


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("/users", ["u-1", "u-10", "u-77"]),
        ("/users?payrollUser=Yes", ["u-1", "u-77"]),
        ("/users?payrollUser=", ["u-10"]),
        ("/users?limit=2", ["u-1", "u-10"]),
        ("/leavetypes", ["AL", "SL"]),
        ("/balances?employeeId=E0042", ["E0042"]),
        ("/balances?employeeId=E0001", []),
        ("/balances?employeeId=nobody", []),
        ("/syncs", ["sy-31"]),
    ],
)
def test_each_list_has_its_filters(leave: Any, path: str, ids: list[str]) -> None:
    body = call(leave, "GET", path).json()
    assert set(body) == {"Items", "Next"}
    assert [next(iter(row.values())) for row in body["Items"]] == ids


def many(numbers: range) -> list[dict[str, Any]]:
    """Payroll users of these numbers."""
    return [{**MIA, "UserId": f"u-{n}", "EmployeeId": f"E{n}", "Email": f"{n}@acme.example"} for n in numbers]


def walked(client: Any, path: str, limit: int) -> list[Any]:
    """All pages of a list."""
    pages, mark = [], None
    while True:
        query = f"limit={limit}" + (f"&after={mark}" if mark else "")
        body = call(client, "GET", f"{path}{'&' if '?' in path else '?'}{query}").json()
        pages.append(body["Items"])
        mark = body["Next"]
        if mark is None:
            return pages


@pytest.mark.parametrize(
    ("path", "limit", "names"),
    [
        ("/users", 3, ["u-2 u-8 u-9", "u-10 u-11"]),
        ("/users?payrollUser=Yes", 4, ["u-8 u-9 u-10 u-11"]),
        ("/users?payrollUser=Yes", 3, ["u-8 u-9 u-10", "u-11"]),
        ("/leavetypes", 2, ["AL LSL", "RDO SL", "STL"]),
        ("/balances", 5, ["E10 E10 E11 E11 E8", "E8 E9 E9"]),
        ("/balances?employeeId=E9", 1, ["E9", "E9"]),
        ("/syncs", 2, ["sy-10 sy-9", "sy-8"]),
    ],
)
def test_pages_follow_each_other_until_next_is_null(
    express_leave: Any, path: str, limit: int, names: list[str]
) -> None:
    people = many(range(8, 12))
    balances = [
        {**BALANCE, "EmployeeId": row["EmployeeId"], "IncomeCode": code}
        for row in people
        for code in ("SL", "AL")
    ]
    syncs = [{**SYNC, "SyncId": f"sy-{number}"} for number in (8, 9, 10)]
    users = [*people, {**CONTRACTOR, "UserId": "u-2"}]
    answer = express_leave.put_state({"users": users, "balances": balances, "syncs": syncs})
    assert answer.status_code == 200, answer.text

    pages = walked(express_leave, path, limit)

    assert [" ".join(next(iter(row.values())) for row in page) for page in pages] == names
    (whole,) = walked(express_leave, path, 200)
    assert [row for page in pages for row in page] == whole


def test_a_place_is_kept_when_its_row_goes(leave: Any) -> None:
    mark = call(leave, "GET", "/users?limit=2").json()["Next"]
    call(leave, "DELETE", "/users/u-10")
    assert [row["UserId"] for row in call(leave, "GET", f"/users?after={mark}").json()["Items"]] == ["u-77"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/users?payrollUser=No", "payrollUser"),
        ("/users?limit=0", "limit"),
        ("/users?limit=201", "limit"),
        ("/users?limit=x", "limit"),
        ("/users?limit=1&limit=1", "limit"),
        ("/users?after=u-77", "after"),
        ("/users?after=", "after"),
        ("/users?after=%C3%B8", "after"),
        ("/users?after=WyJzeW5jcyIsICIxIiwgIjIiXQ", "after"),
        ("/users?after=WyJ1c2VycyIsIDdd", "after"),
        ("/users?employeeId=E1", "employeeId"),
        ("/balances?payrollUser=Yes", "payrollUser"),
        ("/users/u-77?expand=all", "expand"),
        ("?page=1", "page"),
    ],
)
def test_a_query_that_it_does_not_know_is_refused(leave: Any, path: str, field: str) -> None:
    assert error(call(leave, "GET", path)) == (400, "ValidationFailed", field)


def test_a_large_company_is_quick(express_leave: Any) -> None:
    people = many(range(5000))
    balances = [
        {**BALANCE, "EmployeeId": f"E{n}", "IncomeCode": code} for n in range(5000) for code in ("AL", "SL")
    ]
    running = {"SyncId": "sy-1", "Trigger": "Login", "Status": "Running"}
    express_leave.put_state({"users": people, "balances": balances, "syncs": [running]})
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
