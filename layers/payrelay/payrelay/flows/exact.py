"""Exact Synergy and Exact Payroll Plus: what the flows of a connection of both share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from payrelay.domain.records import Seen
from payrelay.domain.runs import Page, Run

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient
    from payrelay.systems.synergy.client import SynergyClient

# In which a day begins, and schedules run, where the settings say nothing else.
ZONE = "Europe/Amsterdam"


class ExactSystems(Struct, dict=True):
    """The two systems of one connection; a client is made when it is first used."""

    client_of: Any

    @cached_property
    def payroll(self) -> PayrollPlusClient:
        """Exact Payroll Plus."""
        client: PayrollPlusClient = self.client_of("payroll_plus")
        return client

    @cached_property
    def synergy(self) -> SynergyClient:
        """Exact Synergy."""
        client: SynergyClient = self.client_of("synergy")
        return client


def today_of(run: Run | None, zone: str) -> date:
    """The day on which a run was asked for; without a run, today."""
    at = datetime.fromisoformat(run.queued_at) if run else datetime.now(UTC)
    return at.astimezone(ZoneInfo(zone)).date()


def seen_of(page: Page, listed: Sequence[object]) -> Seen | None:
    """What a page of a list of ids has seen of it; None for one of named records."""
    if page.ids:
        return None
    own = listed[page.offset : page.offset + page.limit]
    before = str(listed[page.offset - 1]) if page.offset else None
    return Seen(tuple(map(str, own)), before, len(listed))
