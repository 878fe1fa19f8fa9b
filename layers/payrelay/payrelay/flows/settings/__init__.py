"""What may be set: one module per kind of connection, and what all kinds share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from importlib import import_module
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from payrelay.domain.brake import PEOPLE, SHARE
from payrelay.domain.budget import DIAGNOSIS_SHARE
from payrelay.domain.mirror import FULL_DAYS
from payrelay.domain.schedules import is_zone
from payrelay.systems.registry import SYSTEMS


class Model(BaseModel):
    """A setting or option: a field that is not known is refused.

    The check is built when it is first needed. So that a default does not need it, defaults that are models
    are made with `model_construct`, which checks nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


M = TypeVar("M", bound=Model)
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


def part_of(settings: Mapping[str, Any], own: type[M]) -> M:
    """The part of a connection's stored settings that one flow alone has."""
    return own.model_validate({name: settings[name] for name in own.model_fields if name in settings})


def an_iana_zone(name: str) -> str:
    """`name`, if the IANA database has it."""
    if not is_zone(name):
        raise ValueError(f"{name} is not an IANA time zone, such as Europe/Oslo")
    return name


def a_system(name: str) -> str:
    """`name`, if it is a system's in the registry."""
    if name not in SYSTEMS:
        raise ValueError(f"{name} is no system; one of: {', '.join(SYSTEMS)}")
    return name


class Brake(Model):
    """RUN-10: a plan that hurts more people than the number and than the share is held for an admin."""

    people: int = Field(PEOPLE, ge=0, description="this many people may always be ended, emptied or changed")
    share: Decimal = Field(SHARE, ge=0, le=1, description="and this share of those that the run looked at")


class DayOfCalls(Model):
    """RUN-11: how many calls a day a system takes from this connection."""

    day: int = Field(ge=1, le=10_000_000, description="as the vendor's plan allows them, or fewer")


class Common(Model):
    """The settings that every kind of connection has."""

    brake: Brake = Field(default_factory=Brake.model_construct)
    retention_days: int = Field(
        400, ge=1, le=3650, description="how long the details of runs are kept; the audit trail stays"
    )
    full_days: int = Field(
        FULL_DAYS,
        ge=1,
        le=FULL_DAYS,
        description=(
            "after so many days at most a flow that reads what moved compares everything, "
            "as with the option `full`"
        ),
    )
    calls: dict[Annotated[str, AfterValidator(a_system)], DayOfCalls] = Field(
        {},
        description=(
            "the calls of a day by system, where they are not as usual: Xero has 1,000 on its free tier"
        ),
    )
    diagnosis_share: Decimal = Field(
        DIAGNOSIS_SHARE, ge=0, le=1, description="the part of a day's calls that diagnoses may take"
    )


def model(path: str) -> type[Model]:
    """The settings or options model that a row of the catalog names."""
    module, name = path.split(":")
    found: type[Model] = getattr(import_module(module), name)
    return found


def stored(value: Model) -> Mapping[str, Any]:
    """A settings model as it is stored: plain JSON values, decimals as text; null stays what was chosen."""
    plain: Mapping[str, Any] = value.model_dump(mode="json")
    return plain
