"""Express Leave's users and leave types: created, replaced, deleted, and what they refuse."""

from typing import Any

import pytest

from tests.sandbox.express_leave_company import (
    BALANCE,
    COMPANY,
    LEAVE_TYPE,
    MIA,
    NOW,
    STATE,
    WRITTEN,
    call,
    check_unfit,
    error,
    new_user,
)

# --- users are created --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("payroll_user", "welcomed"), [("Yes", None), ("", NOW)])
def test_only_who_is_created_directly_is_welcomed(leave: Any, payroll_user: str, welcomed: Any) -> None:
    body = new_user(PayrollUser=payroll_user)
    answer = call(leave, "POST", "/users", body)
    assert answer.status_code == 201
    assert answer.json() == {**body, "UserId": "u-78", "WelcomeEmailSentAt": welcomed, "Version": 1}
    assert call(leave, "GET", "/users/u-78").json() == answer.json()
    assert call(leave, "GET", "/users").json()["Items"][-1] == answer.json()


def test_what_is_optional_is_null_when_left_out(leave: Any) -> None:
    body = {name: value for name, value in new_user().items() if name not in ("Location", "DefaultApprover")}
    row = call(leave, "POST", "/users", body).json()
    assert (row["Location"], row["DefaultApprover"]) == (None, None)


@pytest.mark.parametrize("made", [0, 1])
def test_an_id_is_not_given_twice(leave: Any, made: int) -> None:
    last = [call(leave, "POST", "/users", new_user()).json()["UserId"] for _ in range(made)] or ["u-77"]
    call(leave, "DELETE", f"/users/{last[0]}")
    assert call(leave, "POST", "/users", new_user(DefaultApprover=None)).json()["UserId"] == f"u-{78 + made}"


UNFIT: dict[str, tuple[Any, ...]] = {
    "EmployeeId": ("", 42),
    "Name": (" ",),
    "Country": ("NZ",),
    "State": ("",),
    "Hours": (7.6, "7.6", "7.60000", "-0.01", "-7.60", "24.0001"),
    "Email": ("lee.acme.example", None),
    "UserType": ("employee (approver)",),
    "PayrollUser": ("yes", None),
    "DefaultApprover": ("u-99",),
    "Location": (5,),
    "UserId": ("u-5",),
    "Version": (1,),
    "WelcomeEmailSentAt": (None,),
    "Shoe": (44,),
}


@pytest.mark.parametrize(("name", "value"), [(name, one) for name, values in UNFIT.items() for one in values])
@pytest.mark.parametrize(("method", "path"), [("POST", "/users"), ("PUT", "/users/u-77")])
def test_a_user_that_does_not_fit_is_refused(
    leave: Any, method: str, path: str, name: str, value: Any
) -> None:
    before = leave.state()
    check_unfit(call(leave, method, path, new_user(**{name: value}), If_Match="4"), name)
    assert leave.state() == before


@pytest.mark.parametrize("name", [name for name in WRITTEN if name not in ("Location", "DefaultApprover")])
@pytest.mark.parametrize(("method", "path"), [("POST", "/users"), ("PUT", "/users/u-77")])
def test_a_field_that_is_needed_is_named(leave: Any, method: str, path: str, name: str) -> None:
    body = {field: value for field, value in new_user().items() if field != name}
    check_unfit(call(leave, method, path, body, If_Match="4"), name)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"EmployeeId": "E0042"}, "EmployeeId"),
        ({"EmployeeId": "C1"}, "EmployeeId"),
        ({"Email": "mia@acme.example"}, "Email"),
        ({"Email": "KIM@Ford.example"}, "Email"),
        ({"EmployeeId": "E0001", "Email": "mia@acme.example"}, "EmployeeId"),
    ],
)
def test_a_code_or_an_address_that_another_has_is_refused(leave: Any, changes: Any, name: str) -> None:
    before = leave.state()
    assert error(call(leave, "POST", "/users", new_user(**changes))) == (409, f"Duplicate{name}", name)
    assert leave.state() == before


@pytest.mark.parametrize(
    ("media", "body", "field"),
    [
        ("text/plain", b"{}", "Content-Type"),
        ("application/json", b"{", None),
        ("application/json", b"\xff", None),
        ("application/json; charset=utf-8", b"[]", None),
    ],
)
def test_a_body_must_be_a_json_object_and_say_so(leave: Any, media: str, body: bytes, field: Any) -> None:
    headers = {**leave.headers, "Content-Type": media}
    check_unfit(leave.call("POST", "/companies/c-9/users", data=body, headers=headers), field)


# --- users are replaced and deleted -------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["4", '"4"'])
def test_a_user_is_replaced_whole(leave: Any, version: str) -> None:
    body = {**WRITTEN, "Email": "Mia.Chen@acme.example", "Hours": "8.00"}
    del body["DefaultApprover"]
    answer = call(leave, "PUT", "/users/u-77", body, If_Match=version)
    assert answer.status_code == 200
    assert answer.json() == {**MIA, **body, "DefaultApprover": None, "Version": 5}
    assert call(leave, "GET", "/users/u-77").json() == answer.json()
    taken = call(leave, "POST", "/users", new_user(Email="mia.chen@ACME.example"))
    assert error(taken) == (409, "DuplicateEmail", "Email")
    assert call(leave, "POST", "/users", new_user(Email="mia@acme.example")).status_code == 201


