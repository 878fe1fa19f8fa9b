"""Who is whose counterpart, who is equal on both sides, and what a run keeps of it (LB-3, LB-11, RUN-8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from payrelay.flows.balance_sync.company import Company, everybody, parts
from payrelay.flows.balance_sync.compare import Comparer
from payrelay.flows.balance_sync.people import (
    Account,
    Fault,
    Held,
    Known,
    LeaveType,
    LeaveTypes,
    Owed,
    Part,
    Person,
    Staff,
)
from tests.worlds.leave_people import NON_APPROVER, SAVED, account, amount, details, staff
from tests.worlds.structs import replace

AMOUNT = amount()
TYPES = LeaveTypes((LeaveType("AL", "Annual Leave", "Non-Employee"),))
COMPARER = Comparer(TYPES, NON_APPROVER, frozenset(), date(2026, 1, 6))


def company(people: list[Staff], accounts: list[Account], **more: Any) -> Company:
    made = Company(staff={one.code: one for one in people}, **more)
    for one in accounts:
        made.put_account(one)
    return made


def settled(*codes: str) -> Company:
    """People who are equal on both sides, and known to be."""
    made = company([staff(code) for code in codes], [account(code) for code in codes])
    for code in codes:
        made.owed[code] = Owed({"AL": AMOUNT}, SAVED)
        made.put_held(code, "AL", Held(AMOUNT, "2026-01-05T22:00:10Z"))
        made.known[code] = Known(f"u-{code}", SAVED)
    return made


# --- counterparts ----------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-3")
def test_a_user_is_an_employees_by_the_code_and_another_by_the_email() -> None:
    read = company(
        [staff("E1", email="a@acme.example"), staff("E2", email="B@acme.example")],
        [account("E1", email="a@acme.example"), account("X7", email="b@acme.example", payroll=False)],
        known={"E1": Known("u-E1", None)},
    )
    people = everybody(read).people
    assert [(one.code, bool(one.known), bool(one.account), bool(one.rival)) for one in people] == [
        ("E1", True, True, False),
        ("E2", False, False, True),
    ]
    # Whoever stands in an employee's way is told of with that employee.
    assert everybody(read).unmatched_users == []


RIVALS: list[tuple[str, Staff | None, bool, tuple[bool, bool]]] = [
    ("payroll does not have them", None, True, (False, True)),
    ("the same e-mail in payroll", staff("E2", email="A@acme.example"), True, (True, True)),
    ("another e-mail in payroll", staff("E2", email="b@acme.example"), True, (True, False)),
    ("another, not enabled", staff("E2", email="b@acme.example", online=False), True, (True, True)),
    ("another, made by hand", staff("E2", email="b@acme.example"), False, (True, True)),
]


@pytest.mark.requirement("LB-3", "RUN-7")
@pytest.mark.parametrize(
    ("own", "payroll", "expected"), [row[1:] for row in RIVALS], ids=[row[0] for row in RIVALS]
)
def test_an_email_is_free_only_if_its_user_gets_another_from_payroll(
    own: Staff | None, payroll: bool, expected: tuple[bool, bool]
) -> None:
    people = [staff("E1", email="a@acme.example"), *([own] if own else [])]
    read = company(people, [account("E2", email="a@acme.example", payroll=payroll)])
    rival = everybody(read).people[0].rival
    assert rival
    assert (rival.in_payroll, rival.keeps) == expected


@pytest.mark.requirement("LB-3")
@pytest.mark.parametrize(
    ("there", "left", "first"),
    [
        ([], None, "E1"),
        (["E2"], None, "E2"),
        (["E1", "E2"], None, "E1"),
        ([], date(2025, 12, 31), "E2"),
        (["E1"], date(2025, 12, 31), "E1"),
    ],
)
def test_of_two_with_one_email_users_come_first_then_who_stays_then_the_lower_code(
    there: list[str], left: date | None, first: str
) -> None:
    """Whoever left long ago, and is no user, stands in nobody's way."""
    people = [staff("E2", email="a@acme.example"), staff("E1", email="A@acme.example", terminated=left)]
    read = company(
        [*people, staff("E3", email="a@acme.example", online=False)], [account(code) for code in there]
    )
    assert {one.code: one.twin for one in everybody(read).people} == {
        "E1": None if first == "E1" else first,
        "E2": None if first == "E2" else first,
        "E3": None,
    }


# --- equal on both sides ---------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-8")
def test_who_is_equal_is_counted_and_nothing_would_be_said_or_noted_of_them() -> None:
    read = settled("E1", "E2")
    (part,) = parts(read, TYPES)
    assert (part.people, part.settled, part.codes, part.total) == ((), 4, ("E1", "E2"), 2)
    for person in everybody(read).people:
        found = COMPARER.compare(person, {})
        assert (found.unchanged, found.records, found.writes) == (2, [], [])


