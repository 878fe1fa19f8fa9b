"""Employees from Simployer One to Xledger: compare, and write only the differences (EX-1 to EX-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Applied, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.employee_export import deliver, diagnose, records
from payrelay.flows.employee_export.compare import Comparer, Payload
from payrelay.flows.employee_export.mapping import Target
from payrelay.flows.employee_export.read import Sides, Source, references
from payrelay.flows.employee_export.records import ENTITY
from payrelay.flows.employee_export.rules import NUMBER, SelectionRule, one_per_number
from payrelay.flows.employee_export.selection import Rivals, giving_way, select
from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.flows.settings import part_of
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.client import LARGEST_WRITE
from payrelay.systems.xledger.pages import PAGE_SIZE


class EmployeeExport(Flow, frozen=True):
    """The flow over one connection."""

    settings: ExportSettings
    sides: Sides
    key: bytes
    name: ClassVar[str] = "employee_export"
    payload: ClassVar[type[Payload]] = Payload
    batch_size: ClassVar[int] = LARGEST_WRITE

    def pages(self, run: Run) -> Listing:
        """Pages of the employee list; the look-ups of Xledger are read once, for all of them."""
        numbers = run.options.get("employees")
        return self.sides.pages_of(numbers) if numbers else self.sides.pages()

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the page's employees on both sides and compare them."""
        if page.ids:
            source = self.sides.asked_for(page.ids)
        elif "unknown_numbers" in context:
            source = Source([], [], tuple(f"{NUMBER}{number}" for number in context["unknown_numbers"]))
        else:
            source = self.sides.stretch(page)
        return self._planned(run, page.index, source, context)

    def _planned(self, run: Run, index: int, source: Source, context: Mapping[str, Any]) -> PlannedPage:
        """Select, one per number, compare with the target; of the writes, those that give way do not stay."""
        today = date.fromisoformat(run.queued_at[:10])
        chosen, said = select(source.rows, self._rule, today)
        chosen, doubles = one_per_number(chosen)
        targets, links = self.sides.targets(chosen), self._links(chosen)
        comparer = self._comparer(context)
        compared = [
            (one, comparer.compare(one, targets[one.employee_number or ""], links.get(one.id)))
            for one in chosen
        ]
        writes = {one.id: result for one, result in compared if isinstance(result, Write)}
        equal = [one for one, result in compared if result is None]
        yielding = self._giving_way([one for one in chosen if one.id in writes], writes, links, today)
        if run.mode is Mode.SYNC:
            self._adopt([one for one in equal if one.id not in links], targets)
        said = [
            *map(records.unreadable_row, source.bad),
            *said,
            *(records.double(*pair) for pair in doubles),
            *(result for _, result in compared if isinstance(result, Record)),
            *yielding.values(),
            *self._missing(source.missing),
        ]
        left = tuple(write for source_id, write in writes.items() if source_id not in yielding)
        matched = {f"{ENTITY}:{n}": t.employee.db_id for n, t in targets.items() if t.employee}
        return PlannedPage(index, len(equal), tuple(said), left, source.seen, matched)

    def _giving_way(
        self,
        employees: Sequence[Employee],
        writes: Mapping[str, Write[Payload]],
        links: Mapping[str, Link],
        today: date,
    ) -> dict[str, Record]:
        """Whose write gives way to a record on another page, looked up for what would be written only.

        In the source by number, where the employee was never written before, and by the number's last
        delivery.
        """
        if not employees:
            return {}
        ids = {write.record.record_id: write.record.key for write in writes.values()}
        owners = self.ledger.deliveries.owners(*self.connection_key, list(ids))
        found, unreadable = self.sides.rivals(
            [one.employee_number or "" for one in employees if one.id not in links],
            {ids[record_id]: source_id for record_id, source_id in owners.items()},
            {one.id for one in employees},
        )
        rivals: dict[str, list[Employee]] = defaultdict(list)
        for one in select(found, self._rule, today)[0]:
            rivals[one.employee_number or ""].append(one)
        return giving_way(employees, Rivals(rivals, unreadable))

    def _missing(self, source_ids: Sequence[str]) -> list[Record]:
        """What there is to say of somebody who was asked for and is not in the source."""
        links = self.ledger.links.get(*self.connection_key, ENTITY, source_ids) if source_ids else {}
        unknown = (records.not_found(one) for one in source_ids if one not in links)
        return [*self._gone(list(links.values())), *unknown]

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Employees exported once and gone from the source: reported while they are employed in Xledger.

        Nobody's employment is ended because a record is missing. A record that is there after all, or
        whose number another record has now, was only missed.
        """
        del run, context
        return PlannedPage(index, 0, tuple(self._gone(gone)), ())

    def _gone(self, links: Sequence[Link]) -> Iterable[Record]:
        for group in in_groups(links, PAGE_SIZE):
            lost, taken = self.sides.gone(group)
            held, unusable = self.sides.held([link.key for link in lost if link.key not in taken])
            for link in lost:
                record = None if link.key in taken else records.gone(link, held, unusable)
                if record:
                    yield record
                else:
                    self.ledger.links.forget(*self.connection_key, ENTITY, link.source_id)

    def remaining(self, planned: Write[Payload], fresh: Write[Payload] | None) -> Write[Payload] | None:
        """What is left of a write that may have been sent."""
        return deliver.left_of(planned, fresh)

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Create and update employees, then their contacts."""
        del run
        return deliver.deliver(self.sides.xledger, writes)

    def cost(self, writes: Sequence[Write[Payload]]) -> int:
        """A call for so many nodes of each kind as Xledger takes at once."""
        return deliver.calls(writes)

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached, then one employee: in the source, for export, in the target, equal."""

        def compared(employee: Employee, target: Target) -> Write[Payload] | Record | None:
            link = self._links([employee]).get(employee.id)
            return self._comparer(self.sides.context()).compare(employee, target, link)

        last = self.ledger.connections.standing(*self.connection_key, self.name)
        return diagnose.checks(self.sides, key, self._rule, datetime.now(UTC).date(), compared, last)

    def _links(self, employees: Iterable[Employee]) -> Mapping[str, Link]:
        return self.ledger.links.get(*self.connection_key, ENTITY, [one.id for one in employees])

    def _adopt(self, equal: Sequence[Employee], targets: Mapping[str, Target]) -> None:
        """Know those who were equal before anything was written: by their link they are not made twice."""
        links = [
            Link(ENTITY, one.id, number, node.db_id)
            for one in equal
            if (number := one.employee_number) and (node := targets[number].employee)
        ]
        self.ledger.links.adopt(*self.connection_key, links)

    @property
    def _rule(self) -> SelectionRule:
        """Who is exported, by the settings."""
        chosen = self.settings.selection
        return SelectionRule(
            active_only=chosen.active_only,
            employment_types=frozenset(chosen.employment_types),
            full_rate_only=chosen.full_rate_only,
            require=frozenset(chosen.require),
        )

    def _comparer(self, context: Mapping[str, Any]) -> Comparer:
        return Comparer(self.settings, references(context), self.key)


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> EmployeeExport:
    """The flow over one connection, with its stored credentials."""
    return EmployeeExport(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        settings=part_of(settings, ExportSettings),
        sides=Sides(
            container.client_of(tenant, connection_id, settings, "simployer"),
            container.client_of(tenant, connection_id, settings, "xledger"),
        ),
        key=container.credentials.fingerprint_key(tenant, connection_id),
    )
