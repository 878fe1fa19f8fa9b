"""Exact Synergy and Exact Payroll Plus: what the flows of a connection of both share."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from payrelay.domain.records import Seen
from payrelay.domain.runs import Page, Run

if TYPE_CHECKING:
    from payrelay.systems.payroll_plus.client import PayrollPlusClient
    from payrelay.systems.synergy.client import SynergyClient

# In which a day begins, and schedules run, where the settings say nothing else.
ZONE = "Europe/Amsterdam"
# What one step reads of Payroll Plus: pages of 200 rows, at five a second; after so many seconds it stops.
PAGES_A_STEP, SECONDS_A_STEP = 250, 120.0


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


class Budget(Struct):
    """What a step may still read."""

    pages: int = field(default_factory=lambda: PAGES_A_STEP)
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS_A_STEP)

    def take(self) -> bool:
        """Whether there is room for one more page."""
        self.pages -= 1
        return self.pages >= 0 and time.monotonic() < self.until


def today_of(run: Run | None, zone: str) -> date:
    """The day on which a run was asked for; without a run, today."""
    at = datetime.fromisoformat(run.queued_at) if run else datetime.now(UTC)
    return at.astimezone(ZoneInfo(zone)).date()


def pages_of(count: int, size: int) -> tuple[Page, ...]:
    """The pages of a list of so many ids; one where it is empty, too."""
    starts = range(0, count or 1, size)
    return tuple(Page(index, offset=start, limit=size) for index, start in enumerate(starts))


def seen_of(page: Page, listed: Sequence[object]) -> Seen | None:
    """What a page of a list of ids has seen of it; None for one of named records."""
    if page.ids:
        return None
    own = listed[page.offset : page.offset + page.limit]
    before = str(listed[page.offset - 1]) if page.offset else None
    return Seen(tuple(map(str, own)), before, len(listed))
