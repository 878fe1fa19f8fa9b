"""The calls of a connection by UTC day and system, and what vendors said is left of their day (RUN-11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, field

from payrelay.domain.budget import Spent, Told
from payrelay.ledger import keys
from payrelay.ledger.table import Item, Table

# So long a day can be looked up.
KEPT = timedelta(days=40)
# What is counted: by all callers, and of that by the diagnosis.
MADE, DIAGNOSED = "made", "diagnosed"
WHATS = (MADE, "refused", "retried", "waited", DIAGNOSED)
_ALWAYS = "attribute_exists(pk) OR attribute_not_exists(pk)"


class DayOfCalls(Struct, frozen=True):
    """Numbers by what and system, such as `made_xero`, and by system what the vendor told last."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)

    def of(self, what: str, system: str) -> int:
        """How many of these a system has."""
        return self.numbers.get(f"{what}_{system}", 0)


class Calls:
    """The days of all connections; each call names the tenant."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(
        self,
        tenant: str,
        connection_id: str,
        spent: Spent,
        now: datetime,
        *,
        diagnosed: bool = False,
        patient: bool = True,
    ) -> None:
        """Add what was spent to the day; as a diagnosis it counts as that, too.

        Timeline of two who add at once: each adds its own, and what a vendor told last of its day is that of
        whoever came last, whose answer may be a moment older.
        """
        sums = dict(spent.numbers)
        if diagnosed:
            made = {name: number for name, number in sums.items() if name.startswith(f"{MADE}_")}
            sums |= {f"{DIAGNOSED}_{name.partition('_')[2]}": number for name, number in made.items()}
        values: Item = {}
        for system, left in spent.left.items():
            values |= {f"left_{system}": left.calls, f"since_{system}": 0}
            values[f"told_at_{system}"] = int(left.at.timestamp())
            values[f"reset_{system}"] = int(left.reset.timestamp()) if left.reset else 0
        for name, number in spent.numbers.items():
            system = name.partition("_")[2]
            if name.startswith(f"{MADE}_") and system not in spent.left:
                sums[f"since_{system}"] = number
        if not sums:
            return
        parts = [f"#{name} = if_not_exists(#{name}, :nothing) + :{name}" for name in sums]
        parts += [f"#{name} = :{name}" for name in (*values, "ttl")]
        self._table.update(
            keys.calls(tenant, connection_id, _day(now)),
            "SET " + ", ".join(parts),
            condition=_ALWAYS,
            patient=patient,
            nothing=0,
            ttl=int((now + KEPT).timestamp()),
            **sums,
            **values,
        )

    def of(self, tenant: str, connection_id: str, now: datetime) -> DayOfCalls:
        """The day of `now` so far."""
        item = self._table.get(keys.calls(tenant, connection_id, _day(now)))
        return _parsed(item) if item else DayOfCalls()


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _parsed(item: Item) -> DayOfCalls:
    numbers = {
        name: int(value) for name, value in item.items() if name.partition("_")[0] in WHATS and "_" in name
    }
    systems = [name.removeprefix("left_") for name in item if name.startswith("left_")]
    return DayOfCalls(numbers, {system: _told(item, system) for system in systems})


def _told(item: Mapping[str, Any], system: str) -> Told:
    reset = int(item.get(f"reset_{system}", 0))
    moment = datetime.fromtimestamp(reset, UTC) if reset else None
    return Told(int(item[f"left_{system}"]), int(item.get(f"since_{system}", 0)), moment)
