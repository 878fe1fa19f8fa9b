"""Express Leave's users and leave types: created, replaced, deleted, and what they refuse."""

from typing import Any

import pytest

from tests.sandbox.express_leave_company import (
    BALANCE,
    COMPANY,
    LEAVE_TYPE,
    MIA,
    STATE,
    WRITTEN,
    call,
    error,
    new_user,
)

NOW = "2026-03-02T11:30:00Z"


# --- users are created -----------------------------------------------------------------------------------


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


def test_an_id_is_not_given_twice(leave: Any) -> None:
    call(leave, "POST", "/users", new_user())
    call(leave, "DELETE", "/users/u-78")
    assert call(leave, "POST", "/users", new_user()).json()["UserId"] == "u-79"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"EmployeeId": "E0042"}, (409, "DuplicateEmployeeId", "EmployeeId")),
        ({"EmployeeId": "C1"}, (409, "DuplicateEmployeeId", "EmployeeId")),
        ({"Email": "mia@acme.example"}, (409, "DuplicateEmail", "Email")),
        ({"Email": "KIM@Ford.example"}, (409, "DuplicateEmail", "Email")),
        ({"EmployeeId": "E0001", "Email": "mia@acme.example"}, (409, "DuplicateEmployeeId", "EmployeeId")),
        ({"EmployeeId": ""}, (400, "ValidationFailed", "EmployeeId")),
        ({"EmployeeId": 42}, (400, "ValidationFailed", "EmployeeId")),
        ({"Name": " "}, (400, "ValidationFailed", "Name")),
        ({"Country": "NZ"}, (400, "ValidationFailed", "Country")),
        ({"State": ""}, (400, "ValidationFailed", "State")),
        ({"Hours": 7.6}, (400, "ValidationFailed", "Hours")),
        ({"Hours": "7.6"}, (400, "ValidationFailed", "Hours")),
        ({"Hours": "7.60000"}, (400, "ValidationFailed", "Hours")),
        ({"Hours": "0.00"}, (400, "ValidationFailed", "Hours")),
        ({"Hours": "-7.60"}, (400, "ValidationFailed", "Hours")),
        ({"Hours": "24.0001"}, (400, "ValidationFailed", "Hours")),
        ({"Email": "lee.acme.example"}, (400, "ValidationFailed", "Email")),
        ({"Email": None}, (400, "ValidationFailed", "Email")),
        ({"UserType": "employee (approver)"}, (400, "ValidationFailed", "UserType")),
        ({"PayrollUser": "yes"}, (400, "ValidationFailed", "PayrollUser")),
        ({"PayrollUser": None}, (400, "ValidationFailed", "PayrollUser")),
        ({"DefaultApprover": "u-99"}, (400, "ValidationFailed", "DefaultApprover")),
        ({"Location": 5}, (400, "ValidationFailed", "Location")),
        ({"UserId": "u-5"}, (400, "ValidationFailed", "UserId")),
        ({"Version": 1}, (400, "ValidationFailed", "Version")),
        ({"WelcomeEmailSentAt": None}, (400, "ValidationFailed", "WelcomeEmailSentAt")),
        ({"Shoe": 44}, (400, "ValidationFailed", "Shoe")),
    ],
)
def test_a_user_that_does_not_fit_is_refused(leave: Any, changes: Any, expected: Any) -> None:
    before = leave.state()
    assert error(call(leave, "POST", "/users", new_user(**changes))) == expected
    assert leave.state() == before


