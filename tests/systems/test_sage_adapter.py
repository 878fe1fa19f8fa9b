"""Sage Accounting in the standard suite."""

from payrelay.systems.sage.client import SageClient
from tests.systems.adapter_suite import WritingAdapterSuite
from tests.systems.sage_answers import posting
from tests.worlds.listed import good


class TestSage(WritingAdapterSuite):
    system = "sage"

    def read(self, client: SageClient) -> object:
        return good(client.tax_codes())

    def write(self, client: SageClient) -> object:
        return client.post([posting()])
