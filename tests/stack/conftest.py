"""The running stack that the tests of this folder share."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from local.stack.home import Home
from local.stack.stack import THROW_AWAY, Stack, down, running_stack
from tests.stack.user import User


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The deployed template and the sandboxes on free ports, thrown away at the end of the session.

    The sandboxes' limits of calls are off: what a busy vendor does to a flow has tests of its own.
    """
    with running_stack(plan=replace(THROW_AWAY, rate_limits=False)) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Where a stack of a test's own lives; it is stopped at the end."""
    home = Home.at(tmp_path / "home")
    yield home
    down(home)


@pytest.fixture
def admin(stack: Stack) -> User:
    return User(stack)


@pytest.fixture
def quick_waits(stack: Stack) -> Iterator[None]:
    """Waits of the state machines take a hundredth of their time."""
    knob = f"{stack.endpoint}/_ministack/config"
    requests.post(knob, json={"stepfunctions._SFN_WAIT_SCALE": 0.01}, timeout=10).raise_for_status()
    yield
    requests.post(knob, json={"stepfunctions._SFN_WAIT_SCALE": 1}, timeout=10)
