"""The settings of Exact Synergy to Exact Payroll Plus, and the options of its runs (REP-1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from payrelay.flows.settings import Common, Model, an_iana_zone

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Period = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[0-9]{2}$")]


class SynergyAddress(Model):
    """Where Exact Synergy is."""

    base_url: Text = "https://synergy.exactsynergy.nl/Synergy"


class PayrollPlusAddress(Model):
    """Where Exact Payroll Plus is."""

    base_url: Text = "https://api.exactpayrollplus.nl"


class Settings(Common):
    """A connection of kind `synergy_payroll_plus`."""

    synergy: SynergyAddress = Field(default_factory=SynergyAddress.model_construct)
    payroll_plus: PayrollPlusAddress = Field(default_factory=PayrollPlusAddress.model_construct)
    time_zone: Annotated[Text, AfterValidator(an_iana_zone)] = Field(
        "Europe/Amsterdam", description="in which reports are pulled at the weekend"
    )
    report_retention_days: int = Field(
        2557, ge=30, le=3653, description="how long each version of a payroll report is kept: seven years"
    )


class ReportPullOptions(Model):
    """What one run of `report_pull` may be asked for."""

    periods: tuple[Period, ...] | None = Field(
        None, max_length=60, description="payroll periods, such as `2026-01`; those that changed if left out"
    )
