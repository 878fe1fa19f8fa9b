"""Keeping reports in our own ledger, each as its newest version; the one before stays beside it (REP-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Applied, Outcome, Write
from payrelay.domain.runs import Run
from payrelay.flows.report_pull.compare import NewVersion
from payrelay.ledger.reports import Report, Reports


def keep(
    reports: Reports, run: Run, writes: Sequence[Write[NewVersion]], retention_days: int
) -> list[Applied]:
    """Keep each report; one of which somebody has kept a newer version meanwhile fails."""
    pulled_at = run.started_at or run.queued_at
    expires = datetime.fromisoformat(pulled_at) + timedelta(days=retention_days)
    results = []
    for write in writes:
        new, record = write.payload, write.record
        report = Report(
            person_id=new.person,
            period=new.period,
            version=new.version,
            digest=new.digest,
            pulled_at=pulled_at,
            run_id=run.run_id,
            expires=int(expires.timestamp()),
            components=new.components,
        )
        if not reports.put(run.tenant, run.connection_id, report):
            values = {"label": record.label, "run_id": run.run_id, "field": "it", "value": "newer"}
            record = replace(record, outcome=Outcome.FAILED, reason=reason("NEWER_AT_TARGET", **values))
        results.append(Applied(record))
    return results
