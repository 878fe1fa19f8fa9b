"""The OpenAPI document against the API: every answer is one that the document promises (TRG-4).

That they come so through the gateway and the emulator, too, is tried with some of them in `tests/stack`.
"""

from __future__ import annotations

import time

import pytest

from tests.worlds.api import World, claims_of, token_of
from tests.worlds.gateway import URL, served
from tests.worlds.generated import call

SECONDS = 7200


@pytest.mark.requirement("TRG-4", "CON-1")
@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("kind", ["include", "exclude"])
def test_generated_calls_are_answered_as_the_document_says(world: World, kind: str) -> None:
    """In two parts, for two workers: those of connections, and all others."""
    token = token_of(claims_of(exp=int(time.time()) + SECONDS))
    with served(world):
        call(URL, token, f"--{kind}-path-regex=^/connections")
