"""What is wrong still: each record once, with the run that saw it last (OPS-2).

The last run of a flow that looked at everything, its base, has told all that was wrong then: what earlier
runs told is closed. Runs after it, which looked at some records only or broke off, have told more, or have
cured some of it, which is noted when they end. A base that read only what had moved carries what it did not
look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from payrelay.domain.ids import first_run_id
from payrelay.domain.runs import LONGEST_RUN, Connection, Run
from payrelay.ledger.failures import Failure, Position, to_the_millisecond

if TYPE_CHECKING:
    from payrelay.ledger import Ledger
    from payrelay.ledger.parts import Failing

# So many parts of runs are looked through at most.
MOST_PARTS = 3000
# A flow of a connection.
Line = tuple[str, str]


class Standing(Struct, frozen=True):
    """Of a flow: its base, empty if there was none; what that carries; what was cured since, by which run."""

    era: int
    base: str
    carried: Mapping[str, frozenset[str]]
    cured: tuple[tuple[str, frozenset[str]], ...]

    def closes(self, run: Run, place: str, record_id: str) -> bool:
        """Whether what a part of a run tells of a record is over."""
        if run.era != self.era:
            return True
        if run.run_id < self.base and record_id not in self.carried.get(place, ()):
            return True
        return any(run.run_id < cured_by and record_id in records for cured_by, records in self.cured)

    def may_hold(self, part: Failing) -> bool:
        """Whether a part may tell of something that is open."""
        return part.run_id >= self.base or part.place in self.carried


class Found(Struct, frozen=True):
    """An open failure, and where it is told."""

    position: Position
    failure: Failure


class OpenFailures(Struct, frozen=True):
    """The open failures of a tenant; of one flow, or of one connection, if asked for. Runs are read once."""

    ledger: Ledger
    tenant: str
    flow: str | None = None
    connection_id: str | None = None
    runs: dict[str, Run | None] = field(default_factory=dict)

    def found(self, since: datetime | None = None, before: str | None = None) -> tuple[list[Found], bool]:
        """All of them, newest run first, and whether everything was looked through.

        With `before`, a run id, those of earlier runs alone that no run told of since; of the others, which
        may be very many, none is kept.
        """
        lines = self._lines()
        seen: set[tuple[Line, str]] = set()
        found: list[Found] = []
        for looked, part in enumerate(self._parts(lines, since)):
            if looked == MOST_PARTS:
                return found, False
            run = self._run(part.run_id)
            line = (run.connection_id, run.flow) if run else None
            if run and line in lines and lines[line].may_hold(part):
                opened = self._open_in(part, run, line, lines[line], seen)
                found += (one for one in opened if before is None or run.run_id < before)
        if since is not None:
            exact = to_the_millisecond(since)
            found = [one for one in found if _is_since(one.failure, exact)]
        return found, True

    def _open_in(
        self, part: Failing, run: Run, line: Line, standing: Standing, seen: set[tuple[Line, str]]
    ) -> Iterator[Found]:
        """What a part tells for the first time, going back in time, and what is not over."""
        records = self.ledger.parts.part_records(run, part.kind, part.index)
        failing = [record for record in records if record.failing]
        for number, record in enumerate(failing, 1):
            told = (line, record.record_id)
            if told not in seen and not standing.closes(run, part.place, record.record_id):
                yield Found((part.place, number), Failure(run, record))
            seen.add(told)

    def _parts(self, lines: Mapping[Line, Standing], since: datetime | None) -> Iterator[Failing]:
        """The parts that may tell of one, newest run first."""
        oldest = first_run_id(since, LONGEST_RUN) if since else ""
        starts = [min([one.base, *(place.split("#")[0] for place in one.carried)]) for one in lines.values()]
        last = max(oldest, min(starts, default=""))
        for part in self.ledger.parts.failing(self.tenant):
            if part.run_id < last:
                return
            here = part.connection_id is None or (part.connection_id, part.flow) in lines
            if here and self.flow in (None, part.flow):
                yield part

    def _lines(self) -> dict[Line, Standing]:
        """The flows that have had a run, of the connections that are there."""
        if self.connection_id is None:
            connections = list(self.ledger.connections.list(self.tenant))
        else:
            one = self.ledger.connections.get(self.tenant, self.connection_id)
            connections = [one] if one else []
        found: dict[Line, Standing] = {}
        for connection in connections:
            place = (self.tenant, connection.connection_id)
            standings = self.ledger.connections.standings(*place)
            begun: dict[str, Any] = {run.flow: {} for run in self.ledger.runs.all_in_progress(*place)}
            for flow, standing in {**begun, **standings}.items():
                if self.flow in (None, flow):
                    found[connection.connection_id, flow] = self._standing(connection, flow, standing)
        return found

    def _standing(self, connection: Connection, flow: str, standing: Mapping[str, Any]) -> Standing:
        # Where all runs ended before bases were kept, the last complete one is it.
        base = standing.get("base_run_id") or standing.get("complete_run_id") or ""
        carried = {place: frozenset(records) for place, records in (standing.get("carried") or {}).items()}
        earliest = min([base, *(place.split("#")[0] for place in carried)])
        cured = self.ledger.parts.cured(self.tenant, connection.connection_id, flow, earliest)
        return Standing(connection.era, base, carried, tuple(cured))

    def _run(self, run_id: str) -> Run | None:
        if run_id not in self.runs:
            self.runs[run_id] = self.ledger.runs.get(self.tenant, run_id)
        return self.runs[run_id]


def _is_since(failure: Failure, moment: datetime) -> bool:
    """Whether its run ended since, or has not ended yet."""
    return not failure.run.status.final or datetime.fromisoformat(failure.at) >= moment


def by_reason(found: list[Found]) -> list[tuple[str, int]]:
    """Reason codes with their counts, most frequent first."""
    codes = (one.failure.record.reason.code for one in found if one.failure.record.reason)
    return sorted(Counter(codes).items(), key=lambda pair: (-pair[1], pair[0]))
