"""The remedies of the balance sync, each of their ways carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.machines.cures import Cure, carry_out, nothing, reasons
from tests.worlds.leave import FLOW, Acme
from tests.worlds.leave_api import Row, company, employee, held, leave, user

ONE = {"employees": ["E1"]}
ELSEWHERE_CONNECTED = {
    "Connected": True,
    "OrganisationId": "org-18",
    "OrganisationName": "Acme New Zealand Ltd",
}

Act = Callable[[Acme], object]


# --- what people do on the screens -----------------------------------------------------------------------


def in_payroll(**changed: Any) -> Act:
    """The Online Services tab, or Employee Details, of employee E1."""
    return lambda acme: acme.payroll("E1", **changed)


def on_leave_tab(**changed: Any) -> Act:
    return lambda acme: acme.payroll("E1", "leavebalances", **changed)


def delete_user(code: str) -> Act:
    """Manage Users, Delete: the balances go with the user."""

    def act(acme: Acme) -> None:
        state = acme.state("express_leave")
        for name in ("users", "balances"):
            state[name] = [row for row in state[name] if row["EmployeeId"] != code]
        acme.put("express_leave", state)

    return act


def create_employee(code: str) -> Act:
    def act(acme: Acme) -> None:
        state = acme.state("attache")
        people, balances = [*state["employees"], employee(code)], [*state["leavebalances"], leave(code)]
        acme.put("attache", {**state, "employees": people, "leavebalances": balances})

    return act


def both(first: Act, second: Act) -> Act:
    def act(acme: Acme) -> None:
        first(acme)
        second(acme)

    return act


def log_in(acme: Acme) -> None:
    acme.sync()


def also(acme: Acme, resource: str, *rows: Row) -> None:
    """More rows in Express Leave."""
    acme.put("express_leave", {**acme.state("express_leave"), resource: [*acme.rows(resource), *rows]})


# --- what makes each reason ------------------------------------------------------------------------------


def somebody(*users: Row, owed: Row | None = None, shown: tuple[Row, ...] = (), **changed: Any) -> Act:
    """Employee E1 alone, as they stand in Payroll, and these users."""
    balances = [leave("E1") if owed is None else owed]
    return lambda acme: acme.fill(employee("E1", **changed), leave=balances, users=users, balances=shown)


def frozen(**changed: Any) -> Act:
    """Somebody whose balances stand still in Express Leave, since Payroll no longer says who they are."""
    return somebody(user("u-1", "E1"), shown=(held("E1", "AL", "12.00"),), **changed)


def synced(then: Act, *users: Row) -> Act:
    """What happened to somebody who was synced before."""

    def act(acme: Acme) -> None:
        somebody(*users)(acme)
        acme.sync()
        then(acme)

    return act


def replaced(acme: Acme) -> None:
    delete_user("E1")(acme)
    also(acme, "users", user("u-9", "E1", payroll=False))


def two_with_one_email(acme: Acme) -> None:
    people = [employee("E1", AOemail="shared@acme.example"), employee("E2", AOemail="shared@acme.example")]
    acme.fill(*people, leave=[leave("E1"), leave("E2")], users=[user("u-2", "E2")])


def email_of(payroll: bool) -> Act:
    """Payroll gives E1 the e-mail of another user."""
    users = (user("u-1", "E1"), user("u-9", "X9", payroll=payroll, Email="mia@acme.example"))
    return somebody(*users, AOemail="mia@acme.example")


def email_of_a_leaver(acme: Acme) -> None:
    people = [employee("E1", AOemail="x9@acme.example"), employee("X9", EnableAttacheOnline=False)]
    users = [user("u-1", "E1"), user("u-9", "X9")]
    acme.fill(*people, leave=[leave("E1"), leave("X9")], users=users)


def recoded(old: str, new: str) -> Act:
    """Payroll has this employee under another code now."""

    def act(acme: Acme) -> None:
        state = acme.state("attache")
        for row in (row for rows in state.values() for row in rows if row.get("EmployeeCode") == old):
            row["EmployeeCode"] = new
        acme.put("attache", state)

    return act


def without_leave_type(acme: Acme) -> None:
    somebody()(acme)
    acme.without("express_leave", "leavetypes", IncomeCode="SL")


CURES = [
    Cure(
        "NOT_PAYROLL_USER",
        somebody(user("u-9", "E1", payroll=False)),
        delete_user("E1"),
        "Delete the user Name E1 (E1) in Express Leave (Manage Users)",
    ),
    Cure(
        "NOT_PAYROLL_USER",
        somebody(user("u-9", "X9", payroll=False, Email="e1@acme.example")),
        delete_user("X9"),
        "create nobody there",
    ),
    Cure(
        "NOT_PAYROLL_USER",
        lambda acme: acme.fill(users=[user("u-9", "X9", payroll=False)]),
        both(delete_user("X9"), create_employee("X9")),
        "create the user in Payroll (Employee Details, Maintain, Online Services)",
    ),
    Cure(
        "REPLACED_BY_NON_PAYROLL_USER",
        synced(replaced),
        delete_user("E1"),
        "Delete the user Name E1 (E1) in Express Leave (Manage Users)",
    ),
    Cure(
        "KEPT_WITHOUT_PAYROLL",
        lambda acme: acme.fill(users=[user("u-9", "X9", payroll=False, UserType="Non-Employee")]),
        nothing,
        "Nothing to do",
        stays=True,
    ),
    Cure(
        "NOT_ENABLED_ONLINE",
        somebody(EnableAttacheOnline=False, AOemail=None),
        in_payroll(EnableAttacheOnline=True, AOemail="e1@acme.example"),
        "tick Enable Attaché Online on the Online Services tab in Payroll (Employee Details, Maintain), and "
        "enter their e-mail",
    ),
    Cure(
        "NOT_ENABLED_ONLINE",
        frozen(EnableAttacheOnline=False),
        in_payroll(EnableAttacheOnline=True),
        "tick Enable Attaché Online",
    ),
    Cure(
        "NOT_ENABLED_ONLINE",
        somebody(user("u-9", "E1", payroll=False), EnableAttacheOnline=False),
        both(delete_user("E1"), in_payroll(EnableAttacheOnline=True)),
        "Express Leave has a user of theirs that was made by hand: delete it first (Manage Users)",
    ),
    Cure(
        "ONLINE_EMAIL_MISSING",
        somebody(AOemail=None),
        in_payroll(AOemail="e1@acme.example"),
        "enter the Attaché Online e-mail",
    ),
    Cure(
        "ONLINE_EMAIL_NOT_VALID",
        frozen(AOemail="no e-mail"),
        in_payroll(AOemail="e1@acme.example"),
        "Correct the Attaché Online e-mail on the Online Services tab",
    ),
    Cure("TERMINATED", somebody(TerminationDate="2025-12-31"), nothing, "Nothing to do", stays=True),
    Cure(
        "EMAIL_TAKEN",
        two_with_one_email,
        in_payroll(AOemail="e1@acme.example"),
        "an employee in Payroll (Employee Details, Maintain, Online Services tab)",
    ),
    Cure(
        "EMAIL_TAKEN",
        two_with_one_email,
        lambda acme: acme.payroll("E2", AOemail="e2@acme.example"),
        "Give one of the two another e-mail",
    ),
    Cure(
        "EMAIL_TAKEN",
        email_of(payroll=False),
        lambda acme: acme.edit("express_leave", "users", {"EmployeeId": "X9"}, Email="x9@acme.example"),
        "a user who was made by hand in Express Leave (Manage Users)",
    ),
    Cure("EMAIL_TAKEN", email_of(payroll=True), delete_user("X9"), "is deleted there instead"),
    Cure("EMAIL_TAKEN", email_of_a_leaver, delete_user("X9"), "is deleted there instead"),
    Cure(
        "CODE_CHANGED",
        synced(recoded("E1", "N1")),
        recoded("N1", "E1"),
        "put the old one back in Payroll",
    ),
    Cure(
        "CODE_CHANGED",
        synced(recoded("E1", "N1")),
        delete_user("E1"),
        "delete the user Name E1 (E1) in Express Leave (Manage Users)",
    ),
    Cure(
        "NOT_IN_PAYROLL",
        lambda acme: acme.fill(users=[user("u-9", "X9")], balances=[held("X9", "AL", "12.00")]),
        delete_user("X9"),
        "Delete the user in Express Leave (Manage Users)",
    ),
    Cure(
        "EMPLOYEE_NOT_IN_PAYROLL",
        lambda acme: acme.fill(),
        both(create_employee("E1"), log_in),
        "create the employee in Payroll, and log in to Express Leave as an administrator",
        ONE,
    ),
    Cure("USER_MISSING", somebody(), log_in, "Log in to Express Leave as an administrator", ONE),
    Cure(
        "LEAVE_TYPE_NOT_IN_LEAVE_TABLE",
        somebody(owed=leave("E1", sl=None)),
        on_leave_tab(SLEntitleHourAcc=38.0, SLProRataHourAcc=0.0),
        "add or complete its row in Payroll (Masterfiles, Employee Details, Maintain, Leave tab)",
    ),
    Cure(
        "LEAVE_TYPE_NOT_IN_LEAVE_TABLE",
        somebody(user("u-1", "E1"), owed=leave("E1", sl=None), shown=(held("E1", "SL", "12.00"),)),
        on_leave_tab(SLEntitleHourAcc=0.0, SLProRataHourAcc=0.0),
        "add its row with 0 hours",
    ),
    Cure(
        "LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE",
        without_leave_type,
        lambda acme: also(acme, "leavetypes", {"IncomeCode": "SL", "Description": "Sick Leave"}),
        "add the leave type SL in Express Leave (Company Admin, Leave Types)",
    ),
    Cure(
        "OLDER_THAN_HELD",
        somebody(user("u-1", "E1"), shown=(held("E1", "AL", "12.00", "2026-01-18"),)),
        on_leave_tab(LeaveAccrueTo="2026-01-18"),
        "correct Leave accrued up to and including on the Leave tab",
    ),
    Cure(
        "SAVED_AGAIN_IN_PAYROLL",
        synced(lambda acme: acme.overtype("E1", 107.4512, "Says so again")),
        nothing,
        "Nothing to do",
    ),
    Cure(
        "ORGANISATION_MISMATCH",
        lambda acme: acme.fill(company=[{**company(), "Connection": ELSEWHERE_CONNECTED}]),
        lambda acme: acme.put(
            "express_leave", {**acme.state("express_leave"), "company": [company(connected=True)]}
        ),
        "Then choose Connect to Organisation, and there the organisation that is right",
    ),
]


@pytest.mark.requirement("RUN-7", "LB-3", "LB-6")
@pytest.mark.parametrize("case", CURES, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures(acme: Acme, case: Cure) -> None:
    carry_out(acme, FLOW, case)


class Settled(NamedTuple):
    """A remedy after which a record stays, and nobody has to do anything: what it says then."""

    code: str
    make: Act
    cure: Act
    says: str
    then: dict[str, str]


NOT_USED = "If they should not use it any more: delete the user in Express Leave (Manage Users)"
SETTLED = [
    Settled(
        "NOT_PAYROLL_USER",
        lambda acme: acme.fill(users=[user("u-9", "X9", payroll=False)]),
        lambda acme: acme.settings(contractors=["X9"]),
        "add the employee id X9 to the connection's `contractors`",
        {"KEPT_WITHOUT_PAYROLL": "skipped"},
    ),
    Settled(
        "NOT_ENABLED_ONLINE",
        frozen(EnableAttacheOnline=False),
        delete_user("E1"),
        NOT_USED,
        {"NOT_ENABLED_ONLINE": "skipped"},
    ),
    Settled(
        "ONLINE_EMAIL_MISSING",
        frozen(AOemail=None),
        delete_user("E1"),
        NOT_USED,
        {"ONLINE_EMAIL_MISSING": "skipped"},
    ),
]


@pytest.mark.requirement("RUN-7", "LB-3")
@pytest.mark.parametrize("case", SETTLED, ids=lambda case: case.code)
def test_a_remedy_that_leaves_a_record_leaves_nothing_to_do(acme: Acme, case: Settled) -> None:
    case.make(acme)
    why, _ = reasons(acme, acme.run(FLOW))[case.code]
    assert case.says in why.remedy
    case.cure(acme)
    again = acme.run(FLOW)
    told = {one.reason.code: one.outcome.value for one in acme.stored(again) if one.reason}
    assert told == case.then


@pytest.mark.requirement("RUN-7", "LB-10")
def test_another_code_is_asked_for(acme: Acme) -> None:
    somebody(user("u-1", "E1"))(acme)
    first = acme.run(FLOW, options={"employees": ["E11\u200b"]})
    why, _ = reasons(acme, first)["EMPLOYEE_NOT_IN_PAYROLL"]
    assert why.message == 'Employee "E11<U+200B>" is not in Payroll.'
    assert why.remedy.startswith("Correct the code that was asked for")
    assert reasons(acme, acme.run(FLOW, options=ONE)) == {}
