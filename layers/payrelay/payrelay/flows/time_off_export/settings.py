"""The settings that the time-off export alone has, and the options of its runs (TO-1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from payrelay.flows.settings import Model, Text, an_iana_zone

Hours = Annotated[Decimal, Field(ge=0, le=24)]
DAYS_OF_A_WEEK = 7


def _one_or_seven(hours: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    if len(hours) not in (1, DAYS_OF_A_WEEK):
        raise ValueError("give one figure for every day, or seven from Monday to Sunday")
    return hours


FullDays = Annotated[tuple[Hours, ...], AfterValidator(_one_or_seven)]


class TimeOff(Model):
    """What the time-off export takes unless a run says otherwise (TO-1)."""

    period: Literal["current_month", "previous_month"] = "current_month"
    absence_types: tuple[Text, ...] | None = Field(None, description="absence codes; all of them if left out")
    time_zone: Annotated[Text, AfterValidator(an_iana_zone)] = "Europe/Oslo"
    look_back_months: int = Field(
        3, ge=0, le=12, description="how many months before the period are looked at again"
    )
    full_day_hours: dict[Text, FullDays] = Field(
        default_factory=dict,
        description="hours of a full day by employee number: one figure, or seven from Monday to Sunday",
    )
    short_days: dict[date, Hours] = Field(
        default_factory=dict,
        description="dates on which everybody works fewer hours, with these; 0 if nobody",
    )


class TimeOffSettings(Model):
    """The part of a connection's settings that is the time-off export's."""

    time_off: TimeOff = Field(default_factory=TimeOff.model_construct)


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
