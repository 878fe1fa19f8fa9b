"""Tables of docs/flows/report_pull.md (REP-1, REP-2)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.domain.reasons import REASONS as SHARED
from payrelay.flows.report_pull.reasons import REASONS
from payrelay.flows.report_pull.rules import Right
from payrelay.flows.report_pull.settings import ReportPullOptions
from payrelay.flows.settings.synergy_payroll_plus import Settings

RIGHTS = {
    Right.SELF: ("the person", "is the person, whatever their status in Exact Synergy"),
    Right.MANAGER: (
        "the immediate manager",
        "is active, and is the manager on the person's card; nobody further up",
    ),
    Right.HR: ("HR", "is active, and has the role `HR`"),
}
# What of the reasons that all flows share a report may have.
OTHERS = ("VALUE_NOT_VALID", "NEWER_AT_TARGET")


def rights() -> str:
    """Who may read a report."""
    rows = [(*RIGHTS[right], code(f'"read_as": "{right.value}"')) for right in Right]
    return table(("who", "the reader", "the answer says"), rows)


def settings() -> str:
    """Settings of a connection."""
    return settings_table(Settings)


def options() -> str:
    """Options of a run."""
    return settings_table(ReportPullOptions)


def reasons() -> str:
    """Why a report is not kept."""
    known = {**REASONS, **{name: SHARED[name] for name in OTHERS}}
    return table(("code", "message", "what to do"), ((code(name), *texts) for name, texts in known.items()))
