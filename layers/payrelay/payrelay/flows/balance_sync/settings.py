"""What the balance sync can be told: by the settings of its connection, and by the options of a run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from payrelay.flows.settings import Model

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class BalanceSyncSettings(Model):
    """Who becomes a user, and who stays one without payroll (LB-3, LB-4)."""

    new_user_type: Literal["Employee (Non-Approver)", "Employee (Approver)"] = Field(
        "Employee (Non-Approver)", description="the user type of employees that a sync creates"
    )
    contractors: tuple[Text, ...] = Field(
        (),
        description="employee ids of users who are kept in Express Leave without payroll on purpose",
    )


class BalanceSyncOptions(Model):
    """What one run of `balance_sync` may be asked for."""

    employees: tuple[Text, ...] | None = Field(
        None, max_length=1000, description="employee codes; all employees if left out"
    )
    full: bool = Field(
        False,
        description=(
            "compare everybody with what Express Leave has now, "
            "also those of whom nothing moved in payroll or there"
        ),
    )
