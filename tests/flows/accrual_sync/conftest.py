"""The sandboxes of Millennium and TimeWorksPlus, and a company on 10 January 2026."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.sandbox import Options
from tests.worlds.accruals import NOW, Accruals, acme
from tests.worlds.run import Clock
from tests.worlds.sandboxes import running
from tests.worlds.timeclock import Beta, beta


@pytest.fixture(scope="module")
def time_clock() -> Iterator[tuple[Any, Clock]]:
    """The sandboxes, on a clock that tests move."""
    clock = Clock()
    clock.now = NOW
    with running(options=Options(rate_limits=False, now=clock)) as served:
        yield served, clock


@pytest.fixture
def company(time_clock: tuple[Any, Clock]) -> Accruals:
    """A connected company with nobody in it, see `accruals.acme`."""
    served, clock = time_clock
    clock.now = NOW
    return acme(served.urls, clock)


@pytest.fixture
def clocked(time_clock: tuple[Any, Clock]) -> Beta:
    """A connected company whose time clock is the record, with nobody in it, see `timeclock.beta`."""
    served, clock = time_clock
    clock.now = NOW
    return beta(served.urls, clock)
