"""The kinds of connections and their flows, one row each; no flow and no room is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from payrelay.systems.registry import PACKAGES


class FlowRow(Struct, frozen=True):
    """One flow: its name in the API, its entity in records, the model of its run options, its modes.

    `version` grows with each change of what the flow would write: a run never mixes two of them. So many
    writes, `batch_size`, are applied together.
    """

    name: str
    version: str
    label: str
    entity: str
    options: str
    modes: tuple[str, ...] = ("sync", "preview")
    batch_size: int = 500


class Kind(Struct, frozen=True):
    """One kind of connection: the systems it links, the model of its settings, and its flows.

    Where there are `packages`, the setting `package` names the one that is linked beside `systems`. A
    connection that `lapses_after` so many seconds without use has to be connected again (IN-8).
    """

    name: str
    label: str
    systems: tuple[str, ...]
    settings: str
    add_on: bool
    flows: Mapping[str, FlowRow] = {}
    packages: tuple[str, ...] = ()
    lapses_after: int = 0

    def systems_of(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """The systems of one connection: those of its kind, and the package that its settings name.

        While nothing right is said of the package, it may be any.
        """
        named = settings.get("package")
        return (*self.systems, *((named,) if named in self.packages else self.packages))


def _rows(*rows: FlowRow) -> dict[str, FlowRow]:
    return {row.name: row for row in rows}


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="simployer_xledger",
            label="Simployer One to Xledger",
            systems=("simployer", "xledger"),
            settings="payrelay.flows.settings.simployer_xledger:Settings",
            add_on=True,
            flows=_rows(
                FlowRow(
                    "employee_export",
                    "1",
                    "Employees from Simployer One to Xledger",
                    entity="employee",
                    options="payrelay.flows.settings.simployer_xledger:EmployeeExportOptions",
                ),
                FlowRow(
                    "time_off_export",
                    "1",
                    "Time off from Simployer One to Xledger",
                    entity="absence",
                    options="payrelay.flows.settings.simployer_xledger:TimeOffOptions",
                ),
            ),
        ),
        Kind(
            name="autovu_accounting",
            label="AutoVu to an accounting package",
            systems=("autovu",),
            packages=PACKAGES,
            settings="payrelay.flows.settings.autovu_accounting:Settings",
            add_on=False,
            lapses_after=20 * 60,
            flows=_rows(
                FlowRow(
                    "invoice_sync",
                    "1",
                    "Documents from AutoVu to the accounting package",
                    entity="document",
                    options="payrelay.flows.settings.autovu_accounting:InvoiceSyncOptions",
                    modes=("sync", "preview", "auto"),
                    batch_size=5,
                ),
            ),
        ),
    )
}


def flow_row(name: str) -> FlowRow:
    """The row of a flow; KeyError for a name that no kind has."""
    for kind in KINDS.values():
        if name in kind.flows:
            return kind.flows[name]
    raise KeyError(name)