@pytest.mark.parametrize(
    "name", ["EmployeeId", "Name", "Country", "State", "Hours", "Email", "UserType", "PayrollUser"]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/users"), ("PUT", "/users/u-77")])
def test_a_field_that_is_needed_is_named(leave: Any, method: str, path: str, name: str) -> None:
    body = {field: value for field, value in new_user().items() if field != name}
    assert error(call(leave, method, path, body, If_Match="4")) == (400, "ValidationFailed", name)


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
    answer = leave.call("POST", "/companies/c-9/users", data=body, headers=headers)
    assert error(answer) == (400, "ValidationFailed", field)


# --- users are replaced ----------------------------------------------------------------------------------


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
        ({}, None, (400, "ValidationFailed", "If-Match")),
        ({}, "*", (400, "ValidationFailed", "If-Match")),
        ({}, "3", (412, "VersionMismatch", "Version")),
        ({}, "5", (412, "VersionMismatch", "Version")),
        ({"PayrollUser": ""}, "4", (409, "PayrollUserFixed", "PayrollUser")),
        ({"PayrollUser": ""}, "3", (412, "VersionMismatch", "Version")),
        ({"EmployeeId": "C1"}, "4", (409, "DuplicateEmployeeId", "EmployeeId")),
        ({"Email": "Anna@acme.example"}, "4", (409, "DuplicateEmail", "Email")),
        ({"DefaultApprover": "u-99"}, "4", (400, "ValidationFailed", "DefaultApprover")),
        ({"Version": 4}, "4", (400, "ValidationFailed", "Version")),
    ],
)
def test_a_replacement_that_does_not_fit_changes_nothing(
    leave: Any, changes: Any, version: str | None, expected: Any
) -> None:
    before = leave.state()
    headers = {} if version is None else {"If_Match": version}
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
    again = call(leave, "POST", "/users", {**WRITTEN, "DefaultApprover": None})
    assert again.status_code == 201
    assert call(leave, "GET", "/balances").json()["Items"] == []


# --- leave types -----------------------------------------------------------------------------------------


def test_a_leave_type_is_created(leave: Any) -> None:
    answer = call(leave, "POST", "/leavetypes", {"IncomeCode": "LSL", "Description": "Long Service"})
    assert answer.status_code == 201
    assert answer.json() == {
        **LEAVE_TYPE,
        "IncomeCode": "LSL",
        "Description": "Long Service",
        "AssociatedLeaveBalance": "LSL",
    }
    assert call(leave, "GET", "/leavetypes").json()["Items"][1] == answer.json()
    whole = {**LEAVE_TYPE, "IncomeCode": "RDO", "VisibleTo": "HR Manager", "LeavePolicyNotes": "Ask"}
    assert call(leave, "POST", "/leavetypes", whole).json() == whole


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (LEAVE_TYPE, (409, "DuplicateIncomeCode", "IncomeCode")),
        ({"Description": "Long Service"}, (400, "ValidationFailed", "IncomeCode")),
        ({"IncomeCode": "LSL"}, (400, "ValidationFailed", "Description")),
        ({**LEAVE_TYPE, "VisibleTo": "Everyone"}, (400, "ValidationFailed", "VisibleTo")),
        ({**LEAVE_TYPE, "LeavePolicyNotes": None}, (400, "ValidationFailed", "LeavePolicyNotes")),
        ({**LEAVE_TYPE, "Unit": "Days"}, (400, "ValidationFailed", "Unit")),
    ],
)
def test_a_leave_type_that_does_not_fit_is_refused(leave: Any, body: Any, expected: Any) -> None:
    assert error(call(leave, "POST", "/leavetypes", body)) == expected


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
    if field:
        assert error(answer) == (409, "LockedField", field)
    else:
        assert answer.status_code == 200
        assert answer.json() == {**LEAVE_TYPE, **body}
    expected = LEAVE_TYPE if field else {**LEAVE_TYPE, **body}
    assert call(leave, "GET", "/leavetypes").json()["Items"][0] == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, None), ({"VisibleTo": "All"}, "VisibleTo"), ({"Unit": "Days"}, "Unit"), ([], None)],
)
def test_a_change_of_a_leave_type_must_fit(leave: Any, body: Any, field: str | None) -> None:
    assert error(call(leave, "PUT", "/leavetypes/AL", body)) == (400, "ValidationFailed", field)
