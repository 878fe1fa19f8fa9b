"""What may be set for the request sync, and asked of one run (RQ-4)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from payrelay.flows.exact_settings import PersonIds
from payrelay.flows.settings import Model


class RequestSettings(Model):
    """The settings of a connection that are about its requests."""

    one_active_request_per: Literal["type", "component"] = Field(
        "type",
        description=(
            "which earlier request a new one ends: of the five open-ended types any of the same type, or, "
            "for surcharges and deductions, the one of the same component only"
        ),
    )


class RequestSyncOptions(Model):
    """What one run of `request_sync` may be asked for."""

    employees: PersonIds | None = Field(
        None,
        min_length=1,
        max_length=1000,
        description="the requests of these persons, by their ID in Exact Synergy; all if left out",
    )
    full: bool = Field(
        False,
        description=(
            "look also at all requests of which something was sent and that were saved as taken back in the "
            "last 400 days, and not only since the last run"
        ),
    )
