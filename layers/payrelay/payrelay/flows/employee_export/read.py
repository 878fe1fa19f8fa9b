"""Both sides of the employee export as they are read: pages of the source, and what Xledger has of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, convert, to_builtins
from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Seen
from payrelay.domain.runs import Link, Listing, Page
from payrelay.flows.employee_export.mapping import References, Target
from payrelay.flows.employee_export.numbers import around, tidy
from payrelay.flows.employee_export.rules import NUMBER
from payrelay.systems.rows import BadRow, Listed, Unusable
from payrelay.systems.simployer.client import IDS_PER_CALL, PAGE_SIZE, SimployerClient
from payrelay.systems.simployer.models import Employee, EmploymentType
from payrelay.systems.xledger.client import XledgerClient
from payrelay.systems.xledger.models import EmployeeNode, Lookup

# Every page also reads the row before its own first one, to prove that nothing moved in between.
ROWS = PAGE_SIZE - 1
# Of fewer pages, all is read: to ask what moved would take more calls than it saves.
LARGE = 3
# Under this name a run's look-ups have what its pages need of the mirror.
MIRROR = "mirror"
# Under this one a link has what came of its last write.
FACT = "mirror"


class Source(Struct, frozen=True):
    """Employees of Simployer One, and those that can't be used; `seen` proves a page's place in the list.

    `missing` are the names that lead to nobody: ids of records, or numbers.
    """

    rows: list[Employee]
    bad: list[BadRow]
    missing: tuple[str, ...] = ()
    seen: Seen | None = None


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
        found = self.with_numbers(numbers)
        ids = [row.id for row in found.rows] + [row.id for row in found.bad]
        groups = in_groups(ids, IDS_PER_CALL)
        pages = [Page(index, ids=tuple(group)) for index, group in enumerate(groups)]
        pages.append(Page(len(pages)))
        total = len(found.rows) + len(found.bad) + len(found.missing)
        return Listing(tuple(pages), total, {**self.context(), "unknown_numbers": sorted(found.missing)})

    def context(self) -> dict[str, Any]:
        """The codes of the reference objects by dbId, of each kind, and those that can't be used."""
        found = self.xledger.lookups()
        unreadable: dict[str, list[BadRow]] = defaultdict(list)

        def codes(kind: str, listed: Listed[Lookup], code: Callable[[Lookup], str]) -> dict[str, str]:
            return {node.db_id: code(node) for node in listed.take(unreadable[kind])}

        tables: dict[str, Any] = {
            "employee_groups_by_id": codes("employee_groups", found.employee_groups, _code),
            "employment_types_by_id": codes("employment_types", found.employment_types, _code),
            "cost_centres_by_id": codes("cost_centres", found.cost_centres, _code),
            "exit_reasons_by_id": codes("exit_reasons", found.exit_reasons, _description),
        }
        return {**tables, "unreadable": to_builtins(unreadable)}

    def stretch(self, page: Page) -> Source:
        """The page's own employees, and what proves its place in the list."""
        behind = min(page.offset, 1)
        read = self.simployer.employees(page.offset - behind, page.limit + behind)
        bad: list[BadRow] = []
        rows = tidied(read.listed, bad)
        ids = sorted([row.id for row in rows] + [row.id for row in bad])
        before = ids[0] if behind and ids else None
        seen = Seen(tuple(i for i in ids if i != before), before, read.total)
        return Source(
            [row for row in rows if row.id != before], [row for row in bad if row.id != before], seen=seen
        )

    def asked_for(self, source_ids: Sequence[str]) -> Source:
        """Named employees; the names are ids of records, or numbers behind `number:`."""
        by_id = self.with_ids([one for one in source_ids if not one.startswith(NUMBER)])
        numbers = [one.removeprefix(NUMBER) for one in source_ids if one.startswith(NUMBER)]
        by_number = self.with_numbers(numbers)
        missing = (*by_id.missing, *(f"{NUMBER}{number}" for number in by_number.missing))
        return Source([*by_id.rows, *by_number.rows], [*by_id.bad, *by_number.bad], missing)

    def with_ids(self, ids: Sequence[str]) -> Source:
        """The employees with these ids."""
        return _source(self.simployer.employees_by_id(ids), ids, lambda row: row.id, lambda bad: bad.id)

    def with_numbers(self, numbers: Sequence[str]) -> Source:
        """The employees with these numbers, who may be more than one each.

        Who is not found as spelled is looked for with blanks around the number, as copying leaves them.
        """
        wanted = [tidy(number) or number for number in numbers]
        found = self._numbered(wanted)
        if not found.missing:
            return found
        again = self._numbered([form for number in found.missing for form in around(number)])
        known = {row.employee_number for row in again.rows} | {tidy(row.number) for row in again.bad}
        missing = tuple(number for number in found.missing if number not in known)
        return Source(found.rows + again.rows, found.bad + again.bad, missing)

    def _numbered(self, numbers: Sequence[str]) -> Source:
        read = self.simployer.employees_by_number(numbers)
        return _source(read, numbers, lambda row: row.employee_number, lambda bad: bad.number)

    def look_alikes(self, employees: Collection[Employee]) -> list[Employee]:
        """Who was born on the same days, or has the same work e-mail, whatever their number."""
        days = [one.birth_date for one in employees if one.birth_date]
        emails = [one.work_email for one in employees if one.work_email and not one.birth_date]
        unread: list[BadRow] = []  # Each is told of where its own page is planned.
        found = self.simployer.employees_born(days).take(unread) if days else []
        found += self.simployer.employees_by_email(emails).take(unread) if emails else []
        return [_tidy(row) for row in found]

    def types(self, ids: Sequence[str]) -> dict[str, EmploymentType]:
        """The types of employment with these ids, as far as they can be read."""
        unread: list[BadRow] = []
        return {one.id: one for one in self.simployer.employment_types(ids).take(unread)}

    def targets(self, numbers: Sequence[str]) -> dict[str, Target]:
        """What Xledger has under each of these codes: one call each for employees and contacts."""
        if not numbers:
            return {}
        bad: list[BadRow] = []
        read = self.xledger.employees_by_code(numbers).take(bad)
        return self._targets(numbers, read, lambda node: node.code, Unusable(bad, lambda row: row.number))

    def targets_by_id(self, db_ids: Sequence[str]) -> dict[str, Target]:
        """What Xledger has under each of these dbIds, whatever the codes are by now."""
        if not db_ids:
            return {}
        bad: list[BadRow] = []
        read = self.xledger.employees_by_id(db_ids).take(bad)
        return self._targets(db_ids, read, lambda node: node.db_id, Unusable(bad, lambda row: row.id))

    def _targets(
        self,
        keys: Sequence[str],
        read: Sequence[EmployeeNode],
        key_of: Callable[[EmployeeNode], str],
        lost: Unusable,
    ) -> dict[str, Target]:
        nodes: dict[str, EmployeeNode] = {}
        for node in read:
            nodes.setdefault(key_of(node), node)
        bad: list[BadRow] = []
        found = self.xledger.contacts_by_id([n.contact_db_id for n in nodes.values() if n.contact_db_id])
        contacts = {contact.db_id: contact for contact in found.take(bad)}
        lost_contacts = Unusable(bad, lambda row: row.id)

        def target(key: str) -> Target:
            node = nodes.get(key)
            if node is None:
                return Target(None, None, lost.instead_of(key))
            contact = contacts.get(node.contact_db_id) if node.contact_db_id else None
            lost_one = (
                lost_contacts.instead_of(node.contact_db_id) if node.contact_db_id and not contact else None
            )
            return Target(node, contact, lost_one)

        return {key: target(key) for key in keys}

    def gone(self, links: Sequence[Link]) -> tuple[list[Link], dict[str, list[Employee]], set[str]]:
        """Which of the links' records are not in the source any more; who has their numbers by now.

        Last, the numbers of records that can't be read.
        """
        missing = set(self.with_ids([link.source_id for link in links]).missing)
        lost = [link for link in links if link.source_id in missing]
        found = self._numbered([link.key for link in lost])
        takers: dict[str, list[Employee]] = defaultdict(list)
        for row in found.rows:
            takers[row.employee_number or ""].append(row)
        unread = {link.key for link in lost} - set(found.missing) - set(takers)
        return lost, takers, unread

    def having_codes(self, targets: Iterable[Target], known: Collection[str]) -> dict[str, list[Employee]]:
        """Who has the codes of these employees of Xledger as numbers, by code, but for the `known` codes."""
        codes = {node.code for one in targets if (node := one.employee) and node.code not in known}
        found: dict[str, list[Employee]] = defaultdict(list)
        for row in self._numbered(sorted(codes)).rows if codes else ():
            found[row.employee_number or ""].append(row)
        return found

    def rivals(
        self, new: Iterable[str], owners: Mapping[str, str], known: Collection[str]
    ) -> tuple[list[Employee], dict[str, BadRow]]:
        """Other records with the numbers of planned writes; and by number those that can't be used.

        They are found by the `new` numbers, and by `owners`, the records that numbers were written for last.
        The `known` ones are those of the page itself.
        """
        by_number = self._numbered(list(new))
        lost = {bad.number: bad for bad in by_number.bad}
        found = {row.id: row for row in by_number.rows}
        unknown = {number: i for number, i in owners.items() if i not in found and i not in known}
        by_id = self.with_ids(sorted(set(unknown.values())))
        found |= {row.id: row for row in by_id.rows}
        unusable = Unusable(by_id.bad, lambda bad: bad.id)
        for number, source_id in unknown.items():
            bad = None if source_id in found else unusable.instead_of(source_id)
            if bad:
                lost[number] = bad
        return [row for row in found.values() if row.id not in known], lost


