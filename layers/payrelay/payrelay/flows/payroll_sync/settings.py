"""What may be asked of one run of the payroll sync (PE, RUN-11)."""

from __future__ import annotations

from pydantic import Field

from payrelay.flows.exact_settings import PersonIds
from payrelay.flows.settings import Model


class PayrollSyncOptions(Model):
    """What one run of `payroll_sync` may be asked for."""

    employees: PersonIds | None = Field(
        None,
        min_length=1,
        max_length=1000,
        description="persons by their ID in Exact Synergy; all if left out",
    )
    full: bool = Field(
        False,
        description=(
            "compare everybody with what Exact Payroll Plus has now, also those of whom nothing moved: what "
            "was changed there by hand is found, and the fields that are synchronised are overwritten"
        ),
    )
