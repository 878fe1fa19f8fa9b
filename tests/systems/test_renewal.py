"""What is said of credentials that are refused: once, and with what a person can do (oncall OC-8)."""

import pytest

from payrelay.errors import CredentialsRefused
from payrelay.systems.registry import SYSTEMS, refused


@pytest.mark.parametrize("system", sorted(SYSTEMS))
@pytest.mark.requirement("OPS-2")
def test_a_refusal_is_said_once_and_its_remedy_can_be_carried_out(system: str) -> None:
    why = refused(CredentialsRefused(system, "does not accept the credentials (HTTP 401)", code="401"))
    assert why.message.count("accept the credentials") == 1
    assert why.message.endswith("HTTP 401")
    if SYSTEMS[system].oauth:
        assert "POST …/connect" in why.remedy
        assert "`redirect_uri`" in why.remedy
