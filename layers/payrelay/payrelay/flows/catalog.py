"""The kinds of connections and their flows, one row each; nothing of a flow or system is imported here."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class FlowRow(Struct, frozen=True):
    """One flow: its name in the API, its entity in records, the model of its run options, its modes.

    `version` grows with each change of what the flow would write: a run never mixes two of them.
    """

    name: str
    version: str
    label: str
    entity: str
    options: str
    modes: tuple[str, ...] = ("sync", "preview")


class Kind(Struct, frozen=True):
    """One kind of connection: the systems it links, the model of its settings, and its flows."""

    name: str
    label: str
    systems: tuple[str, ...]
    settings: str
    add_on: bool
    flows: Mapping[str, FlowRow] = field(default_factory=dict)


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
    )
}


def flow_row(name: str) -> FlowRow:
    """The row of a flow; KeyError for a name that no kind has."""
    for kind in KINDS.values():
        if name in kind.flows:
            return kind.flows[name]
    raise KeyError(name)
