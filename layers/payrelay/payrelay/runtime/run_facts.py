"""A run as the outside sees it, but for its counts: what every function that answers with one shares."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from payrelay.domain.runs import Run


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
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "held": dict(run.held) if run.held else None,
        "estimate": dict(run.estimate) if run.estimate else None,
        "error": asdict(run.error) if run.error else None,
        "died": asdict(run.died) if run.died else None,
        "request": asdict(run.request) if run.request else None,
    }
