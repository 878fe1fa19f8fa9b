"""Everybody, by what moved since they were last read, where that takes fewer calls (RUN-11, LB-1, LB-2).

Payroll says what it has saved since; Express Leave does not say what moved, but nobody else writes balances
there, and what we wrote is known from the runs that did. Users are listed each time. In each run a page of
Express Leave's balances, in turn, proves that what is kept is so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct, convert, field, json, to_builtins

from payrelay.domain.groups import in_groups
from payrelay.domain.runs import Link, Mode, Run
from payrelay.errors import Rejected
from payrelay.flows.balance_sync import glance
from payrelay.flows.balance_sync.company import Company
from payrelay.flows.balance_sync.mirror import (
    CHUNK,
    MANY,
    Kept,
    everybody_in,
    kept_of,
    pack,
    unpack,
    user_of,
)
from payrelay.flows.balance_sync.people import ATTACHE, EMPLOYEE, Known, LeaveTypes
from payrelay.flows.balance_sync.read import READS, Sides
from payrelay.flows.balance_sync.rows import held_of, known_of, staff_of
from payrelay.ledger.mirrors import Head, Part
from payrelay.ledger.parts import BATCH
from payrelay.systems.attache import client as attache_client

if TYPE_CHECKING:
    from payrelay.ledger import Ledger
    from payrelay.systems.attache.models import Balances, Employee
    from payrelay.systems.express_leave.models import Company as Office
    from payrelay.systems.rows import BadRow

# What the links of employees keep, by code.
Noted: TypeAlias = Callable[[], Iterable[tuple[str, Known]]]
LinksOf: TypeAlias = Callable[[Iterable[str]], Mapping[str, Link]]
EMPLOYEES, TYPES, CURSOR = "employees", "types", "cursor"


class Lost(Exception):
    """A part of what was kept is not there any more."""


class Before(Struct, frozen=True):
    """What was kept, what was written since, and whom other runs wrote about."""

    head: Head
    since: glance.Since
    touched: frozenset[str]


class Found(Struct):
    """Both systems' lists. In a `full` comparison everything was read, else a part was taken from before.

    `moved` are those whose rows payroll has just given, None for everybody; `then` are the users of before,
    and `unsure` those of whom Express Leave may hold something else. Of the rest nothing was `changed` since
    they were kept; None if everybody is kept anew.
    """

    company: Company
    full: bool = True
    moved: set[str] | None = None
    then: dict[str, str | None] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    changed: set[str] | None = None
    before: Before | None = None
    cursor: str | None = None
    drift: int = 0

    def note_changed(self, *codes: str) -> None:
        """What is kept of these is not so any more."""
        if self.changed is not None:
            self.changed.update(codes)


class Memory(Struct, frozen=True):
    """What the flow of one connection keeps of both systems between its runs."""

    sides: Sides
    ledger: Ledger
    known: Noted
    links_of: LinksOf
    tenant: str
    connection_id: str
    flow: str
    version: str

    # --- reading -----------------------------------------------------------------------------------------

    def read(self, run: Run, types: LeaveTypes, office: Office) -> Found:
        """Everybody for a run over all of them."""
        before = self.before(run.era)
        if before and not self._fits(before.head, run, types, office):
            before = None
        found = None
        if before and not self._is_everything_due(before.head, run):
            found = self._by_what_moved(before, run)
        return found or self._whole(before, run)

    def before(self, era: int) -> Before | None:
        """What was kept, if it is known what was written since."""
        head = self.ledger.mirrors.head(*self._where)
        if head is None:
            return None
        sender = self.ledger.runs.get(self.tenant, head.run_id)
        if sender is None or not glance.is_told(sender):
            return None
        since = glance.Since()
        for _, records in self.ledger.parts.records(sender, BATCH):
            for record in records:
                since.put(record)
        return Before(head, since, self._touched(era))

    def rows(self, before: Before, only: str | None = None) -> Iterator[Kept]:
        """Everybody who was kept, with what was written since; `only` those who are kept with this one."""
        links = self.links_of(before.since.users) if before.since.users else {}
        for part in _parts_with(before.head.parts, only):
            blob = self.ledger.mirrors.blob(*self._where, part.name)
            if blob is None:
                raise Lost(part.name)
            for kept in unpack(blob, few=before.head.facts.get(EMPLOYEES, 0) < MANY):
                link = links.get(f"{EMPLOYEE}:{kept.code}")
                yield before.since.of(kept, known_of(link.target_id, link.facts) if link else None)

    def kept_of(self, code: str) -> Kept | None:
        """What the next login would take of an employee from before, unless it asks about them anyway."""
        connection = self.ledger.connections.get(self.tenant, self.connection_id)
        before = self.before(connection.era if connection else 0)
        if before is None or code in before.touched:
            return None
        with suppress(Lost):
            found = next((row for row in self.rows(before, code) if row.code == code), None)
            return None if found is None or found.unsure else found
        return None

    @property
    def _where(self) -> tuple[str, str, str]:
        return self.tenant, self.connection_id, self.flow

    def _touched(self, era: int) -> frozenset[str]:
        return frozenset(code for one in self.ledger.touched.of(*self._where, era) for code in one.keys)

    def _fits(self, head: Head, run: Run, types: LeaveTypes, office: Office) -> bool:
        """Whether it is of the same organisation, company, settings, version of the flow, types of leave."""
        return head.stamp == self._stamp(run, office) and head.facts.get(TYPES) == _codes_of(types)

    def _is_everything_due(self, head: Head, run: Run) -> bool:
        is_short = head.facts.get(EMPLOYEES, 0) <= attache_client.PAGE_SIZE
        return is_short or glance.is_afresh(run) or glance.is_old(head.full_at, run)

    def _stamp(self, run: Run, office: Office) -> str:
        connection = self.ledger.connections.get(self.tenant, self.connection_id)
        switched = connection.switched_at if connection else None
        own = self.sides.attache.organisation_id
        told = [self.version, run.settings, office.company_id, own, switched, run.era]
        return sha256(json.encode(to_builtins(told), order="sorted")).hexdigest()[:32]

    # --- everything --------------------------------------------------------------------------------------

    def _whole(self, before: Before | None, run: Run) -> Found:
        """All lists, as if nothing were known; and of how many people what was known is not so."""
        since = glance.since_when(before.head.marks.get(ATTACHE)) if before else None
        company = self.sides.everyone(self.known(), since=since)
        found = Found(company, before=before)
        if before and company.whole and run.mode is Mode.SYNC:
            # Whom somebody has written about meanwhile, too.
            but = before.touched | self._touched(run.era)
            with suppress(Lost):
                for row in self.rows(before):
                    found.drift += glance.is_wrong(row, company, but, marked=since is not None)
        return found

    # --- what moved --------------------------------------------------------------------------------------

    def _by_what_moved(self, before: Before, run: Run) -> Found | None:
        """Everybody by what moved; None if what was kept is not there any more, or is not so."""
        company = Company()
        found = Found(company, full=False, before=before, unsure=set(before.touched))
        since = before.since
        found.changed = {*since.balances, *since.users, *since.unsure}
        try:
            for row in self.rows(before):
                _put(found, row)
        except Lost:
            return None
        if not self._is_proven(found, run):
            return None
        with ThreadPoolExecutor(1) as pool:
            _ = self.sides.attache
            reading = pool.submit(self.sides.users_of(company))
            found.moved = self._read_saved(found)
            if found.moved is None:
                self._read_payroll(found)
            for code, one in self.known():
                company.put_known(code, one)
            reading.result()
        self._ask(found)
        return found

    def _is_proven(self, found: Found, run: Run) -> bool:
        """Whether the next page of Express Leave's balances shows what was kept."""
        before = found.before
        after = before.head.facts.get(CURSOR) if before else None
        client = self.sides.express_leave
        try:
            page = client.balances(after)
        except Rejected:
            # A place in a list does not last for ever.
            page = client.balances(None)
        bad: list[BadRow] = []
        rows = [(one.employee_id, one.income_code, held_of(one, {}).amount) for one in page.rows.take(bad)]
        found.cursor = page.next
        found.unsure |= {row.id for row in bad}
        wrong = glance.differs(rows, found.company.held, found.unsure)
        return not wrong or not wrong - self._touched(run.era)

    def _read_saved(self, found: Found) -> set[str] | None:
        """Whom payroll has saved since, put in place; None where its lists are to be read as a whole.

        That is where its clock is no measure, where there are too many for one page, which could shift while
        the next is read, where a row can't be used, and where somebody is not there any more.
        """
        company, head = found.company, found.before.head if found.before else None
        since = glance.since_when(head.marks.get(ATTACHE)) if head else None
        both = self._saved_since(company, since) if since else None
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

    def _saved_since(self, company: Company, since: datetime) -> tuple[list[Employee], list[Balances]] | None:
        """Both lists of whom payroll has saved since, read again while one of them lacks somebody."""
        attache = self.sides.attache
        before: set[str] | None = None
        for _ in range(READS):
            bad: list[BadRow] = []
            listed = attache.employees(1, since)
            company.began = company.began or attache.server_time
            if listed.total_pages > 1 or glance.has_gone_back(company.began, since):
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
        for code in [*doubts.must, *doubts.may][: glance.ASKED_ALONE]:
            faults: list[Any] = []
            company.held[code] = self.sides.held_by(code, faults)
            company.bad += faults
            found.unsure.discard(code)
            found.note_changed(code)

    # --- keeping -----------------------------------------------------------------------------------------

    def keep_read(self, run: Run, found: Found, types: LeaveTypes, office: Office) -> dict[str, Any] | None:
        """Keep what was read; the head that is put once the run is planned. None if nothing is kept.

        Where payroll has one page of each list, everything is read each time.
        """
        company, before = found.company, found.before
        is_short = found.moved is None and not company.long
        if run.mode is not Mode.SYNC or not company.whole or is_short:
            return None
        spoilt = any(fault.system == ATTACHE for fault in company.bad)
        marks = {} if spoilt or company.began is None else {ATTACHE: company.began.isoformat()}
        head = Head(
            stamp=self._stamp(run, office),
            marks=marks,
            full_at=run.queued_at if found.full or before is None else before.head.full_at,
            run_id=run.run_id,
            parts=self._put_parts(found),
            facts={EMPLOYEES: len(company.staff), TYPES: _codes_of(types), CURSOR: found.cursor},
        )
        return to_builtins(head)  # type: ignore[no-any-return]

    def put_head(self, run: Run, head: Mapping[str, Any], settled: Collection[str]) -> None:
        """Put what was kept in the place of what was before; what these runs touched is in it.

        Crash before they are forgotten: the same people are asked about once more.
        """
        self.ledger.mirrors.put_head(*self._where, convert(head, Head))
        for touch in list(self.ledger.touched.of(*self._where, run.era)):
            if touch.run_id in settled:
                self.ledger.touched.settled(run, touch)

    def ended_touching(self, run: Run) -> list[str]:
        """The runs that have touched somebody, and write no more: to be told before anything is read."""
        names = {touch.run_id for touch in self.ledger.touched.of(*self._where, run.era)}
        there = ((name, self.ledger.runs.get(self.tenant, name)) for name in sorted(names))
        return [name for name, one in there if one is None or one.status.final]

    def touch(self, run: Run, codes: Collection[str]) -> None:
        """Note whom a run is about to write about, unless what it keeps will tell.

        A person's own run may write while one over everybody reads; all others come before or after it.
        """
        if codes and not run.scope:
            head = self.ledger.mirrors.head(*self._where)
            if head is None or head.run_id == run.run_id:
                return
        if codes:
            self.ledger.touched.put(run, sorted(set(codes)))

    def _put_parts(self, found: Found) -> list[Part]:
        """The blobs of everybody; where not all are kept anew, only those in which something changed."""
        codes = everybody_in(found.company)
        before = found.before
        if found.changed is None or before is None:
            return [self._put_part(found, group, group[0]) for group in in_groups(codes, CHUNK)]
        parts = before.head.parts
        starts = [part.first for part in parts]
        places = {max(bisect_right(starts, code) - 1, 0) for code in found.changed}
        begins = [0, *(bisect_left(codes, first) for first in starts[1:]), len(codes)]
        return [
            self._put_part(found, codes[begins[place] : begins[place + 1]], part.first)
            if place in places
            else part
            for place, part in enumerate(parts)
        ]

    def _put_part(self, found: Found, codes: list[str], first: str) -> Part:
        data = pack(kept_of(found.company, codes, found.unsure))
        name = self.ledger.mirrors.put_blob(*self._where, data)
        return Part(first, name, len(codes))


def _put(found: Found, row: Kept) -> None:
    """One employee as they were kept."""
    company, code = found.company, row.code
    if row.staff is not None:
        company.staff[code] = row.staff
    if row.owed is not None:
        company.owed[code] = row.owed
    if row.held:
        company.held[code] = row.held
    found.then[code] = row.user_id
    if row.unsure:
        found.unsure.add(code)


def _lacking(company: Company, people: Collection[Employee], owed: Collection[Balances]) -> set[str]:
    """Of whom payroll has just given one row, and has none in the other list."""
    listed, owing = {one.code for one in people}, {row.code for row in owed}
    nobody = {code for code in owing if code not in listed and code not in company.staff}
    return nobody | {
        one.code
        for one in people
        if one.code not in owing and one.code not in company.owed and staff_of(one).enabled
    }


def _parts_with(parts: list[Part], code: str | None) -> list[Part]:
    """All parts, or the one in which somebody is."""
    if code is None or not parts:
        return parts
    place = max(bisect_right([part.first for part in parts], code) - 1, 0)
    return [parts[place]]


def _codes_of(types: LeaveTypes) -> list[str]:
    return sorted([*(kind.income_code for kind in types.known), *(fault.of for fault in types.faults)])
