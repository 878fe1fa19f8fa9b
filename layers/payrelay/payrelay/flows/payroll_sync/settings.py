"""What may be set for the payroll sync, and asked of one run (PE-9, RUN-11)."""

from __future__ import annotations

from pydantic import Field

from payrelay.flows.exact_settings import PersonIds
from payrelay.flows.payroll_sync.rules import RECONCILE_DAY
from payrelay.flows.settings import Model


class PeopleSettings(Model):
    """The settings of a connection that are about its people."""

    reconcile_day: int | None = Field(
        RECONCILE_DAY,
        ge=1,
        le=28,
        description=(
            "day of the month: the first scheduled run of `payroll_sync` on or after it compares everybody "
            "with what Exact Payroll Plus has now, as with the option `full`; null: never by itself"
        ),
    )


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
