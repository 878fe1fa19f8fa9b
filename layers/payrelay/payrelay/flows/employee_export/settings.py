"""The settings that the employee export alone has, and the options of its runs (EX-5, EX-6)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from payrelay.flows.settings import Model, Text


class Selection(Model):
    """Which employees are exported; the default is the vendor's published selection (EX-6)."""

    active_only: bool = True
    employment_types: tuple[Text, ...] = Field(
        ("permanent_employment",), description="names of employment types; empty for all of them"
    )
    full_rate_only: bool = True
    require: tuple[Literal["email", "hire_date", "job_title"], ...] = ("email", "hire_date", "job_title")


class HardCoded(Model):
    """Fields of Xledger that are the same for every exported employee (EX-5)."""

    employment_type: Text | None = Field(None, description="code of an employment type in Xledger")
    employee_type: Text | None = Field(None, description="code of an employee type in Xledger")
    payment_notification: bool | None = Field(
        None, description="whether Xledger tells the employee of a payment"
    )


class CustomFields(Model):
    """Keys of `custom` in Simployer One that hold what has no field of its own there."""

    trial_to: Text | None = "probationEndDate"
    exit_reason: Text | None = "exitReason"


class ExportSettings(Model):
    """The part of a connection's settings that is the employee export's."""

    selection: Selection = Field(default_factory=Selection.model_construct)
    employee_groups: dict[Text, Text] = Field(
        {"permanent_employment": "FAST"},
        description="employment type in Simployer One → employee group in Xledger",
    )
    compensation_types: dict[Text, Text] = Field(
        default_factory=dict, description="pay-out period in Simployer One → compensation type in Xledger"
    )
    hard_coded: HardCoded = Field(default_factory=HardCoded.model_construct)
    custom_fields: CustomFields = Field(default_factory=CustomFields.model_construct)


class EmployeeExportOptions(Model):
    """What one run of `employee_export` may be asked for."""

    employees: tuple[Text, ...] | None = Field(
        None, max_length=1000, description="employee numbers; all employees if left out"
    )
    full: bool = Field(
        False,
        description=(
            "compare everybody with what Xledger has now, "
            "also those of whom nothing moved there or in Simployer One"
        ),
    )
