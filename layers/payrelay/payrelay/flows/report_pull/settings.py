"""What may be set for payroll reports, and asked of one pull (REP-1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from payrelay.flows.exact import ZONE
from payrelay.flows.report_pull.rules import RETENTION_DAYS
from payrelay.flows.settings import Model, an_iana_zone

Zone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Period = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[0-9]{2}$")]


class ReportSettings(Model):
    """The settings of a connection that are about its payroll reports."""

    time_zone: Annotated[Zone, AfterValidator(an_iana_zone)] = Field(
        ZONE, description="in which schedules run, and in which a day begins"
    )
    report_retention_days: int = Field(
        RETENTION_DAYS,
        ge=30,
        le=3653,
        description="how long each version of a payroll report is kept: seven years",
    )


class ReportPullOptions(Model):
    """What one run of `report_pull` may be asked for."""

    periods: tuple[Period, ...] | None = Field(
        None, max_length=60, description="payroll periods, such as `2026-01`; those that changed if left out"
    )
    full: bool = Field(
        False,
        description=(
            "read all approved payroll periods, also those whose payroll runs have not changed since the "
            "last pull; of 50,000 people a period takes ten minutes. With `periods` those alone are read"
        ),
    )
