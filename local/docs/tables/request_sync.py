"""Tables of docs/flows/request_sync.md (RQ-1 to RQ-8)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.request_sync.reasons import REASONS
from payrelay.flows.request_sync.settings import RequestSettings, RequestSyncOptions
from payrelay.flows.request_sync.types import LABELS, TYPES


def types() -> str:
    """The ten types, each with its place."""
    rows = [
        (
            one.label,
            code(one.code),
            one.screen,
            "free text field 1 of the item"
            if one.by_item
            else ", ".join(LABELS[name] for _, name in one.parts),
            "mandatory" if one.end_mandatory else "optional",
            one.reopened.value,
        )
        for one in TYPES.values()
    ]
    return table(("request", "type", "Exact Payroll Plus", "value", "end date", "re-opened"), rows)


def settings() -> str:
    """Settings of a connection that are about its requests."""
    return settings_table(RequestSettings)


def options() -> str:
    """Options of a run."""
    return settings_table(RequestSyncOptions)


def reasons() -> str:
    """The reasons that this flow alone gives."""
    return table(("code", "message", "what to do"), ((code(name), *texts) for name, texts in REASONS.items()))
