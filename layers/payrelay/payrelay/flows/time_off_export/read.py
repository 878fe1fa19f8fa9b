"""Both sides of the time-off export as they are read: leave of the source, absences of Xledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct, to_builtins

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Seen
from payrelay.domain.runs import Link, Listing, Page
from payrelay.flows.time_off_export.days import type_of
from payrelay.flows.time_off_export.rules import Held, Period, Scope, Written
from payrelay.systems.rows import BadRow, Unusable
from payrelay.systems.simployer.client import IDS_PER_CALL, PAGE_SIZE, SimployerClient
from payrelay.systems.simployer.models import Employee, Leave, LeaveTransaction
from payrelay.systems.xledger.client import XledgerClient
from payrelay.systems.xledger.models import AbsenceNode, EmployeeNode

# Every page also reads the row before its own first one, to prove that nothing moved in between.
ROWS = PAGE_SIZE - 1
# An absence entered by hand may have begun this long before the period and still reach into it.
LOOK_BACK = timedelta(days=92)


class LeaveRead(Struct, frozen=True):
    """Leave of some employees: all of it, or the days of one page with what proves its place.

    `bad` are the days that can't be used, of which the run tells; nothing is withdrawn of whom `unreadable`
    holds.
    """

    rows: Sequence[LeaveTransaction]
    bad: Sequence[BadRow]
    unreadable: Unusable
    seen: Seen | None = None


class Sides(Struct, frozen=True):
    """The two systems of one connection."""

    simployer: SimployerClient
    xledger: XledgerClient

    def pages(self, period: Period) -> Listing:
        """Pages of leave transactions; leave types and absence codes are read once, for all of them."""
        total = self.simployer.leave_transactions(period.start, period.end, 0, 1).total
        starts = range(0, max(total, 1), ROWS)
        pages = tuple(Page(index, offset=start, limit=ROWS) for index, start in enumerate(starts))
        return Listing(pages, total, self.look_ups())

    def look_ups(self) -> dict[str, Any]:
        """Leave types and absence codes, and those of them that can't be used."""
        bad_types: list[BadRow] = []
        bad_codes: list[BadRow] = []
        context: dict[str, Any] = {
            "types": {kind.id: type_of(kind) for kind in self.simployer.leave_types().take(bad_types)},
            "codes": sorted({one.code for one in self.xledger.absence_codes().take(bad_codes)}),
        }
        unreadable = {"types": bad_types, "codes": bad_codes}
        return {**context, "unreadable": to_builtins(unreadable)}

    def employees_of(self, number: str) -> list[Employee]:
        """The employee records of Simployer One that have this number, as far as they can be used."""
        return self.simployer.employees_by_number([number]).take([])

    def stretch(self, period: Period, page: Page) -> LeaveRead:
        """All leave of the employees whose first row lies on this page, and the proof of its place."""
        behind = min(page.offset, 1)
        read = self.simployer.leave_transactions(
            period.start, period.end, page.offset - behind, page.limit + behind
        )
        bad: list[BadRow] = []
        rows = read.listed.take(bad)
        listed = [(row.employee_id, row.id) for row in rows]
        listed = sorted(listed + [(row.number, row.id) for row in bad])
        before, own = (listed[0], listed[1:]) if behind and listed else (("", ""), listed)
        rows = [row for row in rows if row.employee_id != before[0]]
        bad = [row for row in bad if (row.number, row.id) != before]
        unreadable = list(bad)
        if own and not read.is_last and own[-1][0] != before[0]:
            last = own[-1][0]
            whole = self.leave_of([last], period)
            rows = [*(row for row in rows if row.employee_id != last), *whole.rows]
            unreadable += whole.bad
        seen = Seen(tuple(row_id for _, row_id in own), before[1] or None, read.total)
        return LeaveRead(rows, bad, _by_employee(unreadable), seen)

    def leave_of(self, people: Iterable[str], period: Period) -> LeaveRead:
        """All leave of these employees in the period."""
        rows: list[LeaveTransaction] = []
        bad: list[BadRow] = []
        for group in in_groups(people, IDS_PER_CALL):
            read = self.simployer.leave_transactions(period.start, period.end, 0, None, employee_ids=group)
            rows += read.listed.take(bad)
        return LeaveRead(rows, bad, _by_employee(bad))

    def with_leave(self, people: Collection[str], period: Period) -> set[str]:
        """Those of the employees who have leave in the period, readable or not."""
        read = self.leave_of(sorted(people), period)
        found = {row.employee_id for row in read.rows}
        return found | {one for one in people if read.unreadable.instead_of(one)}

    def leaves(self, ids: Sequence[str]) -> tuple[dict[str, Leave], Unusable]:
        """The whole leaves by id, and those that can't be used."""
        bad: list[BadRow] = []
        found = {leave.id: leave for leave in self.simployer.leaves(ids).take(bad)} if ids else {}
        return found, Unusable(bad, lambda row: row.id)

    def employees(self, numbers: Sequence[str]) -> tuple[dict[str, EmployeeNode], Unusable]:
        """Xledger's employees by number, and those that can't be used."""
        bad: list[BadRow] = []
        found: dict[str, EmployeeNode] = {}
        for node in self.xledger.employees_by_code(numbers).take(bad):
            found.setdefault(node.code, node)
        return found, Unusable(bad, lambda row: row.number)

    def names(self, db_ids: Collection[str]) -> dict[str, str]:
        """What Xledger calls these employees, by dbId."""
        nodes = self.xledger.employees_by_id(sorted(db_ids)).take([]) if db_ids else []
        return {node.db_id: node.description or "" for node in nodes}

    def shows(self, written: Written, scope: Scope) -> bool:
        """Whether an absence that was exported is among those that are looked at and read."""
        if written.start < scope.window.start - LOOK_BACK:
            return False
        return scope.is_about(written) or scope.reaches_in(written) or scope.looks_at(written)

    def absences(
        self, period: Period, db_ids: Sequence[str]
    ) -> tuple[dict[str, list[AbsenceNode]], Unusable]:
        """Xledger's absences of these employees that can reach into the period, by employee.

        Those that can't be used go by their employee, too; one that does not tell it may be anybody's.
        """
        bad: list[BadRow] = []
        found: dict[str, list[AbsenceNode]] = defaultdict(list)
        for node in self.xledger.absences(period.start - LOOK_BACK, period.end, db_ids).take(bad):
            found[node.employee].append(node)
        return found, _by_employee(bad)


def held(node: AbsenceNode, links: Mapping[str, Link]) -> Held:
    """An absence of Xledger as the flow knows it."""
    link = links.get(node.db_id)
    return Held(
        db_id=node.db_id,
        code=node.absence_code,
        start=node.from_date,
        end=node.to_date or node.from_date,
        extent=node.leave_percent,
        text=node.text,
        ours=Written.of(link.facts) if link else None,
    )


def _by_employee(bad: Iterable[BadRow]) -> Unusable:
    return Unusable(bad, lambda row: row.number)
