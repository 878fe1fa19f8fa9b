"""A world for each test of the API: nothing leaves the process."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from logging import StreamHandler

import pytest
import responses

from payrelay.runtime.observability import logger
from tests.worlds.api import World
from tests.worlds.in_memory import made_world


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
