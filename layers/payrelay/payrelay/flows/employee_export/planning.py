"""One page of employees planned: who is written, who is not and why, and who is equal (EX-4 to EX-9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.evidence import Who
from payrelay.domain.groups import in_groups
from payrelay.domain.records import Outcome, Record, Write
from payrelay.domain.runs import Link
from payrelay.flows.employee_export import numbers, records
from payrelay.flows.employee_export.compare import Comparer, Payload
from payrelay.flows.employee_export.doubles import one_per_number
from payrelay.flows.employee_export.mapping import Target
from payrelay.flows.employee_export.read import Sides
from payrelay.flows.employee_export.records import ENTITY
from payrelay.flows.employee_export.rules import SelectionRule, has_left
from payrelay.flows.employee_export.selection import (
    Case,
    Rivals,
    case_of,
    concerns,
    giving_way,
    judge,
    numbered,
    one_of,
    own_target,
    select,
    types_wanted,
)
from payrelay.flows.employee_export.who import People, is_there, of_two
from payrelay.ledger import Ledger
from payrelay.systems.simployer.client import IDS_PER_CALL
from payrelay.systems.simployer.models import Employee, EmploymentType

Result = Write[Payload] | Record | None


class Plan(Struct, frozen=True):
    """What became of each employee of a page; by source id, who is not for export, and `lost` links.

    `cases` are what both sides have of each, by source id.
    """

    writes: list[Write[Payload]]
    records: list[Record]
    equal: list[Case]
    matched: Mapping[str, str]
    leavers: frozenset[str]
    lost: list[str]
    cases: Mapping[str, Case] = {}


class Planning(Struct, frozen=True):
    """How pages of one run are planned."""

    ledger: Ledger
    connection: tuple[str, str]
    sides: Sides
    rule: SelectionRule
    comparer: Comparer
    today: date

    def plan(self, rows: Sequence[Employee]) -> Plan:
        """Judge, find both sides of each, one per number, compare; of the writes some give way."""
        cases = self._cases(rows)
        chosen = {case.employee.id: case for case in cases if case.refusal is None}
        holds = self._holders(chosen)
        keep, doubles, ties = one_per_number([case.employee for case in chosen.values()], holds)
        kept = self._elsewhere([chosen[one.id] for one in keep])
        results: dict[str, Result] = {case.employee.id: self._compared(case) for case in kept}
        said = {one.id: records.double(one, winner, self.today) for one, winner in doubles}
        said |= {one.id: records.same_day(one, other) for one, other in ties}
        left_out = [case for case in cases if case.refusal is not None]
        exported = numbered(case.employee for case in chosen.values()) if left_out else {}
        results |= {case.employee.id: self._left_out(case, exported) for case in left_out}
        known = {case.employee.id: case for case in (*cases, *kept)}
        said |= self._giving_way(results, known)
        creations = [
            known[i].employee
            for i, one in results.items()
            if isinstance(one, Write) and one.target_id is None and i not in said
        ]
        said |= self._twice(creations, known)
        writes = [one for i, one in results.items() if isinstance(one, Write) and i not in said]
        told = [said.get(i) or one for i, one in results.items() if i in said or isinstance(one, Record)]
        told += [record for i, record in said.items() if i not in results]
        apart = self._apart(cases)
        named = [
            records.apart(one) if one.source_id in apart else one for one in told if isinstance(one, Record)
        ]
        equal = [known[i] for i, one in results.items() if one is None and i not in said]
        matched = {
            f"{ENTITY}:{case.employee.employee_number}": case.target.employee.db_id
            for case in known.values()
            if case.target.employee
        }
        leavers = frozenset(case.employee.id for case in left_out)
        lost = [case.employee.id for case in left_out if case.link and _is_absent(case)]
        lost += [i for i, record in said.items() if known[i].own and _gives_way(record)]
        return Plan(writes, records.all_apart(writes, named), equal, matched, leavers, lost, known)

    # --- what is known of each ------------------------------------------------------------------------------

    def _cases(self, rows: Sequence[Employee]) -> list[Case]:
        """The employees as of today, with their links and what Xledger has of them."""
        judged = judge(rows, self.rule, self.today, self._types(rows))
        links = self._links([one.id for one in rows])
        codes = [number for row in rows if (number := row.employee_number)]
        codes += [link.key for link in links.values() if link.key]
        by_number = self.sides.targets(list(dict.fromkeys(codes)))
        lost = [
            link.target_id
            for row in rows
            if (link := links.get(row.id)) and own_target(link, row.employee_number or "", by_number) is None
        ]
        by_id = self.sides.targets_by_id(lost)
        return [case_of(one, links.get(one.employee.id), by_number, by_id) for one in judged]

    def _types(self, rows: Iterable[Employee]) -> Mapping[str, EmploymentType]:
        wanted = types_wanted(rows, self.today)
        return self.sides.types(wanted) if wanted else {}

    def _links(self, ids: Sequence[str]) -> Mapping[str, Link]:
        return self.ledger.links.get(*self.connection, ENTITY, ids) if ids else {}

    def _elsewhere(self, cases: Sequence[Case]) -> list[Case]:
        """Those whom Xledger does not have, with whom it has under another spelling of their number."""
        absent = [case for case in cases if _is_absent(case)]
        forms = {case.employee.id: numbers.spellings(case.employee.employee_number or "") for case in absent}
        found = self.sides.targets([form for some in forms.values() for form in some])
        there = {code: target for code, target in found.items() if target.employee}
        if not there:
            return list(cases)
        return [
            replace(
                case,
                target=self._spelled(case, [there[f] for f in forms.get(case.employee.id, ()) if f in there]),
            )
            for case in cases
        ]

    def _spelled(self, case: Case, found: Sequence[Target]) -> Target:
        """Of what stands under other spellings, what may be this employee's."""
        own = (one for one in found if is_there(case.employee, one, self.today).who is not Who.OTHER)
        return next(own, case.target)

    def _compared(self, case: Case) -> Result:
        why = self.comparer.another(case.employee, case.before, case.link) if case.before.employee else None
        if why:
            return records.record_of(case.employee, Outcome.BLOCKED, why)
        return self.comparer.compare(case.employee, case.target, case.link, before=case.before)

    # --- who is not written ---------------------------------------------------------------------------------

    def _holders(self, chosen: Mapping[str, Case]) -> Callable[[Employee, Employee], bool]:
        """Tells whose number it stays although another person with it was hired before: whom Xledger has."""

        def holds(one: Employee, first: Employee) -> bool:
            return (
                chosen[one.id].own
                and not chosen[first.id].own
                and of_two(one, first, self.today).who is Who.OTHER
            )

        return holds

    def _left_out(self, case: Case, exported: Mapping[str, Sequence[Employee]]) -> Result:
        """What becomes of somebody who is not for export: a leaving is written, else what is open is told."""
        assert case.refusal
        plain = records.record_of(case.employee, *case.refusal)
        if not concerns(case, self.rule, self.today):
            return plain
        if one_of(case, exported, self.today):
            return records.apart(plain)
        if case.target.unreadable:
            why = case.target.unreadable.why(records.named(case.employee), records.TARGET)
            return records.record_of(case.employee, Outcome.BLOCKED, why)
        sure = case.link or is_there(case.employee, case.target, self.today).who is Who.SAME
        if sure and has_left(case.employee, self.today):
            return self.comparer.compare(case.employee, case.target, case.link, leaving=True) or plain
        if case.target.employed(self.today):
            return records.still_employed(case.employee, case.refusal, case.target)
        return plain

    def _giving_way(self, results: Mapping[str, Result], known: Mapping[str, Case]) -> dict[str, Record]:
        """Whose result gives way to a record on another page, looked up for what would be written only.

        In the source by number, where the employee was never written before or is not for export any more,
        and by the number's last delivery.
        """
        writes = {i: one for i, one in results.items() if isinstance(one, Write)}
        fallen = {
            i: known[i]
            for i, one in results.items()
            if known[i].refusal
            and (isinstance(one, Write) or (isinstance(one, Record) and one.outcome is Outcome.BLOCKED))
            and concerns(known[i], self.rule, self.today)
        }
        asked = [known[i] for i in {**writes, **fallen} if i in fallen or known[i].link is None]
        if not writes and not asked:
            return {}
        ids = {one.record.record_id: one.record.key for one in writes.values()}
        owners = self.ledger.deliveries.owners(*self.connection, list(ids)) if ids else {}
        found, unreadable = self.sides.rivals(
            list(dict.fromkeys(number for case in asked for number in case.numbers)),
            {ids[record_id]: source_id for record_id, source_id in owners.items()},
            set(known),
        )
        rivals = numbered(select(found, self.rule, self.today, self._types(found)))
        said = giving_way(
            [known[i].employee for i in writes if i not in fallen],
            Rivals(rivals, unreadable),
            self.today,
            {i for i, case in known.items() if case.own},
        )
        for i, case in fallen.items():
            if case.refusal and one_of(case, rivals, self.today):
                said[i] = records.apart(records.record_of(case.employee, *case.refusal))
        return said

    def _twice(self, creations: Sequence[Employee], known: Mapping[str, Case]) -> dict[str, Record]:
        """Of those who would be created, who is there under another number already, or would be, too."""
        if not creations:
            return {}
        found: dict[str, Record] = {}
        here = People(case.employee for case in known.values())
        for group in in_groups(creations, IDS_PER_CALL):
            outside = People(row for row in self.sides.look_alikes(group) if row.id not in known)
            for employee in group:
                near = [(known[one.id], words) for one, words in here.alike(employee, self.today)]
                near += self._outside(outside.alike(employee, self.today))
                for case, words in near:
                    if self._is_or_will_be_there(case):
                        found[employee.id] = records.twice(
                            employee, case.employee, case.target, words, exported=case.refusal is None
                        )
                        break
        return found

    def _outside(self, alike: Sequence[tuple[Employee, str]]) -> list[tuple[Case, str]]:
        """Those of other pages, with what both sides have of them."""
        cases = {case.employee.id: case for case in self._cases([one for one, _ in alike])} if alike else {}
        return [(cases[one.id], words) for one, words in alike]

    def _is_or_will_be_there(self, case: Case) -> bool:
        """Whether somebody is for export, or in Xledger."""
        if case.refusal is None:
            return True
        if case.target.employee is None:
            return case.link is not None and case.target.unreadable is not None
        return bool(case.link) or is_there(case.employee, case.target, self.today).who is not Who.OTHER

    def _apart(self, cases: Iterable[Case]) -> set[str]:
        """Whose record goes by the source's id, because another record of the page has the number."""
        by_number: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            if case.employee.employee_number:
                by_number[case.employee.employee_number].append(case)
        found: set[str] = set()
        for group in by_number.values():
            if len(group) > 1:
                holder = next((one for one in group if one.own and one.refusal is None), None)
                holder = holder or next((one for one in group if one.refusal is None), None)
                holder = holder or next((one for one in group if one.own), group[0])
                found |= {one.employee.id for one in group if one is not holder}
        return found


def _gives_way(record: Record) -> bool:
    """Whether whom Xledger has is another record's from now on."""
    return record.reason is not None and record.reason.code == "DUPLICATE_NUMBER"


def _is_absent(case: Case) -> bool:
    """Whether Xledger has nobody of that number, who was not exported under another one before."""
    if case.target.employee or case.target.unreadable:
        return False
    return case.link is None or numbers.joined(case.link.key, case.employee.employee_number or "")
