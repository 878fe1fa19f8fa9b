"""Who was touched: whom a run begins to write about whose writes no mirror tells of (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from payrelay.domain.runs import Run
from payrelay.ledger import keys
from payrelay.ledger.eras import in_era
from payrelay.ledger.table import Table

# Longer than any run takes, and than a mirror is gone by without a full comparison.
KEPT = timedelta(days=10)


class Touch(Struct, frozen=True):
    """Whom a run has begun to write about, by their keys."""

    run_id: str
    keys: tuple[str, ...]


class Touched:
    """The touches of all connections, by flow and era."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, run: Run, touched: Sequence[str]) -> None:
        """Keep that the run is about to write about these; the same when told again."""
        ttl = int((datetime.fromisoformat(run.queued_at) + KEPT).timestamp())
        key = self._key(run, Touch(run.run_id, tuple(touched)))
        self._table.put({**key, "run_id": run.run_id, "keys": list(touched), "ttl": ttl})

    def of(self, tenant: str, connection_id: str, flow: str, era: int) -> Iterator[Touch]:
        """Whom runs of a flow have touched, oldest first."""
        partition = keys.of_connection(tenant, in_era(connection_id, era))
        for item in self._table.query(partition, prefix=f"TOUCHED#{flow}#"):
            yield Touch(item["run_id"], tuple(item["keys"]))

    def settled(self, run: Run, touch: Touch) -> None:
        """A mirror tells of it by now."""
        self._table.delete(self._key(run, touch))

    @staticmethod
    def _key(run: Run, touch: Touch) -> keys.Key:
        place = in_era(run.connection_id, run.era)
        return keys.touched(run.tenant, place, run.flow, touch.run_id, touch.keys)
