"""The settings of Attaché Payroll to Express Leave, and the options of its runs (LB-3, LB-4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from payrelay.flows.settings import Common, Model

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AttacheAddress(Model):
    """Where Attaché Online is."""

    base_url: Text = "https://online.attacheonline.com"


class ExpressLeaveAddress(Model):
    """Where Express Leave is."""

    base_url: Text = "https://leave.attacheonline.com"


class Settings(Common):
    """A connection of kind `attache_express_leave`."""

    attache: AttacheAddress = Field(default_factory=AttacheAddress.model_construct)
    express_leave: ExpressLeaveAddress = Field(default_factory=ExpressLeaveAddress.model_construct)
    new_user_type: Literal["Employee (Non-Approver)", "Employee (Approver)"] = Field(
        "Employee (Non-Approver)", description="the user type of employees that a sync creates"
    )
    contractors: tuple[Text, ...] = Field(
        (),
        description="employee ids of users who were made in Express Leave on purpose, and stay without payroll",
    )


class BalanceSyncOptions(Model):
    """What one run of `balance_sync` may be asked for."""

    employees: tuple[Text, ...] | None = Field(
        None, max_length=1000, description="employee codes; all employees if left out"
    )
