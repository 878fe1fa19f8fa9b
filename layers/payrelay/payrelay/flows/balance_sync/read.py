"""Both sides of the balance sync as they are read: the whole company, or one person by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from payrelay.flows.balance_sync.people import (
    BALANCES,
    DETAILS,
    SAVED_AT,
    Account,
    Everyone,
    Fault,
    Held,
    Owed,
    Person,
    Staff,
)
from payrelay.flows.balance_sync.rules import Amount

if TYPE_CHECKING:
    from payrelay.domain.runs import Link
    from payrelay.systems.attache.client import AttacheClient
    from payrelay.systems.attache.models import Balances, Employee, LeaveTable
    from payrelay.systems.express_leave.client import ExpressLeaveClient
    from payrelay.systems.express_leave.models import Balance, User
    from payrelay.systems.rows import BadRow

ATTACHE, EXPRESS_LEAVE = "attache", "express_leave"
# A list that moves while it is read is read again so often; then nothing counts as complete.
READS = 3


class Sides:
    """The two systems of one connection; a client is made when it is first used."""

    def __init__(self, client_of: Callable[[str], Any]) -> None:
        self._client_of = client_of

    @cached_property
    def attache(self) -> AttacheClient:
        """Payroll."""
        client: AttacheClient = self._client_of(ATTACHE)
        return client

    @cached_property
    def express_leave(self) -> ExpressLeaveClient:
        """Express Leave."""
        client: ExpressLeaveClient = self._client_of(EXPRESS_LEAVE)
        return client

    def everyone(self, *, balances: bool = True) -> Everyone:
        """All employees with their balances, and all users with theirs: every page of four lists, once.

        Both systems are read side by side. Without `balances`, only the two lists of people.
        """
        read = Everyone()
        clients = self.attache, self.express_leave  # made here: two threads must not both do it
        del clients
        with ThreadPoolExecutor(max_workers=1) as beside:
            payroll = beside.submit(self._payroll, balances=balances)
            self._read_leave(read, balances=balances)
            found = payroll.result()
        read.staff, read.owed, read.whole = found.staff, found.owed, found.whole
        read.bad += found.bad
        return read

    def _read_leave(self, read: Everyone, *, balances: bool) -> None:
        """Express Leave's two lists."""
        for users in following(self.express_leave.users):
            read.accounts += [account_of(user) for user in users.rows]
            read.bad += [_fault(EXPRESS_LEAVE, DETAILS, row) for row in users.bad_rows]
        for page in following(self.express_leave.balances) if balances else ():
            for balance in page.rows:
                read.held[balance.employee_id][balance.income_code] = held_of(balance)
            read.bad += [
                Fault(EXPRESS_LEAVE, row.id, row.number, row.field, row.problem) for row in page.bad_rows
            ]

    def _payroll(self, *, balances: bool) -> Everyone:
        """Payroll's two lists, read again when rows moved between their numbered pages.

        Somebody hired meanwhile shows a row twice; somebody deleted lets one slip through between two pages,
        and the other list tells of it. What one list lacks in two reads running, it does lack. Lists that
        never hold still are taken as all the reads together saw them, and whoever slipped through is told of.
        """
        reads: list[tuple[Everyone, set[str]]] = []
        while len(reads) < READS:
            read = Everyone()
            paged = self._read_payroll(read, balances=balances)
            lacking = _lacking(read) if paged and balances else set()
            if read.whole and (not lacking or (reads and reads[-1][1] == lacking)):
                return read
            reads.append((read, lacking))
        for earlier, _ in reversed(reads):
            read.staff = {**earlier.staff, **read.staff}
            read.owed = {**earlier.owed, **read.owed}
        read.whole = False
        problem = "moved while the lists were read; the next run reads them again"
        read.bad += [
            Fault(ATTACHE, code, BALANCES if code in read.staff else DETAILS, "Their row", problem)
            for code in sorted(_lacking(read) if balances else ())
        ]
        return read

    def _read_payroll(self, read: Everyone, *, balances: bool) -> bool:
        """Read the lists once, and tell whether one of them has several pages."""
        paged = False
        for employees in self._pages(self.attache.employees, read):
            paged = paged or employees.total_pages > 1
            for employee in employees.rows:
                read.whole = read.whole and employee.code not in read.staff
                read.staff[employee.code] = staff_of(employee)
            read.bad += [_fault(ATTACHE, DETAILS, row) for row in employees.bad_rows]
        for page in self._pages(self.attache.balances, read) if balances else ():
            paged = paged or page.total_pages > 1
            for row in page.rows:
                read.whole = read.whole and row.code not in read.owed
                read.owed[row.code] = owed_of(row)
            read.bad += [_fault(ATTACHE, BALANCES, row) for row in page.bad_rows]
        return paged

    def _pages(self, list_page: Callable[[int], Any], read: Everyone) -> Iterator[Any]:
        first = page = list_page(1)
        number = 1
        yield page
        while number < page.total_pages:
            number += 1
            page = list_page(number)
            read.whole = read.whole and page.total_pages == first.total_pages
            yield page

    def alone(self, code: str, link: Link | None) -> Person | None:
        """One employee's balances, from their own leave table; None when payroll does not have them."""
        table = self.attache.leave_table(code)
        if table is None:
            return None
        account = self.account_of(code, link)
        owed, faults = owed_by_table(code, table)
        saved_at = link.facts.get(SAVED_AT) if link else None
        return Person(
            code=code,
            owed=owed,
            account=account,
            held=self.held_by(code) if account else {},
            linked=link.target_id if link else None,
            saved_at=datetime.fromisoformat(saved_at) if saved_at else None,
            faults=tuple(faults),
        )

    def held_by(self, code: str) -> dict[str, Held]:
        """The balances that Express Leave shows of one employee, by income code."""
        return {balance.income_code: held_of(balance) for balance in self.express_leave.balances_of(code)}

    def account_of(self, code: str, link: Link | None) -> Account | None:
        """The user with this employee id: by the link if there is one, or searched for in the list."""
        user = self.express_leave.user(link.target_id) if link else None
        if user and user.employee_id == code:
            return account_of(user)
        for users in following(self.express_leave.users):
            for user in users.rows:
                if user.employee_id == code:
                    return account_of(user)
        return None


