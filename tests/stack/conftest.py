"""The running stack that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from local.stack.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The deployed template and the sandboxes on free ports, thrown away at the end of the session."""
    with running_stack() as running:
        yield running
