"""Tables of docs/flows/payroll_sync.md (PE-1 to PE-9)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.payroll_sync import rules
from payrelay.flows.payroll_sync.ending import SENT, Scenario
from payrelay.flows.payroll_sync.mapping import FIELDS
from payrelay.flows.payroll_sync.reasons import ALL_CONTRACTS, BEFORE_START, BY_HAND, REASONS, SYNERGY_ONLY
from payrelay.flows.payroll_sync.settings import PayrollSyncOptions, PeopleSettings

SAID = {
    Scenario.FIRST: ALL_CONTRACTS,
    Scenario.FIRST_PAST: SYNERGY_ONLY,
    Scenario.BEFORE_START: BEFORE_START,
    Scenario.BECAME_INACTIVE: SYNERGY_ONLY,
    **dict.fromkeys(
        (
            Scenario.REMOVED,
            Scenario.LATER,
            Scenario.EARLIER,
            Scenario.STAYS_INACTIVE,
            Scenario.REACTIVATED,
            Scenario.REACTIVATED_CONTRACT,
        ),
        BY_HAND,
    ),
}


def selection() -> str:
    """Who is synchronised, by type and by status."""
    kinds = [(name, "Yes") for name in rules.TYPES.values()] + [
        (name, "No") for name in rules.OTHER_TYPES.values()
    ]
    statuses = [(name, "Yes") for name in rules.STATUSES.values()] + [
        (name, "No") for name in rules.OTHER_STATUSES.values()
    ]
    rows = [("Type", *row) for row in kinds] + [("Status", *row) for row in statuses]
    return table(("person card", "value", "synchronised"), rows)


def mapping() -> str:
    """Every field of the person card that is compared and written."""
    rows = [
        (
            field.source,
            field.screen,
            code(field.name),
            field.conversion,
            ", ".join(sorted({risk.value for risk in (field.risk, field.clears) if risk})),
        )
        for field in FIELDS
    ]
    return table(("Exact Synergy", "Exact Payroll Plus", "member", "conversion", "the brake"), rows)


def endings() -> str:
    """What happens to an inactive date, what Synergy says of it, and whether it goes to payroll."""
    rows = [(one.value, "yes" if one in SENT else "no", SAID.get(one, "")) for one in Scenario if one in SAID]
    return table(("inactive date", "sent", "what Exact Synergy shows"), rows)


def settings() -> str:
    """Settings of a connection that are about its people."""
    return settings_table(PeopleSettings)


def options() -> str:
    """Options of a run."""
    return settings_table(PayrollSyncOptions)


def reasons() -> str:
    """The reasons that this flow alone gives."""
    return table(("code", "message", "what to do"), ((code(name), *texts) for name, texts in REASONS.items()))
