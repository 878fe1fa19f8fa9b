"""The audit trail: every field ever written, by business key (RUN-6)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict

from payrelay.domain.records import Record
from payrelay.domain.runs import Run
from payrelay.ledger import keys
from payrelay.ledger.eras import OfEra
from payrelay.ledger.table import Item


def entry(run: Run, record: Record, at: str) -> Item:
    """What the trail keeps of one written record; values are masked in the record already."""
    return {
        "at": at,
        "run_id": run.run_id,
        "flow": run.flow,
        "trigger": run.trigger.value,
        "requested_by": run.requested_by,
        "outcome": record.outcome.value,
        "changes": [asdict(change) for change in record.changes],
        "comment": record.reason.message if record.reason else None,
    }


def merged(known: Item | None, found: Item) -> Item:
    """An entry with what is known of the same run and record: no field that it wrote gets lost."""
    if known is None:
        return found
    changes = {change["field"]: change for change in known["changes"]}
    return {**found, "changes": [*({**changes, **{c["field"]: c for c in found["changes"]}}).values()]}


class History(OfEra):
    """The audit trails of all connections; entries are written with their delivery."""

    def put(self, tenant: str, connection_id: str, record_id: str, act_id: str, entry: Item) -> None:
        """Keep what a person wrote, outside any run; `act_id` sorts by time as run ids do."""
        self._table.put({**keys.history(tenant, self._place(connection_id), record_id, act_id), **entry})

    def add(self, run: Run, record_id: str, found: Item) -> None:
        """Keep what is found of a run that has ended, beside what is known of it."""
        key = keys.history(run.tenant, self._place(run.connection_id), record_id, run.run_id)
        self._table.put({**key, **merged(self._table.get(key), found)})

    def of(self, tenant: str, connection_id: str, record_id: str, after: str | None = None) -> Iterator[Item]:
        """One record's entries, newest first, older than the run id `after` if given."""
        partition = keys.histories(tenant, self._place(connection_id), record_id)
        yield from self._table.query(partition, after=after, newest_first=True)
