"""What a balance sync is to send: the payload of a planned write, typed, as it is kept with the plan."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.records import Write
from payrelay.flows.balance_sync.people import Account, Amount, Details


class UserWrite(Struct, frozen=True, tag="user"):
    """A user as payroll wants them, and as they were read; nobody yet gets `new_user_type`.

    `swaps_with` has the e-mail that is wanted, and waits for another's in turn: nobody can begin (LB-4).
    """

    code: str
    details: Details
    as_read: Account | None
    new_user_type: str
    swaps_with: Account | None = None


class BalanceWrite(Struct, frozen=True, tag="balance"):
    """A balance to be set.

    `saved_at` is when payroll saved the employee's balances, `synced_at` when Express Leave was written last;
    so many balances of the employee are `planned`, this one among them.
    """

    employee_id: str
    income_code: str
    amount: Amount
    user_id: str | None
    synced_at: str | None
    saved_at: datetime | None
    planned: int = 1


Payload: TypeAlias = UserWrite | BalanceWrite
Planned: TypeAlias = Write[Payload]


def together(writes: list[Planned]) -> list[Planned]:
    """The writes of one employee, each balance of which knows how many are planned."""
    count = sum(isinstance(write.payload, BalanceWrite) for write in writes)
    return [
        replace(write, payload=replace(write.payload, planned=count))
        if isinstance(write.payload, BalanceWrite) and count > 1
        else write
        for write in writes
    ]
