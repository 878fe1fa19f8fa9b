"""Attaché Online in the standard suite."""

from payrelay.systems.attache.client import AttacheClient
from tests.systems.adapter_suite import AdapterSuite


class TestAttache(AdapterSuite):
    system = "attache"

    def read(self, client: AttacheClient) -> object:
        return client.balances(1)
