"""The OpenAPI document against the running stack: what tests/api tries with all is so here, too (TRG-4)."""

from __future__ import annotations

import pytest

from local.stack.stack import Stack
from tests.worlds.generated import call

pytestmark = pytest.mark.stack

# One without a token, one that lists, one that reads, and one that writes.
CHOSEN = (
    "GET /health",
    "GET /runs",
    "GET /runs/{run_id}",
    "PUT /connections/{connection_id}/schedules/{flow}",
)


@pytest.mark.requirement("TRG-4", "CON-1")
def test_generated_calls_are_answered_through_the_gateway_as_the_document_says(stack: Stack) -> None:
    told = call(stack.api_url, stack.facts["tokens"]["admin"], *(f"--include-name={name}" for name in CHOSEN))
    assert f"Tested: {len(CHOSEN)}" in told
