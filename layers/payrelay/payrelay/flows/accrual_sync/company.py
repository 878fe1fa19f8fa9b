"""What the company's Accrual Note says, before anything else is looked at (AC-8)."""

from __future__ import annotations

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Run, Trigger
from payrelay.errors import NeedsAttention
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import company_record
from payrelay.flows.accrual_sync.systems import Systems


def turned_off(run: Run, systems: Systems) -> Record | None:
    """What is said instead of a scheduled run while the note's memo says anything; manual runs go on.

    NeedsAttention where there is no note: the integration is not set up, in either direction.
    """
    note = systems.millennium.accrual_note()
    if note is None:
        why = reason("ACCRUAL_NOTE_MISSING", company=systems.company)
        raise NeedsAttention(why.code, why.message, why.remedy)
    if run.trigger is not Trigger.SCHEDULE or not note.memo:
        return None
    why = reason("TURNED_OFF_BY_MEMO", company=systems.company, memo=note.memo)
    return company_record(systems.company, f"Company {systems.company}", Outcome.SKIPPED, why)
