"""People of Payroll and users of Express Leave as the balance sync has read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from payrelay.flows.balance_sync.people import Account, Amount, Details, Held, Known, Owed, Person, Staff
from tests.worlds.structs import replace

DAY = date(2026, 1, 4)
SAVED = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
SYNCED = "2026-01-05T22:00:10Z"
NON_APPROVER = "Employee (Non-Approver)"


def amount(hours: str = "107.4512", as_at: date = DAY) -> Amount:
    return Amount.of(Decimal(hours), as_at)


def details(code: str, **changed: Any) -> Details:
    own = Details(f"Name {code}", None, "Australia", "NSW", Decimal("7.6"), f"{code.lower()}@acme.example")
    return replace(own, **changed)


def staff(code: str, *, online: bool = True, terminated: date | None = None, **changed: Any) -> Staff:
    return Staff(code, details(code, **changed), online, terminated)


def account(
    code: str, *, payroll: bool = True, user_id: str = "", user_type: str = NON_APPROVER, **changed: Any
) -> Account:
    own = details(code, **changed)
    return Account(user_id or f"u-{code}", code, own, None, user_type, payroll, 1)


def held(hours: str = "107.4512", as_at: date = DAY, synced_at: str | None = SYNCED) -> Held:
    return Held(amount(hours, as_at), synced_at)


def person(code: str = "E1", **changed: Any) -> Person:
    """Somebody who is right on both sides, but for what changed."""
    right = Person(
        code,
        staff(code),
        Owed({"AL": amount()}, SAVED),
        account(code),
        held={"AL": held()},
        known=Known(f"u-{code}", SAVED),
    )
    return replace(right, **changed)
