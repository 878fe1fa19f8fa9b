"""What a connection keeps of both systems between its runs, and what was written since (RUN-11)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct, convert, field, json, to_builtins

from payrelay.domain.groups import in_groups
from payrelay.domain.runs import Link, Mode, Run
from payrelay.flows.balance_sync import glance
from payrelay.flows.balance_sync.company import Company
from payrelay.flows.balance_sync.mirror import (
    CHUNK,
    Kept,
    Unreadable,
    everybody_in,
    kept_of,
    pack,
    unpack,
)
from payrelay.flows.balance_sync.people import ATTACHE, EMPLOYEE, LeaveTypes
from payrelay.flows.balance_sync.rows import known_of
from payrelay.ledger.mirrors import Head, Part
from payrelay.ledger.parts import BATCH

if TYPE_CHECKING:
    from payrelay.ledger import Ledger

LinksOf: TypeAlias = Callable[[Iterable[str]], Mapping[str, Link]]
# What a head knows beside its parts.
EMPLOYEES, TYPES, CURSOR, AHEAD = "employees", "types", "cursor", "ahead"
# Under which names a run's context has what it keeps, and whose touches that tells of.
KEPT, ENDED = "kept", "ended"


class Lost(Exception):
    """A part of what was kept is not there any more."""


class Before(Struct, frozen=True):
    """What was kept, what was written since, and whom other runs wrote about, some of which have `ended`."""

    head: Head
    since: glance.Since
    touched: frozenset[str]
    ended: tuple[str, ...] = ()


class Found(Struct):
    """Both systems' lists. In a `full` comparison everything was read, else a part was taken from before.

    `moved` are those whose rows payroll has just given, None for everybody; `then` are the users of before,
    and `unsure` those of whom Express Leave may hold something else. Of the rest nothing was `changed` since
    they were kept; None if everybody is kept anew: under a `stamp`, and for these `types` of leave.
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
    stamp: str = ""
    types: list[str] = field(default_factory=list)

    @property
    def head(self) -> Head | None:
        """What was kept."""
        return self.before.head if self.before else None

    def put(self, row: Kept) -> None:
        """One employee as they were kept."""
        company, code = self.company, row.code
        if row.staff is not None:
            company.staff[code] = row.staff
        if row.owed is not None:
            company.owed[code] = row.owed
        if row.held:
            company.held[code] = row.held
        self.then[code] = row.user_id
        if row.unsure:
            self.unsure.add(code)

    def note_changed(self, *codes: str) -> None:
        """What is kept of these is not so any more."""
        if self.changed is not None:
            self.changed.update(codes)


class Memory(Struct, frozen=True):
    """What the flow of one connection keeps of both systems between its runs."""

    ledger: Ledger
    links_of: LinksOf
    tenant: str
    connection_id: str
    flow: str
    version: str

    # --- what was kept -----------------------------------------------------------------------------------

    def before(self, era: int) -> Before | None:
        """What was kept, if it is known what was written since."""
        head = self.ledger.mirrors.head(*self._where)
        if head is None:
            return None
        sender = self.ledger.runs.get(self.tenant, head.run_id)
        if sender is None or not glance.is_told(sender):
            return None
        since, count = glance.Since(), 0
        for _, records in self.ledger.parts.records(sender, BATCH):
            count += len(records)
            if count > glance.MOST_WRITTEN:
                return None
            for record in records:
                since.put(record)
        touches = list(self.ledger.touched.of(*self._where, era))
        touched = frozenset(code for one in touches for code in one.keys)
        return Before(head, since, touched, self._ended({one.run_id for one in touches}))

    def rows(self, before: Before, only: str | None = None) -> Iterator[Kept]:
        """Everybody who was kept, with what was written since; `only` those who are kept with this one."""
        since = before.since
        links, written = self.links_of(since.users) if since.users else {}, since.codes
        for part in _parts_with(before.head.parts, only):
            blob = self.ledger.mirrors.blob(*self._where, part.name)
            if blob is None:
                raise Lost(part.name)
            try:
                for kept in unpack(blob):
                    if kept.code not in written:
                        yield kept
                        continue
                    link = links.get(f"{EMPLOYEE}:{kept.code}")
                    yield since.of(kept, known_of(link.target_id, link.facts) if link else None)
            except Unreadable as error:
                raise Lost(part.name) from error

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

    def touched(self, era: int) -> frozenset[str]:
        """Whom other runs wrote about."""
        return frozenset(code for one in self.ledger.touched.of(*self._where, era) for code in one.keys)

    def _ended(self, run_ids: Collection[str]) -> tuple[str, ...]:
        """Which of these runs write no more: what they wrote is seen by whoever reads after that."""
        there = ((name, self.ledger.runs.get(self.tenant, name)) for name in sorted(run_ids))
        return tuple(name for name, one in there if one is None or one.status.final)

    def stamp(self, run: Run, company_id: str, organisation_id: str) -> str:
        """Under which organisation, company, settings and version of the flow something is kept."""
        connection = self.ledger.connections.get(self.tenant, self.connection_id)
        switched = connection.switched_at if connection else None
        told = [self.version, run.settings, company_id, organisation_id, switched, run.era]
        return sha256(json.encode(to_builtins(told), order="sorted")).hexdigest()[:32]

    # --- keeping -----------------------------------------------------------------------------------------

    def keep_read(self, run: Run, found: Found) -> dict[str, Any]:
        """Keep what was read; what is to be known of it once the run is planned. Empty if nothing is kept.

        Where payroll has one page of each list, everything is read each time.
        """
        company, before = found.company, found.before
        is_short = found.moved is None and not company.long
        if run.mode is not Mode.SYNC or not company.whole or is_short:
            return {}
        spoilt = any(fault.system == ATTACHE for fault in company.bad)
        marks = {} if spoilt or company.began is None else {ATTACHE: company.began.isoformat()}
        head = Head(
            stamp=found.stamp,
            marks=marks,
            full_at=run.queued_at if found.full or before is None else before.head.full_at,
            run_id=run.run_id,
            parts=self._put_parts(found),
            facts={
                EMPLOYEES: len(company.staff),
                TYPES: found.types,
                CURSOR: found.cursor,
                AHEAD: company.ahead.total_seconds(),
            },
        )
        return {KEPT: to_builtins(head), ENDED: before.ended if before else ()}

    def put_head(self, run: Run, context: Mapping[str, Any]) -> None:
        """Put what was kept in the place of what was before; what runs touched that had ended is in it.

        Crash before they are forgotten: the same people are asked about once more.
        """
        if KEPT not in context:
            return
        self.ledger.mirrors.put_head(*self._where, convert(context[KEPT], Head))
        for touch in list(self.ledger.touched.of(*self._where, run.era)) if context[ENDED] else ():
            if touch.run_id in context[ENDED]:
                self.ledger.touched.settled(run, touch)

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


def _parts_with(parts: list[Part], code: str | None) -> list[Part]:
    """All parts, or the one in which somebody is."""
    if code is None or not parts:
        return parts
    place = max(bisect_right([part.first for part in parts], code) - 1, 0)
    return [parts[place]]


def ahead_in(head: Head | None) -> timedelta:
    """By how much payroll's clock was ahead of ours when it was read before."""
    return timedelta(seconds=head.facts.get(AHEAD, 0) if head else 0)


def codes_of(types: LeaveTypes) -> list[str]:
    """The codes of the types of leave, as they are compared with those of before."""
    return sorted([*(kind.income_code for kind in types.known), *(fault.of for fault in types.faults)])
