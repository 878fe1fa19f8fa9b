"""Employees as both systems have them: who is whose counterpart, worked out once for the whole company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct, field

from payrelay.domain.runs import Link
from payrelay.flows.balance_sync.rules import Amount

# How the flow's links are named: the same as the record's id.
EMPLOYEE, BALANCE, USER = "employee", "balance", "user"
SAVED_AT = "saved_at"
# How many balances of an employee a plan writes.
WRITES = "writes"
DETAILS, BALANCES = "details", "balances"


class Staff(Struct, frozen=True):
    """An employee of payroll: what Express Leave is to know, and whether they are to be there at all."""

    code: str
    name: str
    location: str | None
    state: str | None
    country: str | None
    hours: Decimal | None
    email: str | None
    online: bool
    terminated: date | None

    @property
    def enabled(self) -> bool:
        """Whether payroll makes them a user: the box on the Online Services tab, and an e-mail."""
        return self.online and bool(self.email)


class Owed(Struct, frozen=True):
    """What payroll owes an employee by income code, and when that was saved last.

    `rows_saved` tells it of each type of leave, where it is known.
    """

    amounts: Mapping[str, Amount]
    saved_at: datetime
    rows_saved: Mapping[str, datetime] = field(default_factory=dict)


class Account(Struct, frozen=True):
    """A user of Express Leave, as read; `payroll` is Payroll User = Yes."""

    user_id: str
    employee_id: str
    name: str
    location: str | None
    country: str
    state: str
    hours: Decimal
    default_approver: str | None
    email: str
    user_type: str
    payroll: bool
    version: int


class Held(Struct, frozen=True):
    """A balance that Express Leave holds, and when it was written there."""

    amount: Amount
    synced_at: str | None


class Fault(Struct, frozen=True):
    """A row that can't be used: whose it is, and of what: `details`, `balances`, or one income code."""

    system: str
    code: str
    of: str
    field: str
    problem: str


class Rival(Struct, frozen=True):
    """Another user who has the employee's e-mail already.

    `in_payroll` tells whether payroll still has that user's code, `keeps` that no sync gives them another.
    """

    account: Account
    in_payroll: bool
    keeps: bool


class Person(Struct, frozen=True):
    """One employee on both sides. Without `staff` they were read by themselves: balances only.

    `twin` is the code of another employee with the same e-mail, who comes first. Somebody who is `unknown`
    was asked for, and payroll does not have them.
    """

    code: str
    staff: Staff | None = None
    owed: Owed | None = None
    account: Account | None = None
    rival: Rival | None = None
    twin: str | None = None
    held: Mapping[str, Held] = field(default_factory=dict)
    linked: str | None = None
    saved_at: datetime | None = None
    faults: tuple[Fault, ...] = ()
    unknown: bool = False

    @property
    def is_synced(self) -> bool:
        """Whether a sync has ever written them, or seen them equal."""
        return self.linked is not None


def saved_since(person: Person) -> datetime | None:
    """Since when payroll has saved the employee's balances again, unknown to the last sync; None if not.

    Somebody whom no sync has linked yet is compared with the times at which Express Leave was written.
    """
    if person.owed is None or not person.held:
        return None
    synced = [datetime.fromisoformat(held.synced_at) for held in person.held.values() if held.synced_at]
    since = person.saved_at or min(synced, default=None)
    return since if since and person.owed.saved_at > since else None


def looks_right(person: Person) -> bool:
    """Whether some balance is as payroll has it, so that only the saving itself can call for a write."""
    owed = person.owed.amounts if person.owed else {}
    return any(code in owed and held.amount == owed[code] for code, held in person.held.items())


def is_paid(person: Person) -> bool:
    """Whether every balance has another As At since: a pay says why they were saved, and all are written."""
    owed = person.owed.amounts if person.owed else {}
    both = [(held.amount.as_at, owed[code].as_at) for code, held in person.held.items() if code in owed]
    return bool(both) and all(held != now for held, now in both)


class Part(Struct, frozen=True):
    """What one page of a run plans: some employees, and on the last page users without one.

    `codes` are all employees of the page, of whom those with `settled` records are equal on both sides and
    left out; `before` is the one who comes just before the first of these.
    """

    people: tuple[Person, ...]
    codes: tuple[str, ...] = ()
    settled: int = 0
    unmatched_users: tuple[Account, ...] = ()
    unreadable: tuple[Fault, ...] = ()
    before: str | None = None
    total: int | None = None

    def stored(self) -> Any:
        """As plain values."""
        return msgspec.to_builtins(self)

    @classmethod
    def restored(cls, raw: Any) -> Part:
        """What `stored` gave."""
        return msgspec.convert(raw, cls, strict=False)


class Everyone(Struct):
    """Both systems' lists as they were read; `whole` tells whether nothing moved between their pages."""

    staff: dict[str, Staff] = field(default_factory=dict)
    owed: dict[str, Owed] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    held: dict[str, dict[str, Held]] = field(default_factory=lambda: defaultdict(dict))
    bad: list[Fault] = field(default_factory=list)
    whole: bool = True


def joined(read: Everyone, links: Mapping[str, Link]) -> tuple[list[Person], list[Account]]:
    """Each employee of payroll with their counterpart; and the users who are nobody's.

    A user is an employee's by the employee code. The e-mail only tells that somebody else has it.
    """
    by_code = {account.employee_id: account for account in read.accounts}
    by_email = {account.email.lower(): account for account in read.accounts}
    faults: dict[str, list[Fault]] = defaultdict(list)
    for fault in read.bad:
        faults[fault.code].append(fault)
    twins = _twins(read.staff.values(), by_code)
    people, spoken_of = [], set()
    spoilt = {fault.code for fault in read.bad if (fault.system, fault.of) == ("attache", DETAILS)}
    for code in sorted({*read.staff, *spoilt}):
        staff, account = read.staff.get(code), by_code.get(code)
        other = by_email.get((staff.email or "").lower()) if staff and staff.enabled else None
        rival = _rival(other, read.staff) if other and other is not account and staff else None
        spoken_of |= {one.user_id for one in (account, rival.account if rival else None) if one}
        link = links.get(f"{EMPLOYEE}:{code}")
        people.append(
            Person(
                code=code,
                staff=staff,
                owed=read.owed.get(code),
                account=account,
                rival=rival,
                twin=twins.get(code),
                held=dict(read.held.get(code, {})),
                linked=link.target_id if link else None,
                saved_at=_moment(link.facts.get(SAVED_AT)) if link else None,
                faults=tuple(faults.get(code, ())),
            )
        )
    return people, [account for account in read.accounts if account.user_id not in spoken_of]


def _twins(staff: Iterable[Staff], by_code: Mapping[str, Account]) -> dict[str, str]:
    """Of employees with the same e-mail all but the first: users come first, then the lower code."""
    alone: dict[str, Staff] = {}
    sharing: dict[str, list[Staff]] = {}
    for one in staff:
        if one.enabled and one.email:
            email = one.email.lower()
            first = alone.setdefault(email, one)
            if first is not one:
                sharing.setdefault(email, [first]).append(one)
    found = {}
    for several in sharing.values():
        keeps, *others = sorted(several, key=lambda one: (one.code not in by_code, one.code))
        found.update({other.code: keeps.code for other in others})
    return found


def _rival(account: Account, staff: Mapping[str, Staff]) -> Rival:
    own = staff.get(account.employee_id)
    moves_on = bool(own and own.email and own.enabled and own.email.lower() != account.email.lower())
    return Rival(account, own is not None, not (moves_on and account.payroll))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
