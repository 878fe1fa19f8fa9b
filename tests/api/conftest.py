"""A world for each test of the API: nothing leaves the process."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from logging import StreamHandler

import pytest
import responses

from local.sandbox import Options, Running
from payrelay.runtime.observability import logger
from tests.worlds.api import World
from tests.worlds.aws import letters_in_moto
from tests.worlds.in_memory import made_world
from tests.worlds.reports_api import Delft, delft_of
from tests.worlds.sandboxes import running


@pytest.fixture
def world() -> Iterator[World]:
    """A world of its own."""
    with made_world() as made:
        yield made


@pytest.fixture(scope="module")
def calm_world() -> Iterator[World]:
    """One world for all tests of a module that leave no trace."""
    with made_world() as made:
        yield made


@pytest.fixture
def letters(world: World) -> Iterator[str]:
    """The world's queue of dead letters in moto, which gives them out again; its URL."""
    del world
    with letters_in_moto() as url:
        yield url


@pytest.fixture(scope="module")
def payroll_sandboxes() -> Iterator[Running]:
    """The systems of payroll reports, which a module's tests share."""
    with running(options=Options(rate_limits=False)) as served:
        yield served


@pytest.fixture
def delft(payroll_sandboxes: Running, world: World, monkeypatch: pytest.MonkeyPatch) -> Delft:
    """A connection that pulls reports, with the people of the seed."""
    return delft_of(payroll_sandboxes, world, monkeypatch)


@pytest.fixture
def vendors() -> Iterator[responses.RequestsMock]:
    """The outside systems; a call that a test did not expect fails."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """Every line that the functions log, as CloudWatch would get it."""
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    written = StringIO()
    usual = handler.setStream(written)
    yield written
    if usual is not None:
        handler.setStream(usual)
