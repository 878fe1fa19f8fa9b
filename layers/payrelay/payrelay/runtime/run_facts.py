"""A run as the outside sees it, but for its counts: what every function that answers with one shares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict

from payrelay.domain.runs import Run
from payrelay.domain.whole import whole


def run_facts(run: Run) -> dict[str, Any]:
    """Everything of a run that its own item says; reading its counts takes more calls."""
    waits = {"waits_until": run.waits_until} if run.waits_until and not run.status.final else {}
    return {
        **waits,
        "run_id": run.run_id,
        "connection_id": run.connection_id,
        "flow": run.flow,
        "trigger": run.trigger.value,
        "mode": run.mode.value,
        "status": run.status.value,
        "requested_by": run.requested_by,
        "replay_of": run.replay_of,
        "plan_of": run.plan_of,
        "applied_by": run.applied_by or run.applying,
        "options": dict(run.options),
        "compared": None if run.full is None else "all" if run.full else "moved",
        "drift": run.drift,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "held": dict(run.held) if run.held else None,
        "estimate": dict(run.estimate) if run.estimate else None,
        "error": _error(run),
        "died": asdict(run.died) if run.died else None,
        "request": asdict(run.request) if run.request else None,
        "reasons": _most_frequent(
            {"code": code, "outcome": outcome, "count": count}
            for outcome, codes in (run.reasons or {}).items()
            for code, count in codes.items()
        ),
        "fields": _most_frequent(
            {"field": name, "count": count} for name, count in (run.fields or {}).items()
        ),
    }


def _most_frequent(numbers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What has a `count`, most frequent first; in one order where that is equal."""
    return sorted(numbers, key=lambda one: (-one["count"], *(str(value) for value in one.values())))


def _error(run: Run) -> dict[str, Any] | None:
    """What ended it as a whole, with the calls that the remedy names as they are for its connection."""
    if run.error is None:
        return None
    return {**asdict(run.error), "remedy": whole(run.error.remedy, run.connection_id)}
