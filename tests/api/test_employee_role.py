"""The role employee: what is their own, by their verified e-mail, and nothing else (LB-12, REP-2)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.runtime.identity import Role
from tests.worlds.api import Reply, claims_of, load, token_of
from tests.worlds.leave_api import Acme, Row, acme, connected, employee, leave, leave_sandboxes, user

__all__ = ["acme", "connected", "leave_sandboxes"]

pytestmark = pytest.mark.requirement("LB-12")

TYPES = [
    {"IncomeCode": "AL", "Description": "Annual Leave"},
    {"IncomeCode": "SL", "Description": "Sick Leave", "VisibleTo": "HR Manager"},
]


@pytest.fixture
def office(connected: Acme) -> Acme:
    """Two employees of Payroll, who are users; sick leave is hidden from both."""
    connected.fill(
        employee("E1"),
        employee("E2"),
        leave=[leave("E1"), leave("E2")],
        users=[user("u-1", "E1"), user("u-2", "E2")],
        leavetypes=TYPES,
    )
    connected.sync()
    connected.forget_requests()
    return connected


def ask(office: Acme, path: str, email: str = "e1@acme.example", **claims: Any) -> Reply:
    """A call of somebody with the role employee; a refresh where the path ends so."""
    more = {"email": email, "email_verified": True, **claims}
    token = f"Bearer {token_of({**claims_of('employee', 'demo'), **more})}"
    return (
        office.call("POST", path, {}, token=token)
        if path.endswith("refresh")
        else office.call("GET", path, token=token)
    )


def test_an_employee_reads_their_own_balances_but_for_what_is_hidden_from_them(office: Acme) -> None:
    """(faults H3)"""
    answer = ask(office, "/people/E1/balances")
    assert (answer.status, answer.json["person_id"]) == (200, "E1")
    assert [(one["income_code"], one["hours"]) for one in answer.json["items"]] == [("AL", "107.4512")]
    # The office sees everything.
    seen = office.call("GET", "/people/E1/balances", role="viewer").json["items"]
    assert [one["income_code"] for one in seen] == ["AL", "SL"]


def test_an_employee_refreshes_their_own_balances_alone(office: Acme) -> None:
    """Not even beside a run over everybody do they see what it counts (faults H3)."""
    office.overtype("E1", 5.25, "as agreed")
    whole = office.login()
    answer = ask(office, "/people/e1/refresh")
    assert (answer.status, answer.json["options"]) == (202, {"employees": ["E1"]})
    assert answer.json["run_id"] != whole.json["run_id"]
    again = ask(office, "/people/E1/refresh")
    assert (again.status, again.json["run_id"]) == (200, answer.json["run_id"])
    office.settle()
    assert office.balance("E1") == ("36.7012", "2026-01-04")


def test_who_started_the_refresh_of_an_employee_is_not_told_to_them(office: Acme) -> None:
    started = office.call("POST", "/people/E1/refresh", {}, role="operator")
    joined = ask(office, "/people/E1/refresh")
    assert joined.json["run_id"] == started.json["run_id"]
    assert started.json["requested_by"] not in joined.text


@pytest.mark.parametrize("role", ["employee", "viewer", "operator", "admin"])
def test_me_is_whoever_asks_in_every_role(office: Acme, role: str) -> None:
    answer = ask(office, "/people/me/balances", **{"cognito:groups": [role, "employee"]})
    assert (answer.status, answer.json["person_id"]) == (200, "E1")
    # The office sees what is hidden from the person, as it does by their code.
    types = ["AL"] if role == "employee" else ["AL", "SL"]
    assert [one["income_code"] for one in answer.json["items"]] == types
    refreshed = ask(office, "/people/me/refresh", **{"cognito:groups": [role, "employee"]})
    assert (refreshed.status, refreshed.json["options"]) == (202, {"employees": ["E1"]})


@pytest.mark.parametrize("what", ["balances", "refresh"])
@pytest.mark.parametrize("role", ["employee", "admin"])
def test_me_is_nobody_without_an_e_mail_that_is_one_persons(office: Acme, role: str, what: str) -> None:
    nobody = ask(office, f"/people/me/{what}", "e9@acme.example", **{"cognito:groups": [role]})
    other = ask(office, f"/people/E99/{what}", "e9@acme.example", **{"cognito:groups": ["employee"]})
    assert (nobody.status, nobody.text) == (404, other.text)
    unproven = ask(office, f"/people/me/{what}", email_verified=False, **{"cognito:groups": [role]})
    assert (unproven.status, unproven.code) == (403, "FORBIDDEN")
    assert office.started.runs == []


def test_an_employee_whose_code_is_me_is_found_in_capitals(office: Acme) -> None:
    office.fill(employee("me"), employee("E1"), leave=[leave("me"), leave("E1")], users=[user("u-1", "E1")])
    assert office.call("GET", "/people/ME/balances").json["person_id"] == "me"
    assert ask(office, "/people/me/balances").json["person_id"] == "E1"


@pytest.mark.parametrize("what", ["balances", "refresh"])
def test_somebody_else_is_answered_as_nobody_is(office: Acme, what: str) -> None:
    """(faults H3)"""
    other = ask(office, f"/people/E2/{what}")
    calls = [(one["method"], one["path"]) for one in office.requests("attache")]
    office.forget_requests()
    nobody = ask(office, f"/people/E99/{what}")
    assert (other.status, other.code) == (404, "NOT_FOUND")
    assert (other.status, other.text) == (nobody.status, nobody.text)
    # Not by the time that it takes either.
    assert calls == [(one["method"], one["path"]) for one in office.requests("attache")]
    assert office.started.runs == []


# Who asks for E1, how Payroll has E1 and E2, and whether E1 is theirs.
WHOSE: list[tuple[str, str, Row, Row, Row, bool]] = [
    ("as it stands", "e1@acme.example", {}, {}, {}, True),
    ("in capitals in the token", "E1@Acme.Example", {}, {}, {}, True),
    ("in capitals in Payroll", "e1@acme.example", {}, {"AOemail": "E1@ACME.EXAMPLE"}, {}, True),
    ("with blanks in Payroll", "e1@acme.example", {}, {"AOemail": " e1@acme.example "}, {}, True),
    ("not verified", "e1@acme.example", {"email_verified": False}, {}, {}, False),
    ("nothing said of it", "e1@acme.example", {"email_verified": None}, {}, {}, False),
    ("no e-mail", "", {}, {}, {}, False),
    ("nobody's", "e3@acme.example", {}, {}, {}, False),
    ("that of another", "e2@acme.example", {}, {}, {}, False),
    (
        "a sign that is a k only in lower case",
        "\u212a1@acme.example",
        {},
        {"AOemail": "k1@acme.example"},
        {},
        False,
    ),
    ("of two people", "e1@acme.example", {}, {}, {"AOemail": "E1@acme.example"}, False),
    (
        "of somebody who left, and given to another",
        "e1@acme.example",
        {},
        {"TerminationDate": "2026-01-04"},
        {"AOemail": "e1@acme.example"},
        False,
    ),
    (
        "of the one who took it over from somebody who left",
        "e1@acme.example",
        {},
        {},
        {"AOemail": "e1@acme.example", "TerminationDate": "2026-01-04"},
        True,
    ),
    ("of somebody who left", "e1@acme.example", {}, {"TerminationDate": "2026-01-04"}, {}, True),
    ("given up in Payroll", "e1@acme.example", {}, {"AOemail": "new@acme.example"}, {}, False),
]


@pytest.mark.parametrize(
    ("email", "claims", "first", "second", "theirs"),
    [row[1:] for row in WHOSE],
    ids=[row[0] for row in WHOSE],
)
def test_an_employee_is_known_by_a_verified_e_mail_that_is_one_persons_in_payroll(
    office: Acme, email: str, claims: Row, first: Row, second: Row, theirs: bool
) -> None:
    """(faults H3)"""
    office.edit("attache", "employees", {"EmployeeCode": "E1"}, **first)
    office.edit("attache", "employees", {"EmployeeCode": "E2"}, **second)
    statuses = {ask(office, f"/people/E1/{what}", email, **claims).status for what in ("balances", "refresh")}
    assert statuses == ({200, 202} if theirs else statuses & {403, 404})
    assert len(office.started.runs) == theirs


@pytest.mark.requirement("TRG-4")
def test_an_employee_may_do_nothing_else(office: Acme) -> None:
    """(faults H3)"""
    routes = [row for row in load("api", "api").ROUTES if row.role > Role.EMPLOYEE]
    assert len(routes) > 25
    token = (
        f"Bearer {token_of({**claims_of('employee'), 'email': 'e1@acme.example', 'email_verified': True})}"
    )
    for row in routes:
        path = row.path.replace("<connection_id>", office.connection_id).replace("<person_id>", "E1")
        answer = office.world.call(row.method, path, {} if row.method != "GET" else None, token=token)
        assert (answer.status, answer.code) == (403, "FORBIDDEN"), path


def test_somebody_of_the_office_who_is_an_employee_too_refreshes_their_own(office: Acme) -> None:
    both = {"cognito:groups": ["employee", "viewer"]}
    assert ask(office, "/people/E1/refresh", **both).status == 202
    assert ask(office, "/people/E2/refresh", **both).status == 404
    assert ask(office, "/people/E2/balances", **both).status == 200


@pytest.mark.parametrize("asked", ["e1", " E1", "E1@acme.example", "\uff25\uff11"])
def test_people_are_found_however_they_are_spelled(office: Acme, asked: str) -> None:
    """(faults H10)"""
    answer = office.call("GET", f"/people/{asked}/balances", role="viewer")
    assert (answer.status, answer.json["person_id"]) == (200, "E1")


def test_an_e_mail_of_two_people_names_nobody(office: Acme) -> None:
    office.edit("attache", "employees", {"EmployeeCode": "E2"}, AOemail="E1@acme.example")
    assert office.call("GET", "/people/e1@acme.example/balances", role="viewer").status == 404
