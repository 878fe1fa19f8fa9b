"""Runs of all tenants that failed, are held, died or never began, by day: for those who run Payrelay (OPS-4).

Names of tenants, flows and codes, and numbers: nothing of a person, and no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from payrelay.domain.runs import Mode, Run, Status
from payrelay.ledger import keys
from payrelay.ledger.table import Item, Table, plain

KEPT = timedelta(days=90)


class Kind(StrEnum):
    """What is wrong with a run. One that is `partial` has records that failed.

    The full comparison of one with `drift` has found records otherwise than was known of them.
    """

    FAILED = "failed"
    HELD = "held"
    MISSED = "missed"
    DEAD = "dead"
    DRIFT = "drift"
    PARTIAL = "partial"


# Of what has no reason of its own; of all else the most frequent one of its records stands.
CODES = {Kind.HELD: "HELD", Kind.DRIFT: "MIRROR_DRIFT"}


class FailedRun(Struct, frozen=True):
    """A run with what is wrong with it, since when; one that never began has no id."""

    at: str
    tenant: str
    connection_id: str
    kind: str
    flow: str
    run_id: str | None
    status: Kind
    code: str
    mode: str
    counts: Mapping[str, int] = field(default_factory=dict)
    drift: int | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All that is wrong with it: who has died has failed, too, and either may have found a drift."""
        also = ((Kind.FAILED, self.status is Kind.DEAD), (Kind.DRIFT, bool(self.drift)))
        return (self.status, *(kind for kind, holds in also if holds and kind is not self.status))


class FailedRuns:
    """The list of each day."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, failed: FailedRun) -> None:
        """Put a run into the list of its day; again changes nothing."""
        self._table.put(item_of(failed))

    def between(self, since: datetime, until: datetime, after: str | None = None) -> Iterator[FailedRun]:
        """Those of a stretch of time, newest first; older than the place `after`, if given."""
        day, first = until.date(), since.date()
        if after:
            day = min(day, date.fromisoformat(after[:10]))
        while day >= first:
            partition = keys.failed_runs(day.isoformat())
            start = after if after and after.startswith(day.isoformat()) else None
            for item in self._table.query(partition, after=start, newest_first=True):
                if datetime.fromisoformat(item["at"]) < since:
                    return
                yield parse(item)
            day -= timedelta(days=1)


def of_run(run: Run, kind: str, reasons: Mapping[str, int]) -> FailedRun | None:
    """An ended run as the list has it, if it belongs there; `reasons` are those of its failed records."""
    status = _wrong(run)
    if status is None or run.finished_at is None:
        return None
    usual = max(reasons, key=lambda code: (reasons[code], code)) if reasons else run.status.name
    why = run.died or run.error
    counts = {name: number for name, number in (run.counts or {}).items() if number}
    return FailedRun(
        at=run.finished_at,
        tenant=run.tenant,
        connection_id=run.connection_id,
        kind=kind,
        flow=run.flow,
        run_id=run.run_id,
        status=status,
        code=why.code if why else CODES.get(status, usual),
        mode=run.mode.value,
        counts=counts,
        drift=run.drift or None,
    )


def _wrong(run: Run) -> Kind | None:
    if run.died:
        return Kind.DEAD
    if run.status is Status.FAILED:
        return Kind.FAILED
    if run.status is Status.HELD:
        return Kind.HELD
    if run.drift and run.mode is not Mode.PREVIEW:
        return Kind.DRIFT
    return Kind.PARTIAL if (run.counts or {}).get("failed") and run.status is Status.PARTIAL else None


def place_of(failed: FailedRun) -> str:
    """Where it stands in the lists: its sort key."""
    return _key(failed)["sk"]


def _key(failed: FailedRun) -> keys.Key:
    named = failed.run_id or f"{failed.connection_id}/{failed.flow}"
    return keys.failed_run(failed.at, failed.tenant, named)


def item_of(failed: FailedRun) -> Item:
    """As stored; after a while it is forgotten."""
    kept = int((datetime.fromisoformat(failed.at) + KEPT).timestamp())
    fields = {**plain(failed), "status": failed.status.value, "counts": dict(failed.counts)}
    return {**_key(failed), **fields, "ttl": kept}


def parse(item: Mapping[str, Any]) -> FailedRun:
    """A stored one."""
    fields: dict[str, Any] = {name: item.get(name) for name in FailedRun.__struct_fields__}
    return FailedRun(**{**fields, "status": Kind(item["status"])})
