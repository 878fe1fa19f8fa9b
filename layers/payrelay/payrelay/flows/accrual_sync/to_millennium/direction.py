"""TimeWorksPlus to Millennium: as of the last finalized pay period, or of open batches (AC-6 to AC-9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.groups import in_groups
from payrelay.domain.records import Applied, Outcome, PlannedPage, Reason, Record, Seen, Write
from payrelay.domain.runs import Listing, Mode, Page, Run, Trigger
from payrelay.flows.accrual_sync.direction import Direction
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import (
    ACCRUAL,
    balance_record,
    company_record,
    company_wide,
    employee_and_description,
    label_of,
    of_employees,
)
from payrelay.flows.accrual_sync.settings import BATCH
from payrelay.flows.accrual_sync.to_millennium import deliver
from payrelay.flows.accrual_sync.to_millennium.compare import (
    AS_OF,
    Case,
    cases_of,
    compared,
    target_id,
    undecided,
    unreadable,
)
from payrelay.flows.accrual_sync.to_millennium.look import Company, Look, Pair, day_of_run, note_of, said_of
from payrelay.flows.accrual_sync.to_millennium.marks import Marks
from payrelay.flows.accrual_sync.to_millennium.one_to_one import fit, listed
from payrelay.flows.accrual_sync.to_millennium.payroll_starts import (
    Asked,
    Finalized,
    Payroll,
    Task,
    Work,
    last_finalized,
    open_payrolls,
    task_of,
)
from payrelay.flows.accrual_sync.to_millennium.people import Part, Person, Reading
from payrelay.flows.last_run import standing_of, unfinished
from payrelay.ledger.parts import BATCH as OF_BATCH
from payrelay.ledger.parts import PAGE as OF_PAGE
from payrelay.systems.millennium.client import SYSTEM

# So many people make a page.
PAGE_SIZE = 500


class ToMillennium(Direction):
    """The direction of companies whose system of record is TimeWorksPlus."""

    @property
    def marks(self) -> Marks:
        """What is kept beside the balances."""
        return Marks(self.flow.ledger, *self.flow.connection_key)

    # --- listing -----------------------------------------------------------------------------------------

    def pages(self, run: Run) -> Listing:
        """Pages of everybody, when there is something to answer to; else of what the last run left."""
        company, look = Company(self.systems, day_of_run(run)), Look()
        payrolls, asked = company.payrolls(), self._asked(run)
        if run.only is not None:
            only = frozenset(self.flow.ledger.plans.only(run))
            _go_on(look, (one for one in self._of_run(run.replay_of) if one.source_id in only))
            look.keys = []
            self._look(run, company, payrolls, look)
            return Listing((), 0, look.stored(), moved_only=True)
        started = open_payrolls(payrolls)
        wide = []
        if asked.is_scheduled:
            wide = _go_on(look, unfinished(self.flow, standing_of(self.flow)))
            if not (started or wide or look.keys):
                return self._idle(look)
        finalized = None if asked.by_batch else last_finalized(company.finalized())
        look.end = finalized.end if finalized else None
        task = task_of(asked, payrolls, finalized, self.marks.handled(started))
        if task.work is Work.NOTHING:
            self._begin(run, task)
            look.say(self._of_company(task.code))
            return self._idle(look)
        if task.work is Work.UNFINISHED and not ((wide or look.keys) and (look.end or look.days)):
            return self._idle(Look())
        self._look(run, company, payrolls, look, finalized)
        if asked.by_batch and not look.batches:
            return self._idle(look)
        mended = any(one in look.pairs for one in wide)
        if task.work is Work.UNFINISHED and not mended:
            people = dict.fromkeys(employee_and_description(key)[0] for key in look.keys)
            return self._listing(run, look, people)
        look.keys, look.days = [], {}
        if look.note:
            look.say(self._of_company("PAYROLL_PERIOD_NOT_FINALIZED", **look.note))
        self._begin(run, task)
        return self._listing(run, look, run.options.get("employees"))

    def _listing(self, run: Run, look: Look, employees: Iterable[str] | None) -> Listing:
        """The pages of these employees, or of all; what each needs of both sides is kept with it."""
        reading = Reading(self.systems, look.codes, look.day_of)
        if not look.pairs:
            ids = []
        elif employees is None:
            ids = reading.everybody(look.all_days)
        else:
            ids = reading.named(employees, look.all_days)
        groups = [list(group) for group in in_groups(ids, PAGE_SIZE)] or [[]]
        for index, group in enumerate(groups):
            self.flow.ledger.plans.put_read(run, index, Part(reading.people(group)))
        look.lasts, look.total = [group[-1] for group in groups if group], len(ids)
        pages = tuple(Page(index, offset=index * PAGE_SIZE, limit=PAGE_SIZE) for index in range(len(groups)))
        return Listing(pages, len(ids), look.stored(), moved_only=True)

    def _idle(self, look: Look) -> Listing:
        """One page of what is said, and of nobody: no read of anything, so that what is left stays left."""
        look.total = -1
        return Listing((Page(0),), len(look.said), look.stored(), moved_only=True)

    def _asked(self, run: Run) -> Asked:
        """How a run was asked for; a replay, or the writing of a plan, goes by the day of the first run."""
        chosen = run.options.get("as_of")
        first: Run | None = run
        while chosen is None and first and (first.replay_of or first.plan_of):
            first = self.flow.ledger.runs.get(run.tenant, first.replay_of or first.plan_of or "")
        by_hand = first is None or first.trigger is not Trigger.SCHEDULE
        return Asked(run.trigger is Trigger.SCHEDULE, chosen == BATCH if chosen else by_hand)

    def _look(
        self,
        run: Run,
        company: Company,
        payrolls: Sequence[Payroll],
        look: Look,
        finalized: Finalized | None = None,
    ) -> None:
        """As of which day, the code of each category, and what is said of the others."""
        asked = self._asked(run)
        batches = company.batches(payrolls, with_people=asked.by_batch)
        if asked.by_batch:
            look.batches = batches
        else:
            finalized = finalized or last_finalized(company.finalized())
            look.end = finalized.end if finalized else None
            look.note = note_of(payrolls, batches, look.end) if look.end else {}
        if not (look.batches or look.end or look.days):
            look.say(self._undated(payrolls, by_batch=asked.by_batch))
            return
        fitted = fit(company.categories(), company.codes(), self.marks.linked())
        look.pairs = {name: Pair(one.code, one.decimals) for name, one in fitted.pairs.items()}
        look.say(*(said_of(one) for one in fitted.problems))
        if run.mode is not Mode.PREVIEW:
            self.marks.link(fitted)

    def _undated(self, payrolls: Sequence[Payroll], *, by_batch: bool) -> Record:
        """What is said where there is no day to take balances of."""
        dates = listed(f"{one.check_date}" for one in open_payrolls(payrolls))
        if by_batch:
            return self._of_company("NO_OPEN_BATCH" if dates else "NO_PAYROLL_STARTED", dates=dates)
        return self._of_company("NO_PERIOD_FINALIZED")

    def _begin(self, run: Run, task: Task) -> None:
        """Note what a run of everybody answers to."""
        if run.mode is Mode.SYNC and not run.options.get("employees"):
            self.marks.begin(run, task.starts)

    def _of_company(self, code: str, **values: str) -> Record:
        """What is said of the company as a whole."""
        systems = self.systems
        why = reason(code, company=systems.company, site=systems.site, **values)
        return company_record(systems.company, f"Company {systems.company}", Outcome.SKIPPED, why)

    # --- planning and applying ---------------------------------------------------------------------------

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare the people of a page, or named balances read afresh."""
        look = Look.of(context)
        if not page.ids:
            said = look.sayings if page.index == 0 else []
            if look.total < 0:
                return PlannedPage(page.index, 0, tuple(said), ())
            part = self.flow.ledger.plans.read(run, page.index, Part)
            return self._compared(
                run, page.index, part.people, look, look.keys, said, _seen(page, part, look)
            )
        if run.mode is Mode.APPLY:
            # What somebody has looked at is held against what is known of the company now.
            company, look = Company(self.systems, day_of_run(run)), Look()
            self._look(run, company, company.payrolls(), look)
        wide, keys = company_wide(page.ids), of_employees(page.ids)
        said = [one for one in look.sayings if one.key in wide]
        if not look.pairs:
            why = next((one.reason for one in look.sayings), None)
            said += [_waiting(key, why) for key in keys]
            return PlannedPage(page.index, 0, tuple(said), ())
        reading = Reading(self.systems, look.codes, look.day_of)
        mended = [one for one in wide if one in look.pairs]
        if mended:
            # Categories that stood still, and go on now: everybody's balances of them.
            ids = reading.everybody(look.all_days)
        else:
            named = [employee_and_description(key)[0] for key in keys]
            ids = reading.named(named, look.all_days)
        return self._compared(run, page.index, reading.people(ids), look, keys, said, None, mended)

    def _of_run(self, run_id: str | None) -> Iterator[Record]:
        """All records that are kept of a run."""
        run = self.flow.ledger.runs.get(self.flow.tenant, run_id or "")
        if run:
            for kind in (OF_PAGE, OF_BATCH):
                for _, records in self.flow.ledger.parts.records(run, kind):
                    yield from records

    def _compared(
        self,
        run: Run,
        index: int,
        people: Sequence[Person],
        look: Look,
        keys: Sequence[str],
        said: Sequence[Record],
        seen: Seen | None,
        whole: Sequence[str] = (),
    ) -> PlannedPage:
        """The page of these people: their balances of these keys and `whole` categories, or all of them."""
        for person in people:
            person.name = person.name or look.names.get(person.id, "")
        cases = list(cases_of(people, look, frozenset(keys), whole))
        if not keys:
            said = [*said, *unreadable(people, {case.person.id for case in cases})]
        known = self.notebook.facts(undecided(cases))
        found = compared(cases, known, look, run.started_at or run.queued_at)
        if run.mode is not Mode.PREVIEW:
            self.notebook.keep(found.agreed)
        return PlannedPage(
            index,
            found.unchanged,
            (*said, *found.records),
            tuple(found.writes),
            seen,
            _there(cases),
            people=len({case.person.id for case in cases}),
        )

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Set balance after balance."""
        del run
        return deliver.deliver(self.systems, writes)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """A call each."""
        return {"balances": Load(SYSTEM, len(writes))}


def _go_on(look: Look, left: Iterable[Record]) -> list[str]:
    """Look at what an earlier run left, no earlier than of the day that it had come to.

    What it left of the company as a whole is given back.
    """
    wide = []
    for record in left:
        wide += company_wide([record.source_id])
        for key in of_employees([record.source_id]):
            employee, category = employee_and_description(key)
            days = [date.fromisoformat(one.new) for one in record.changes if one.field == AS_OF and one.new]
            if days:
                look.days[employee] = max([*days, look.days.get(employee, date.min)])
            look.keys.append(key)
            name = record.label.removesuffix(label_of(employee, "?", category)[1:])
            if name != record.label:
                look.names[employee] = name
    return wide


def _waiting(key: str, why: Reason | None) -> Record:
    """The record of a balance that was planned, where there is no day to take it of any more."""
    employee, category = employee_and_description(key)
    return balance_record(employee, "", category, Outcome.SKIPPED, why)


def _there(cases: Sequence[Case]) -> dict[str, str]:
    """How Millennium knows the balances that it has, by the id of their record."""
    return {
        f"{ACCRUAL}:{case.key}": target_id(case.person.id, case.pair.code) for case in cases if case.standing
    }


def _seen(page: Page, part: Part, look: Look) -> Seen:
    before = look.lasts[page.index - 1] if page.index else None
    return Seen(tuple(one.id for one in part.people), before, look.total)
