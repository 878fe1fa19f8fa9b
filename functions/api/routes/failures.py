"""What failed or is blocked, over all connections, newest first, and how often for which reason (OPS-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from call import Answer, Call
from msgspec import Struct, field
from query import Position, cursor, moment, one_of, page, page_size
from views import failure_view

from payrelay.domain.records import Outcome
from payrelay.domain.runs import LONGEST_RUN, Run
from payrelay.flows.catalog import flow_names
from payrelay.flows.engine.engine import stamp
from payrelay.flows.reasons import every_reason
from payrelay.ledger import Ledger
from payrelay.ledger.parts import Failing
from payrelay.runtime.ids import ulid

# Groups are counted over so many parts of runs at most.
COUNTED_PARTS = 5000
# No run takes longer, so that one which was asked for earlier did not fail after `since`.


def list_failures(call: Call) -> Answer:
    """Failed and blocked records, each with its run, and the number of them by reason code."""
    query = call.query(
        reason=one_of(every_reason()),
        flow=one_of(flow_names()),
        since=moment,
        limit=page_size,
        cursor=cursor("failures", str, int),
    )
    search = _Search(call.container.ledger, call.tenant, query["reason"], query["flow"], query["since"])
    items, following = page("failures", search.records(query["cursor"]), query["limit"])
    groups, whole = search.groups()
    return Answer({"items": items, "groups": groups, "groups_complete": whole, "next_cursor": following})


class _Search(Struct, frozen=True):
    """One search; runs are read once."""

    ledger: Ledger
    tenant: str
    code: str | None
    flow: str | None
    since: datetime | None
    runs: dict[str, Run | None] = field(default_factory=dict)

    def records(self, after: Position | None) -> Iterator[tuple[Position, dict[str, Any] | None]]:
        """Failing records after a position: a part, and how many of its records were shown."""
        place, shown = (str(after[0]), int(after[1])) if after else ("", 0)
        for part in self._parts(place or None):
            run = self._run(part.run_id)
            if run is None or not self._recent(part):
                continue
            skipped = shown if part.place == place else 0
            records = self.ledger.parts.part_records(run, part.kind, part.index)
            failing = [record for record in records if record.outcome in (Outcome.FAILED, Outcome.BLOCKED)]
            for number, record in enumerate(failing[skipped:], skipped + 1):
                code = record.reason.code if record.reason else None
                fits = self.code in (None, code)
                yield (part.place, number), failure_view(run, _at(run), record) if fits else None

    def groups(self) -> tuple[list[dict[str, Any]], bool]:
        """Reason codes with their counts, most frequent first, and whether everything was counted."""
        counts: Counter[str] = Counter()
        parts = self._parts(None)
        for part in islice(parts, COUNTED_PARTS):
            if self._recent(part):
                counts.update(part.reasons)
        found = [(code, count) for code, count in counts.items() if self.code in (None, code)]
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return [{"code": code, "count": count} for code, count in found], next(parts, None) is None

    def _parts(self, start: str | None) -> Iterator[Failing]:
        """Parts of the flow that can hold such records, from the place `start` on, newest run first."""
        oldest = _oldest_run_id(self.since, LONGEST_RUN) if self.since else ""
        for part in self.ledger.parts.failing(self.tenant, start):
            if part.run_id < oldest:
                return
            if self.flow in (None, part.flow) and (self.code is None or self.code in part.reasons):
                yield part

    def _recent(self, part: Failing) -> bool:
        """Whether the part's run ended after `since`, or has not ended yet."""
        if self.since is None or part.run_id >= _oldest_run_id(self.since):
            return True
        run = self._run(part.run_id)
        return run is not None and (not run.status.final or _at(run) >= stamp(self.since))

    def _run(self, run_id: str) -> Run | None:
        if run_id not in self.runs:
            self.runs[run_id] = self.ledger.runs.get(self.tenant, run_id)
        return self.runs[run_id]


def _at(run: Run) -> str:
    return run.finished_at or run.started_at or run.queued_at


def _oldest_run_id(since: datetime, before: timedelta = timedelta()) -> str:
    """What sorts before every id of a run that was asked for at that time less `before`, or later."""
    seconds = max(0.0, since.timestamp() - before.total_seconds())
    return f"run_{ulid(int(seconds * 1000))[:10]}"
