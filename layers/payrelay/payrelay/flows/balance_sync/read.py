"""Both sides of the balance sync as they are read: the whole company, or one person by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from itertools import chain
from math import ceil, inf
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.flows.balance_sync.company import Company
from payrelay.flows.balance_sync.people import (
    ATTACHE,
    BALANCES,
    DETAILS,
    EMPLOYEE,
    EXPRESS_LEAVE,
    Account,
    Fault,
    Held,
    Known,
    LeaveType,
    LeaveTypes,
    Person,
    Staff,
)
from payrelay.flows.balance_sync.rows import (
    account_of,
    balance_fault,
    fault_of,
    held_of,
    known_of,
    owed_by_table,
    shared,
    staff_of,
)
from payrelay.flows.balance_sync.words import on_screen
from payrelay.systems.attache.client import PAGE_SIZE as PAYROLL_PAGE
from payrelay.systems.express_leave.client import PAGE_SIZE as LEAVE_PAGE

if TYPE_CHECKING:
    from payrelay.domain.runs import Link
    from payrelay.systems.attache.client import AttacheClient
    from payrelay.systems.attache.models import HistoryRow
    from payrelay.systems.express_leave.client import ExpressLeaveClient
    from payrelay.systems.rows import BadRow

T = TypeVar("T")
# A list that moves while it is read is read again so often; then nothing counts as complete.
READS = 3
# And only while the function has time for so many times what a read took, and some seconds for the rest.
LONGER, SPARE_SECONDS = 1.2, 30.0


class _Reading(Struct):
    """What one read of payroll's lists saw, and whether nothing moved meanwhile."""

    staff: set[str] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)
    bad: list[Fault] = field(default_factory=list)
    paged: bool = False
    still: bool = True

    def note(self, codes: set[str], page: Sequence[str]) -> None:
        """A page of a list, of whose earlier ones these are the `codes`; one that comes twice has moved."""
        before = len(codes)
        codes.update(page)
        self.still = self.still and len(codes) == before + len(page)


