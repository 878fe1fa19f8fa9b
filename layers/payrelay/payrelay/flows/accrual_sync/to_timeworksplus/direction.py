"""Millennium to TimeWorksPlus: each tick looks for what moved, and writes what differs (AC-2 to AC-5)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads, lists
from payrelay.domain.groups import in_groups
from payrelay.domain.records import Applied, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Listing, Mode, Page, Run
from payrelay.flows.accrual_sync.direction import Direction
from payrelay.flows.accrual_sync.facts import Facts
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.records import (
    company_wide,
    employee_and_description,
    key_of,
    of_employees,
)
from payrelay.flows.accrual_sync.to_timeworksplus.balance import Compared
from payrelay.flows.accrual_sync.to_timeworksplus.closer import Memory
from payrelay.flows.accrual_sync.to_timeworksplus.compare import Comparer
from payrelay.flows.accrual_sync.to_timeworksplus.deliver import Delivery
from payrelay.flows.accrual_sync.to_timeworksplus.people import Page as Stored
from payrelay.flows.accrual_sync.to_timeworksplus.people import Person
from payrelay.flows.accrual_sync.to_timeworksplus.periods import Period
from payrelay.flows.accrual_sync.to_timeworksplus.read import Reader
from payrelay.flows.accrual_sync.to_timeworksplus.set_up import SetUp, read_set_up
from payrelay.flows.again import whole_again
from payrelay.ledger.parts import record_from, record_to
from payrelay.systems.millennium.client import SYSTEM as MILLENNIUM
from payrelay.systems.timeworksplus.client import LARGEST_WRITE, SYSTEM

PAGE_SIZE = 500
# About so many lists of each side are read for records that are named.
LISTS_THERE, LISTS_HERE = 3, 5
# Up to so many people are read one by one; more are read with everybody.
_FEW = 20
# Of one alone: what payroll has accrued, and what the time clock has.
CALLS_ALONE = 2
# Under which name a part of those whom an earlier run has planned is kept, as the lists have them now.
_LISTED = "listed"


class ToTimeWorksPlus(Direction):
    """Balances of Millennium, each as of the end of the period that its last accrual paid."""

    # --- listing -----------------------------------------------------------------------------------------

    def pages(self, run: Run) -> Listing:
        """Pages of people, each kept with what both systems have of them."""
        if run.only is not None:
            self._read_for_pages(run)
            return Listing((), 0, {}, moved_only=True)
        set_up = self._set_up(run)
        asked = run.options.get("employees")
        reader = Reader(self.systems, set_up)
        if asked and len(asked) <= _FEW:
            reading = reader.named(tuple(dict.fromkeys(asked)), _day_of(run))
        else:
            reading = reader.whole(self._memory(run), asked)
        ids = reading.people.ids
        pages = tuple(
            Page(index, offset=start, limit=PAGE_SIZE)
            for index, start in enumerate(range(0, len(ids) or 1, PAGE_SIZE))
        )
        for page in pages:
            part = reading.people.page(ids[page.offset : page.offset + page.limit])
            self.flow.ledger.plans.put_read(run, page.index, part)
        context = {
            "ids": ids,
            "going": set_up.stored(),
            "periods": msgspec.to_builtins(reading.periods),
            "said": [record_to(one) for one in set_up.said()],
            "weight": reading.weight,
        }
        # Without the option, too, all is read that is not settled for good.
        full = True if run.options.get("full") else None
        return Listing(pages, len(ids), context, moved_only=True, full=full)

    def _read_for_pages(self, run: Run) -> None:
        """Read both systems for a replay of many: its pages, planned at the same time, would each do so."""
        plans = self.flow.ledger.plans
        many = {employee_and_description(key)[0] for key in of_employees(plans.only(run))}
        if len(many) > _FEW:
            reader = Reader(self.systems, self._set_up(run))
            page, calls = Page(0, at=run.started_at or run.queued_at), (CALLS_ALONE * len(many), 0)
            whole_again(plans, run, page, calls, lambda name: self._kept_whole(run, reader, name))

    def _memory(self, run: Run) -> Memory:
        return Memory(self.notebook, self.flow.ledger.plans, run)

    def _set_up(self, run: Run) -> SetUp:
        """Codes and categories; those that go are kept, so that one that is gone later is missed (AC-9)."""
        linked = self.notebook.linked()
        found = read_set_up(self.systems, linked)
        if run.mode is Mode.SYNC:
            self.notebook.link(name for name in found.going if name not in linked)
        return found

    # --- planning ----------------------------------------------------------------------------------------

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare a page as it was read, or named balances as they are now."""
        if page.ids:
            return self._named(run, page, context)
        ids: Sequence[str] = context["ids"]
        stored = self.flow.ledger.plans.read(run, page.index, Stored)
        periods = msgspec.convert(context["periods"], list[Period])
        compared = self._compared(run, stored.people, SetUp.kept(context["going"]), periods)
        said = [record_from(raw) for raw in context["said"]] if page.index == 0 else []
        own = tuple(ids[page.offset : page.offset + page.limit])
        seen = Seen(own, ids[page.offset - 1] if page.offset else None, len(ids))
        return _planned(page, compared, said, seen)

    def _named(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Only these balances, and what they are about as a whole, read afresh."""
        set_up = self._set_up(run)
        keys = of_employees(page.ids)
        employees = tuple(dict.fromkeys(employee_and_description(key)[0] for key in keys))
        compared = Compared()
        if employees:
            people, periods = self._people(run, page, employees, set_up, context)
            compared = self._compared(run, people, set_up, periods, frozenset(keys))
        told = {one.key: one for one in set_up.said()}
        said = []
        for key in company_wide(page.ids):
            if key in told:
                said.append(told[key])
            else:
                compared.unchanged += 1
        return _planned(page, compared, said, None)

    def _people(
        self, run: Run, page: Page, employees: Sequence[str], set_up: SetUp, context: Mapping[str, Any]
    ) -> tuple[list[Person], list[Period]]:
        """These people as they are now, and the pay periods.

        Each is asked about, or both systems are read whole for this and the batches to come. Of whom
        something may have been written since they are asked about in any case.
        """
        reader, today = Reader(self.systems, set_up), _day_of(run)
        doubtful = {employee_and_description(key)[0] for key in of_employees(page.doubtful)}
        sought = frozenset(employees) - doubtful
        calls = CALLS_ALONE * len(sought), max(CALLS_ALONE * _FEW, int(context.get("weight", 0)))
        plans = self.flow.ledger.plans
        told = None
        if sought:
            told = whole_again(plans, run, page, calls, lambda name: self._kept_whole(run, reader, name))
        elif CALLS_ALONE * len(employees) > calls[1]:
            reading = reader.whole(self._memory(run), employees)
            return reading.people.persons(), reading.periods
        if told is None:
            reading = reader.named(employees, today, self._listed(run, reader, employees, context))
            return reading.people.persons(), reading.periods
        periods = msgspec.convert(told["periods"], list[Period])
        places = sorted({max(bisect_right(told["starts"], one) - 1, 0) for one in sought})
        parts = (plans.kept(run, _part(told["name"], place), Stored) for place in places)
        people = [one for part in parts if part for one in part.people if one.employee in sought]
        if doubtful:
            asked = reader.named(sorted(doubtful), today, self._listed(run, reader, doubtful, context))
            people += asked.people.persons()
            periods += [one for one in asked.periods if one not in periods]
        return people, periods

    def _listed(
        self, run: Run, reader: Reader, employees: Iterable[str], context: Mapping[str, Any]
    ) -> dict[str, Person]:
        """As the lists had them when this run read them, by id; nobody where its plan has read no lists.

        A plan of an earlier run may be days old: whoever was hired, or has left, meanwhile counts.
        """
        ids: Sequence[str] = context.get("ids", ())
        places = sorted({bisect_left(ids, one) // PAGE_SIZE for one in employees if _is_in(ids, one)})
        plans = self.flow.ledger.plans
        if run.plan_run_id == run.run_id:
            parts = [plans.read(run, place, Stored) for place in places]
        else:
            parts = self._kept_lists(run, reader, places, ids)
        return {one.employee: one for part in parts for one in part.people}

    def _kept_lists(
        self, run: Run, reader: Reader, places: Sequence[int], ids: Sequence[str]
    ) -> list[Stored]:
        """These parts of the lists of employees, which are read when the run first asks for any of them."""
        plans = self.flow.ledger.plans
        found = [plans.kept(run, _part(_LISTED, place), Stored) for place in places]
        if None in found:
            people = reader.lists(ids)
            for place, group in enumerate(in_groups(ids, PAGE_SIZE)):
                there = [one for one in group if people.known(one)]
                plans.keep(run, _part(_LISTED, place), people.page(there))
            found = [plans.kept(run, _part(_LISTED, place), Stored) for place in places]
        return [part for part in found if part]

    def _kept_whole(self, run: Run, reader: Reader, name: str) -> dict[str, Any]:
        """Both systems read whole, kept with the run by this name; with whom parts begin, and the periods."""
        reading = reader.whole(self._memory(run))
        groups = list(in_groups(reading.people.ids, PAGE_SIZE))
        for place, group in enumerate(groups):
            self.flow.ledger.plans.keep(run, _part(name, place), reading.people.page(group))
        starts = [group[0] for group in groups]
        return {"name": name, "starts": starts, "periods": msgspec.to_builtins(reading.periods)}

    def _compared(
        self,
        run: Run,
        people: Sequence[Person],
        set_up: SetUp,
        periods: Sequence[Period],
        only: frozenset[str] | None = None,
    ) -> Compared:
        """What came of comparing these people; what is known of their balances now is kept."""
        keys = [key_of(one.employee, name) for one in people for name in _descriptions(one, set_up)]
        wanted = [key for key in keys if only is None or key in only]
        comparer = Comparer.of(run, set_up.going, periods, self.notebook.facts(wanted))
        found = Compared()
        for one in people:
            comparer.compare(one, found, only)
        if run.mode is Mode.SYNC:
            self.notebook.keep(found.facts)
        return found

    # --- writing -----------------------------------------------------------------------------------------

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Set them, five hundred in one call."""
        return Delivery(self.systems.timeworksplus, _day_of(run)).deliver(writes)

    def ended(self, run: Run, writes: Sequence[Write[Payload]], records: Sequence[Record]) -> None:
        """Keep what a period that was finalized meanwhile keeps back, and since when."""
        sent = {one.record.record_id: one.payload for one in writes}
        parked = [one for one in records if one.reason and one.reason.code == "PERIOD_FINALIZED"]
        known = self.notebook.facts(one.key for one in parked)
        facts = {}
        for one in parked:
            payload, before = sent[one.record_id], known.get(one.key, Facts())
            if payload and (before.parked_day, before.parked_value) != (payload.day, payload.value):
                told = {"parked_day": payload.day, "parked_value": payload.value}
                facts[one.key] = replace(before, parked_since=run.queued_at, **told)
        self.notebook.keep(facts)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """A call for five hundred, one for each batch that looks at the periods before, and one for each day
        of balances whose marks are not known yet."""
        untold = {one.payload.day for one in writes if one.target_id and one.payload.is_hidden is None}
        return {
            "marks": Load(SYSTEM, len(untold)),
            "balances": Load(SYSTEM, len(writes), LARGEST_WRITE),
            "periods": Load(SYSTEM, len(writes), self.flow.batch_size),
        }

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """Accruals and checks of each employee, and the lists of both sides."""
        people, batch = len({write.payload.employee for write in writes}), self.flow.batch_size
        alone = people if people <= _FEW else 0
        return {
            "of each": Load(MILLENNIUM, CALLS_ALONE * alone),
            **lists(MILLENNIUM, LISTS_THERE, len(writes), batch),
            **lists(SYSTEM, LISTS_HERE, len(writes), batch),
        }


def _part(name: str, place: int) -> str:
    """Under which name one part is kept of what was read whole."""
    return f"{name}-{place:05d}"


def _is_in(ids: Sequence[str], employee: str) -> bool:
    """Whether somebody is among these ids, which are in order."""
    place = bisect_left(ids, employee)
    return place < len(ids) and ids[place] == employee


def _day_of(run: Run) -> date:
    """The day on which a run was asked for."""
    return datetime.fromisoformat(run.queued_at).date()


def _descriptions(person: Person, set_up: SetUp) -> list[str]:
    codes = set_up.codes
    return list(dict.fromkeys(codes[row.code] for row in person.rows if row.code in codes))


def _planned(page: Page, compared: Compared, said: Sequence[Record], seen: Seen | None) -> PlannedPage:
    return PlannedPage(
        page.index,
        compared.unchanged,
        (*said, *compared.records),
        tuple(compared.writes),
        seen,
        compared.matched,
        people=compared.people,
    )