def tidied(listed: Listed[Employee], bad: list[BadRow]) -> list[Employee]:
    """The rows with their numbers as they were meant; those that can't be used are added to `bad`."""
    return [_tidy(row) for row in listed.take(bad)]


def _tidy(row: Employee) -> Employee:
    """The row with its number as it was meant."""
    number = tidy(row.employee_number)
    return row if number == row.employee_number else replace(row, employee_number=number)


def references(context: Mapping[str, Any]) -> References:
    """Xledger's reference objects as the run's context keeps them."""
    codes = {name.removesuffix(_BY_ID): by_id for name, by_id in context.items() if name.endswith(_BY_ID)}
    bad = convert(context.get("unreadable", {}), dict[str, list[BadRow]])
    unusable = {
        kind: Unusable(bad.get(kind, ()), _nothing if kind == "exit_reasons" else _number) for kind in codes
    }
    return References(codes, unusable)


_BY_ID = "_by_id"


def _nothing(row: BadRow) -> str:
    """An exit reason goes by its description, which a row that can't be used does not tell."""
    del row
    return ""


def _number(row: BadRow) -> str:
    return row.number


def _code(node: Lookup) -> str:
    return node.code


def _description(node: Lookup) -> str:
    return node.description or node.code


def _source(
    listed: Listed[Employee],
    asked: Sequence[str],
    of_row: Callable[[Employee], str | None],
    of_bad: Callable[[BadRow], str],
) -> Source:
    """What was found of what was asked for; nothing is missing while a row does not even tell its name."""
    bad: list[BadRow] = []
    rows = tidied(listed, bad)
    known = {of_row(row) for row in rows}
    unusable = Unusable(bad, of_bad)
    missing = (one for one in dict.fromkeys(asked) if one not in known and not unusable.instead_of(one))
    return Source(rows, bad, tuple(missing))
