"""What is said of a record that moved since its plan was made (RUN-9)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.flows.engine.moved import Sides, moved

SIDES = Sides("Simployer One", "Xledger")
LABEL = "Employee 101"


def record(*changes: Change, outcome: Outcome = Outcome.UPDATED, why: Reason | None = None) -> Record:
    return Record("employee", "101", LABEL, outcome, "a1", why, changes)


def write(*changes: Change, target: str | None = "7", digests: Any = None) -> Write[Any]:
    return Write(record(*changes), {}, target, digests=digests or {})


EMAIL = Change("email", "old@acme.example", "new@acme.example")
PHONE = Change("phone", None, "12345678")
BANK = Change("bankAccount", "*****", "*****47")
PLAN = write(EMAIL, PHONE)
BLOCKED = record(outcome=Outcome.BLOCKED, why=Reason("NOT_ACTIVE", "Employee 101 is not active.", "…"))

CASES: list[tuple[str, Write[Any], Write[Any] | None, Record | None, str | None]] = [
    ("as planned", PLAN, write(EMAIL, PHONE), None, None),
    ("gone", PLAN, None, None, "it is gone from Simployer One or Xledger"),
    (
        "the source",
        PLAN,
        write(Change("email", "old@acme.example", "newer@acme.example"), PHONE),
        None,
        "in Simployer One, email is newer@acme.example, not new@acme.example",
    ),
    (
        "the target",
        PLAN,
        write(Change("email", "hand@acme.example", "new@acme.example"), PHONE),
        None,
        "in Xledger, email is hand@acme.example, not old@acme.example",
    ),
    ("a value emptied", PLAN, write(EMAIL), None, "phone needs no change any more"),
    (
        "one more field",
        write(EMAIL),
        PLAN,
        None,
        "phone differs now, too (blank → 12345678)",
    ),
    ("not for sync any more", PLAN, None, BLOCKED, "it is blocked now: Employee 101 is not active"),
    (
        "a value that is masked",
        write(BANK),
        write(Change("bankAccount", "*****", "*****99")),
        None,
        "in Simployer One, bankAccount is another value, which is not shown",
    ),
    (
        "a value behind the same mask",
        write(BANK, digests={"bankAccount": "a"}),
        write(BANK, digests={"bankAccount": "b"}),
        None,
        "a value that is not shown was changed in Simployer One or Xledger",
    ),
]


@pytest.mark.requirement("RUN-9")
@pytest.mark.parametrize(
    ("planned", "fresh", "told", "what"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_it_says_what_moved_and_on_which_side(
    planned: Write[Any], fresh: Write[Any] | None, told: Record | None, what: str | None
) -> None:
    why = moved(SIDES, planned, fresh, told, sent_before=False, there=False)
    assert (why.message if why else None) == (
        f"Employee 101 has changed since the plan was made: {what}." if what else None
    )


@pytest.mark.requirement("RUN-9")
def test_what_the_target_has_as_planned_already_has_not_moved() -> None:
    assert moved(SIDES, PLAN, None, None, sent_before=False, there=True) is None


@pytest.mark.requirement("RUN-9", "RUN-5")
def test_of_a_write_that_was_begun_less_may_be_left_and_nothing_else() -> None:
    assert moved(SIDES, PLAN, write(PHONE), None, sent_before=True, there=True) is None
    other = write(Change("phone", None, "87654321"))
    assert moved(SIDES, PLAN, other, None, sent_before=True, there=True)


@pytest.mark.parametrize("fresh", [write(EMAIL), write(EMAIL, PHONE, BANK), write(PHONE)])
def test_of_a_confidential_record_no_field_is_named(fresh: Write[Any]) -> None:
    """Which components somebody is paid is for those alone who may read the report (security F9)."""
    sides = Sides("Exact Payroll Plus", "Payrelay", confidential=True)
    why = moved(sides, PLAN, fresh, None, sent_before=False, there=False)
    assert why
    assert "a value that is not shown was changed in Exact Payroll Plus or Payrelay" in why.message
    assert not any(change.field in why.message for change in (EMAIL, PHONE, BANK))
