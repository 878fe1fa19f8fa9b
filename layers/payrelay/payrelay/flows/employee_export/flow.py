"""Employees from Simployer One to Xledger: compare, and write only the differences (EX-1 to EX-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any, ClassVar

from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Outcome, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.employee_export import diagnose as employee_diagnosis
from payrelay.flows.employee_export import doubles as employee_doubles
from payrelay.flows.employee_export.compare import (
    ENTITY,
    NUMBER,
    Comparer,
    Target,
    label_of,
    not_found,
    unreadable_row,
)
from payrelay.flows.employee_export.mapping import BY_NAME, CONTACT, EMPLOYEE
from payrelay.flows.employee_export.read import Sides, employed
from payrelay.flows.employee_export.rules import SelectionRule, selection
from payrelay.flows.engine.bulk import NODES_PER_CALL, refused, send_in_bulk
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings.simployer_xledger import Settings
from payrelay.systems.simployer.models import Employee, EmployeePage


class EmployeeExport(Flow, frozen=True):
    """The flow over one connection."""

    settings: Settings
    sides: Sides
    key: bytes
    name: ClassVar[str] = "employee_export"
    payload: ClassVar[type[Any]] = dict

    def pages(self, run: Run) -> Listing:
        """Pages of the employee list; the look-ups of Xledger are read once, for all of them."""
        numbers = run.options.get("employees")
        return self.sides.pages_of(numbers) if numbers else self.sides.pages()

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the page's employees on both sides and compare them."""
        if page.ids:
            rows, missing = self.sides.asked_for(page.ids)
            planned = self._compare(run, page.index, rows, context)
            return replace(planned, records=(*planned.records, *self._missing(run, missing, context)))
        if "unknown_numbers" in context:
            unknown = [not_found(f"{NUMBER}{number}") for number in context["unknown_numbers"]]
            return PlannedPage(page.index, 0, tuple(unknown), ())
        rows, seen = self.sides.stretch(page)
        return replace(self._compare(run, page.index, rows, context), seen=seen)

    def _missing(self, run: Run, source_ids: Sequence[str], context: Mapping[str, Any]) -> list[Record]:
        """What there is to say of somebody who was asked for and is not in the source."""
        if not source_ids:
            return []
        links = self.ledger.links.get(self.tenant, self.connection_id, ENTITY, source_ids)
        gone = self.plan_absent(run, 0, list(links.values()), context).records if links else ()
        return [*gone, *(not_found(source_id) for source_id in source_ids if source_id not in links)]

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Employees exported once and gone from the source: reported while they are employed in Xledger.

        Nobody's employment is ended because a record is missing. A record that is there after all, or
        whose number another record has now, was only missed.
        """
        del run, context
        still_there = {
            row.id for row in self.sides.simployer.employees_by_id([link.source_id for link in gone]).rows
        }
        missing = [link for link in gone if link.source_id not in still_there]
        records: list[Record] = []
        for group in in_groups(missing, NODES_PER_CALL):
            taken = {row.employee_number for row in self.sides.with_numbers([link.key for link in group])}
            held = self.sides.xledger.employees_by_code([link.key for link in group])
            for link in group:
                node = held.get(link.key)
                if link.key in taken or node is None or node.employment_to or node.date_to:
                    self.ledger.links.forget(self.tenant, self.connection_id, ENTITY, link.source_id)
                    continue
                label = f"Employee {link.key}"
                why = reason("GONE_FROM_SOURCE", label=label)
                records.append(Record(ENTITY, link.key, label, Outcome.BLOCKED, link.source_id, why))
        return PlannedPage(index, 0, tuple(records), ())

    def ended(self, run: Run, writes: Sequence[Write[Any]], records: Sequence[Record]) -> None:
        """Nothing is kept of a batch as a whole."""

    def remaining(self, planned: Write[Any], fresh: Write[Any] | None) -> Write[Any] | None:
        """What is left of a write that may have been sent.

        A resource whose shown fields are all right is done if one of them had been wrong. Where only fields
        were sent that Xledger does not show, it is done if Xledger says that it was modified since.
        """
        if fresh is None:
            return None
        modified = fresh.facts.get("modified_at") != planned.facts.get("modified_at")
        send = {}
        for resource, node in fresh.payload.items():
            arrived = _shown(planned, resource) or (resource == EMPLOYEE and modified)
            if _shown(fresh, resource) or not arrived:
                send[resource] = node
        return replace(fresh, payload=send, record=planned.record) if send else None

    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Create and update employees, then their contacts, in bulk; a refused one stops no other."""
        del run
        results: dict[str, Applied] = {}
        new = [write for write in writes if write.target_id is None]
        old = [write for write in writes if write.target_id is not None]
        contacts: dict[str, str] = {w.record.key: w.facts["contact"] for w in old if w.facts.get("contact")}
        ids: dict[str, str] = {w.record.key: w.target_id for w in old if w.target_id}
        created = send_in_bulk(
            self.sides.xledger.add_employees, {w.record.key: dict(w.payload[EMPLOYEE]) for w in new}
        )
        updates = {
            w.record.key: {"dbId": w.target_id, **w.payload[EMPLOYEE]} for w in old if EMPLOYEE in w.payload
        }
        updated = send_in_bulk(self.sides.xledger.update_employees, updates)
        for key, ref in created.done.items():
            ids[key] = ref.db_id
            if ref.contact_db_id:
                contacts[key] = ref.contact_db_id
        refusals = {**created.refused, **updated.refused}
        people = {
            w.record.key: {"dbId": contacts[w.record.key], **w.payload[CONTACT]}
            for w in writes
            if CONTACT in w.payload and w.record.key in contacts and w.record.key not in refusals
        }
        refusals |= send_in_bulk(self.sides.xledger.update_contacts, people).refused
        for write in writes:
            key = write.record.key
            refusal = refusals.get(key)
            record = refused(write.record, refusal) if refusal else write.record
            results[key] = Applied(record, ids.get(key))
        return list(results.values())

    def cost(self, writes: Sequence[Write[Any]]) -> int:
        """A call for each 500 nodes of each kind."""
        new = sum(EMPLOYEE in write.payload and write.target_id is None for write in writes)
        old = sum(EMPLOYEE in write.payload and write.target_id is not None for write in writes)
        contacts = sum(CONTACT in write.payload for write in writes)
        return sum(ceil(count / NODES_PER_CALL) for count in (new, old, contacts))

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached, then one employee: in the source, for export, in the target, equal."""
        return employee_diagnosis.checks(self, key)

    def _adopt(self, equal: Sequence[Employee], targets: Mapping[str, Target]) -> None:
        """Know those who were equal before anything was written: by their link they are not made twice."""
        links = [
            Link(ENTITY, one.id, number, node.db_id)
            for one in equal
            if (number := one.employee_number) and (node := targets[number].employee)
        ]
        self.ledger.links.adopt(self.tenant, self.connection_id, links)

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

    def _compare(self, run: Run, index: int, page: EmployeePage, context: Mapping[str, Any]) -> PlannedPage:
        comparer, rule, today = self.comparer(context), self.rule(), _day_of(run)
        records = [unreadable_row(row) for row in page.bad_rows]
        chosen: list[Employee] = []
        for employee in page.rows:
            refusal = selection(employee, employed(employee, today), rule, label_of(employee))
            if refusal:
                records.append(comparer.refused(employee, *refusal))
            else:
                chosen.append(employee)
        chosen, doubles = employee_doubles.on_one_page(chosen)
        connection_key = (self.tenant, self.connection_id)
        links = self.ledger.links.get(*connection_key, ENTITY, [employee.id for employee in chosen])
        targets = self.sides.targets(chosen)
        found = [self.compare_one(comparer, one, targets, links.get(one.id)) for one in chosen]
        writes = [one for one in found if isinstance(one, Write)]
        records += doubles + [one for one in found if isinstance(one, Record)]
        giving_way = employee_doubles.elsewhere(
            writes,
            {employee.id: employee for employee in chosen},
            links,
            self.sides,
            self.ledger,
            connection_key,
            lambda one: selection(one, employed(one, today), rule, "") is None,
        )
        records += giving_way.values()
        writes = [write for write in writes if write.record.source_id not in giving_way]
        matched = {f"{ENTITY}:{n}": t.employee.db_id for n, t in targets.items() if t.employee}
        equal = [one for one, result in zip(chosen, found, strict=True) if result is None]
        if run.mode is Mode.SYNC:
            self._adopt([one for one in equal if one.id not in links], targets)
        return PlannedPage(index, len(equal), tuple(records), tuple(writes), matched=matched)

    @staticmethod
    def compare_one(
        comparer: Comparer, employee: Employee, targets: Mapping[str, Target], link: Link | None
    ) -> Write[Any] | Record | None:
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


def _day_of(run: Run) -> date:
    return date.fromisoformat(run.queued_at[:10])


def _shown(write: Write[Any], resource: str) -> bool:
    """Whether the write changes fields of this resource that the target shows."""
    changed = [BY_NAME[change.field] for change in write.record.changes]
    return any(field.resource == resource and field.held is not None for field in changed)


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> EmployeeExport:
    """The flow over one connection, with its stored credentials."""
    return EmployeeExport(
        tenant=tenant,
        connection_id=connection_id,
        settings=Settings.model_validate(settings),
        sides=Sides(
            container.client_of(tenant, connection_id, settings, "simployer"),
            container.client_of(tenant, connection_id, settings, "xledger"),
        ),
        ledger=container.ledger,
        key=container.credentials.fingerprint_key(tenant, connection_id),
    )
