"""The flow of leave balances as catalog and engine know it; what it does is tested through the API."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from payrelay.domain.runs import Link
from payrelay.flows.balance_sync.flow import BalanceSync
from payrelay.flows.balance_sync.people import (
    Account,
    Everyone,
    Fault,
    Held,
    Owed,
    Part,
    Person,
    Staff,
    joined,
)
from payrelay.flows.balance_sync.read import Sides
from payrelay.flows.balance_sync.rules import Amount
from payrelay.flows.catalog import KINDS, flow_row
from payrelay.flows.settings import model
from payrelay.flows.settings.attache_express_leave import BalanceSyncOptions, Settings

KIND = KINDS["attache_express_leave"]
ROW = flow_row("balance_sync")


def no_client(system: str) -> Any:
    raise AssertionError(f"{system} is called before it is needed")


def staff(code: str, email: str | None = None, *, online: bool = True) -> Staff:
    return Staff(code, f"Name {code}", None, "NSW", "Australia", Decimal("7.6"), email, online, None)


def account(user_id: str, code: str, email: str, *, payroll: bool = True) -> Account:
    return Account(
        user_id,
        code,
        f"Name {code}",
        None,
        "Australia",
        "NSW",
        Decimal("7.6"),
        None,
        email,
        "Employee (Non-Approver)",
        payroll,
        1,
    )


def read_of(people: list[Staff], accounts: list[Account], **more: Any) -> Everyone:
    return Everyone(staff={one.code: one for one in people}, accounts=accounts, **more)


@pytest.mark.requirement("LB-1")
def test_the_flow_is_what_the_catalog_says_and_calls_nobody_when_it_is_made() -> None:
    flow = BalanceSync("demo", "con_1", Settings(), Sides(no_client), ledger=None)  # type: ignore[arg-type]
    assert (flow.name, flow.version, flow.entity) == (ROW.name, ROW.version, ROW.entity)
    assert ROW.entities == ("employee", "balance")
    assert KIND.login_flow == flow.name
    assert not flow.links_by_target
    # Whole calls of balances, and each is settled before the next.
    assert flow.at_once
    assert ROW.batch_size % flow.at_once == 0
    assert model(ROW.options) is BalanceSyncOptions
    assert model(KIND.settings) is Settings


@pytest.mark.requirement("LB-3", "LB-4")
def test_settings_left_out_touch_nobody_made_by_hand() -> None:
    found = Settings()
    assert (found.contractors, found.new_user_type) == ((), "Employee (Non-Approver)")
    with pytest.raises(ValidationError):
        Settings.model_validate({"new_user_type": "Administrator"})
    with pytest.raises(ValidationError):
        BalanceSyncOptions.model_validate({"employees": [""]})


@pytest.mark.requirement("LB-3")
def test_a_user_is_an_employees_by_the_code_and_another_by_the_email() -> None:
    read = read_of(
        [staff("E1", "a@acme.example"), staff("E2", "B@acme.example")],
        [account("u-1", "E1", "a@acme.example"), account("u-7", "X7", "b@acme.example", payroll=False)],
    )
    people, unmatched_users = joined(read, {"employee:E1": Link("employee", "employee:E1", "E1", "u-1")})
    assert [(one.code, one.is_synced, bool(one.account), bool(one.rival)) for one in people] == [
        ("E1", True, True, False),
        ("E2", False, False, True),
    ]
    # Whoever stands in an employee's way is told of with that employee.
    assert unmatched_users == []


RIVALS: list[tuple[str, Staff | None, bool, tuple[bool, bool]]] = [
    ("payroll does not have them", None, True, (False, True)),
    ("the same e-mail in payroll", staff("E2", "A@acme.example"), True, (True, True)),
    ("another e-mail in payroll", staff("E2", "b@acme.example"), True, (True, False)),
    ("another, not enabled", staff("E2", "b@acme.example", online=False), True, (True, True)),
    ("another, made by hand", staff("E2", "b@acme.example"), False, (True, True)),
]


@pytest.mark.requirement("LB-3", "RUN-7")
@pytest.mark.parametrize(
    ("own", "payroll", "expected"), [row[1:] for row in RIVALS], ids=[row[0] for row in RIVALS]
)
def test_an_email_is_free_only_if_its_user_gets_another_from_payroll(
    own: Staff | None, payroll: bool, expected: tuple[bool, bool]
) -> None:
    read = read_of(
        [staff("E1", "a@acme.example"), *([own] if own else [])],
        [account("u-2", "E2", "a@acme.example", payroll=payroll)],
    )
    rival = joined(read, {})[0][0].rival
    assert rival
    assert (rival.in_payroll, rival.keeps) == expected


@pytest.mark.requirement("LB-3")
@pytest.mark.parametrize(("there", "first"), [([], "E1"), (["E2"], "E2"), (["E1", "E2"], "E1")])
def test_of_two_with_one_email_the_user_comes_first_and_then_the_lower_code(
    there: list[str], first: str
) -> None:
    read = read_of(
        [
            staff("E2", "a@acme.example"),
            staff("E1", "A@acme.example"),
            staff("E3", "a@acme.example", online=False),
        ],
        [account(f"u-{code}", code, f"{code}@acme.example") for code in there],
    )
    people, _ = joined(read, {})
    assert {one.code: one.twin for one in people} == {
        "E1": None if first == "E1" else first,
        "E2": None if first == "E2" else first,
        "E3": None,
    }


@pytest.mark.requirement("LB-11", "RUN-8")
def test_what_was_read_for_a_page_is_restored_exactly() -> None:
    amount = Amount(Decimal("107.4512"), date(2026, 1, 4))
    saved = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
    person = Person(
        "E1",
        staff("E1", "a@acme.example"),
        Owed({"AL": amount}, saved, {"AL": saved}),
        account("u-1", "E1", "a@acme.example"),
        held={"AL": Held(amount, "2026-01-05T22:00:10Z")},
        saved_at=saved,
        faults=(Fault("attache", "E1", "SL", "Hours per day", "is missing"),),
    )
    part = Part(
        (person, Person("E2", unknown=True)),
        codes=("E1", "E2", "E3"),
        settled=4,
        unmatched_users=(account("u-7", "X7", "x@acme.example"),),
        before="E0",
        total=3,
    )
    assert Part.restored(part.stored()) == part
