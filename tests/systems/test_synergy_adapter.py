"""Exact Synergy in the standard suite."""

import base64

import pytest

from payrelay.errors import CredentialsRefused, RetryLater
from payrelay.systems.synergy.client import SynergyClient
from tests.systems.adapter_suite import TOKEN, AdapterSuite
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply


class TestSynergy(AdapterSuite):
    system = "synergy"
    sent = base64.b64encode(f"{TOKEN}:{TOKEN}".encode()).decode()

    def read(self, client: SynergyClient) -> object:
        return client.people([1042])

    @pytest.mark.requirement("SEC-1")
    @pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
    def test_a_page_for_people_breaks_nothing_and_never_shows(
        self, status: int, loopback: Loopback, bench: Bench
    ) -> None:
        page = f"<html><body>{TOKEN} mia@acme.example</body></html>".encode()
        loopback.answers(Reply(status, page, {"Content-Type": "text/html"}))
        for attempt in self.attempts(self.client(loopback.origin, bench)):
            with pytest.raises(Exception, match=f"HTTP {status}") as raised:
                attempt()
            assert isinstance(raised.value, CredentialsRefused) == (status in (401, 403))
            assert isinstance(raised.value, RetryLater) == (status >= 500)
            assert "html" not in str(raised.value)
            assert "acme" not in str(raised.value)
