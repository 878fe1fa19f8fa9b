"""Tables of docs/flows/accrual_sync.md (AC-1 to AC-10)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.accrual_sync.reasons import REASONS
from payrelay.flows.accrual_sync.settings import AccrualSyncOptions
from payrelay.flows.settings import millennium_timeworksplus


def settings() -> str:
    """Settings of a connection."""
    return settings_table(millennium_timeworksplus.Settings)


def options() -> str:
    """Options of a run."""
    return settings_table(AccrualSyncOptions)


def reasons() -> str:
    """The reasons that this flow alone gives."""
    return table(("code", "message", "what to do"), ((code(name), *texts) for name, texts in REASONS.items()))
