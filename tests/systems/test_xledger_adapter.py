"""Xledger in the standard suite."""

from payrelay.systems.xledger.client import XledgerClient
from tests.systems.adapter_suite import WritingAdapterSuite


class TestXledger(WritingAdapterSuite):
    system = "xledger"

    def read(self, client: XledgerClient) -> object:
        return client.lookups()

    def write(self, client: XledgerClient) -> object:
        return client.add_employees([("emp-1", {"code": "1"})])