def following(list_page: Callable[[str | None], Any]) -> Iterator[Any]:
    """The pages of a list, each of which names the next."""
    after: str | None = None
    while True:
        page = list_page(after)
        yield page
        after = page.next
        if after is None:
            return


def _lacking(read: Everyone) -> set[str]:
    """Whom only one of payroll's two lists has, among those who are to be users."""
    spoilt = {(fault.of, fault.code) for fault in read.bad if fault.system == ATTACHE}
    listed = {*read.staff, *(code for of, code in spoilt if of == DETAILS)}
    owed = {*read.owed, *(code for of, code in spoilt if of == BALANCES)}
    users = {code for code, staff in read.staff.items() if staff.enabled}
    return (owed - listed) | (users - owed)


def staff_of(employee: Employee) -> Staff:
    """An employee, as the flow keeps them; empty texts count as missing."""
    return Staff(
        code=employee.code,
        name=employee.name.strip(),
        location=employee.location or None,
        state=employee.state or None,
        country=employee.country or None,
        hours=None if employee.hours_per_day is None else Decimal(employee.hours_per_day),
        email=(employee.email or "").strip() or None,
        online=employee.online,
        terminated=_day(employee.terminated) if employee.terminated else None,
    )


def owed_of(row: Balances) -> Owed:
    """An employee's row of the list of balances."""
    amounts = {code: Amount(hours, row.as_at) for code, hours in row.amounts.items()}
    return Owed(amounts, row.modified_at)


def owed_by_table(code: str, table: LeaveTable) -> tuple[Owed | None, list[Fault]]:
    """An employee's own leave table; rows that are not set up right are told beside it."""
    amounts, saved = {}, {}
    faults = [Fault(ATTACHE, code, row.id, row.field, row.problem) for row in table.bad_rows]
    for row in table.rows:
        if row.as_at is None:
            faults.append(
                Fault(ATTACHE, code, row.income_code, "Leave accrued up to and including", "is missing")
            )
            continue
        try:
            amounts[row.income_code] = Amount(Decimal(row.hours()), _day(row.as_at))
        except ValueError as error:
            faults.append(Fault(ATTACHE, code, row.income_code, "Hours per day", str(error)))
            continue
        saved[row.income_code] = row.modified_at
    latest = max((row.modified_at for row in table.rows), default=None)
    return Owed(amounts, latest, saved) if latest else None, faults


def account_of(user: User) -> Account:
    """A user, as the flow keeps them."""
    return Account(
        user_id=user.user_id,
        employee_id=user.employee_id,
        name=user.name,
        location=user.location,
        country=user.country,
        state=user.state,
        hours=Decimal(user.hours),
        default_approver=user.default_approver,
        email=user.email,
        user_type=user.user_type,
        payroll=user.payroll,
        version=user.version,
    )


def held_of(balance: Balance) -> Held:
    """A balance that Express Leave holds."""
    return Held(Amount(balance.hours, balance.as_at), balance.synced_at)


def _day(day: date) -> date:
    """A day as such: the rooms' own types have no place in a plan."""
    return date(day.year, day.month, day.day)


def _fault(system: str, of: str, row: BadRow) -> Fault:
    return Fault(system, row.number or row.id, of, row.field, row.problem)