class Sides:
    """The two systems of one connection; a client is made when it is first used.

    `time_left` tells how many seconds the function at work has left; `clock` is in seconds, too.
    """

    def __init__(
        self,
        client_of: Callable[[str], Any],
        time_left: Callable[[], float] = lambda: inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_of, self._time_left, self._clock = client_of, time_left, clock

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

    # --- everybody ---------------------------------------------------------------------------------------

    def everyone(
        self,
        known: Iterable[tuple[str, Known]],
        *,
        balances: bool = True,
        since: datetime | None = None,
    ) -> Company:
        """All employees with their balances, and all users with theirs: every page of four lists, once.

        `known` is what the links of employees keep, by code. The lists are read side by side, payroll's two
        one after the other. Without `balances`, only the two lists of people. Who was saved in payroll
        `since` is told beside.
        """
        company = Company(since=since)
        # The clients are made here: they may be shared, but not made, by two threads.
        readers: list[Callable[[], None]] = [self.users_of(company)]
        readers += [self.held_of(company)] if balances else []
        _ = self.attache
        with ThreadPoolExecutor(len(readers)) as pool:
            reading = [pool.submit(read) for read in readers]
            self.payroll(company, balances=balances)
            for code, one in known:
                company.put_known(code, one)
            for read in reading:
                read.result()
        return company

    def users_of(self, company: Company) -> Callable[[], None]:
        """What reads all users."""
        client = self.express_leave

        def read() -> None:
            for user in listed(client.users, company.bad, EXPRESS_LEAVE, DETAILS):
                company.put_account(account_of(user, company.staff.get(user.employee_id)))

        return read

    def held_of(self, company: Company) -> Callable[[], None]:
        """What reads all balances that Express Leave holds."""
        client = self.express_leave

        def read() -> None:
            bad: list[BadRow] = []
            for page in following(client.balances):
                for balance in page.rows.take(bad):
                    held = held_of(balance, company.owed)
                    company.put_held(balance.employee_id, shared(balance.income_code), held)
            company.bad += [balance_fault(row) for row in bad]

        return read

    def payroll(self, company: Company, *, balances: bool = True) -> None:
        """Payroll's two lists, read again when rows moved between their numbered pages.

        Somebody hired meanwhile shows a row twice; somebody deleted lets one slip through between two pages,
        and the other list tells of it. What one list lacks in two reads running, it does lack. Lists that
        never hold still are taken as all the reads together saw them, and whoever slipped through is told of.
        """
        began, before = self._clock(), None
        for number in range(1, READS + 1):
            seen = _Reading()
            self._read_payroll(company, seen, balances=balances)
            lacking = company.lacking(seen.staff, seen.owed, seen.bad) if seen.paged and balances else set()
            if seen.still and (not lacking or before == lacking):
                company.keep(seen.staff, seen.owed)
                company.long = seen.paged
                company.bad += seen.bad
                return
            before = lacking
            if self._time_left() < SPARE_SECONDS + LONGER * (self._clock() - began) / number:
                break
        company.whole = False
        problem = "moved while the lists were read; the next run reads them again"
        slipped = company.lacking(company.staff, company.owed, seen.bad) if balances else set()
        company.bad += seen.bad
        company.bad += [
            Fault(ATTACHE, code, BALANCES if code in company.staff else DETAILS, "Their row", problem)
            for code in sorted(slipped)
        ]

    def _read_payroll(self, company: Company, seen: _Reading, *, balances: bool) -> None:
        """Read the lists once; a later read's rows replace those of an earlier one."""
        attache = self.attache
        for employees in self._numbered(attache.employees, seen, DETAILS):
            company.note_begin(attache)
            for employee in employees:
                company.put_staff(employee)
            seen.note(seen.staff, [company.code(employee.code) for employee in employees])
        for rows in self._numbered(attache.balances, seen, BALANCES) if balances else ():
            for row in rows:
                company.put_owed(row)
            seen.note(seen.owed, [company.code(row.code) for row in rows])

    def _numbered(self, list_page: Callable[[int], Any], seen: _Reading, of: str) -> Iterator[list[Any]]:
        """The rows of each page of a counted list; one that gets longer or shorter meanwhile moves."""
        bad: list[BadRow] = []
        first = page = list_page(1)
        number = 1
        yield page.rows.take(bad)
        seen.paged = seen.paged or first.total_pages > 1
        while number < page.total_pages:
            number += 1
            page = list_page(number)
            seen.still = seen.still and page.total_pages == first.total_pages
            yield page.rows.take(bad)
        seen.bad += [fault_of(ATTACHE, of, row) for row in bad]

    def staff(self) -> Iterator[Staff]:
        """All employees of payroll whose rows can be read, one by one: to find out who somebody is."""
        pages = self._numbered(self.attache.employees, _Reading(), DETAILS)
        return map(staff_of, chain.from_iterable(pages))

    # --- by themselves -----------------------------------------------------------------------------------

    def leave_types(self) -> LeaveTypes:
        """Express Leave's types of leave, and what is wrong with those that can't be read."""
        bad: list[BadRow] = []
        known = [
            LeaveType(one.income_code, one.description, str(one.visible_to))
            for one in self.express_leave.leave_types().take(bad)
        ]
        faults = [Fault(EXPRESS_LEAVE, "", row.id, on_screen(row.field), row.problem) for row in bad]
        return LeaveTypes(tuple(known), tuple(faults))

    def alone(self, codes: Iterable[str], links: Mapping[str, Link]) -> list[Person]:
        """Employees' balances, each from their own leave table: `unknown` is whom payroll does not have."""
        return self.as_shown([self._owed_alone(Person(code)) for code in codes], links)

    def as_now(self, people: Sequence[Person], links: Mapping[str, Link]) -> list[Person]:
        """People whom this run has read, with what Express Leave has of them now.

        Payroll is asked again only about those of whom it holds what neither was there nor was to be
        written: somebody else, perhaps with later news, was here meanwhile.
        """
        shown = self.as_shown(people, links)
        return [
            self._owed_alone(now) if _is_others(was, now) else now
            for was, now in zip(people, shown, strict=True)
        ]

    def as_shown(self, people: Sequence[Person], links: Mapping[str, Link]) -> list[Person]:
        """People with what Express Leave has of them now: the user, and their balances if there is one."""
        faults = {one.code: [fault for fault in one.faults if fault.system == ATTACHE] for one in people}
        ids = {one.code: one.account.user_id for one in people if one.account}
        ids |= {link.key: link.target_id for link in links.values()}
        accounts = self.accounts_of([one.code for one in people if not one.unknown], ids, faults)
        found = []
        for one in people:
            account, link = accounts.get(one.code), links.get(f"{EMPLOYEE}:{one.code}")
            held = self.held_by(one.code, faults[one.code]) if account else {}
            known = known_of(link.target_id, link.facts) if link else None
            told = tuple(faults[one.code])
            found.append(replace(one, account=account, held=held, known=known, faults=told))
        return found

    def account(self, user_id: str, code: str, faults: list[Fault]) -> Account | None:
        """The user with this id, if it is this employee's; told beside: a row that can't be used."""
        bad: list[BadRow] = []
        users = self.express_leave.user(user_id).take(bad)
        faults.extend(Fault(EXPRESS_LEAVE, code, DETAILS, on_screen(row.field), row.problem) for row in bad)
        return account_of(users[0]) if users and users[0].employee_id == code else None

    def held_by(self, code: str, faults: list[Fault]) -> dict[str, Held]:
        """The balances that Express Leave shows of one employee, by income code; told beside: bad rows."""
        bad: list[BadRow] = []
        rows = self.express_leave.balances_of(code).take(bad)
        faults += [balance_fault(row) for row in bad]
        return {balance.income_code: held_of(balance, {}) for balance in rows}

    def accounts_of(
        self, codes: Iterable[str], ids: Mapping[str, str], faults: Mapping[str, list[Fault]]
    ) -> dict[str, Account]:
        """The users with these employee ids: by their own ids where known, else searched for in the list."""
        found: dict[str, Account] = {}
        sought = set()
        for code in codes:
            before = len(faults[code])
            account = self.account(ids[code], code, faults[code]) if code in ids else None
            if account is not None:
                found[code] = account
            elif len(faults[code]) == before:
                sought.add(code)
        spoilt: list[Fault] = []
        every = listed(self.express_leave.users, spoilt, EXPRESS_LEAVE, DETAILS) if sought else iter(())
        for user in every:
            if user.employee_id in sought:
                found[user.employee_id] = account_of(user)
                sought.remove(user.employee_id)
                if not sought:
                    break
        for code in sought:
            # Whose row tells no employee id may be just the one that is looked for.
            faults[code].extend(replace(one, code=code) for one in spoilt if one.code in ("", code))
        return found

    def with_leave(self, person: Person) -> Person:
        """A person with their own leave table, and the balances that Express Leave shows."""
        own = self._owed_alone(person)
        faults = list(own.faults)
        return replace(own, held=self.held_by(person.code, faults), faults=tuple(faults))

    def _owed_alone(self, person: Person) -> Person:
        table = self.attache.leave_table(person.code)
        if table is None:
            return replace(person, unknown=True)
        bad: list[BadRow] = []
        owed, faults = owed_by_table(person.code, table.take(bad), bad)
        others = [fault for fault in person.faults if fault.system != ATTACHE or fault.of == DETAILS]
        return replace(person, owed=owed, faults=(*others, *faults))

    def comments(self, code: str, since: datetime) -> dict[str, str] | None:
        """What was overtyped for an employee since, by income code, with the newest comment of each.

        None where it can't be told which: a row that can't be read may be any.
        """
        bad: list[BadRow] = []
        rows = self.attache.leave_history(code).take(bad)
        if any(not row.id or row.field == "IncomeCode" for row in bad):
            return None
        found = {
            row.id: f"a row of the history can't be read: {on_screen(row.field)} {row.problem}" for row in bad
        }
        newest: Iterable[HistoryRow] = sorted(rows, key=lambda row: row.changed_at)
        return {**found, **{row.income_code: row.comment for row in newest if row.changed_at > since}}


def calls_of_lists(pages: int, types: int) -> int:
    """About how many calls the four lists of everybody take, that of employees having so many pages."""
    return pages * (2 + ceil(PAYROLL_PAGE / LEAVE_PAGE * (1 + types)))


def _is_others(was: Person, now: Person) -> bool:
    """Whether somebody else has written a balance since it was read."""
    owed = was.owed.amounts if was.owed else {}
    for code, held in now.held.items():
        before = was.held.get(code)
        if held.amount != owed.get(code) and (before is None or held.amount != before.amount):
            return True
    return False


def following(list_page: Callable[[str | None], Any]) -> Iterator[Any]:
    """The pages of a list, each of which names the next."""
    after: str | None = None
    while True:
        page = list_page(after)
        yield page
        after = page.next
        if after is None:
            return


def listed(
    list_page: Callable[[str | None], Any], faults: list[Fault], system: str, of: str
) -> Iterator[Any]:
    """All rows of such a list; those that can't be used are told in `faults`."""
    bad: list[BadRow] = []
    for page in following(list_page):
        yield from page.rows.take(bad)
    faults += [fault_of(system, of, row) for row in bad]
