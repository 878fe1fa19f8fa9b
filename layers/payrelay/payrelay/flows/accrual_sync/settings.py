"""What one run of the accrual sync may be asked for (AC-7, RUN-11)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from payrelay.flows.settings import Model

# From the last finalized pay period, or from the ending dates of the open batches.
FINALIZED, BATCH = "finalized", "batch"
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class AccrualSyncOptions(Model):
    """What one run of `accrual_sync` may be asked for."""

    as_of: Literal["finalized", "batch"] | None = Field(
        None,
        description=(
            "towards Millennium: the balances at the end of the last finalized pay period, or of each "
            "employee's open batch; scheduled runs take the first and all others the second, if left out. "
            "Ignored towards TimeWorksPlus"
        ),
    )
    employees: tuple[Id, ...] | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="only these employees, by their id in Millennium; all if left out",
    )
    full: bool = Field(
        False, description="read everything anew, also what was settled and can't have moved since"
    )
