"""Millennium in the standard suite."""

from datetime import date
from decimal import Decimal

from payrelay.systems.millennium.client import MillenniumClient
from tests.systems.adapter_suite import WritingAdapterSuite


class TestMillennium(WritingAdapterSuite):
    system = "millennium"

    def read(self, client: MillenniumClient) -> object:
        return list(client.accruals())

    def write(self, client: MillenniumClient) -> object:
        return client.put_balance("1001", "SICK1", Decimal("26.00"), as_of=date(2026, 1, 4), note="TWP")
