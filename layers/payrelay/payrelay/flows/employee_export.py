"""Employees from Simployer One to Xledger: compare, and write only the differences (EX-1 to EX-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from payrelay.domain.employees import Employed, SelectionRule, first_hired, numbers_of, selection
from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Seen, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run
from payrelay.flows import employee_diagnosis
from payrelay.flows.bulk import NODES_PER_CALL, refused, send_in_bulk
from payrelay.flows.catalog import flow_row
from payrelay.flows.employee_comparison import ENTITY, Comparer, Target, label_of
from payrelay.flows.employee_mapping import BY_NAME, CONTACT, EMPLOYEE
from payrelay.flows.opening import Place
from payrelay.flows.settings.simployer_xledger import Settings
from payrelay.ledger import Ledger
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.client import PAGE_SIZE, SimployerClient
from payrelay.systems.simployer.models import Employee, EmployeePage, Employment
from payrelay.systems.simployer.models import Page as SourcePage
from payrelay.systems.xledger.client import XledgerClient

# Every page also reads the row before its own first one, to prove that nothing moved in between.
ROWS = PAGE_SIZE - 1
IDS_PER_PAGE = 100
NOBODY: EmployeePage = SourcePage([], [], 0, 0, 0)


@dataclass(frozen=True, slots=True)
class EmployeeExport:
    """The flow over one connection."""

    tenant: str
    connection_id: str
    settings: Settings
    simployer: SimployerClient
    xledger: XledgerClient
    ledger: Ledger
    key: bytes
    name: str = "employee_export"
    version: str = flow_row("employee_export").version
    entity: str = ENTITY
    links_by_target: bool = False

    def pages(self, run: Run) -> Listing:
        """Pages of the employee list; the look-ups of Xledger are read once, for all of them."""
        if run.options.get("employees"):
            return self._named(run.options["employees"])
        total = self.simployer.employees(0, 1).total
        starts = range(0, max(total, 1), ROWS)
        pages = tuple(Page(index, offset=start, limit=ROWS) for index, start in enumerate(starts))
        return Listing(pages, total, self.context())

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the page's employees on both sides and compare them."""
        if page.ids:
            rows, seen = self.simployer.employees_by_id(page.ids), None
            found = {row.id for row in rows.rows} | {row.id for row in rows.bad_rows}
            missing = [_gone(source_id) for source_id in page.ids if source_id not in found]
        elif "unknown_numbers" in context:
            rows, seen = NOBODY, None
            missing = [_unknown(number) for number in context["unknown_numbers"]]
        else:
            rows, seen = self._stretch(page)
            missing = []
        planned = self._compare(run, page.index, rows, context)
        return replace(planned, seen=seen, records=(*planned.records, *missing))

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Employees exported once and gone from the source: reported while they are employed in Xledger.

        Nobody's employment is ended because a record is missing. A record that is there after all, or
        whose number another record has now, was only missed.
        """
        del run, context
        still_there = {
            row.id for row in self.simployer.employees_by_id([link.source_id for link in gone]).rows
        }
        missing = [link for link in gone if link.source_id not in still_there]
        records: list[Record] = []
        for group in in_groups(missing, NODES_PER_CALL):
            taken = {row.employee_number for row in self._with_numbers([link.key for link in group])}
            held = self.xledger.employees_by_code([link.key for link in group])
            for link in group:
                node = held.get(link.key)
                if link.key in taken or node is None or node.employment_to or node.date_to:
                    self.ledger.links.forget(self.tenant, self.connection_id, ENTITY, link.source_id)
                    continue
                label = f"Employee {link.key}"
                why = reason("GONE_FROM_SOURCE", label=label)
                records.append(Record(ENTITY, link.key, label, Outcome.BLOCKED, link.source_id, why))
        return PlannedPage(index, 0, tuple(records), ())

    def remaining(self, planned: Write, fresh: Write | None) -> Write | None:
        """What is left of a write that may have been sent.

        A resource whose shown fields are all right is done if one of them had been wrong. Where only fields
        were sent that Xledger does not show, it is done if Xledger says that it was modified since.
        """
        if fresh is None:
            return None
        modified = fresh.facts.get("modified_at") != planned.facts.get("modified_at")
        send = {}
        for resource, node in fresh.send.items():
            arrived = _shown(planned, resource) or (resource == EMPLOYEE and modified)
            if _shown(fresh, resource) or not arrived:
                send[resource] = node
        return replace(fresh, send=send, record=planned.record) if send else None

    def apply(self, run: Run, writes: Sequence[Write]) -> list[Applied]:
        """Create and update employees, then their contacts, in bulk; a refused one stops no other."""
        del run
        results: dict[str, Applied] = {}
        new = [write for write in writes if write.target_id is None]
        old = [write for write in writes if write.target_id is not None]
        contacts: dict[str, str] = {w.record.key: w.facts["contact"] for w in old if w.facts.get("contact")}
        ids: dict[str, str] = {w.record.key: w.target_id for w in old if w.target_id}
        created = send_in_bulk(
            self.xledger.add_employees, {w.record.key: dict(w.send[EMPLOYEE]) for w in new}
        )
        updates = {w.record.key: {"dbId": w.target_id, **w.send[EMPLOYEE]} for w in old if EMPLOYEE in w.send}
        updated = send_in_bulk(self.xledger.update_employees, updates)
        for key, ref in created.done.items():
            ids[key] = ref.db_id
            if ref.contact_db_id:
                contacts[key] = ref.contact_db_id
        refusals = {**created.refused, **updated.refused}
        people = {
            w.record.key: {"dbId": contacts[w.record.key], **w.send[CONTACT]}
            for w in writes
            if CONTACT in w.send and w.record.key in contacts and w.record.key not in refusals
        }
        refusals |= send_in_bulk(self.xledger.update_contacts, people).refused
        for write in writes:
            key = write.record.key
            refusal = refusals.get(key)
            record = refused(write.record, refusal) if refusal else write.record
            results[key] = Applied(record, ids.get(key))
        return list(results.values())

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached, then one employee: in the source, for export, in the target, equal."""
        return employee_diagnosis.checks(self, key)

    def rule(self) -> SelectionRule:
        """Who is exported, by the settings."""
        chosen = self.settings.selection
        return SelectionRule(
            active_only=chosen.active_only,
            employment_types=frozenset(chosen.employment_types),
            full_rate_only=chosen.full_rate_only,
            require=frozenset(chosen.require),
        )

    def comparer(self, context: Mapping[str, Any]) -> Comparer:
        """What compares one employee on both sides."""
        return Comparer(self.settings, context, self.key)

    def context(self) -> dict[str, dict[str, str]]:
        """The reference objects by code, and their codes by dbId."""
        found = self.xledger.lookups()
        tables = {
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

    def _named(self, numbers: Sequence[str]) -> Listing:
        """Pages of the employees that were asked for; the last one says which numbers nobody has."""
        people = self._with_numbers(numbers)
        unknown = sorted(set(numbers) - {str(one.employee_number) for one in people})
        groups = in_groups((one.id for one in people), IDS_PER_PAGE)
        pages = [Page(index, ids=tuple(group)) for index, group in enumerate(groups)]
        pages.append(Page(len(pages)))
        context = {**self.context(), "unknown_numbers": unknown}
        return Listing(tuple(pages), len(people) + len(unknown), context)

    def _stretch(self, page: Page) -> tuple[EmployeePage, Seen]:
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

    def _compare(self, run: Run, index: int, page: EmployeePage, context: Mapping[str, Any]) -> PlannedPage:
        comparer = self.comparer(context)
        records = [_bad(row) for row in page.bad_rows]
        chosen: list[Employee] = []
        rule = self.rule()
        for employee in page.rows:
            refusal = selection(employee, employed(employee, _day_of(run)), rule, label_of(employee))
            if refusal:
                records.append(comparer.refused(employee, *refusal))
            else:
                chosen.append(employee)
        links = self.ledger.links.get(
            self.tenant, self.connection_id, ENTITY, [employee.id for employee in chosen]
        )
        chosen, doubles = self._without_doubles(chosen, links, comparer, _day_of(run))
        records += doubles
        targets = self.targets(chosen)
        writes: list[Write] = []
        unchanged = 0
        for employee in chosen:
            found = self._compare_one(comparer, employee, targets, links.get(employee.id))
            if isinstance(found, Write):
                writes.append(found)
            elif found is not None:
                records.append(found)
            else:
                unchanged += 1
        matched = {f"{ENTITY}:{n}": t.employee.db_id for n, t in targets.items() if t.employee}
        return PlannedPage(index, unchanged, tuple(records), tuple(writes), matched=matched)

    @staticmethod
    def _compare_one(
        comparer: Comparer, employee: Employee, targets: Mapping[str, Target], link: Link | None
    ) -> Write | Record | None:
        """One comparison; a record that trips our own code fails alone, and is named.

        Someone whose number changed is compared once the code in Xledger was changed too.
        """
        number = employee.employee_number or ""
        node = targets[number].employee
        recoded = node is not None and link is not None and node.db_id == link.target_id
        if link and link.key != number and not recoded:
            why = reason("NUMBER_CHANGED", label=label_of(employee), old=link.key, new=number)
            return comparer.refused(employee, Outcome.BLOCKED, why)
        try:
            return comparer.compare(employee, targets[number], link)
        except ValueError as error:
            values = {"label": label_of(employee), "field": "a custom field", "system": "Simployer One"}
            why = reason("VALUE_NOT_VALID", **values, problem=type(error).__name__)
            return comparer.refused(employee, Outcome.BLOCKED, why)

    def _without_doubles(
        self, chosen: list[Employee], links: Mapping[str, Link], comparer: Comparer, today: date
    ) -> tuple[list[Employee], list[Record]]:
        """One employee per number: the one hired first; the others say who that is (EX-6).

        A double on another page is found in the source by its number while it was never written, and by its
        delivery afterwards. Both are looked up once more: a person hired again has a new record and the old
        number.
        """
        by_number: dict[str, list[Employee]] = {}
        for employee in chosen:
            by_number.setdefault(employee.employee_number or "", []).append(employee)
        here = {employee.id for employee in chosen}
        new = [n for n, group in by_number.items() if any(employee.id not in links for employee in group)]
        elsewhere = {one.id: one for one in self._with_numbers(new) if one.id not in here}
        owners = self.ledger.deliveries.owners(
            self.tenant, self.connection_id, [f"{ENTITY}:{number}" for number in by_number]
        )
        others = set(owners.values()) - here - elsewhere.keys()
        if others:
            elsewhere |= {one.id: one for one in self.simployer.employees_by_id(sorted(others)).rows}
        for one in elsewhere.values():
            group = by_number.get(one.employee_number or "")
            if group and not selection(one, employed(one, today), self.rule(), ""):
                group.append(one)
        keep: list[Employee] = []
        refused: list[Record] = []
        for number, group in by_number.items():
            winner = first_hired(group)
            for employee in group:
                if employee.id in elsewhere:
                    continue
                if employee is winner:
                    keep.append(employee)
                    continue
                why = reason("DUPLICATE_NUMBER", number=number, winner=f"record {winner.id}")
                double = comparer.refused(employee, Outcome.SKIPPED, why)
                refused.append(replace(double, key=employee.id))
        return keep, refused

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

    def _with_numbers(self, numbers: Sequence[str]) -> list[Employee]:
        return self.simployer.employees_by_number(numbers).rows if numbers else []


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


def _day_of(run: Run) -> date:
    return date.fromisoformat(run.queued_at[:10])


def _shown(write: Write, resource: str) -> bool:
    """Whether the write changes fields of this resource that the target shows."""
    changed = [BY_NAME[change.field] for change in write.record.changes]
    return any(field.resource == resource and field.held is not None for field in changed)


def _bad(row: BadRow) -> Record:
    label = f"Employee {row.number or row.id}"
    values = {"label": label, "field": row.field, "problem": row.problem, "system": "Simployer One"}
    why = reason("VALUE_NOT_VALID", **values)
    return Record(ENTITY, row.number or row.id, label, Outcome.BLOCKED, row.id, why)


def _unknown(number: str) -> Record:
    label = f"Employee {number}"
    return Record(ENTITY, number, label, Outcome.BLOCKED, number, reason("EMPLOYEE_NOT_FOUND", label=label))


def _gone(source_id: str) -> Record:
    label = f"Employee record {source_id}"
    why = reason("GONE_FROM_SOURCE", label=label)
    return Record(ENTITY, source_id, label, Outcome.SKIPPED, source_id, why)


def open_flow(place: Place, tenant: str, connection_id: str, settings: Mapping[str, Any]) -> EmployeeExport:
    """The flow over one connection, with its stored credentials."""
    return EmployeeExport(
        tenant=tenant,
        connection_id=connection_id,
        settings=Settings.model_validate(settings),
        simployer=place.client_of(tenant, connection_id, settings, "simployer"),
        xledger=place.client_of(tenant, connection_id, settings, "xledger"),
        ledger=place.ledger,
        key=place.credentials.fingerprint_key(tenant, connection_id),
    )
