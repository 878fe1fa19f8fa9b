"""docs/employee-export.md: mapping, settings and options of the employee export (EX-3, EX-5, EX-6)."""

from __future__ import annotations

from collections.abc import Iterator

from payrelay.flows.employee_export.mapping import FIELDS
from payrelay.flows.settings.simployer_xledger import EmployeeExportOptions, Settings

from .markdown import code, page, table
from .settings import SETTING_COLUMNS, rows_of

INTRO = """\
The flow `employee_export` reads the employees of Simployer One and of Xledger, compares the fields
below, and writes those that differ. An employee without a difference is not written; a field that is not
below is never touched. Simployer One wins, also over what was changed in Xledger."""

MAPPING = """\
A value is compared with what Xledger shows of it. Some fields can't be read there, or are masked: these
are compared by a keyed hash of what was sent last. The last column says what the brake sees in a change."""

SETTINGS = """\
Settings of a connection of the kind `simployer_xledger` (`settings` in `POST /connections`); the
defaults are those of the vendor's published selection."""


def render() -> str:
    """The document."""
    options = rows_of(EmployeeExportOptions)
    return page(
        "Employee export: Simployer One to Xledger",
        "layers/payrelay/payrelay/flows/employee_mapping.py or flows/settings/simployer_xledger.py",
        INTRO,
        "## Mapping",
        MAPPING,
        table(("Simployer One", "Xledger", "conversion", "compared by", "the brake"), _mapping()),
        "## Settings",
        SETTINGS,
        table(SETTING_COLUMNS, rows_of(Settings)),
        "## Options of a run",
        "`options` in `POST /connections/{connection_id}/runs`.",
        table(("option", "type", "default", "meaning"), options),
        "## Reasons",
        "Why an employee is skipped, blocked or failed: [reasons.md](reasons.md).",
    )


def _mapping() -> Iterator[tuple[str, ...]]:
    for field in FIELDS:
        risks = {risk.value for risk in (field.risk, field.clears) if risk}
        yield (
            code(field.source),
            code(field.name),
            field.conversion,
            "its value" if field.held else "hash of what was sent",
            ", ".join(sorted(risks)),
        )
