"""An office with Exact Synergy and Exact Payroll Plus, for the tests of its flows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.sandbox import Options, Running, running
from tests.flows.conftest import Clock
from tests.worlds.hr import Delft, delft


@pytest.fixture(scope="module")
def exact() -> Iterator[tuple[Running, Clock]]:
    """Both sandboxes, on a clock that tests move."""
    clock = Clock()
    with running(options=Options(rate_limits=False, now=clock)) as served:
        yield served, clock


@pytest.fixture
def office(exact: tuple[Running, Clock]) -> Delft:
    """A connected office with nobody in it."""
    served, clock = exact
    clock.now = Clock().now
    return delft(served.urls, clock)