def test_balances_follow_a_new_code(leave: Any) -> None:
    call(leave, "PUT", "/users/u-77", {**WRITTEN, "EmployeeId": "E0043"}, If_Match="4")
    assert call(leave, "GET", "/balances").json()["Items"] == [{**BALANCE, "EmployeeId": "E0043"}]
    assert call(leave, "POST", "/users", new_user(EmployeeId="E0042")).status_code == 201


@pytest.mark.parametrize(
    ("changes", "version", "expected"),
    [
        ({}, "", (400, "ValidationFailed", "If-Match")),
        ({}, "*", (400, "ValidationFailed", "If-Match")),
        ({}, "3", (412, "VersionMismatch", "Version")),
        ({}, "5", (412, "VersionMismatch", "Version")),
        ({"PayrollUser": ""}, "4", (409, "PayrollUserFixed", "PayrollUser")),
        ({"PayrollUser": ""}, "3", (412, "VersionMismatch", "Version")),
        ({"EmployeeId": "C1"}, "4", (409, "DuplicateEmployeeId", "EmployeeId")),
        ({"Email": "Anna@acme.example"}, "4", (409, "DuplicateEmail", "Email")),
    ],
)
def test_a_replacement_that_does_not_fit_changes_nothing(
    leave: Any, changes: Any, version: str, expected: Any
) -> None:
    before = leave.state()
    headers = {"If_Match": version} if version else {}
    assert error(call(leave, "PUT", "/users/u-77", {**WRITTEN, **changes}, **headers)) == expected
    assert leave.state() == before


def test_an_approver_who_is_gone_may_stay_named(leave: Any) -> None:
    assert call(leave, "DELETE", "/users/u-1").status_code == 204
    assert call(leave, "PUT", "/users/u-77", WRITTEN, If_Match="4").json()["DefaultApprover"] == "u-1"


def test_a_user_is_deleted_with_the_balances(leave: Any) -> None:
    answer = call(leave, "DELETE", "/users/u-77")
    assert (answer.status_code, answer.content) == (204, b"")
    assert error(call(leave, "GET", "/users/u-77"))[:2] == (404, "NotFound")
    assert call(leave, "GET", "/balances").json()["Items"] == []
    assert call(leave, "POST", "/users", {**WRITTEN, "DefaultApprover": None}).status_code == 201
    assert call(leave, "GET", "/balances").json()["Items"] == []


# --- leave types --------------------------------------------------------------------------------------------


def test_a_leave_type_is_created(leave: Any) -> None:
    given = {"IncomeCode": "LSL", "Description": "Long Service"}
    answer = call(leave, "POST", "/leavetypes", given)
    assert answer.status_code == 201
    assert answer.json() == {**LEAVE_TYPE, **given, "AssociatedLeaveBalance": "LSL"}
    assert call(leave, "GET", "/leavetypes").json()["Items"][1] == answer.json()
    whole = {**LEAVE_TYPE, "IncomeCode": "RDO", "VisibleTo": "HR Manager", "LeavePolicyNotes": "Ask"}
    assert call(leave, "POST", "/leavetypes", whole).json() == whole


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "", {"Description": "Long Service"}, "IncomeCode"),
        ("POST", "", {"IncomeCode": "LSL"}, "Description"),
        ("POST", "", {**LEAVE_TYPE, "VisibleTo": "Everyone"}, "VisibleTo"),
        ("POST", "", {**LEAVE_TYPE, "LeavePolicyNotes": None}, "LeavePolicyNotes"),
        ("POST", "", {**LEAVE_TYPE, "Unit": "Days"}, "Unit"),
        ("PUT", "/AL", {}, None),
        ("PUT", "/AL", [], None),
        ("PUT", "/AL", {"VisibleTo": "All"}, "VisibleTo"),
        ("PUT", "/AL", {"Unit": "Days"}, "Unit"),
    ],
)
def test_a_leave_type_that_does_not_fit_is_refused(
    leave: Any, method: str, path: str, body: Any, field: str | None
) -> None:
    check_unfit(call(leave, method, f"/leavetypes{path}", body), field)


def test_an_income_code_is_of_one_leave_type(leave: Any) -> None:
    refused = call(leave, "POST", "/leavetypes", LEAVE_TYPE)
    assert error(refused) == (409, "DuplicateIncomeCode", "IncomeCode")


@pytest.mark.parametrize(
    ("synced", "body", "field"),
    [
        (True, {"VisibleTo": "HR Manager", "LeavePolicyNotes": "Ask first"}, None),
        (True, {**LEAVE_TYPE, "VisibleTo": "Administrator"}, None),
        (True, {"Description": "Holiday"}, "Description"),
        (True, {**LEAVE_TYPE, "AssociatedLeaveBalance": "SL"}, "AssociatedLeaveBalance"),
        (True, {"IncomeCode": "XX"}, "IncomeCode"),
        (False, {"Description": "Holiday", "AssociatedLeaveBalance": "SL"}, None),
        (False, {"IncomeCode": "XX"}, "IncomeCode"),
    ],
)
def test_the_first_sync_locks_all_but_notes_and_visibility(
    leave: Any, synced: bool, body: Any, field: str | None
) -> None:
    if not synced:
        leave.put_state({**STATE, "company": [{**COMPANY, "LastSyncAt": None}]})
    answer = call(leave, "PUT", "/leavetypes/AL", body)
    expected = LEAVE_TYPE if field else {**LEAVE_TYPE, **body}
    if field:
        assert error(answer) == (409, "LockedField", field)
    else:
        assert (answer.status_code, answer.json()) == (200, expected)
    assert call(leave, "GET", "/leavetypes").json()["Items"][0] == expected
