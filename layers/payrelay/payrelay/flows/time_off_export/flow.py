"""Time off from Simployer One to Xledger, for the period that is chosen (TO-1, TO-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from payrelay.domain.records import Applied, PlannedPage, Reason, Record, Risk, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings import part_of
from payrelay.flows.time_off_export import compare, days, deliver, diagnose, records
from payrelay.flows.time_off_export.compare import Matched, Payload, Person
from payrelay.flows.time_off_export.read import LeaveRead, Sides, held
from payrelay.flows.time_off_export.records import ENTITY, TARGET, blocked, key_of, unreadable_there
from payrelay.flows.time_off_export.rules import Absence, Held, Period, Scope, Written, fold, month_of
from payrelay.flows.time_off_export.settings import TimeOff, TimeOffSettings
from payrelay.systems.xledger.client import LARGEST_WRITE


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
        chosen = run.options.get("absence_types") or self.settings.absence_types
        numbers = run.options.get("employees")
        if run.options.get("from"):
            start, end = (date.fromisoformat(str(run.options[name])) for name in ("from", "to"))
            period = Period(start, end)
        else:
            zone = ZoneInfo(self.settings.time_zone)
            today = datetime.fromisoformat(run.queued_at).replace(tzinfo=UTC).astimezone(zone).date()
            back = 1 if self.settings.period == "previous_month" else 0
            period = month_of(today, months_back=back)
        return Scope(
            period,
            frozenset(chosen) if chosen else None,
            frozenset(numbers) if numbers is not None else None,
        )

    def pages(self, run: Run) -> Listing:
        """Pages of leave transactions; leave types and absence codes are read once, for all of them."""
        return self.sides.pages(self.scope(run).period)

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the leave of the page's employees on both sides and compare it, employee by employee."""
        if page.ids:
            return self._plan_again(run, page, context)
        scope = self.scope(run)
        read = self.sides.stretch(scope.period, page)
        found = self._compare(scope, read, context)
        said = (*found.records, *map(records.unreadable_day, read.bad))
        seen = replace(read.seen, linked=tuple(dict.fromkeys(found.linked))) if read.seen else None
        return PlannedPage(page.index, len(found.unchanged), said, tuple(found.writes), seen, found.at_target)

    def _plan_again(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """The named absences only, read afresh with all other leave of their employees."""
        scope = self.scope(run)
        people = list(dict.fromkeys(source_id.split(":")[0] for source_id in page.ids))
        read = self.sides.leave_of(people, scope.period)
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
        scope = self.scope(run)
        due = {link.target_id: link for link in gone if scope.is_about(Written.of(link.facts))}
        if not due:
            return PlannedPage(index, 0, (), ())
        db_ids = sorted({link.facts["db_id"] for link in due.values()})
        nodes, lost = self.sides.absences(scope.period, db_ids)
        there: dict[str, Held] = {node.db_id: held(node, due) for group in nodes.values() for node in group}
        present = self.sides.with_leave({link.facts["employee"] for link in due.values()}, scope.period)
        said: list[Record] = []
        writes: list[Write[Payload]] = []
        for link in due.values():
            ours, absence = Written.of(link.facts), there.get(link.target_id)
            bad = lost.instead_of(ours.db_id)
            if bad and ours.employee not in present:
                said.append(blocked(key_of(ours, ours.number), ours.source_id, unreadable_there(bad)))
            elif absence is None and not bad:
                self.ledger.links.forget(*self.connection_key, ENTITY, link.source_id)
            elif absence and ours.employee not in present:
                write = compare.withdrawal(absence, ours, ours.number)
                writes.append(replace(write, risks=(Risk.EMPTY,)))
        return PlannedPage(index, 0, tuple(said), tuple(writes))

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Withdraw, change and add."""
        del run
        return deliver.deliver(self.sides.xledger, writes)

    def cost(self, writes: Sequence[Write[Payload]]) -> int:
        """A call for so many nodes of each kind as Xledger takes at once."""
        return deliver.calls(writes)

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then, for one employee number, whether Xledger knows the employee."""
        return diagnose.checks(self.sides, key)

    def _compare(self, scope: Scope, read: LeaveRead, context: Mapping[str, Any]) -> Matched:
        """Compare all leave of some employees; of one with an unreadable day nothing is withdrawn."""
        numbers = {row.employee_id: row.employee.employee_number or "" for row in read.rows if row.employee}
        taken, stuck = days.days_of(read.rows, days.Codes.of(context), scope)
        absences, cuts = self._at_edges(fold(taken), scope.period, numbers, stuck)
        by_person: dict[str, list[Absence]] = defaultdict(list)
        for absence in absences:
            by_person[absence.employee].append(absence)
        found = Matched(records=list(stuck.values()))
        people = self._people(numbers, scope)
        for employee_id, number in numbers.items():
            wanted, person = by_person[employee_id], people.get(employee_id)
            if person is None:
                found.records += [records.unknown_employee(absence, number) for absence in wanted]
                continue
            withdraws = read.unreadable.instead_of(employee_id) is None
            found.add(compare.match(person, wanted, scope, cuts, stuck, withdraws=withdraws))
        return found

    def _at_edges(
        self,
        absences: Sequence[Absence],
        period: Period,
        numbers: Mapping[str, str],
        stuck: dict[str, Record],
    ) -> tuple[list[Absence], dict[str, Reason]]:
        """The absences that can be exported, and the words for those that the period cuts (TO-2).

        A leave of which nobody can tell whether it is cut is added to those that are stuck.
        """
        edge = days.at_edge(absences, period)
        leaves, lost = self.sides.leaves([absence.parent for absence in edge])
        stuck |= days.unreadable_leaves(edge, leaves, lost, numbers)
        return [one for one in absences if one.parent not in stuck], days.cuts(edge, leaves, period)

    def _people(self, numbers: Mapping[str, str], scope: Scope) -> dict[str, Person]:
        """What Xledger has of these employee records, by their numbers; nothing of whom it does not know."""
        employees, lost = self.sides.employees(sorted({number for number in numbers.values() if number}))
        nodes, lost_absences = self.sides.absences(scope.period, [node.db_id for node in employees.values()])
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
            found[record] = Person(record, number, employee.db_id, absences, refusal)
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
