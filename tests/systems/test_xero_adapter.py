"""Xero in the standard suite."""

import pytest

from payrelay.errors import CredentialsRefused, RetryLater
from payrelay.systems.xero.client import XeroClient
from tests.systems.adapter_suite import WritingAdapterSuite
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.systems.xero_answers import posting
from tests.worlds.listed import coded


class TestXero(WritingAdapterSuite):
    system = "xero"

    def read(self, client: XeroClient) -> object:
        return coded(client.nominals())

    def write(self, client: XeroClient) -> object:
        return client.post([posting()])

    @pytest.mark.parametrize("broken", [reply({}, 500), reply({}, 503), Reply(body=b"<html>"), reply({})])
    def test_trouble_of_theirs_is_for_later(self, broken: Reply, loopback: Loopback, bench: Bench) -> None:
        super().test_trouble_of_theirs_is_for_later(broken, loopback, bench)

    @pytest.mark.requirement("CON-2")
    def test_an_empty_list_of_connections_is_no_trouble_but_the_end(
        self, loopback: Loopback, bench: Bench
    ) -> None:
        loopback.answers(reply([]))
        client = self.client(loopback.origin, bench)
        with pytest.raises(CredentialsRefused, match="disconnected"):
            client.organisation()
        with pytest.raises(RetryLater):
            self.read(client)
