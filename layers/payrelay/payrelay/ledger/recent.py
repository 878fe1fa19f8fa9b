"""The last runs of a flow that have ended, as its standing keeps them: small, with what a glance needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from payrelay.domain.records import Outcome
from payrelay.domain.runs import Run
from payrelay.ledger.parts import squeeze, unsqueeze
from payrelay.ledger.table import Item

KEPT = 30
MOST_CODES = 5
WRONG = (Outcome.BLOCKED.value, Outcome.FAILED.value)


def with_ended(standing: Mapping[str, Any], run: Run) -> Item:
    """What a standing keeps of them once `run` has ended, too, and how many have in all."""
    kept = [*recent(standing), _glance(run)][-KEPT:]
    return {"recent": squeeze(kept), "ended": standing.get("ended", 0) + 1}


def recent(standing: Mapping[str, Any]) -> list[Item]:
    """The last runs that ended, oldest first; none of before they were kept."""
    return list(unsqueeze(standing["recent"])) if "recent" in standing else []


def _glance(run: Run) -> Item:
    """An ended run: its counts that are not zero, and the most frequent reasons of what went wrong."""
    codes: Counter[str] = Counter()
    for outcome in WRONG:
        codes.update((run.reasons or {}).get(outcome, {}))
    often = sorted(codes.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_CODES]
    return {
        "run_id": run.run_id,
        "mode": run.mode.value,
        "status": run.status.value,
        "finished_at": run.finished_at,
        "counts": {outcome: number for outcome, number in (run.counts or {}).items() if number},
        "reasons": dict(often),
    }
