"""Everybody, by what moved since they were last read, where that takes fewer calls (RUN-11, LB-1, LB-2).

Payroll says what it has saved since; Express Leave does not say what moved, but nobody else writes balances
there, and what we wrote is known from the runs that did. Users are listed each time. In each run a page of
Express Leave's balances, in turn, proves that what is kept is so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from payrelay.domain.runs import Mode, Run
from payrelay.errors import VendorError
from payrelay.flows.balance_sync import glance
from payrelay.flows.balance_sync.company import Company
from payrelay.flows.balance_sync.memory import (
    CURSOR,
    EMPLOYEES,
    TYPES,
    Before,
    Found,
    Lost,
    Memory,
    ahead_in,
    codes_of,
)
from payrelay.flows.balance_sync.mirror import user_of
from payrelay.flows.balance_sync.people import ATTACHE, Fault, Known, LeaveTypes
from payrelay.flows.balance_sync.read import READS, Sides
from payrelay.flows.balance_sync.rows import held_of, staff_of
from payrelay.ledger.mirrors import Head
from payrelay.systems.attache import client as attache_client

if TYPE_CHECKING:
    from payrelay.systems.attache.models import Balances, Employee
    from payrelay.systems.express_leave.models import Balance, ListPage
    from payrelay.systems.rows import BadRow

# What the links of employees keep, by code.
Noted: TypeAlias = Callable[[], Iterable[tuple[str, Known]]]


class ByWhatMoved(Struct, frozen=True):
    """Reads everybody for runs over all of them."""

    sides: Sides
    memory: Memory
    known: Noted

    def read(self, run: Run, types: LeaveTypes, company_id: str) -> Found:
        """Everybody: by what moved where enough is known from before, else all lists."""
        stamp = self.memory.stamp(run, company_id, self.sides.attache.organisation_id)
        kinds = codes_of(types)
        before = self.memory.before(run.era)
        if before and (before.head.stamp, before.head.facts.get(TYPES)) != (stamp, kinds):
            before = None
        found = None
        if before and not _is_everything_due(before.head, run):
            found = self._by_what_moved(before, run)
        found = found or self._whole(before, run)
        found.stamp, found.types = stamp, kinds
        return found

    # --- everything --------------------------------------------------------------------------------------

    def _whole(self, before: Before | None, run: Run) -> Found:
        """All lists, as if nothing were known; and of how many people what was known is not so."""
        since = glance.since_when(before.head.marks.get(ATTACHE)) if before else None
        company = self.sides.everyone(self.known(), since=since)
        found = Found(company, before=before)
        if before and company.whole and run.mode is Mode.SYNC:
            # Whom somebody has written about meanwhile, too.
            but = before.touched | self.memory.touched(run.era)
            with suppress(Lost):
                for row in self.memory.rows(before):
                    found.drift += glance.is_wrong(row, company, but, marked=since is not None)
        return found

    # --- what moved --------------------------------------------------------------------------------------

    def _by_what_moved(self, before: Before, run: Run) -> Found | None:
        """Everybody by what moved; None if what was kept is not there any more, or is not so."""
        company = Company()
        found = Found(company, full=False, before=before, unsure=set(before.touched))
        found.changed = set(before.since.codes)
        # The clients are made here: they may be shared, but not made, by two threads.
        users, _ = self.sides.users_of(company), self.sides.attache
        with ThreadPoolExecutor(1) as pool:
            # Their pages come one after the other: meanwhile all else is got ready.
            reading = pool.submit(users)
            proof = self._proof(found)
            try:
                for row in self.memory.rows(before):
                    found.put(row)
            except Lost:
                return None
            if not self._is_proven(found, proof, run):
                return None
            found.moved = self._read_saved(found)
            if found.moved is None:
                self._read_payroll(found)
            for code, one in self.known():
                company.put_known(code, one)
            reading.result()
        self._ask(found)
        return found

    def _proof(self, found: Found) -> ListPage[Balance]:
        """The next page of Express Leave's balances."""
        after = found.head.facts.get(CURSOR) if found.head else None
        client = self.sides.express_leave
        try:
            page = client.balances(after)
        except VendorError:
            if after is None:
                raise
            # A place in a list does not last for ever; where it is something else, this fails, too.
            page = client.balances(None)
        found.cursor = page.next
        return page

    def _is_proven(self, found: Found, page: ListPage[Balance], run: Run) -> bool:
        """Whether a page of Express Leave's balances shows what was kept."""
        bad: list[BadRow] = []
        rows = [(one.employee_id, one.income_code, held_of(one, {}).amount) for one in page.rows.take(bad)]
        found.unsure |= {row.id for row in bad}
        wrong = glance.differs(rows, found.company.held, found.unsure)
        return not wrong or not wrong - self.memory.touched(run.era)

    def _read_saved(self, found: Found) -> set[str] | None:
        """Whom payroll has saved since, put in place; None where its lists are to be read as a whole.

        That is where its clock is no measure, where there are too many for one page, which could shift while
        the next is read, where a row can't be used, and where somebody is not there any more.
        """
        company = found.company
        since = glance.since_when(found.head.marks.get(ATTACHE)) if found.head else None
        both = self._saved_since(company, since, ahead_in(found.head)) if since else None
        if both is None:
            return None
        people, owed = both
        hired = {one.code for one in people} - company.staff.keys()
        moved = {*(one.code for one in people), *(row.code for row in owed)}
        old = {code: (company.staff.get(code), company.owed.get(code)) for code in moved}
        for one in people:
            company.put_staff(one)
        for row in owed:
            company.put_owed(row)
        now = ((code, (company.staff.get(code), company.owed.get(code))) for code in moved)
        found.note_changed(*(code for code, both_now in now if both_now != old[code]))
        # A new code may be somebody's who had another: then one is gone.
        return None if hired and not self.is_nobody_gone(company) else moved

    def _saved_since(
        self, company: Company, since: datetime, ahead: timedelta
    ) -> tuple[list[Employee], list[Balances]] | None:
        """Both lists of whom payroll has saved since, read again while one of them lacks somebody.

        Its clock was so far `ahead` of ours when it was read before.
        """
        attache = self.sides.attache
        before: set[str] | None = None
        for _ in range(READS):
            bad: list[BadRow] = []
            listed = attache.employees(1, since)
            company.note_begin(attache)
            if listed.total_pages > 1 or glance.has_gone_back(company.began, since, company.ahead - ahead):
                return None
            owing = attache.balances(1, since)
            people, owed = list(listed.rows.take(bad)), list(owing.rows.take(bad))
            if owing.total_pages > 1 or bad:
                return None
            lacking = _lacking(company, people, owed)
            if not lacking or lacking == before:
                return people, owed
            before = lacking
        return None

    def is_nobody_gone(self, company: Company) -> bool:
        """Whether payroll has as many employees as are known: one more call."""
        return self.sides.attache.count_employees() == len(company.staff)

    def read_payroll_again(self, found: Found) -> None:
        """Payroll's lists as a whole after all, since somebody is not there any more."""
        found.moved = None
        self._read_payroll(found)
        self._ask(found)

    def _read_payroll(self, found: Found) -> None:
        company = found.company
        company.staff, company.owed, found.changed = {}, {}, None
        self.sides.payroll(company)

    def _ask(self, found: Found) -> None:
        """Ask Express Leave about those of whom it may hold something else; of too many, read its list."""
        company = found.company
        for account in company.accounts:
            if not account.payroll and company.held.pop(account.employee_id, None) is not None:
                found.note_changed(account.employee_id)
        doubts = glance.doubts(company, found.then, found.unsure)
        if len(doubts.must) > glance.ASKED_ALONE:
            company.held, found.unsure, found.changed = {}, set(), None
            self.sides.held_of(company)()
            found.then = {code: user_of(company, code) for code in company.staff}
            return
        for place, code in enumerate([*doubts.must, *doubts.may][: glance.ASKED_ALONE]):
            faults: list[Fault] = []
            held = self.sides.held_by(code, faults)
            if place < len(doubts.must) or held != company.held.get(code):
                found.note_changed(code)
            company.held[code] = held
            company.bad += faults
            found.unsure.discard(code)


def _is_everything_due(head: Head, run: Run) -> bool:
    """Whether all is to be read anyway, or takes no more calls."""
    is_short = head.facts.get(EMPLOYEES, 0) <= attache_client.PAGE_SIZE
    return is_short or glance.is_afresh(run) or glance.is_old(head.full_at, run)


def _lacking(company: Company, people: Collection[Employee], owed: Collection[Balances]) -> set[str]:
    """Of whom payroll has just given one row, and has none in the other list."""
    listed, owing = {one.code for one in people}, {row.code for row in owed}
    nobody = {code for code in owing if code not in listed and code not in company.staff}
    return nobody | {
        one.code
        for one in people
        if one.code not in owing and one.code not in company.owed and staff_of(one).enabled
    }
