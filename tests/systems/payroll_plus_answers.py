"""Payroll Plus's answers, as its tests script them: the contract's own examples."""

from __future__ import annotations

from typing import Any

from tests.systems.loopback import Reply, reply

GENERAL_DATA = {"employerName": "Acme BV", "administratienummer": "500"}
RUN: dict[str, Any] = {
    "runId": "run-55",
    "prPeriod": "2026-01",
    "description": "Januari 2026",
    "status": "Approved",
    "processedAt": "2026-01-23T18:02:00Z",
    "approvedAt": "2026-01-24T08:00:00Z",
}
REPORT_ROW: dict[str, Any] = {
    "employeeId": "1042",
    "year": 2026,
    "prPeriod": "2026-01",
    "component": "NETTOLOON",
    "description": "Nettoloon",
    "amount": "2541.17",
}


def listing(rows: list[Any], following: str | None = None) -> Reply:
    return reply({"items": rows, "nextCursor": following})


def refused(status: int, code: str, field: str | None = None, **headers: str) -> Reply:
    body = {"code": code, "message": f"Said {code}.", "field": field, "traceId": "t-1"}
    return reply(body, status, **headers)
