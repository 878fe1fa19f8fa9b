"""Accrual balances between Millennium and TimeWorksPlus: one recipe, in the direction that is set (AC-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from payrelay.domain.forecast import Loads
from payrelay.domain.records import Applied, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Listing, Page, Run
from payrelay.flows.accrual_sync.company import turned_off
from payrelay.flows.accrual_sync.direction import Direction
from payrelay.flows.accrual_sync.facts import Notebook
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.flow import Flow
from payrelay.flows.opening import Container
from payrelay.ledger.parts import record_from, record_to

# The module of each direction, by the system of record; only one of them is ever imported by a step.
DIRECTIONS: Mapping[str, str] = {
    "millennium": "payrelay.flows.accrual_sync.to_timeworksplus.direction:ToTimeWorksPlus",
    "timeworksplus": "payrelay.flows.accrual_sync.to_millennium.direction:ToMillennium",
}
OFF = "off"


class AccrualSync(Flow, frozen=True):
    """The flow over one connection; the `system_of_record` says which way balances go."""

    systems: Systems
    system_of_record: str
    name: ClassVar[str] = "accrual_sync"
    payload: ClassVar[type[Payload]] = Payload

    @property
    def direction(self) -> Direction:
        """The direction that the company chose."""
        module, name = DIRECTIONS[self.system_of_record].split(":")
        notebook = Notebook(self.ledger, *self.connection_key)
        made: Direction = getattr(import_module(module), name)(self, self.systems, notebook)
        return made

    @property
    def at_once(self) -> int | None:
        """As the direction has it."""
        return self.direction.at_once

    def pages(self, run: Run) -> Listing:
        """Pages of both sides; none but what is said of it where the company has turned the schedule off."""
        off = turned_off(run, self.systems)
        if off:
            return Listing((Page(0),), 1, {OFF: record_to(off)}, moved_only=True)
        return self.direction.pages(run)

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare one page."""
        if OFF in context:
            # No read of anything: what the last run left is still to be done.
            return PlannedPage(page.index, 0, (record_from(context[OFF]),), ())
        return self.direction.plan(run, page, context)

    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Write what was planned."""
        return self.direction.apply(run, writes)

    def ended(self, run: Run, writes: Sequence[Write[Payload]], records: Sequence[Record]) -> None:
        """Keep what is to be known of a whole batch."""
        self.direction.ended(run, writes, records)

    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """What goes to the target."""
        return self.direction.loads(writes)

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """What is asked about these employees on both sides."""
        return self.direction.looks(writes)

    def diagnose(self, key: str | None) -> list[Check]:
        """The set-up of both sides, item by item; then one employee's balance, where one is named (AC-10)."""
        from payrelay.flows.accrual_sync import diagnose  # noqa: PLC0415  (no step of a run needs it)

        return diagnose.checks(self, key)


class ToMillenniumSync(AccrualSync, frozen=True):
    """The flow where TimeWorksPlus is the system of record.

    Millennium takes one balance a call, and refuses one that was changed since it was read: nothing is taken
    blindly, however long a run takes. While a payroll is processed it takes none, which each batch finds out.
    """

    plans_age: ClassVar[bool] = False
    batch_size: ClassVar[int] = 200


def open_flow(
    container: Container, tenant: str, connection_id: str, settings: Mapping[str, Any]
) -> AccrualSync:
    """The flow over one connection, with its stored credentials."""
    kind = ToMillenniumSync if settings["system_of_record"] == "timeworksplus" else AccrualSync
    return kind(
        tenant=tenant,
        connection_id=connection_id,
        ledger=container.ledger,
        systems=Systems(
            lambda system: container.client_of(tenant, connection_id, settings, system),
            company=settings["company"],
            site=settings["site_id"],
        ),
        system_of_record=settings["system_of_record"],
    )
