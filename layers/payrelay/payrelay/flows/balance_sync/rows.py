"""Rows of both systems as the flow keeps them: each is made once, where it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from payrelay.domain.spelling import trimmed
from payrelay.flows.balance_sync.people import (
    ATTACHE,
    BALANCES,
    EXPRESS_LEAVE,
    SAVED_AT,
    Account,
    Amount,
    Details,
    Fault,
    Held,
    Known,
    Owed,
    Staff,
)
from payrelay.flows.balance_sync.words import on_screen

if TYPE_CHECKING:
    from payrelay.systems.attache.models import Balances, Employee, LeaveRow
    from payrelay.systems.express_leave.models import Balance, User
    from payrelay.systems.rows import BadRow

T = TypeVar("T")
_MANY = 1 << 15


def staff_of(employee: Employee, account: Account | None = None) -> Staff:
    """An employee; empty texts count as missing. What equals the `account` is shared with it."""
    details = Details(
        name=trimmed(employee.name) or None,
        location=_word(employee.location),
        country=_word(employee.country),
        state=_word(employee.state),
        # Of a casual it is zero, which is a value.
        hours=None if employee.hours_per_day is None else _hours(employee.hours_per_day),
        email=trimmed(employee.email or "") or None,
    )
    if account is not None and account.details == details:
        details = account.details
    code, day = employee.code if account is None else account.employee_id, employee.terminated
    return Staff(code, details, employee.online, date(day.year, day.month, day.day) if day else None)


def account_of(user: User, staff: Staff | None = None) -> Account:
    """A user. What equals the details of `staff` is shared with them."""
    details = Details(
        name=user.name,
        location=shared(user.location),
        country=shared(user.country),
        state=shared(user.state),
        hours=_hours(user.hours),
        email=user.email,
    )
    if staff is not None and staff.details == details:
        details = staff.details
    return Account(
        user_id=user.user_id,
        employee_id=user.employee_id if staff is None else staff.code,
        details=details,
        default_approver=shared(user.default_approver),
        user_type=_plain(user.user_type),
        payroll=user.payroll,
        version=user.version,
    )


def owed_of(row: Balances, held: Mapping[str, Held] | None = None) -> Owed:
    """An employee's row of the list of balances. What equals a balance that is `held` is shared with it."""
    as_at, amounts = shared(row.as_at), {}
    for code, hours in row.amounts.items():
        amount, there = Amount.of(hours, as_at), held.get(code) if held else None
        amounts[code] = there.amount if there is not None and there.amount == amount else amount
    return Owed(amounts, shared(row.modified_at))


def held_of(balance: Balance, owed: Mapping[str, Owed]) -> Held:
    """A balance that Express Leave holds. An amount that is `owed` just so is shared."""
    amount = Amount.of(balance.hours, shared(balance.as_at))
    own = owed.get(balance.employee_id)
    there = own.amounts.get(balance.income_code) if own else None
    return Held(there if there is not None and there == amount else amount, shared(balance.synced_at))


def known_of(target_id: str, facts: Mapping[str, str]) -> Known:
    """What an employee's link keeps."""
    saved_at = facts.get(SAVED_AT)
    return Known(target_id, _moment(saved_at) if saved_at else None)


def owed_by_table(
    code: str, rows: Iterable[LeaveRow], bad: Iterable[BadRow]
) -> tuple[Owed | None, list[Fault]]:
    """An employee's own leave table; rows that are `bad` or not set up right are told beside it."""
    amounts, saved = {}, {}
    faults = [Fault(ATTACHE, code, row.id or BALANCES, on_screen(row.field), row.problem) for row in bad]
    for row in rows:
        if row.as_at is None:
            faults.append(
                Fault(ATTACHE, code, row.income_code, "Leave accrued up to and including", "is missing")
            )
            continue
        day = row.as_at
        try:
            amounts[row.income_code] = Amount.of(row.hours(), date(day.year, day.month, day.day))
        except ValueError as error:
            faults.append(Fault(ATTACHE, code, row.income_code, "Hours per day", str(error)))
            continue
        saved[row.income_code] = row.modified_at
    latest = max((row.modified_at for row in rows), default=None)
    return Owed(amounts, latest, saved) if latest else None, faults


def fault_of(system: str, of: str, row: BadRow) -> Fault:
    """A row of people that can't be used."""
    return Fault(system, row.number or row.id, of, on_screen(row.field), row.problem)


def balance_fault(row: BadRow) -> Fault:
    """A row of Express Leave's balances that can't be used: it names the employee and the income code."""
    return Fault(EXPRESS_LEAVE, row.id, row.number or BALANCES, on_screen(row.field), row.problem)


@lru_cache(maxsize=_MANY)
def shared(value: T) -> T:
    """One object for equal values: thousands of people have the same."""
    return value


@lru_cache(maxsize=_MANY)
def _word(text: str | None) -> str | None:
    """A text of payroll's that many people have: empty ones count as missing."""
    return trimmed(text or "") or None


@lru_cache(maxsize=_MANY)
def _plain(text: str) -> str:
    return str(text)


@lru_cache(maxsize=_MANY)
def _hours(hours: Decimal) -> Decimal:
    """The hours of a day, without the type in which they were read."""
    return Decimal(hours)


@lru_cache(maxsize=_MANY)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
