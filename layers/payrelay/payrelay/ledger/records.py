"""The records of one run, each with its position: what became of each, or of a plan, what would (RUN-7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from payrelay.domain.records import Record
from payrelay.domain.runs import Mode, Run, Status
from payrelay.ledger.parts import BATCH, PAGE

if TYPE_CHECKING:
    from payrelay.ledger import Ledger

# In this order: settled by planning, written, and planned only.
PLAN = "PLAN"
STAGES = (PAGE, BATCH, PLAN)
# Stage, part of the run, number in the part.
Position = tuple[int, int, int]


class Filter(Struct, frozen=True):
    """Which records are asked for."""

    outcome: str | None = None
    code: str | None = None

    def may_fit(self, counts: Mapping[str, int]) -> bool:
        """Whether a part with these counts can hold such records."""
        return bool(counts.get(self.outcome, 0)) if self.outcome else any(counts.values())

    def fits(self, record: Record) -> bool:
        """Whether the record is asked for."""
        code = record.reason.code if record.reason else None
        return self.outcome in (None, record.outcome.value) and self.code in (None, code)


EVERY = Filter()


def records_of(
    ledger: Ledger, run: Run, wanted: Filter = EVERY, after: Position | None = None
) -> Iterator[tuple[Position, Record | None]]:
    """The records after a position, each with its own, and None for one that is not wanted."""
    for stage, name in enumerate(STAGES):
        if after and stage < after[0]:
            continue
        for index in _parts(ledger, run, name, wanted):
            if after and (stage, index) < after[:2]:
                continue
            for number, record in enumerate(_records(ledger, run, name, index)):
                position = (stage, index, number)
                if not after or position > after:
                    yield position, record if wanted.fits(record) else None


def _parts(ledger: Ledger, run: Run, stage: str, wanted: Filter) -> Iterator[int]:
    """The indexes of the parts that can hold wanted records."""
    if stage != PLAN:
        for part in ledger.parts.summaries(run, stage):
            if part["chunks"] and wanted.may_fit(part["counts"]):
                yield part["index"]
    elif shows_plan(run):
        for part in ledger.parts.summaries(run, PAGE):
            if part["writes"] and wanted.may_fit(part["planned"]):
                yield part["index"]


def _records(ledger: Ledger, run: Run, stage: str, index: int) -> list[Record]:
    if stage != PLAN:
        return ledger.parts.part_records(run, stage, index)
    writes = ledger.plans.writes(run.tenant, run.connection_id, run.run_id, index)
    return [write.record for write in writes]


def shows_plan(run: Run) -> bool:
    """Whether what the run planned is what it has to show: it wrote nothing, on purpose."""
    return run.status.final and (run.mode is Mode.PREVIEW or run.status is Status.HELD)
