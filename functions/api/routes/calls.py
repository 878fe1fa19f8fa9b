"""The day's calls of a connection: used, left, and kept for scheduled runs (RUN-11)."""

from __future__ import annotations

from typing import Any

from call import Answer, Call

from payrelay.domain.budget import Day
from payrelay.flows.engine.budget import days_of
from payrelay.flows.engine.engine import stamp
from payrelay.ledger.calls import DIAGNOSED, DayOfCalls
from payrelay.systems.registry import rate_of


def read(call: Call, connection_id: str) -> Answer:
    """Of each system of the connection what its day has come to so far."""
    call.query()
    days = days_of(call.container.engine, call.connection(connection_id))
    return Answer({system: _view(system, day, days.spent) for system, day in days.by_system.items()})


def _view(system: str, day: Day, spent: DayOfCalls) -> dict[str, Any]:
    rate, limited = rate_of(system), day.limit is not None
    return {
        "used": day.used,
        "limit": day.limit,
        "left": day.left,
        "reserved": day.reserved if limited else None,
        "reset": stamp(day.reset) if limited else None,
        "reset_told": day.told if limited else None,
        "refused": spent.of("refused", system),
        "retried": spent.of("retried", system),
        "waited_s": round(spent.of("waited", system) / 1000, 1),
        "diagnosed": spent.of(DIAGNOSED, system),
        "rate": {"calls": rate[0], "seconds": rate[1]} if rate else None,
        "kept_for": [{"flow": one.flow, "at": stamp(one.at), "calls": one.kept} for one in day.due],
    }
