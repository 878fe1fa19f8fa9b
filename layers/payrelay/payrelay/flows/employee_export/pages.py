"""Pages of a large company: what stands as it stood is told at a glance, the rest is compared (RUN-11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.mirror import Entry, Kind, day_number
from payrelay.domain.records import PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Mode, Page, Run
from payrelay.flows.employee_export import glance, records
from payrelay.flows.employee_export.answers import to_be_known
from payrelay.flows.employee_export.compare import Payload
from payrelay.flows.employee_export.diagnose import Known
from payrelay.flows.employee_export.glance import APART, Row, digest_of, one_spelling
from payrelay.flows.employee_export.mirror import Mirror, Reading
from payrelay.flows.employee_export.planning import Plan
from payrelay.flows.employee_export.read import Source, tidied
from payrelay.flows.employee_export.rules import SelectionRule
from payrelay.flows.employee_export.selection import is_named, judge
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.models import Employee
from payrelay.systems.simployer.raw import RawEmployees
from payrelay.systems.xledger.times import seconds_of


def found_in(plan: Plan) -> dict[str, Kind]:
    """Who of a plan is equal, or left out and no more, by source id."""
    found = {case.employee.id: Kind.EQUAL for case in plan.equal}
    plain = (one for one in plan.records if glance.is_plain(plan.cases.get(one.source_id), one))
    return found | {one.source_id: Kind.LEFT_OUT for one in plain}


def known_of(mirror: Mirror, plan: Plan | None, version: str, today: date) -> Known | None:
    """What runs go by of the one person of a plan, and whether that is right; without one, of all."""
    if plan is None:
        last = mirror.head()
        return Known(last.run_id, why=str(last.facts.get("why", ""))) if last else None
    case = next(iter(plan.cases.values()), None)
    told = mirror.told(case.employee.id, version) if case else None
    if case is None or told is None:
        return None
    head, entry = told
    known = Known(head.run_id, why=str(head.facts.get("why", "")))
    if entry is None:
        return replace(known, moved="nothing of them is kept")
    node, contact = case.target.employee, case.target.contact
    versions = tuple(seconds_of(one.modified_at) if one else 0 for one in (node, contact) if node)
    if versions != entry.versions or (entry.ids and node and node.db_id != entry.ids[0]):
        return replace(known, moved="they were changed in Xledger")
    rows = mirror.sides.simployer.employee_rows_by_id([case.employee.id])
    contents = [one.whole for raw in rows for one in raw.contents()]
    if [digest_of(one, mirror.key) for one in contents] != [entry.digest]:
        return replace(known, moved="they were changed in Simployer One")
    if day_number(today) >= entry.until:
        return replace(known, moved="a day has come that may change how they are judged")
    return replace(known, equal=found_in(plan).get(case.employee.id) is entry.kind)


def _are_apart(found: Sequence[tuple[Plan, PlannedPage]]) -> bool:
    """Whether no two parts of a page write under one number."""
    ids = [write.record.record_id for _, planned in found for write in planned.writes]
    return len(ids) == len(set(ids))


def _joined(parts: Sequence[PlannedPage]) -> PlannedPage:
    """The parts of one page as one."""
    first, *others = parts
    if not others:
        return first
    writes = [write for part in parts for write in part.writes]
    said = records.all_apart(writes, [record for part in parts for record in part.records])
    matched = {name: one for part in parts for name, one in part.matched.items()}
    unchanged = sum(part.unchanged for part in parts)
    return replace(first, unchanged=unchanged, records=tuple(said), writes=tuple(writes), matched=matched)


class Stretch(Struct, frozen=True):
    """A page's rows as they came; its own ones by their places, and what proves its place in the list."""

    raw: RawEmployees
    rows: Sequence[Row]
    own: Sequence[int]
    seen: Seen


