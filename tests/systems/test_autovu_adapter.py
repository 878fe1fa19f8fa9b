"""AutoVu in the standard suite."""

from payrelay.domain.invoices import Kind
from payrelay.systems.autovu.client import AutoVuClient
from tests.systems.adapter_suite import WritingAdapterSuite
from tests.systems.autovu_answers import document
from tests.systems.autovu_place import place


class TestAutoVu(WritingAdapterSuite):
    system = "autovu"

    def read(self, client: AutoVuClient) -> object:
        return client.queue(5, [Kind.SALES_INVOICE])

    def write(self, client: AutoVuClient) -> object:
        return client.set_status(*place(document()), "Cannot sync until marked as sent.")
