"""QuickBooks in the standard suite."""

from payrelay.domain.invoices import NewAccount, Side
from payrelay.systems.quickbooks.client import QuickBooksClient
from tests.systems.adapter_suite import WritingAdapterSuite
from tests.worlds.listed import good

NEW = NewAccount("0123456789abcdef" * 2, Side.CUSTOMER, "Harper Ltd")


class TestQuickBooks(WritingAdapterSuite):
    system = "quickbooks"

    def read(self, client: QuickBooksClient) -> object:
        return good(client.tax_codes())

    def write(self, client: QuickBooksClient) -> object:
        return client.create_account(NEW)
