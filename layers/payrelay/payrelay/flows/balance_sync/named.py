"""Records that are named, for a replay or a look-up: read again, and no more than is needed for them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.records import PlannedPage, Record
from payrelay.domain.runs import Link, Mode, Page, Run
from payrelay.flows.balance_sync.company import parts
from payrelay.flows.balance_sync.compare import Resaved
from payrelay.flows.balance_sync.people import BALANCE, EMPLOYEE, USER, Known, LeaveTypes, Part, Person
from payrelay.flows.balance_sync.read import Sides, calls_of_lists
from payrelay.ledger import Ledger
from payrelay.ledger.plans import PlanExpired
from payrelay.systems.attache.client import PAGE_SIZE as PAYROLL_PAGE

# So few people are read each by themselves, from their own leave tables; more, from the lists.
READ_ALONE = 5
# Of one alone: the leave table, the user, the balances that are shown.
CALLS_ALONE = 3
# The people that records are about, and who of them was saved again in payroll.
Named: TypeAlias = tuple[Part, Mapping[str, Resaved]]


class Reader(Struct, frozen=True):
    """Reads whom records are about. `planned_here` tells whether the run itself made the plan in question."""

    sides: Sides
    ledger: Ledger
    known: Callable[[], Iterable[tuple[str, Known]]]
    links_of: Callable[[Iterable[str]], Mapping[str, Link]]
    resaved: Callable[[Sequence[Person]], dict[str, Resaved]]

    def people(
        self, run: Run, page: Page, context: Mapping[str, Any], types: LeaveTypes, *, planned_here: bool
    ) -> Named:
        """Whom these records are about, read again: no more of both systems than is needed for them.

        In the run that planned them payroll is known. A replay, or a plan that people looked at, needs both
        systems as they are now: in each run the lists are read once at most. About each of whom something
        may have been sent since, Express Leave is asked.
        """
        codes = _codes_of(page.ids)
        if not planned_here and run.only is None:
            context = self._lists_kept(run, page.ids, types)
        if "starts" not in context:
            people = self.sides.alone(codes, self.links_of(codes))
            return Part(tuple(people)), self.resaved(people)
        named = self._stored(run, context["starts"], page.ids)
        # Who was paid is told by what Express Leave held before this run wrote.
        again = self.resaved(named.people)
        doubtful = _codes_of(page.doubtful)
        asked = [one for one in named.people if one.code in doubtful]
        now = {one.code: one for one in self.sides.as_now(asked, self.links_of(doubtful))} if asked else {}
        return replace(named, people=tuple(now.get(one.code, one) for one in named.people)), again

    def lists(self, run: Run, ids: Sequence[str], types: LeaveTypes) -> Mapping[str, Any]:
        """The lists, kept for these records; or nothing, where asking about each takes fewer calls.

        A plan is applied in batches, each with such records. Details are in the lists alone.
        """
        codes, applies = _codes_of(ids), run.mode is Mode.APPLY
        owed = [name for name in ids if name.startswith(f"{BALANCE}:")]
        if len(owed) == len(ids):
            calls = CALLS_ALONE * len(codes) * (run.batches or 1)
            if len(codes) <= READ_ALONE or calls <= calls_of_lists(self._pages(run), len(types.known)):
                return {}
        company = self.sides.everyone(self.known(), balances=bool(owed) or applies)
        found = parts(company, types)
        return {"starts": keep(self.ledger, run, found if applies else about(codes, found))}

    def _pages(self, run: Run) -> int:
        """How many pages the list of employees has: as the run before saw it, or one call tells."""
        before = run.replay_of or run.plan_of or run.run_id
        listed = own_context(self.ledger, replace(run, run_id=before)).get("listed")
        return ceil(listed / PAYROLL_PAGE) if listed else self.sides.attache.employees(1).total_pages

    def _lists_kept(self, run: Run, ids: Sequence[str], types: LeaveTypes) -> Mapping[str, Any]:
        """The lists as they were when the run first asked for them, if they are read at all."""
        context = own_context(self.ledger, run)
        if "starts" not in context:
            context = {**context, **self.lists(run, ids, types)}
            self.ledger.plans.put_context(run, context)
        return context

    def _stored(self, run: Run, starts: Sequence[str], ids: Sequence[str]) -> Part:
        """What this run has read of these people: whom it settled is left out, as in any part."""
        codes = _codes_of(ids)
        places = {max(bisect_right(starts, code) - 1, 0) for code in codes}
        if len(codes) < len(ids):
            places.add(len(starts) - 1)
        found = [self.ledger.plans.read(run, place, Part) for place in sorted(places)]
        people = {one.code: one for part in found for one in part.people}
        there = {*people, *(code for part in found for code in part.codes)}
        named = [people[code] for code in codes if code in people]
        named += [Person(code, unknown=True) for code in codes if code not in there]
        return Part(tuple(named), unmatched_users=found[-1].unmatched_users, owners=found[-1].owners)


def own_context(ledger: Ledger, run: Run) -> Mapping[str, Any]:
    """What a run keeps for itself; nothing at first, where it applies the plan of an earlier one."""
    try:
        return ledger.plans.context(run)
    except PlanExpired:
        return {}


def keep(ledger: Ledger, run: Run, found: Iterable[Part]) -> list[str]:
    """Keep parts with the run; with which code each begins."""
    starts = []
    for index, part in enumerate(found):
        ledger.plans.put_read(run, index, part)
        starts.append(part.codes[0] if part.codes else part.people[0].code if part.people else "")
    return starts


def only(ids: Sequence[str], planned: PlannedPage) -> PlannedPage:
    """Of a plan just these records: `employee:E0042`, `balance:E0042:AL`, `user:u-77`."""
    wanted = dict.fromkeys(ids)
    writes = {write.record.source_id: write for write in planned.writes}
    told = {record.source_id: record for record in planned.records}
    balanced = {_code_of(name) for name in (*writes, *told) if name.startswith(f"{BALANCE}:")}
    records = []
    for name in wanted:
        code = _code_of(name)
        if name not in writes and name in told:
            records.append(told[name])
        elif name not in writes and code not in balanced and f"{EMPLOYEE}:{code}" in told:
            # Nothing of this employee is synced, and so is this balance not.
            records.append(_as_balance(told[f"{EMPLOYEE}:{code}"], name))
    found = tuple(writes[name] for name in wanted if name in writes)
    settled = len(wanted) - len(found) - len(records)
    return replace(planned, unchanged=settled, records=tuple(records), writes=found)


def about(codes: Collection[str], found: Iterable[Part]) -> Iterator[Part]:
    """The parts without those who are not asked for."""
    for part in found:
        yield replace(part, people=tuple(one for one in part.people if one.code in codes))


def _code_of(source_id: str) -> str:
    """The employee whom a record's source id is about."""
    kind, _, rest = source_id.partition(":")
    return rest.rpartition(":")[0] or rest if kind == BALANCE else rest


def _codes_of(ids: Iterable[str]) -> list[str]:
    """The employees whom these records are about."""
    return sorted({_code_of(name) for name in ids if not name.startswith(f"{USER}:")})


def _as_balance(record: Record, source_id: str) -> Record:
    """What is told of an employee, told of one of their balances."""
    key = source_id.removeprefix(f"{BALANCE}:")
    return replace(record, entity=BALANCE, key=key, source_id=source_id)
