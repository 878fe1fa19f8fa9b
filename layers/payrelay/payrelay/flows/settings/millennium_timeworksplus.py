"""The settings of Millennium and TimeWorksPlus: which company, which site, and which of the two counts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from payrelay.flows.settings import Common, Model, Text, an_iana_zone

Company = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")
]
SiteId = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{1,12}$")]


class MillenniumAddress(Model):
    """Where Millennium's process server is."""

    base_url: Text = Field(description="the address of the process server")


class TimeWorksPlusAddress(Model):
    """Where TimeWorksPlus is."""

    base_url: Text = "https://twpapi.payrollservers.us"


class Settings(Common):
    """A connection of kind `millennium_timeworksplus`."""

    company: Company = Field(description="the company code in Millennium")
    site_id: SiteId = Field(description="the site in TimeWorksPlus")
    system_of_record: Literal["millennium", "timeworksplus"] = Field(
        description="where balances are kept: they go from there to the other system (AC-1)"
    )
    runs_by: Literal["payrelay", "vendor"] = Field(
        "payrelay",
        description=(
            "who writes balances: Payrelay, and the task Accrual of the process server must not run for "
            "this company; or that task, and Payrelay only previews and diagnoses"
        ),
    )
    time_zone: Annotated[Text, AfterValidator(an_iana_zone)] = Field(
        "America/Denver", description="the zone of the company's days"
    )
    millennium: MillenniumAddress
    timeworksplus: TimeWorksPlusAddress = Field(default_factory=TimeWorksPlusAddress.model_construct)
