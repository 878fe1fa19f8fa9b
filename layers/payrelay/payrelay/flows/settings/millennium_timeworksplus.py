"""The settings of Millennium and TimeWorksPlus: which company, which site, and which of the two counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from payrelay.flows.settings import Common, Model, Text, an_iana_zone

_COMPANY, _SITE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$", r"^[0-9]{1,12}$"


def _in_words(form: str, words: str) -> Callable[[object], object]:
    """Says in words what a text has to be that is not of the form; all else is left to the form."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.match(form, value.strip()):
            raise ValueError(words)
        return value

    return check


Company = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=_COMPANY),
    BeforeValidator(
        _in_words(
            _COMPANY,
            "must be the company code as it is in Millennium, such as ACME: 1 to 40 letters and digits "
            "(and . _ - after the first)",
        )
    ),
]
SiteId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=_SITE),
    BeforeValidator(
        _in_words(_SITE, "must be the site's number in TimeWorksPlus, such as 51234: 1 to 12 digits")
    ),
]


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
