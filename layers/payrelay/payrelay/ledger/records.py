"""The records of one run, each with its position: what became of each, or of a plan, what would (RUN-7)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.records import Record
from payrelay.domain.runs import Mode, Run, Status
from payrelay.ledger.parts import BATCH, CHUNK, PAGE
from payrelay.ledger.told import MOST_FIELDS

if TYPE_CHECKING:
    from payrelay.ledger import Ledger

# Anything that the brake watches for; page summaries count the writes with any under this name.
ANY_RISK = "people"
# In this order: settled by planning, written, and planned only.
PLAN = "PLAN"
STAGES = (PAGE, BATCH, PLAN)
# Stage, part of the run, number in the part.
Position = tuple[int, int, int]


class Filter(Struct, frozen=True):
    """Which records are asked for: `search` is a part of what a record is called, of its key or its reason.

    A search without a digit may be a name, which may stand in a value, too; `no_values` are looked at where
    who asks may not see them. `field` is one that it changes, `risk` one that the brake watches for.
    """

    outcome: str | None = None
    code: str | None = None
    search: str | None = None
    field: str | None = None
    risk: str | None = None
    no_values: bool = False

    def may_fit(self, counts: Mapping[str, int], told: Mapping[str, Any] | None) -> bool:
        """Whether a part with these counts, of which this is told, can hold such records.

        A part of before that was told can hold any.
        """
        if not (counts.get(self.outcome, 0) if self.outcome else any(counts.values())):
            return False
        if not told:
            return True
        reasons, fields = told.get("reasons", {}), told.get("fields", {})
        if self.code and not any(
            self.code in codes for outcome, codes in reasons.items() if self.outcome in (None, outcome)
        ):
            return False
        return self.field is None or self.field in fields or len(fields) >= MOST_FIELDS

    def fits(self, record: Record) -> bool:
        """Whether the record is asked for."""
        code = record.reason.code if record.reason else None
        return (
            self.outcome in (None, record.outcome.value)
            and self.code in (None, code)
            and (self.field is None or any(change.field == self.field for change in record.changes))
            and (self.search is None or self._found_in(record))
            and (self.risk is None or (self.risk in (ANY_RISK, *record.risks) and bool(record.risks)))
        )

    def _found_in(self, record: Record) -> bool:
        """Whether it tells of that, in whatever case, and however its letters are put together."""
        wanted = _plain(self.search or "")
        told = [record.label, record.key, record.reason.message if record.reason else ""]
        if not self.no_values and not any(letter.isdigit() for letter in wanted):
            told += [value for change in record.changes for value in (change.old, change.new) if value]
        return wanted in _plain("\n".join(told))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


EVERY = Filter()


def records_of(
    ledger: Ledger, run: Run, wanted: Filter = EVERY, after: Position | None = None
) -> Iterator[tuple[Position, Record | None]]:
    """The records after a position, each with its own, and None for one that is not wanted."""
    for stage, name in enumerate(STAGES):
        if after and stage < after[0]:
            continue
        first = after[1] if after and stage == after[0] else 0
        for index in _parts(ledger, run, name, wanted, first):
            start = after[2] + 1 if after and after[:2] == (stage, index) else 0
            for number, record in _records(ledger, run, name, index, start):
                yield (stage, index, number), record if wanted.fits(record) else None


def _parts(ledger: Ledger, run: Run, stage: str, wanted: Filter, first: int) -> Iterator[int]:
    """The indexes, from `first` on, of the parts that can hold wanted records."""
    if stage != PLAN:
        for part in ledger.parts.summaries_from(run, stage, first) if wanted.risk is None else ():
            if part["chunks"] and wanted.may_fit(part["counts"], part.get("told")):
                yield part["index"]
    elif shows_plan(run):
        for part in ledger.parts.summaries_from(run, PAGE, first):
            risky = wanted.risk is None or wanted.risk in part.get("risks", {})
            if part["writes"] and risky and wanted.may_fit(part["planned"], part.get("planned_told")):
                yield part["index"]


def _records(ledger: Ledger, run: Run, stage: str, index: int, start: int) -> Iterator[tuple[int, Record]]:
    """The records of a part from that number on, each with its own; no chunk before it is read."""
    if stage == PLAN:
        planned = ledger.plans.records(run, index)
        yield from enumerate(planned[start:], start)
        return
    for chunk, records in ledger.parts.part_chunks(run, stage, index, start // CHUNK):
        for number, record in enumerate(records, chunk * CHUNK):
            if number >= start:
                yield number, record


def shows_plan(run: Run) -> bool:
    """Whether what the run planned is what it has to show: it wrote nothing, on purpose."""
    return run.status.final and (run.mode is Mode.PREVIEW or run.status is Status.HELD)
