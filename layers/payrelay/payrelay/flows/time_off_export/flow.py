"""Time off from Simployer One to Xledger, for the period that is chosen (TO-1, TO-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, PlannedPage, Reason, Record, Risk, Seen, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run
from payrelay.flows.diagnosis import reached
from payrelay.flows.engine.bulk import NODES_PER_CALL, refused, send_in_bulk
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings.simployer_xledger import Settings
from payrelay.flows.time_off_export import compare as matching
from payrelay.flows.time_off_export.compare import ENTITY, Matched
from payrelay.flows.time_off_export.read import (
    Scope,
    days_of,
    named_by,
    type_of,
    unknown_employee,
    unreadable_day,
)
from payrelay.flows.time_off_export.rules import (
    Absence,
    Period,
    fold,
    month_of,
    touches_end,
    touches_start,
)
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.client import PAGE_SIZE, SimployerClient
from payrelay.systems.simployer.models import LeaveTransaction
from payrelay.systems.xledger.client import XledgerClient
from payrelay.systems.xledger.models import AbsenceNode

ROWS = PAGE_SIZE - 1
PEOPLE_PER_CALL = 100
# An absence entered by hand may have begun this long before the period and still reach into it.
LOOK_BACK = timedelta(days=92)


class Stretch(Struct, frozen=True):
    """One page of leave: rows, rows that can't be used, who has such a row, and the proof of its place."""

    rows: Sequence[LeaveTransaction]
    bad_rows: Sequence[BadRow]
    unreadable: frozenset[str]
    seen: Seen


