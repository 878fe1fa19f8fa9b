"""What the company's Accrual Note says, before anything else is looked at (AC-8)."""

from __future__ import annotations

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Run, Trigger
from payrelay.errors import NeedsAttention
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import MILLENNIUM, company_record
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.systems.millennium.client import ACCRUAL_NOTE


def turned_off(run: Run, systems: Systems) -> Record | None:
    """What is said instead of a scheduled run while the note's memo says anything; manual runs go on.

    NeedsAttention where there is no note: the integration is not set up, in either direction.
    """
    notes = systems.millennium.notes(ACCRUAL_NOTE).whole("Company note", MILLENNIUM)
    if not notes:
        why = reason("ACCRUAL_NOTE_MISSING", company=systems.company)
        raise NeedsAttention(why.code, why.message, why.remedy)
    memo = next((text for note in notes if (text := (note.memo or "").strip())), "")
    if run.trigger is not Trigger.SCHEDULE or not memo:
        return None
    why = reason("TURNED_OFF_BY_MEMO", company=systems.company, memo=memo)
    return company_record(systems.company, f"Company {systems.company}", Outcome.SKIPPED, why)
