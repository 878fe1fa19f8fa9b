"""Doubts: what a run that has ended may have written without being told, until a later one looks (RUN-6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from payrelay.domain.runs import Run
from payrelay.ledger import keys
from payrelay.ledger.eras import in_era
from payrelay.ledger.table import Table


class Doubt(Struct, frozen=True):
    """A batch of a run of which these records may have been written."""

    run_id: str
    index: int
    record_ids: tuple[str, ...]


class Doubts:
    """The doubts of all connections, by flow; each call names a run, whose era counts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, run: Run, index: int, record_ids: Sequence[str], ttl: int) -> None:
        """Keep that these records of a batch may have been written; the same again when told again."""
        place = in_era(run.connection_id, run.era)
        key = keys.doubt(run.tenant, place, run.flow, run.run_id, index)
        self._table.put(
            {**key, "run_id": run.run_id, "index": index, "record_ids": list(record_ids), "ttl": ttl}
        )

    def of(self, run: Run) -> Iterator[Doubt]:
        """What earlier runs of this run's flow have left in doubt, oldest first."""
        place = in_era(run.connection_id, run.era)
        partition = keys.of_connection(run.tenant, place)
        for item in self._table.query(partition, prefix=f"DOUBT#{run.flow}#"):
            yield Doubt(item["run_id"], item["index"], tuple(item["record_ids"]))

    def settled(self, run: Run, doubt: Doubt) -> None:
        """There is no doubt any more."""
        place = in_era(run.connection_id, run.era)
        self._table.delete(keys.doubt(run.tenant, place, run.flow, doubt.run_id, doubt.index))
