"""The settings of Simployer One to Xledger, and the options of its runs (EX-5, EX-6, TO-1)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from payrelay.flows.settings import Common, Model, an_iana_zone

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class SimployerAddress(Model):
    """Where Simployer One is."""

    base_url: Text = "https://api.alexishr.com/v1"


class XledgerAddress(Model):
    """Where Xledger is."""

    base_url: Text = "https://www.xledger.net"


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


class TimeOff(Model):
    """What the time-off export takes unless a run says otherwise (TO-1)."""

    period: Literal["current_month", "previous_month"] = "current_month"
    absence_types: tuple[Text, ...] | None = Field(None, description="absence codes; all of them if left out")
    time_zone: Annotated[Text, AfterValidator(an_iana_zone)] = "Europe/Oslo"


class Settings(Common):
    """A connection of kind `simployer_xledger`."""

    simployer: SimployerAddress = Field(default_factory=SimployerAddress.model_construct)
    xledger: XledgerAddress = Field(default_factory=XledgerAddress.model_construct)
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
    time_off: TimeOff = Field(default_factory=TimeOff.model_construct)


class EmployeeExportOptions(Model):
    """What one run of `employee_export` may be asked for."""

    employees: tuple[Text, ...] | None = Field(
        None, max_length=1000, description="employee numbers; all employees if left out"
    )


class TimeOffOptions(Model):
    """What one run of `time_off_export` may be asked for (TO-1)."""

    date_from: date | None = Field(None, alias="from", description="first day of the period")
    date_to: date | None = Field(None, alias="to", description="last day of the period")
    absence_types: tuple[Text, ...] | None = Field(None, description="absence codes; all if left out")
    employees: tuple[Text, ...] | None = Field(None, max_length=1000, description="employee numbers")

    @model_validator(mode="after")
    def _whole_period(self) -> Self:
        if (self.date_from is None) != (self.date_to is None):
            raise ValueError("give both `from` and `to`, or neither for the connection's own period")
        if self.date_from and self.date_to and self.date_to < self.date_from:
            raise ValueError(f"`to` ({self.date_to}) is before `from` ({self.date_from})")
        if self.date_from and self.date_to and (self.date_to - self.date_from).days > 366:
            raise ValueError("the period is longer than a year; export it in parts")
        return self
