"""The fixtures of the flows' tests: sandboxes, and the worlds that stand on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Options
from payrelay.systems.registry import PACKAGES
from tests.worlds.deployed import Deployed
from tests.worlds.run import CONNECTION, TENANT, TOKENS, Clock, World, is_write
from tests.worlds.sandboxes import running

__all__ = ["CONNECTION", "TENANT", "TOKENS", "Clock", "World", "is_write"]


@pytest.fixture(scope="module", params=PACKAGES)
def trade(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any, Clock]]:
    """The sandboxes for one accounting package after the other, on a clock that tests move."""
    clock = Clock()
    options = Options(rate_limits=False, now=clock, clock=lambda: clock().timestamp())
    with running(options=options) as sandboxes:
        yield request.param, sandboxes, clock


@pytest.fixture
def books(trade: tuple[str, Any, Clock]) -> Any:
    """A connected company, see `invoices.trading`."""
    from tests.worlds.invoices import trading

    return trading(*trade)


@pytest.fixture(scope="module")
def leave_sandboxes() -> Iterator[tuple[Any, Clock]]:
    """The sandboxes of Attaché and Express Leave, with a clock that tests put forward."""
    clock = Clock()
    with running(options=Options(rate_limits=False, now=clock)) as served:
        yield served, clock


@pytest.fixture
def acme(leave_sandboxes: tuple[Any, Clock]) -> Any:
    """A connected office with nobody in it, see `leave.office`."""
    from tests.worlds.leave import office

    served, clock = leave_sandboxes
    return office(served.urls, clock)


@pytest.fixture(scope="module")
def exact() -> Iterator[tuple[Any, Clock]]:
    """The sandboxes of Exact Synergy and Exact Payroll Plus, on a clock that tests move."""
    clock = Clock()
    with running(options=Options(rate_limits=False, now=clock)) as served:
        yield served, clock


@pytest.fixture
def office(exact: tuple[Any, Clock]) -> Any:
    """A connected office with nobody in it, see `hr.delft`."""
    from tests.worlds.hr import delft

    served, clock = exact
    clock.now = Clock().now
    return delft(served.urls, clock)


@pytest.fixture
def books_of_pay(exact: tuple[Any, Clock]) -> Any:
    """A connected office with two companies of Exact Globe Next and no entry, see `journal.ledgers`."""
    from tests.worlds.journal import ledgers

    served, clock = exact
    clock.now = Clock().now
    return ledgers(served.urls, clock)


@pytest.fixture(scope="module")
def people_sandboxes() -> Iterator[Any]:
    """The sandboxes of Simployer One and Xledger."""
    with running(options=Options(rate_limits=False)) as served:
        yield served


@pytest.fixture
def world(people_sandboxes: Any) -> World:
    """An empty pair of sandboxes, and a connected connection; the ledger stays in memory."""
    memory = memory_ledger()
    found = World(dict(people_sandboxes.urls), memory.ledger, memory)
    for name in TOKENS:
        found.calm(name)
        found.put(name, {})
    found.connect()
    found.forget_requests()
    return found


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """The package's source, as a test may change it."""
    return Deployed(tmp_path, monkeypatch)


@pytest.fixture
def seeded(world: World) -> World:
    """The same, with the 250 people of Nordlys Energi."""
    from local.seed.simployer_xledger import simployer_state, xledger_state

    world.put("simployer", simployer_state())
    world.put("xledger", xledger_state())
    return world
