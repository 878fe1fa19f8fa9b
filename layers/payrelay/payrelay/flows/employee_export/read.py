"""Both sides of the employee export as they are read: pages of the source, and what Xledger has of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Seen
from payrelay.domain.runs import Listing, Page
from payrelay.flows.employee_export.compare import NUMBER, Target
from payrelay.flows.employee_export.rules import Employed, numbers_of
from payrelay.systems.simployer.client import PAGE_SIZE, SimployerClient
from payrelay.systems.simployer.models import Employee, EmployeePage, Employment
from payrelay.systems.xledger.client import XledgerClient

# Every page also reads the row before its own first one, to prove that nothing moved in between.
ROWS = PAGE_SIZE - 1
IDS_PER_PAGE = 100


class Sides(Struct, frozen=True):
    """The two systems of one connection."""

    simployer: SimployerClient
    xledger: XledgerClient

    def pages(self) -> Listing:
        """Pages of all employees; the look-ups of Xledger are read once, for all of them."""
        total = self.simployer.employees(0, 1).total
        starts = range(0, max(total, 1), ROWS)
        pages = tuple(Page(index, offset=start, limit=ROWS) for index, start in enumerate(starts))
        return Listing(pages, total, self.context())

    def pages_of(self, numbers: Sequence[str]) -> Listing:
        """Pages of the employees that were asked for; the last one says which numbers nobody has."""
        found = self.simployer.employees_by_number(numbers)
        known = {one.employee_number for one in found.rows} | {bad.number for bad in found.bad_rows}
        unknown = sorted(set(numbers) - known)
        ids = [row.id for row in found.rows] + [row.id for row in found.bad_rows]
        groups = in_groups(ids, IDS_PER_PAGE)
        pages = [Page(index, ids=tuple(group)) for index, group in enumerate(groups)]
        pages.append(Page(len(pages)))
        context = {**self.context(), "unknown_numbers": unknown}
        return Listing(tuple(pages), len(ids) + len(unknown), context)

    def context(self) -> dict[str, dict[str, str]]:
        """The reference objects by code, and their codes by dbId."""
        found = self.xledger.lookups()
        tables: dict[str, dict[str, str]] = {
            "employee_groups": {code: node.db_id for code, node in found.employee_groups.items()},
            "employment_types": {code: node.db_id for code, node in found.employment_types.items()},
            "cost_centres": {code: node.db_id for code, node in found.cost_centres.items()},
            "exit_reasons": {
                node.description or node.code: node.db_id for node in found.exit_reasons.values()
            },
        }
        shown = {
            "employee_groups_by_id": {i: node.code for i, node in found.employee_groups.by_id.items()},
            "employment_types_by_id": {i: node.code for i, node in found.employment_types.by_id.items()},
            "cost_centres_by_id": {i: node.code for i, node in found.cost_centres.by_id.items()},
            "exit_reasons_by_id": {
                i: node.description or node.code for i, node in found.exit_reasons.by_id.items()
            },
        }
        return {**tables, **shown}

    def stretch(self, page: Page) -> tuple[EmployeePage, Seen]:
        """The page's own employees, and what proves its place in the list."""
        behind = min(page.offset, 1)
        read = self.simployer.employees(page.offset - behind, page.limit + behind)
        ids = sorted([row.id for row in read.rows] + [row.id for row in read.bad_rows])
        before = ids[0] if behind and ids else None
        own = replace(
            read,
            rows=[row for row in read.rows if row.id != before],
            bad_rows=[row for row in read.bad_rows if row.id != before],
        )
        return own, Seen(tuple(i for i in ids if i != before), before, read.total)

    def asked_for(self, source_ids: Sequence[str]) -> tuple[EmployeePage, list[str]]:
        """Named employees, and the names that lead to nobody: ids of records, or numbers behind `number:`."""
        ids = [one for one in source_ids if not one.startswith(NUMBER)]
        numbers = [one.removeprefix(NUMBER) for one in source_ids if one.startswith(NUMBER)]
        by_id, by_number = self.simployer.employees_by_id(ids), self.simployer.employees_by_number(numbers)
        found = replace(
            by_id,
            rows=[*by_id.rows, *by_number.rows],
            bad_rows=[*by_id.bad_rows, *by_number.bad_rows],
        )
        known = {row.id for row in found.rows} | {row.id for row in found.bad_rows}
        known |= {f"{NUMBER}{row.employee_number}" for row in by_number.rows}
        known |= {f"{NUMBER}{row.number}" for row in by_number.bad_rows}
        return found, [one for one in source_ids if one not in known]

    def with_numbers(self, numbers: Sequence[str]) -> list[Employee]:
        """The employees with these numbers, who may be more than one each."""
        return self.simployer.employees_by_number(numbers).rows if numbers else []

    def targets(self, employees: Sequence[Employee]) -> dict[str, Target]:
        """What Xledger has of these employees, by number: one call each for employees and contacts."""
        numbers = numbers_of(employees)
        if not numbers:
            return {}
        nodes = self.xledger.employees_by_code(numbers)
        contact_ids = [node.contact_db_id for node in nodes.values() if node.contact_db_id]
        contacts, bad_contacts = self.xledger.contacts_by_id(contact_ids) if contact_ids else ({}, [])
        unreadable = {bad.number: bad for bad in nodes.bad_rows}
        unreadable_contacts = {bad.id: bad for bad in bad_contacts}
        found = {}
        for number in numbers:
            node = nodes.get(number)
            contact_id = node.contact_db_id if node and node.contact_db_id else ""
            bad = unreadable.get(number) or unreadable_contacts.get(contact_id)
            found[number] = Target(node, contacts.get(contact_id), bad)
        return found


def employed(employee: Employee, today: date) -> Employed:
    """The employments that have not ended, and the one of them that counts."""
    current = [one for one in employee.employments if not _ended(one, today)]
    named = employee.employment if employee.employment in current else None
    chosen = named or (current[0] if len(current) == 1 else employee.employment)
    kind = employee.employment_type
    return Employed(chosen, len(current), kind.name if kind else None)


def _ended(employment: Employment, today: date) -> bool:
    end = employment.end_date or employment.effective_end_date
    return bool(employment.terminated) or (end is not None and end < today)