class TimeOffExport(Flow, frozen=True):
    """The flow over one connection."""

    settings: Settings
    simployer: SimployerClient
    xledger: XledgerClient
    name: ClassVar[str] = "time_off_export"
    payload: ClassVar[type[Any]] = dict
    links_by_target: ClassVar[bool] = True

    def scope(self, run: Run) -> Scope:
        """The run's period, codes and employees; by the connection's settings where the run says nothing."""
        chosen = run.options.get("absence_types") or self.settings.time_off.absence_types
        numbers = run.options.get("employees")
        if run.options.get("from"):
            start, end = (date.fromisoformat(str(run.options[name])) for name in ("from", "to"))
            period = Period(start, end)
        else:
            zone = ZoneInfo(self.settings.time_off.time_zone)
            today = datetime.fromisoformat(run.queued_at).replace(tzinfo=UTC).astimezone(zone).date()
            back = 1 if self.settings.time_off.period == "previous_month" else 0
            period = month_of(today, months_back=back)
        return Scope(
            period,
            frozenset(chosen) if chosen else None,
            frozenset(numbers) if numbers is not None else None,
        )

    def pages(self, run: Run) -> Listing:
        """Pages of leave transactions; leave types and absence codes are read once, for all of them."""
        period = self.scope(run).period
        total = self.simployer.leave_transactions(period.start, period.end, 0, 1).total
        starts = range(0, max(total, 1), ROWS)
        pages = tuple(Page(index, offset=start, limit=ROWS) for index, start in enumerate(starts))
        types = {kind.id: type_of(kind) for kind in self.simployer.leave_types().rows}
        return Listing(pages, total, {"types": types, "codes": list(self.xledger.absence_codes())})

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the leave of the page's employees on both sides and compare it, employee by employee."""
        if page.ids:
            return self._plan_again(run, page, context)
        stretch = self._stretch(run, page)
        found = self._compare(run, stretch.rows, stretch.unreadable, context)
        records = (*found.records, *map(unreadable_day, stretch.bad_rows))
        seen = replace(stretch.seen, linked=tuple(dict.fromkeys(found.linked)))
        unchanged, writes = len(found.unchanged), tuple(found.writes)
        return PlannedPage(page.index, unchanged, records, writes, seen, found.at_target)

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Withdraw absences of the period whose employees have no leave in it any more.

        Where there is leave after all, its employee could not be compared; that is no absence of leave.
        """
        del context
        scope = self.scope(run)
        due = [link for link in gone if self._is_due(link, scope)]
        held = self._held(scope, sorted({link.facts["db_id"] for link in due}))
        by_id: dict[str, AbsenceNode] = {node.db_id: node for nodes in held.values() for node in nodes}
        present = self._with_leave({link.facts["employee"] for link in due}, scope.period)
        writes = []
        for link in due:
            node = by_id.get(link.target_id)
            if node is None:
                self.ledger.links.forget(self.tenant, self.connection_id, ENTITY, link.source_id)
            elif link.facts["employee"] not in present:
                write = matching.withdrawal(link, node, link.facts["number"])
                writes.append(replace(write, risks=(Risk.EMPTY,)))
        return PlannedPage(index, 0, (), tuple(writes))

    def ended(self, run: Run, writes: Sequence[Write[Any]], records: Sequence[Record]) -> None:
        """Nothing is kept of a batch as a whole."""

    def remaining(self, planned: Write[Any], fresh: Write[Any] | None) -> Write[Any] | None:
        """What is left of a write that may have been sent: whatever still differs."""
        return replace(fresh, record=planned.record) if fresh else None

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Withdraw first, so that what takes its place does not overlap; then change and add, in bulk."""
        del run
        removed = [w.target_id for w in writes if w.removes and w.target_id]
        for group in in_groups(removed, NODES_PER_CALL):
            self.xledger.remove_absences(group)
        changed = {
            w.record.key: {"dbId": w.target_id, **w.payload[ENTITY]}
            for w in writes
            if w.target_id and not w.removes
        }
        new = {w.record.key: w.payload[ENTITY] for w in writes if w.target_id is None}
        updated = send_in_bulk(self.xledger.update_absences, changed)
        added = send_in_bulk(self.xledger.add_absences, new)
        refusals = {**updated.refused, **added.refused}
        return [
            Applied(refused(w.record, refusals[w.record.key]), w.target_id)
            if w.record.key in refusals
            else Applied(w.record, w.target_id or added.done.get(w.record.key))
            for w in writes
        ]

    def cost(self, writes: Sequence[Write[Any]]) -> int:
        """A call for each 500 nodes of each kind."""
        gone = sum(write.removes for write in writes)
        new = sum(not write.removes and write.target_id is None for write in writes)
        return sum(ceil(count / NODES_PER_CALL) for count in (gone, new, len(writes) - gone - new))

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached; then, for one employee number, whether Xledger knows the employee."""
        found = [reached("Simployer One", self.simployer), reached("Xledger", self.xledger)]
        if key and all(check.passed for check in found):
            number = key.split("-")[0]
            there = number in self.xledger.employees_by_code([number])
            seen = f"employee {number} is {'' if there else 'not '}there"
            remedy = None if there else "Run the employee export first."
            found.append(Check("employee exists in Xledger", there, seen, remedy))
        return found

    def _stretch(self, run: Run, page: Page) -> Stretch:
        """All leave of the employees whose first row lies on this page, and the proof of its place."""
        period = self.scope(run).period
        behind = min(page.offset, 1)
        read = self.simployer.leave_transactions(
            period.start, period.end, page.offset - behind, page.limit + behind
        )
        listed = [(row.employee_id, row.id) for row in read.rows]
        listed = sorted(listed + [(row.number, row.id) for row in read.bad_rows])
        before, own = (listed[0], listed[1:]) if behind and listed else (("", ""), listed)
        rows = [row for row in read.rows if row.employee_id != before[0]]
        bad_rows = [row for row in read.bad_rows if (row.number, row.id) != before]
        unreadable = {row.number for row in bad_rows}
        if own and not read.is_last and own[-1][0] != before[0]:
            last = own[-1][0]
            whole = self.simployer.leave_transactions(period.start, period.end, 0, None, employee_ids=[last])
            rows = [row for row in rows if row.employee_id != last] + whole.rows
            unreadable |= {row.number for row in whole.bad_rows}
        seen = Seen(tuple(row_id for _, row_id in own), before[1] or None, read.total)
        return Stretch(rows, bad_rows, frozenset(unreadable), seen)

    def _plan_again(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """The named absences only, read afresh with all other leave of their employees."""
        period = self.scope(run).period
        people = list(dict.fromkeys(source_id.split(":")[0] for source_id in page.ids))
        rows: list[LeaveTransaction] = []
        bad_rows: list[BadRow] = []
        for group in in_groups(people, PEOPLE_PER_CALL):
            read = self.simployer.leave_transactions(period.start, period.end, 0, None, employee_ids=group)
            rows += read.rows
            bad_rows += read.bad_rows
        found = self._compare(run, rows, frozenset(row.number for row in bad_rows), context)
        away = set(people) - {row.employee_id for row in rows}
        links = self.ledger.links.all(self.tenant, self.connection_id, ENTITY) if away else ()
        gone = [link for link in links if link.facts["employee"] in away]
        absent = self.plan_absent(run, page.index, gone, context).writes if gone else ()
        records, writes = [*found.records, *map(unreadable_day, bad_rows)], [*found.writes, *absent]
        known = [*found.unchanged, *(one.source_id for one in records), *(w.record.source_id for w in writes)]
        named = named_by(page.ids, known)
        return PlannedPage(
            page.index,
            sum(source_id in named for source_id in found.unchanged),
            tuple(record for record in records if record.source_id in named),
            tuple(write for write in writes if write.record.source_id in named),
            matched=found.at_target,
        )

    def _with_leave(self, people: Collection[str], period: Period) -> set[str]:
        """Those of the employees who have leave in the period, readable or not."""
        found: set[str] = set()
        for group in in_groups(sorted(people), PEOPLE_PER_CALL):
            read = self.simployer.leave_transactions(period.start, period.end, 0, None, employee_ids=group)
            found |= {row.employee_id for row in read.rows} | {row.number for row in read.bad_rows}
        return found

    def _compare(
        self,
        run: Run,
        rows: Sequence[LeaveTransaction],
        unreadable: frozenset[str],
        context: Mapping[str, Any],
    ) -> Matched:
        """Compare all leave of some employees; of one with an `unreadable` day nothing is withdrawn."""
        scope = self.scope(run)
        numbers = {row.employee_id: row.employee.employee_number or "" for row in rows if row.employee}
        days, stuck = days_of(rows, context, numbers, scope)
        by_person: dict[str, list[Absence]] = defaultdict(list)
        for absence in fold(days):
            by_person[absence.employee].append(absence)
        nodes = self.xledger.employees_by_code(sorted({n for n in numbers.values() if n}))
        held = self._held(scope, [node.db_id for node in nodes.values()])
        ids = [node.db_id for nodes_of in held.values() for node in nodes_of]
        links = self.ledger.links.get(self.tenant, self.connection_id, ENTITY, ids)
        cuts = self._cuts([a for group in by_person.values() for a in group], scope.period)
        found = Matched(records=list(stuck.values()))
        for employee_id, number in numbers.items():
            wanted = by_person[employee_id]
            node = nodes.get(number)
            if node is None:
                found.records += [unknown_employee(absence, number) for absence in wanted]
                continue
            person = matching.Person(employee_id, number, node.db_id, held.get(node.db_id, ()), links)
            due = [n for n in person.own if self._is_due(links[n.db_id], scope)]
            due = [n for n in due if person.facts(n)["parent"] not in stuck]
            withdraws = employee_id not in unreadable
            found.add(matching.match(person, wanted, scope.period, cuts, due, withdraws=withdraws))
        return found

    @staticmethod
    def _is_due(link: Link, scope: Scope) -> bool:
        """Whether a run over this scope is about the absence of this link."""
        period = scope.period
        return matching.starts_in(link, period.start, period.end) and scope.takes(
            link.facts["code"], link.facts["number"]
        )

    def _held(self, scope: Scope, db_ids: Sequence[str]) -> dict[str, list[AbsenceNode]]:
        """Xledger's absences of these employees that can reach into the period, by employee."""
        found: dict[str, list[AbsenceNode]] = defaultdict(list)
        read = self.xledger.absences(scope.period.start - LOOK_BACK, scope.period.end, db_ids)
        for node in read.rows:
            found[node.employee or ""].append(node)
        return found

    def _cuts(self, absences: Sequence[Absence], period: Period) -> dict[str, Reason]:
        """Which absences go on beyond the period, with the words that say so (TO-2)."""
        at_edge = [a for a in absences if touches_start(a, period) or touches_end(a, period)]
        whole = self.simployer.leaves([absence.parent for absence in at_edge]) if at_edge else {}
        found: dict[str, Reason] = {}
        for absence in at_edge:
            leave = whole.get(absence.parent)
            if leave is None or (leave.start_date >= period.start and leave.end_date <= period.end):
                continue
            values = {"cut_start": absence.start, "cut_end": absence.end}
            found[matching.source_id(absence)] = reason(
                "CUT_TO_PERIOD",
                label=f"Leave {absence.parent}",
                start=leave.start_date,
                end=leave.end_date,
                **values,
            )
        return found


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> TimeOffExport:
    """The flow over one connection, with its stored credentials."""
    return TimeOffExport(
        tenant=tenant,
        connection_id=connection_id,
        settings=Settings.model_validate(settings),
        simployer=container.client_of(tenant, connection_id, settings, "simployer"),
        xledger=container.client_of(tenant, connection_id, settings, "xledger"),
        ledger=container.ledger,
    )