class Pages(Struct, frozen=True):
    """How the pages of one run are planned; `plan` compares what they hand on, live on both sides."""

    run: Run
    reading: Reading
    mirror: Mirror
    rule: SelectionRule
    today: date
    plan: Callable[[int, Source], tuple[Plan, PlannedPage]]

    def stretch(self, page: Page) -> PlannedPage:
        """A stretch of the list."""
        stretch = self._read(page)
        known = self.mirror.known(self.reading, stretch.seen.ids)
        own = [stretch.rows[place] for place in stretch.own]
        fine = glance.settled(own, known.entries, self.reading.moved, day_number(self.today))
        compare = self._all if self.reading.full else self._moved
        planned, entries = compare(page.index, stretch, fine)
        first = stretch.seen.ids[0] if stretch.seen.ids else ""
        return replace(planned, mirror=self.mirror.put(self.run, self.reading, first, entries, known))

    def together(self, page: Page) -> PlannedPage:
        """Those whom pages have left. Who is gone meanwhile is no record, but for whom was exported once."""
        rows: list[Employee] = []
        bad: list[BadRow] = []
        digests: dict[str, bytes] = {}
        for raw in self.mirror.sides.simployer.employee_rows_by_id(page.ids):
            digests |= {one.id: self._digest(one.whole) for one in raw.contents()}
            rows += tidied(raw.read(), bad)
        there = {*digests, *(one.id for one in bad)}
        links = self.mirror.links([one for one in page.ids if one not in there])
        by_id = {row.id: row for row in rows}
        numbers = {row.id: row.employee_number for row in rows}
        groups = glance.apart_by_page([one for one in page.ids if one in by_id], numbers) or [[]]
        sources = [Source([by_id[one] for one in group], [], ()) for group in groups]
        sources[0] = replace(sources[0], bad=bad, missing=tuple(links))
        found = [self.plan(page.index, source) for source in sources]
        if not _are_apart(found):
            found = [self.plan(page.index, Source(rows, bad, tuple(links)))]
        learnt = [self._learnt(plan, planned, rows, digests) for plan, planned in found]
        planned = _joined([planned for planned, _ in learnt])
        entries = {i: entry for _, some in learnt for i, entry in some.items()}
        first = min(digests, default="")
        return replace(planned, mirror=self.mirror.put(self.run, self.reading, first, entries))

    def _read(self, page: Page) -> Stretch:
        behind = min(page.offset, 1)
        raw = self.mirror.sides.simployer.employee_rows(page.offset - behind, page.limit + behind)
        key = self.mirror.key
        rows = [Row(one.id, one_spelling(one.number), digest_of(one.whole, key)) for one in raw.contents()]
        labels = raw.labels
        ids = sorted(labels)
        before = ids[0] if behind and ids else None
        own = [place for place, label in enumerate(labels) if label != before]
        return Stretch(raw, rows, own, Seen(tuple(i for i in ids if i != before), before, raw.total))

    def _digest(self, content: bytes) -> bytes:
        return digest_of(content, self.mirror.key)

    # --- all of a page --------------------------------------------------------------------------------------

    def _all(
        self, index: int, stretch: Stretch, fine: Mapping[str, Entry]
    ) -> tuple[PlannedPage, dict[str, Entry]]:
        """Everybody is compared; of those who were `fine` it is counted who is not."""
        before = stretch.seen.before
        digests = {stretch.rows[place].id: stretch.rows[place].digest for place in stretch.own}
        unread: list[BadRow] = []
        rows = [row for row in tidied(stretch.raw.read(), unread) if row.id != before]
        bad = [row for row in unread if row.id != before]
        plan, planned = self.plan(index, Source(rows, bad, (), stretch.seen))
        wrong = glance.drifted(fine, plan.cases, found_in(plan), self.reading.mark)
        planned, entries = self._learnt(plan, planned, rows, digests)
        return replace(planned, drift=len(wrong)), entries

    # --- what moved of a page -------------------------------------------------------------------------------

    def _moved(
        self, index: int, stretch: Stretch, fine: dict[str, Entry]
    ) -> tuple[PlannedPage, dict[str, Entry]]:
        """Who is `fine` is counted, or left out as before; a few others are left, many are compared here."""
        raw, places = stretch.raw, {stretch.rows[place].id: place for place in stretch.own}
        told = self._left_out(raw, places, fine)
        rest = [place for place in stretch.own if stretch.rows[place].id not in fine]
        if rest:
            # One person under two numbers is seen where both are looked at.
            kin = [place for place in raw.akin(rest) if stretch.rows[place].id in fine]
            for source_id in (stretch.rows[place].id for place in kin):
                del fine[source_id]
                told.pop(source_id, None)
            rest = sorted({*rest, *kin})
        bad: list[BadRow] = []
        rows = tidied(raw.read(rest), bad)
        equal = sum(entry.kind is Kind.EQUAL for entry in fine.values())
        if len(rest) <= APART:
            said = records.all_apart((), [*map(records.unreadable_row, bad), *told.values()])
            left = glance.as_left(row.id for row in rows)
            return PlannedPage(index, equal, tuple(said), (), stretch.seen, left=left), fine
        plan, planned = self.plan(index, Source(rows, bad, (), stretch.seen))
        digests = {stretch.rows[place].id: stretch.rows[place].digest for place in rest}
        planned, entries = self._learnt(plan, planned, rows, digests)
        said = records.all_apart(planned.writes, [*planned.records, *told.values()])
        planned = replace(planned, unchanged=planned.unchanged + equal, records=tuple(said))
        return planned, {**fine, **entries}

    def _left_out(
        self, raw: RawEmployees, places: Mapping[str, int], fine: dict[str, Entry]
    ) -> dict[str, Record]:
        """The records of those who are left out, judged anew; whoever is not, is not `fine`."""
        ids = [i for i, entry in fine.items() if entry.kind is Kind.LEFT_OUT]
        bad: list[BadRow] = []
        rows = tidied(raw.read([places[i] for i in ids]), bad)
        found = {
            one.employee.id: records.record_of(one.employee, *one.refusal)
            for one in judge([row for row in rows if is_named(row, self.today)], self.rule, self.today, {})
            if one.refusal
        }
        for i in ids:
            if i not in found:
                del fine[i]
        return found

    # --- what is known from now on --------------------------------------------------------------------------

    def _learnt(
        self, plan: Plan, planned: PlannedPage, rows: Sequence[Employee], digests: Mapping[str, bytes]
    ) -> tuple[PlannedPage, dict[str, Entry]]:
        """The page, with what its writes are to be known by, and what is known of its records."""
        if self.run.mode is not Mode.SYNC:
            return planned, {}
        seen = glance.Seen(self.today, self.reading.mark)
        by_id = {row.id: row for row in rows}
        found: dict[str, Entry | None] = {}
        for case in plan.equal:
            i = case.employee.id
            found[i] = glance.equal_entry(case, by_id[i], digests[i], seen)
        for record in plan.records:
            i = record.source_id
            if glance.is_plain(plan.cases.get(i), record):
                found[i] = glance.left_out_entry(plan.cases[i], by_id[i], digests[i], seen)
        writes = []
        for write in planned.writes:
            i = write.record.source_id
            found[i] = glance.sent_entry(plan.cases[i], by_id[i], digests[i], seen)
            writes.append(self._known(write, plan, digests[i]) if found[i] else write)
        entries = {i: entry for i, entry in found.items() if entry}
        return replace(planned, writes=tuple(writes)), entries

    def _known(self, write: Write[Payload], plan: Plan, digest: bytes) -> Write[Any]:
        target = plan.cases[write.record.source_id].target
        known = to_be_known(write, target, self.run.run_id, digest, self.mirror.key)
        return replace(write, payload=replace(write.payload, known=known))
