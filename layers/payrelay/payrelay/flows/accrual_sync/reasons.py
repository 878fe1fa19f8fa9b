"""The reasons that the accrual sync gives: those of both directions, and those of each (AC-1 to AC-9)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with
from payrelay.flows.accrual_sync.to_millennium.reasons import TO_MILLENNIUM
from payrelay.flows.accrual_sync.to_timeworksplus.reasons import TO_TIMEWORKSPLUS

# code: (message, remedy); the messages name the values.
_BOTH: Mapping[str, tuple[str, str]] = {
    "ACCRUAL_NOTE_MISSING": (
        (
            'The company {company} has no note "Accrual Note" in Millennium, so that the integration is not '
            "set up."
        ),
        (
            'In Millennium, add a note with the name "Accrual Note" to the Company Notes of {company}, with '
            "an empty Memo; then start the run again."
        ),
    ),
    "TURNED_OFF_BY_MEMO": (
        (
            "The scheduled update of the company {company} is turned off: the Memo of its Accrual Note in "
            'Millennium says "{memo}".'
        ),
        (
            "Nothing to do if that is meant; a manual run still works. To turn it on again, clear the Memo "
            "(Company Notes, Accrual Note)."
        ),
    ),
}
REASONS: Mapping[str, tuple[str, str]] = {**_BOTH, **TO_TIMEWORKSPLUS, **TO_MILLENNIUM}

reason = reasons_with(REASONS)
