"""Tables of docs/flows/employee_export.md (EX-3, EX-5, EX-6)."""

from __future__ import annotations

from collections.abc import Iterator

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.employee_export.mapping import FIELDS
from payrelay.flows.employee_export.reasons import REASONS
from payrelay.flows.employee_export.settings import EmployeeExportOptions
from payrelay.flows.settings import simployer_xledger


def mapping() -> str:
    """Every field that is compared and written."""
    return table(("Simployer One", "Xledger", "conversion", "compared by", "the brake"), _fields())


def settings() -> str:
    """Settings of a connection."""
    return settings_table(simployer_xledger.Settings)


def options() -> str:
    """Options of a run."""
    return settings_table(EmployeeExportOptions)


def reasons() -> str:
    """The reasons that this flow alone gives."""
    return table(("code", "message"), ((code(name), message) for name, (message, _) in REASONS.items()))


def _fields() -> Iterator[tuple[str, ...]]:
    for field in FIELDS:
        risks = {risk.value for risk in (field.risk, field.clears) if risk}
        yield (
            code(field.source),
            code(field.name),
            field.conversion,
            "its value" if field.held else "hash of what was sent",
            ", ".join(sorted(risks)),
        )
