"""Express Leave in the standard suite."""

from datetime import date
from decimal import Decimal

from payrelay.systems.express_leave.client import ExpressLeaveClient
from payrelay.systems.express_leave.models import BalanceRow
from tests.systems.adapter_suite import WritingAdapterSuite


class TestExpressLeave(WritingAdapterSuite):
    system = "express_leave"

    def read(self, client: ExpressLeaveClient) -> object:
        return client.users()

    def write(self, client: ExpressLeaveClient) -> object:
        return client.put_balances("sy-31", [BalanceRow("E0042", "AL", Decimal(38), date(2026, 1, 4))])
