"""The running stack that the tests of this folder share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack.home import Home
from local.stack.stack import Stack, down
from tests.browser.conftest import browser, console, watched, window
from tests.worlds.running import quick_waits_of, thrown_away
from tests.worlds.user import User

__all__ = ["browser", "console", "watched", "window"]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running stack, thrown away at the end of the session."""
    with thrown_away() as running:
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
    with quick_waits_of(stack):
        yield
