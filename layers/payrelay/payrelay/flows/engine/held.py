"""Runs that the brake held for the same cause, so that two engineers need not ask each other (RUN-10)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from payrelay.domain.runs import Run, Status
from payrelay.flows.engine.engine import Engine

# So many runs of the connection are looked through, and so many named.
LOOKED_AT, NAMED = 100, 5


def same_cause(engine: Engine, run: Run) -> list[Run]:
    """Other runs of a held run's flow that were held for the same kinds of changes, newest first."""
    return list(islice(_held_alike(engine, run), NAMED))


def _held_alike(engine: Engine, run: Run) -> Iterator[Run]:
    cause = _cause(run)
    for other in islice(engine.ledger.runs.list(run.tenant, run.connection_id), LOOKED_AT):
        if other.run_id != run.run_id and other.flow == run.flow and _cause(other) == cause:
            yield other


def _cause(run: Run) -> frozenset[str]:
    """What a held run would change people in, by the brake's names; empty for one that was not held."""
    return frozenset(run.held.get("risks", {})) if run.held and run.status is Status.HELD else frozenset()
