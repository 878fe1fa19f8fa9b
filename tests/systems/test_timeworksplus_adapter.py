"""TimeWorksPlus in the standard suite."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from payrelay.systems.http.door import DoorOptions
from payrelay.systems.timeworksplus.client import TimeWorksPlusClient
from payrelay.systems.timeworksplus.models import NewBalance
from tests.systems.adapter_suite import TOKEN, WritingAdapterSuite
from tests.systems.conftest import Bench
from tests.worlds.structs import replace


class TestTimeWorksPlus(WritingAdapterSuite):
    system = "timeworksplus"

    def client(
        self, base_url: str, bench: Bench, token: str = TOKEN, options: DoorOptions | None = None
    ) -> Any:
        """With a clock that is right: a refused sign-in is held against the other side's."""
        right = replace(options or bench.options, now=lambda: datetime.now(UTC))
        return super().client(base_url, bench, token, right)

    def read(self, client: TimeWorksPlusClient) -> object:
        return list(client.balances(date(2026, 1, 4)))

    def write(self, client: TimeWorksPlusClient) -> object:
        return client.set_balances([NewBalance("1001", "Sick", Decimal("26.0"), date(2026, 1, 4))])
