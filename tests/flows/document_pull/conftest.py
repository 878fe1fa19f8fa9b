"""Delft Techniek after a pay run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.run import Clock
from tests.worlds.slips import Slips, slips


@pytest.fixture
def paid(exact: tuple[Any, Clock]) -> Slips:
    """A connection, with nobody in it."""
    served, clock = exact
    clock.now = Clock().now
    return slips(served.urls, clock)
