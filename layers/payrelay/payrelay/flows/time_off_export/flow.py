"""Time off from Simployer One to Xledger, for the period that is chosen (TO-1, TO-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from payrelay.domain.forecast import Load, Loads
from payrelay.domain.records import Applied, PlannedPage, Record, Risk, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings import part_of
from payrelay.flows.time_off_export import compare, days, deliver, diagnose, matched, records
from payrelay.flows.time_off_export.days import Hours, Owner
from payrelay.flows.time_off_export.matched import Matched, Payload, Person, Wanted
from payrelay.flows.time_off_export.months import Months, exported_in
from payrelay.flows.time_off_export.read import LeaveRead, Sides, held
from payrelay.flows.time_off_export.records import ENTITY, TARGET, blocked, key_of, unreadable_there
from payrelay.flows.time_off_export.rules import Held, Period, Scope, Written, month_of
from payrelay.flows.time_off_export.settings import TimeOff, TimeOffSettings
from payrelay.flows.time_off_export.worked import Worked
from payrelay.systems.simployer.client import IDS_PER_CALL
from payrelay.systems.simployer.client import SYSTEM as SIMPLOYER
from payrelay.systems.simployer.models import LeaveTransaction
from payrelay.systems.xledger.client import LARGEST_WRITE
from payrelay.systems.xledger.pages import PAGE_SIZE
from payrelay.systems.xledger.refusals import SYSTEM as XLEDGER

# A diagnosis is asked for by people who wait; what is on more pages is left to a run.
PAGES_OF_A_DIAGNOSIS = 3


class TimeOffExport(Flow, frozen=True):
    """The flow over one connection."""

    settings: TimeOff
    sides: Sides
    name: ClassVar[str] = "time_off_export"
    payload: ClassVar[type[Payload]] = Payload
    links_by_target: ClassVar[bool] = True
    batch_size: ClassVar[int] = LARGEST_WRITE

    def scope(self, run: Run) -> Scope:
        """The run's period, codes and employees; by the connection's settings where the run says nothing."""
        return self._scope(datetime.fromisoformat(run.queued_at).replace(tzinfo=UTC), run.options)

    def _scope(self, now: datetime, options: Mapping[str, Any]) -> Scope:
        chosen = options.get("absence_types") or self.settings.absence_types
        numbers = options.get("employees")
        if options.get("from"):
            start, end = (date.fromisoformat(str(options[name])) for name in ("from", "to"))
            period = Period(start, end)
        else:
            today = now.astimezone(ZoneInfo(self.settings.time_zone)).date()
            back = 1 if self.settings.period == "previous_month" else 0
            period = month_of(today, months_back=back)
        return Scope(
            period,
            frozenset(chosen) if chosen else None,
            frozenset(numbers) if numbers is not None else None,
            self.settings.look_back_months,
        )

    @property
    def hours(self) -> Hours:
        """What the settings say of full days."""
        return Hours(self.settings.full_day_hours, self.settings.short_days)

    def pages(self, run: Run) -> Listing:
        """Pages of leave transactions; leave types and absence codes are read once, for all of them.

        So is which of the months before were exported; those of this run are, from now on.
        """
        scope = self.scope(run)
        listing = self.sides.pages(scope.window)
        exported = self.months.exported(scope)
        if run.mode is Mode.SYNC and run.only is None:
            self.months.note(scope, run.options)
        return replace(listing, context={**listing.context, "exported": exported})

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the leave of the page's employees on both sides and compare it, employee by employee."""
        if page.ids:
            return self._plan_again(run, page, context)
        scope = self.scope(run)
        read = self.sides.stretch(scope.window, page)
        found = self._compare(scope, read, context)
        said = (*found.records, *map(records.unreadable_day, read.bad))
        seen = replace(read.seen, linked=tuple(dict.fromkeys(found.linked))) if read.seen else None
        return PlannedPage(page.index, len(found.unchanged), said, tuple(found.writes), seen, found.at_target)

    def _plan_again(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """The named absences only, read afresh with all other leave of their employees."""
        scope = self.scope(run)
        people = list(dict.fromkeys(source_id.split(":")[0] for source_id in page.ids))
        read = self.sides.leave_of(people, scope.window)
        found = self._compare(scope, read, context)
        away = set(people) - {row.employee_id for row in read.rows}
        links = self.ledger.links.all(*self.connection_key, ENTITY) if away else ()
        gone = [link for link in links if link.facts["employee"] in away]
        absent = self.plan_absent(run, page.index, gone, context)
        said = [*found.records, *map(records.unreadable_day, read.bad), *absent.records]
        writes = [*found.writes, *absent.writes]
        known = [*found.unchanged, *(one.source_id for one in said), *(w.record.source_id for w in writes)]
        named = records.named_by(page.ids, known)
        return PlannedPage(
            page.index,
            sum(source_id in named for source_id in found.unchanged),
            tuple(record for record in said if record.source_id in named),
            tuple(write for write in writes if write.record.source_id in named),
            matched=found.at_target,
        )

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Withdraw absences of the period whose employees have no leave in it any more.

        Where there is leave after all, its employee could not be compared; that is no absence of leave.
        """
        del context
        return self._absent(self.scope(run), index, gone)

    def _absent(self, scope: Scope, index: int, gone: Sequence[Link]) -> PlannedPage:
        written = {link.target_id: Written.of(link.facts) for link in gone}
        due = {link.target_id: link for link in gone if self.sides.shows(written[link.target_id], scope)}
        if not due:
            return PlannedPage(index, 0, (), ())
        db_ids = sorted({link.facts["db_id"] for link in due.values()})
        nodes, lost = self.sides.absences(scope.window, db_ids)
        there: dict[str, Held] = {node.db_id: held(node, due) for group in nodes.values() for node in group}
        present = self.sides.with_leave({link.facts["employee"] for link in due.values()}, scope.window)
        names = self.sides.names({one.db_id for t, one in written.items() if t in there})
        said: list[Record] = []
        writes: list[Write[Payload]] = []
        for link in due.values():
            ours, absence = written[link.target_id], there.get(link.target_id)
            bad = lost.instead_of(ours.db_id)
            if bad and ours.employee not in present:
                said.append(blocked(key_of(ours, ours.number), ours.source_id, unreadable_there(bad)))
            elif absence is None and not bad:
                self.ledger.links.forget(*self.connection_key, ENTITY, link.source_id)
            elif absence and ours.employee not in present:
                who = matched.called(names.get(ours.db_id, ""), ours.number)
                if absence.end < scope.period.start:
                    said.append(records.gone_earlier(absence, ours, who))
                elif not scope.is_about(ours) or absence.end > scope.period.end:
                    said.append(matched.beyond(absence, ours, ours.number, who))
                else:
                    write = matched.withdrawal(absence, ours, ours.number, who)
                    writes.append(replace(write, risks=(Risk.EMPTY,)))
        return PlannedPage(index, 0, tuple(said), tuple(writes))

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Withdraw, change and add. What is applied of an earlier plan exports that plan's months."""
        plan = self.ledger.runs.get(run.tenant, run.plan_of) if run.plan_of else None
        if plan:
            self.months.note(self.scope(plan), plan.options)
        return deliver.deliver(self.sides.xledger, writes)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """Nodes of each kind, of which Xledger takes many at once."""
        return deliver.loads(writes)

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """The leave of their employees with what it belongs to; and Xledger's employees and absences."""
        people = len({write.record.source_id.partition(":")[0] for write in writes})
        return {
            "transactions": Load(SIMPLOYER, people, IDS_PER_CALL),
            "leaves": Load(SIMPLOYER, len(writes), IDS_PER_CALL),
            "employees": Load(XLEDGER, people, PAGE_SIZE),
            "absences": Load(XLEDGER, people, PAGE_SIZE),
        }

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; whether Xledger knows the employee, if one is named; whether both agree."""
        ran = self.ledger.connections.standing(*self.connection_key, self.name)
        return diagnose.checks(self.sides, key, self._look if ran else None)

    def _look(self, number: str | None) -> Sequence[Record] | None:
        """What a run of now would say and write of one employee, or of all if they are not too many."""
        scope = self._scope(datetime.now(UTC), {})
        if number is None:
            listing = self.sides.pages(scope.window)
            if len(listing.pages) > PAGES_OF_A_DIAGNOSIS:
                return None
            context = {**listing.context, "exported": self.months.exported(scope)}
            found = Matched()
            for page in listing.pages:
                read = self.sides.stretch(scope.window, page)
                found.add(self._compare(scope, read, context))
                found.records += map(records.unreadable_day, read.bad)
            seen, links = set(found.linked), self.ledger.links.all(*self.connection_key, ENTITY)
            gone = self._absent(scope, 0, [one for one in links if one.target_id not in seen])
            return [*found.records, *gone.records, *(w.record for w in (*found.writes, *gone.writes))]
        context = {**self.sides.look_ups(), "exported": self.months.exported(scope)}
        there = [node.db_id for node in self.sides.employees([number])[0].values()]
        ids = [node.db_id for nodes in self.sides.absences(scope.window, there)[0].values() for node in nodes]
        held_links = self.ledger.links.get(*self.connection_key, ENTITY, ids)
        people = {one.facts["employee"]: number for one in held_links.values()}
        people |= {one.id: number for one in self.sides.employees_of(number)}
        read = self.sides.leave_of(sorted(people), scope.window)
        found = self._compare(scope, read, context, people)
        bad = map(records.unreadable_day, read.bad)
        return [*found.records, *bad, *(write.record for write in found.writes)]

    @property
    def months(self) -> Months:
        """Which months were exported before."""
        return Months(self.ledger.links, self.connection_key)

    def _compare(
        self,
        scope: Scope,
        read: LeaveRead,
        context: Mapping[str, Any],
        besides: Mapping[str, str] | None = None,
    ) -> Matched:
        """Compare all leave of some employees; of one with an unreadable day nothing is withdrawn.

        `besides` are numbers by employee record of those who count although they may have no leave.
        """
        by_person: dict[str, list[LeaveTransaction]] = defaultdict(list)
        for row in read.rows:
            by_person[row.employee_id].append(row)
        owners = [Owner.of(rows, self.hours) for rows in by_person.values()]
        asked = {owner.employee: owner.to_read(scope.period) for owner in owners}
        leaves, lost = self.sides.leaves(sorted(set().union(*asked.values())))
        lengths = {leave.id: leave.duration for leave in leaves.values() if leave.duration}
        codes, found = days.Codes.of(context), Matched()
        numbers = {owner.employee: owner.number for owner in owners if owner.is_known}
        people = self._people({**(besides or {}), **numbers}, scope)
        for owner in owners:
            told = days.days_of(owner, codes, scope, lengths)
            unreadable = days.unreadable_leaves(owner, asked[owner.employee], leaves, lost)
            told.stuck.update({parent: record for parent, record in unreadable.items() if told.has(parent)})
            found.records += told.stuck.values()
            person = people.get(owner.employee)
            rows = [one.ours for one in person.own if one.ours] if person else []
            wanted = days.wanted_of(owner, told, leaves, scope, rows, exported_in(context))
            if person is None:
                found.records += [
                    records.unknown_employee(one, owner.number, owner.who) for one in wanted.absences
                ]
                continue
            withdraws = read.unreadable.instead_of(owner.employee) is None
            found.add(compare.match(person, wanted, scope, withdraws=withdraws))
        for record, person in people.items():
            if record not in by_person:
                withdraws = read.unreadable.instead_of(record) is None
                nothing = Wanted(person.who, (), Worked({}))
                found.add(compare.match(person, nothing, scope, withdraws=withdraws))
        return found

    def _people(self, numbers: Mapping[str, str], scope: Scope) -> dict[str, Person]:
        """What Xledger has of these employee records, by their numbers; nothing of whom it does not know."""
        employees, lost = self.sides.employees(sorted({number for number in numbers.values() if number}))
        nodes, lost_absences = self.sides.absences(scope.window, [node.db_id for node in employees.values()])
        ids = [node.db_id for group in nodes.values() for node in group]
        links = self.ledger.links.get(*self.connection_key, ENTITY, ids)
        found = {}
        for record, number in numbers.items():
            employee = employees.get(number)
            if employee is None:
                bad = lost.instead_of(number) if number else None
                if bad:
                    found[record] = Person(record, number, "", (), bad.why(f"Employee {number}", TARGET))
                continue
            absences = [held(node, links) for node in nodes.get(employee.db_id, ())]
            bad = lost_absences.instead_of(employee.db_id)
            refusal = unreadable_there(bad) if bad else None
            name = employee.description or ""
            found[record] = Person(record, number, employee.db_id, absences, refusal, name)
        return found


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> TimeOffExport:
    """The flow over one connection, with its stored credentials."""
    return TimeOffExport(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        settings=part_of(settings, TimeOffSettings).time_off,
        sides=Sides(
            container.client_of(tenant, connection_id, settings, "simployer"),
            container.client_of(tenant, connection_id, settings, "xledger"),
        ),
    )