def other(read: Company, **changed: Any) -> None:
    read.staff["E1"] = replace(read.staff["E1"], **changed)


UNSETTLED: list[tuple[str, Any]] = [
    ("other details", lambda read: other(read, details=details("E1", email="new@acme.example"))),
    ("no longer online", lambda read: other(read, online=False)),
    ("made by hand", lambda read: read.users.update(E1=account("E1", payroll=False))),
    ("no user", lambda read: read.users.clear()),
    ("another user than before", lambda read: read.known.update(E1=Known("u-9", SAVED))),
    ("never synced", lambda read: read.known.clear()),
    ("saved again", lambda read: read.known.update(E1=Known("u-E1", SAVED.replace(day=4)))),
    ("another amount", lambda read: read.held["E1"].update(AL=Held(replace(AMOUNT, units=1), None))),
    ("another day", lambda read: read.held["E1"].update(AL=Held(replace(AMOUNT, as_at=date.max), None))),
    ("not shown yet", lambda read: read.held.clear()),
    ("nothing owed", lambda read: read.owed.clear()),
    ("owed more", lambda read: read.owed.update(E1=Owed({"AL": AMOUNT, "SL": AMOUNT}, SAVED))),
    ("a row that can't be used", lambda read: read.bad.append(Fault("attache", "E1", "balances", "x", "y"))),
    ("their own row can't be used", lambda read: (read.staff.clear(), read.bad.append(SPOILT))),
]
SPOILT = Fault("attache", "E1", "details", "FullName", "is missing")


@pytest.mark.requirement("RUN-8", "LB-8")
@pytest.mark.parametrize("change", [row[1] for row in UNSETTLED], ids=[row[0] for row in UNSETTLED])
def test_whoever_differs_in_anything_is_left_to_compare(change: Any) -> None:
    read = settled("E1")
    change(read)
    (part,) = parts(read, TYPES)
    assert ([one.code for one in part.people], part.settled) == (["E1"], 0)


@pytest.mark.requirement("LB-7", "RUN-4")
@pytest.mark.parametrize(("of", "blocked"), [("AL", ["E1:AL"]), ("", ["E1:AL"]), ("SL", [])])
def test_a_type_of_leave_that_can_not_be_read_blocks_its_own_balances(of: str, blocked: list[str]) -> None:
    """It never disappears: neither as a type that Express Leave does not have, nor as one that is right."""
    types = LeaveTypes((), (Fault("express_leave", "", of, "VisibleTo", "is missing"),))
    (part,) = parts(settled("E1"), types)
    (person,) = part.people
    found = replace(COMPARER, leave_types=types).compare(person, {})
    told = {record.key: record for record in found.records}
    assert [key for key, record in told.items() if record.outcome == "blocked"] == blocked
    assert (found.unchanged, found.writes) == (1, [])
    for key in blocked:
        why = told[key].reason
        assert why
        assert (why.code, "VisibleTo" in why.message, "is missing" in why.message) == (
            "VALUE_NOT_VALID",
            True,
            True,
        )
        assert (of or "A leave type without a code") in why.message
        assert "Express Leave" in why.remedy


# --- parts -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-8")
def test_pages_follow_each_other_and_the_last_one_tells_of_everybody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("payrelay.flows.balance_sync.company.PEOPLE_PER_PAGE", 2)
    lost = Fault("express_leave", "X9", "details", "Hours", "is missing")
    read = company([staff("E1"), staff("E2"), staff("E3")], [account("E2"), account("X7")], bad=[lost])
    first, last = parts(read, TYPES)
    assert (first.codes, first.before, last.codes, last.before) == (("E1", "E2"), None, ("E3",), "E2")
    assert (first.total, first.unmatched_users, first.unreadable) == (3, (), ())
    assert ([one.employee_id for one in last.unmatched_users], last.unreadable) == (["X7"], (lost,))
    # Of lists that moved while they were read no page says how many there are.
    read.whole = False
    assert [part.total for part in parts(read, TYPES)] == [None, None]


@pytest.mark.requirement("LB-11", "RUN-8")
def test_what_was_read_for_a_page_is_restored_exactly() -> None:
    person = Person(
        "E1",
        staff("E1", email="a@acme.example"),
        Owed({"AL": AMOUNT}, SAVED, {"AL": SAVED}),
        account("E1", email="a@acme.example"),
        held={"AL": Held(AMOUNT, "2026-01-05T22:00:10Z")},
        known=Known("u-1", SAVED),
        faults=(Fault("attache", "E1", "SL", "Hours per day", "is missing"),),
    )
    part = Part(
        (person, Person("E2", unknown=True)),
        codes=("E1", "E2", "E3"),
        settled=4,
        unmatched_users=(account("X7"),),
        before="E0",
        total=3,
    )
    assert msgspec.json.decode(msgspec.json.encode(part), type=Part) == part
