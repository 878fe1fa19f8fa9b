"""What failed or was blocked in all runs of a tenant, newest first, and how often for which reason (OPS-2).

`Failures` is the history of it. What of that is wrong still is in `open_failures`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct, field

from payrelay.domain.ids import first_run_id
from payrelay.domain.records import Record
from payrelay.domain.runs import LONGEST_RUN, Run

if TYPE_CHECKING:
    from payrelay.ledger import Ledger
    from payrelay.ledger.parts import Failing

# Groups are counted over so many parts of runs at most.
COUNTED_PARTS = 5000
# A part of a run, and how many of its failing records come before.
Position = tuple[str, int]


class Failure(Struct, frozen=True):
    """A record that failed or is blocked, with the run that it leads to."""

    run: Run
    record: Record

    @property
    def at(self) -> str:
        """When its run ended, or as far as it has come."""
        return _at(self.run)


class Failures(Struct, frozen=True):
    """One search by reason code, flow and time; runs are read once."""

    ledger: Ledger
    tenant: str
    code: str | None
    flow: str | None
    since: datetime | None
    runs: dict[str, Run | None] = field(default_factory=dict)

    def after(self, position: Position | None) -> Iterator[tuple[Position, Failure | None]]:
        """Failing records after a position, each with its own; None for one of another reason."""
        start, shown = position or ("", 0)
        for part in self._parts(start or None):
            run = self._run(part.run_id)
            if run is None or not self._recent(part):
                continue
            skipped = shown if part.place == start else 0
            records = self.ledger.parts.part_records(run, part.kind, part.index)
            failing = [record for record in records if record.failing]
            for number, record in enumerate(failing[skipped:], skipped + 1):
                code = record.reason.code if record.reason else None
                fits = self.code in (None, code)
                yield (part.place, number), Failure(run, record) if fits else None

    def by_reason(self) -> tuple[list[tuple[str, int]], bool]:
        """Reason codes with their counts, most frequent first, and whether everything was counted."""
        counts: Counter[str] = Counter()
        parts = self._parts(None)
        for part in islice(parts, COUNTED_PARTS):
            if self._recent(part):
                counts.update(part.reasons)
        found = [(code, count) for code, count in counts.items() if self.code in (None, code)]
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return found, next(parts, None) is None

    def _parts(self, start: str | None) -> Iterator[Failing]:
        """Parts of the flow that can hold such records, from one on, newest run first."""
        # No run takes longer: one that was asked for earlier did not fail after `since`.
        oldest = first_run_id(self.since, LONGEST_RUN) if self.since else ""
        for part in self.ledger.parts.failing(self.tenant, start):
            if part.run_id < oldest:
                return
            if self.flow in (None, part.flow) and (self.code is None or self.code in part.reasons):
                yield part

    def _recent(self, part: Failing) -> bool:
        """Whether the part's run ended after `since`, or has not ended yet."""
        if self.since is None or part.run_id >= first_run_id(self.since):
            return True
        run = self._run(part.run_id)
        if run is None or not run.status.final:
            return run is not None
        return datetime.fromisoformat(_at(run)) >= to_the_millisecond(self.since)

    def _run(self, run_id: str) -> Run | None:
        if run_id not in self.runs:
            self.runs[run_id] = self.ledger.runs.get(self.tenant, run_id)
        return self.runs[run_id]


def _at(run: Run) -> str:
    return run.finished_at or run.started_at or run.queued_at


def to_the_millisecond(moment: datetime) -> datetime:
    """As exact as the times of runs are."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
