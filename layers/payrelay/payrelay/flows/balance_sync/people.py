"""Employees as both systems have them: the flow's own rows, frozen, and made once of what was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from msgspec import Struct, field

from payrelay.domain.addresses import is_address

# What records and links are about; a link is named as the record of its employee is.
EMPLOYEE, BALANCE, USER = "employee", "balance", "user"
ATTACHE, EXPRESS_LEAVE = "attache", "express_leave"
# The fact of a link that tells until when payroll's savings are written.
SAVED_AT = "saved_at"
# What a row that can't be used was about; else it is one income code.
DETAILS, BALANCES = "details", "balances"


_UNITS = 4
_PER_HOUR = Decimal(10) ** _UNITS


class Amount(Struct, frozen=True, gc=False):
    """What somebody is owed of one type of leave, and the day for which that is true (As At).

    The hours are kept as whole ten-thousandths: exact, and a third of what a Decimal takes of the memory.
    """

    units: int
    as_at: date

    @classmethod
    def of(cls, hours: Decimal, as_at: date) -> Self:
        """ValueError for hours that are finer than a ten-thousandth."""
        scaled = hours * _PER_HOUR
        units = int(scaled)
        if units != scaled:
            raise ValueError("hours have at most four decimals")
        return cls(units, as_at)

    @property
    def hours(self) -> Decimal:
        """The hours."""
        return Decimal(self.units).scaleb(-_UNITS)


class LeaveType(Struct, frozen=True):
    """A type of leave in Express Leave: `visible_to` is the lowest user type that sees it."""

    income_code: str
    description: str
    visible_to: str


class Fault(Struct, frozen=True):
    """A row that can't be used: whose it is, and of what: `details`, `balances`, or one income code."""

    system: str
    code: str
    of: str
    field: str
    problem: str


class LeaveTypes(Struct, frozen=True):
    """Express Leave's types of leave, and of those that can't be read whatever can be told."""

    known: tuple[LeaveType, ...] = ()
    faults: tuple[Fault, ...] = ()

    def fault_of(self, income_code: str) -> Fault | None:
        """Why this type can't be synced; a row without a code may be that of any type that is missing."""
        own = next((fault for fault in self.faults if fault.of == income_code), None)
        return own or next((fault for fault in self.faults if not fault.of), None)


class Details(Struct, frozen=True, gc=False):
    """What a sync writes of a user. What is empty in payroll is None; `hours` are those of a day."""

    name: str | None
    location: str | None
    country: str | None
    state: str | None
    hours: Decimal | None
    email: str | None


class Staff(Struct, frozen=True, gc=False):
    """An employee of payroll: what Express Leave is to know, and whether they are to be there at all."""

    code: str
    details: Details
    online: bool
    terminated: date | None

    @property
    def enabled(self) -> bool:
        """Whether payroll makes them a user: the box on the Online Services tab, and an e-mail."""
        return self.online and is_address(self.details.email or "")


class Owed(Struct, frozen=True):
    """What payroll owes an employee by income code, and when that was saved last.

    `rows_saved` tells it of each type of leave, where it is known.
    """

    amounts: Mapping[str, Amount]
    saved_at: datetime
    rows_saved: Mapping[str, datetime] | None = None

    def row_saved(self, income_code: str) -> datetime:
        """When this type of leave was saved last, as far as it is known."""
        return (self.rows_saved or {}).get(income_code, self.saved_at)


class Account(Struct, frozen=True, gc=False):
    """A user of Express Leave, as read; `payroll` is Payroll User = Yes."""

    user_id: str
    employee_id: str
    details: Details
    default_approver: str | None
    user_type: str
    payroll: bool
    version: int


class Held(Struct, frozen=True, gc=False):
    """A balance that Express Leave holds, and when it was written there."""

    amount: Amount
    synced_at: str | None


class Rival(Struct, frozen=True):
    """Another user who has the employee's e-mail already.

    `in_payroll` tells whether payroll still has that user's code, `keeps` that no sync gives them another,
    `swaps` that they wait for the employee's own in turn, or for that of somebody who does.
    """

    account: Account
    in_payroll: bool
    keeps: bool
    swaps: bool = False


class Owner(Struct, frozen=True):
    """The employee of payroll whom a user is about who was made by hand, and by what that is known."""

    code: str
    name: str | None
    by: str


class Known(Struct, frozen=True, gc=False):
    """What the link of an employee keeps: the user, and until when payroll's savings are written."""

    user_id: str
    saved_at: datetime | None


class Person(Struct, frozen=True):
    """One employee on both sides. Without `staff` they were read by themselves: balances only.

    `twin` is the code of another employee with the same e-mail, who comes first, `twin_name` the name.
    Somebody who is `unknown` was asked for, and payroll does not have them.
    """

    code: str
    staff: Staff | None = None
    owed: Owed | None = None
    account: Account | None = None
    rival: Rival | None = None
    twin: str | None = None
    held: Mapping[str, Held] = field(default_factory=dict)
    known: Known | None = None
    faults: tuple[Fault, ...] = ()
    unknown: bool = False
    twin_name: str | None = None

    @property
    def name(self) -> str | None:
        """Their name, as payroll has it, else as Express Leave shows it."""
        own = self.staff.details.name if self.staff else None
        return own or (self.account.details.name if self.account else None)

    @property
    def user(self) -> Account | None:
        """Their user, if it is a payroll user: one that was made by hand is nobody's."""
        return self.account if self.account and self.account.payroll else None


class Part(Struct, frozen=True):
    """What one page of a run plans: some employees, and on the last page users without one.

    `codes` are all employees of the page, of whom those with `settled` records are equal on both sides and
    left out; `before` is the one who comes just before the first of these. Without `total` the part is
    none of a complete read. `owners` are the employees whom some of those users are about, by user id.
    """

    people: tuple[Person, ...]
    codes: tuple[str, ...] = ()
    settled: int = 0
    unmatched_users: tuple[Account, ...] = ()
    unreadable: tuple[Fault, ...] = ()
    before: str | None = None
    total: int | None = None
    owners: Mapping[str, Owner] = field(default_factory=dict)
