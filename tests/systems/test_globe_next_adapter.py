"""Exact Globe Next in the standard suite."""

import base64

from payrelay.systems.globe_next.client import GlobeNextClient
from tests.systems.adapter_suite import TOKEN, WritingAdapterSuite


class TestGlobeNext(WritingAdapterSuite):
    system = "globe_next"
    sent = base64.b64encode(f"{TOKEN}:{TOKEN}".encode()).decode()

    def read(self, client: GlobeNextClient) -> object:
        return client.company("SRV01", "500").accounts()

    def write(self, client: GlobeNextClient) -> object:
        return client.company("SRV01", "500").add_line({"GLAccount": "4000"})
