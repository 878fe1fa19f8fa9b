"""What the last complete run of a flow left: from when on to read again, and what it could not finish."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from payrelay.domain import mirror
from payrelay.domain.clocks import Mark
from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Run
from payrelay.flows.flow import Flow
from payrelay.ledger import Ledger
from payrelay.ledger.parts import BATCH, PAGE

# What changed while the last run was reading is read again; a system's clock may be an hour or two off.
OVERLAP = timedelta(days=1)
# The mark that tells over what a run has read.
STAMP = "stamp"
_OF_NO_MATTER = frozenset({"brake", "retention_days", "report_retention_days", "full_days", "reconcile_day"})


def standing_of(flow: Flow) -> Mapping[str, Any]:
    """What is known of the flow over time; empty at first."""
    return flow.ledger.connections.standing(*flow.connection_key, flow.name)


def changed_since(standing: Mapping[str, Any], system: str = "") -> datetime | None:
    """When the last complete run began to read, and some time before; None where there was none.

    It is by the clock of the `system` that is asked, too, if that is known: the less safe of both counts.
    """
    mark, since = mark_of(standing, system), standing.get("complete_since")
    if mark:
        return mark.since(OVERLAP)
    return datetime.fromisoformat(since) - OVERLAP if since else None


def stamp_of(ledger: Ledger, run: Run, *, version: bool = False) -> str:
    """Over what a run reads, and with `version` by which rules: after one with another stamp all is compared.

    Who connected again may have another user, who sees something else.
    """
    settings = {name: value for name, value in run.settings.items() if name not in _OF_NO_MATTER}
    connection = ledger.connections.get(run.tenant, run.connection_id)
    switched = connection.switched_at if connection else None
    told = [settings, switched, run.flow_version if version else ""]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def is_full_due(run: Run, standing: Mapping[str, Any], stamp: str) -> bool:
    """Whether everything is to be compared: it never was, or not for as many days as the settings say, or it
    was of another stamp."""
    if standing.get("marks", {}).get(STAMP, stamp) != stamp:
        return True
    days = run.settings.get("full_days", mirror.FULL_DAYS)
    asked, spread = datetime.fromisoformat(run.queued_at), f"{run.tenant}/{run.connection_id}/{run.flow}"
    return mirror.is_full_due(moment(standing, "full_at"), asked, days, spread)


def moved_since(run: Run, standing: Mapping[str, Any], system: str, stamp: str) -> datetime | None:
    """From when on something may have moved; None where everything is to be looked at."""
    return None if is_full_due(run, standing, stamp) else changed_since(standing, system)


def mark_of(standing: Mapping[str, Any], system: str) -> Mark | None:
    """When the last complete run read a system; None where that is not known."""
    return Mark.parse(standing.get("marks", {}).get(system))


def reading(run: Run, told: datetime | None) -> Mark:
    """The mark of a run, of a system that has told its time."""
    return Mark(datetime.fromisoformat(run.started_at or run.queued_at), told)


def moment(standing: Mapping[str, Any], name: str) -> datetime | None:
    """A moment of the standing; None where there was none."""
    text = standing.get(name)
    return datetime.fromisoformat(text) if text else None


def unfinished(flow: Flow, standing: Mapping[str, Any]) -> Iterator[Record]:
    """What the last complete run had to leave blocked or failed."""
    before = flow.ledger.runs.get(flow.tenant, standing.get("complete_run_id") or "")
    if before is None:
        return
    for kind in (PAGE, BATCH):
        for _, records in flow.ledger.parts.records(before, kind):
            yield from (one for one in records if one.outcome in (Outcome.BLOCKED, Outcome.FAILED))
