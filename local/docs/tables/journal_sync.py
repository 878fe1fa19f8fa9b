"""Tables of docs/flows/journal_sync.md (JRN-1, JRN-2)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.journal_sync.reasons import REASONS
from payrelay.flows.journal_sync.settings import JournalSettings, JournalSyncOptions


def settings() -> str:
    """Settings of a connection that are about its journal."""
    return settings_table(JournalSettings)


def options() -> str:
    """Options of a run."""
    return settings_table(JournalSyncOptions)


def reasons() -> str:
    """The reasons that this flow alone gives."""
    return table(("code", "message", "what to do"), ((code(name), *texts) for name, texts in REASONS.items()))
