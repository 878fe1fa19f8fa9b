"""Tables of docs/flows/time_off_export.md (TO-1, TO-2)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.time_off_export.reasons import REASONS
from payrelay.flows.time_off_export.settings import TimeOffOptions, TimeOffSettings


def settings() -> str:
    """The settings that this flow alone has."""
    return settings_table(TimeOffSettings)


def options() -> str:
    """Options of a run."""
    return settings_table(TimeOffOptions)


def reasons() -> str:
    """The reasons that this flow alone gives."""
    return table(("code", "message"), ((code(name), message) for name, (message, _) in REASONS.items()))
