"""The table of docs/flows/pin_notes.md."""

from __future__ import annotations

from local.docs.settings import settings_table
from payrelay.flows.settings import bulletin


def settings() -> str:
    """Settings of a connection."""
    return settings_table(bulletin.Settings)
