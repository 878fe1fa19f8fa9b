"""Employees from Simployer One to Xledger: compare, and write only the differences (EX-1 to EX-8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from payrelay.domain.evidence import Who
from payrelay.domain.forecast import Load, Loads
from payrelay.domain.groups import in_groups
from payrelay.domain.mirror import Part
from payrelay.domain.records import Applied, Change, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Mode, Page, Run
from payrelay.flows.employee_export import deliver, diagnose, records
from payrelay.flows.employee_export.compare import Comparer, Payload
from payrelay.flows.employee_export.mapping import NOWHERE
from payrelay.flows.employee_export.planning import Plan, Planning
from payrelay.flows.employee_export.read import LARGE, MIRROR, Sides, Source, references
from payrelay.flows.employee_export.records import ENTITY
from payrelay.flows.employee_export.rules import NUMBER, SelectionRule
from payrelay.flows.employee_export.selection import Case
from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.flows.employee_export.who import is_there
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container, hash_key
from payrelay.flows.settings import part_of
from payrelay.systems.simployer.client import IDS_PER_CALL
from payrelay.systems.simployer.client import SYSTEM as SIMPLOYER
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.client import LARGEST_WRITE
from payrelay.systems.xledger.pages import PAGE_SIZE
from payrelay.systems.xledger.refusals import SYSTEM as XLEDGER

if TYPE_CHECKING:
    from payrelay.flows.employee_export.mirror import Mirror


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
        if numbers:
            return self.sides.pages_of(numbers)
        listing = self.sides.pages()
        large = run.only is None and len(listing.pages) >= LARGE
        return self._mirror.listed(run, listing) if large else listing

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read the page's employees on both sides and compare them; of many, what moved."""
        if MIRROR in context and (page.together or not page.ids):
            return self._by_mirror(run, page, context)
        if page.ids:
            source = self.sides.asked_for(page.ids)
        elif "unknown_numbers" in context:
            source = Source([], [], tuple(f"{NUMBER}{number}" for number in context["unknown_numbers"]))
        else:
            source = self.sides.stretch(page)
        return self._planned(run, page.index, self._with_known(source), context)[1]

    def _by_mirror(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """A page of a large company."""
        from payrelay.flows.employee_export.mirror import Reading  # noqa: PLC0415
        from payrelay.flows.employee_export.pages import Pages  # noqa: PLC0415

        def plan(index: int, source: Source) -> tuple[Plan, PlannedPage]:
            return self._planned(run, index, source, context)

        pages = Pages(run, Reading.of(context), self._mirror, self._rule, _day_of(run), plan)
        return pages.together(page) if page.together else pages.stretch(page)

    def keep(self, run: Run, parts: Sequence[Part], context: Mapping[str, Any]) -> None:
        """Keep what the pages have come to know, for the next run to take from it what did not move."""
        if MIRROR in context:
            self._mirror.keep(run, parts, context)

    @property
    def _mirror(self) -> Mirror:
        from payrelay.flows.employee_export.mirror import Mirror  # noqa: PLC0415  (small companies have none)

        return Mirror(*self.connection_key, self.ledger, self.sides, self.settings, self.key)

    def _planned(
        self, run: Run, index: int, source: Source, context: Mapping[str, Any]
    ) -> tuple[Plan, PlannedPage]:
        """What becomes of each employee of the page; who is equal is known from now on."""
        today = _day_of(run)
        plan = self._planning(context, today).plan(source.rows)
        if run.mode is Mode.SYNC:
            self._adopt(plan.equal)
            for source_id in plan.lost:
                self.ledger.links.forget(*self.connection_key, ENTITY, source_id)
        missing = self._missing(source.missing, today)
        said = [*map(records.unreadable_row, source.bad), *plan.records, *missing]
        told = records.all_apart(plan.writes, said)
        equal = len(plan.equal)
        return plan, PlannedPage(index, equal, tuple(told), tuple(plan.writes), source.seen, plan.matched)

    def _with_known(self, source: Source) -> Source:
        """Of the numbers that nobody has (any more), the records that were exported under them."""
        asked = {
            f"{ENTITY}:{one.removeprefix(NUMBER)}": one for one in source.missing if one.startswith(NUMBER)
        }
        if not asked:
            return source
        owners = self.ledger.deliveries.owners(*self.connection_key, list(asked))
        found = self.sides.asked_for(sorted(set(owners.values())))
        known = {asked[record_id] for record_id, source_id in owners.items()}
        left = tuple(one for one in source.missing if one not in known)
        return Source(source.rows + found.rows, source.bad + found.bad, (*left, *found.missing), source.seen)

    def _missing(self, source_ids: Sequence[str], today: date) -> list[Record]:
        """What there is to say of somebody who was asked for and is not in the source."""
        links = self.ledger.links.get(*self.connection_key, ENTITY, source_ids) if source_ids else {}
        unknown = (records.not_found(one) for one in source_ids if one not in links)
        return [*self._gone(list(links.values()), today), *unknown]

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """Employees exported once and gone from the source: reported while they are employed in Xledger.

        Nobody's employment is ended because a record is missing. A record that is there after all, or
        whose number another record has now, was only missed.
        """
        del context
        return PlannedPage(index, 0, tuple(self._gone(gone, _day_of(run))), ())

    def _gone(self, links: Sequence[Link], today: date) -> Iterable[Record]:
        """Who is gone, or was only missed. A number that another person has by now makes nobody come back."""
        for group in in_groups(links, PAGE_SIZE):
            lost, takers, unread = self.sides.gone(group)
            held = self.sides.targets_by_id([link.target_id for link in lost])
            renamed = self.sides.having_codes(held.values(), {link.key for link in lost})
            for link in lost:
                target = held.get(link.target_id, NOWHERE)
                others = takers.get(link.key, [])
                now = renamed.get(target.employee.code, ()) if target.employee else ()
                back = any(is_there(one, target, today).who is not Who.OTHER for one in (*others, *now))
                taken = bool(others) or link.key in unread
                record = None if back and target.employee else records.gone(link, target, taken=taken)
                if record:
                    yield record
                else:
                    self.ledger.links.forget(*self.connection_key, ENTITY, link.source_id)

    def remaining(self, planned: Write[Payload], fresh: Write[Payload] | None) -> Write[Payload] | None:
        """What is left of a write that may have been sent."""
        return deliver.left_of(planned, fresh)

    def arrived(
        self, planned: Write[Payload], fresh: Write[Payload] | None, *, there: bool
    ) -> tuple[Change, ...]:
        """The changes that Xledger has taken of a write whose answer was lost."""
        return deliver.arrived(planned, fresh, there=there)

    def sent_of(self, write: Write[Payload], changes: Sequence[Change]) -> Mapping[str, str] | None:
        """What is known as sent of what Xledger does not show."""
        return deliver.digests_of(write, changes)

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Create and update employees, then their contacts."""
        del run
        return deliver.deliver(self.sides.xledger, writes, self.key)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """Nodes of each kind, of which Xledger takes many at once."""
        return deliver.loads(writes)

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """Employees by id, who else has their numbers or days of birth; and what Xledger has of them."""
        new = sum(write.target_id is None for write in writes)
        return {
            "ids": Load(SIMPLOYER, len(writes), IDS_PER_CALL),
            "numbers": Load(SIMPLOYER, len(writes), IDS_PER_CALL),
            "days of birth": Load(SIMPLOYER, new, IDS_PER_CALL),
            "codes": Load(XLEDGER, len(writes), PAGE_SIZE),
            "employees": Load(XLEDGER, len(writes) - new, PAGE_SIZE),
            "contacts": Load(XLEDGER, len(writes) - new, PAGE_SIZE),
        }

    def diagnose(self, key: str | None) -> list[Check]:
        """Both systems reached, then one employee: in the source, for export, in the target, equal."""
        today = datetime.now(UTC).date()

        def planned(rows: Sequence[Employee]) -> Plan:
            return self._planning(self.sides.context(), today).plan(rows)

        def gone(read: Source) -> Record | None:
            """What there is to say of a number that nobody has in the source."""
            return next(iter(self._missing(read.missing, today)), None)

        def known(plan: Plan | None) -> diagnose.Known | None:
            from payrelay.flows.employee_export.pages import known_of  # noqa: PLC0415

            return known_of(self._mirror, plan, self.version, today)

        def read() -> Source:
            return self._with_known(self.sides.asked_for([f"{NUMBER}{key}"]))

        last = self.ledger.connections.standing(*self.connection_key, self.name)
        return diagnose.checks(self.sides, key, diagnose.Live(read, planned, gone, self._sent, known), last)

    def _sent(self, record_id: str) -> Mapping[str, str]:
        """When each field that Xledger does not show was written last, by field."""
        found: dict[str, str] = {}
        for entry in self.ledger.history.of(*self.connection_key, record_id):
            for change in entry["changes"]:
                found.setdefault(change["field"], entry["at"][:10])
        return found

    def _adopt(self, equal: Sequence[Case]) -> None:
        """Know those who were equal before anything was written: by their link they are not made twice."""
        links = [
            Link(ENTITY, case.employee.id, number, node.db_id)
            for case in equal
            if case.link is None
            and (number := case.employee.employee_number)
            and (node := case.target.employee)
        ]
        self.ledger.links.adopt(*self.connection_key, links)

    def _planning(self, context: Mapping[str, Any], today: date) -> Planning:
        comparer = Comparer(self.settings, references(context), self.key, today)
        return Planning(self.ledger, self.connection_key, self.sides, self._rule, comparer, today)

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


def _day_of(run: Run) -> date:
    return date.fromisoformat(run.queued_at[:10])


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
        key=hash_key(container, "employee_export", tenant, connection_id),
    )
