"""What may be set for the payroll sync, and asked of one run (PE, RUN-11)."""

from __future__ import annotations

from pydantic import Field

from payrelay.flows.settings import Model

PERSON = r"^[0-9]{1,10}$"


class PayrollSyncOptions(Model):
    """What one run takes."""

    employees: list[str] | None = Field(
        None, min_length=1, max_length=1000, description="only the persons with these IDs in Exact Synergy"
    )
    full: bool = Field(
        False,
        description=(
            "compare everybody with what Exact Payroll Plus has now, also those of whom nothing moved: what "
            "was "
            "changed there by hand is found, and the fields that are synchronised are overwritten"
        ),
    )
