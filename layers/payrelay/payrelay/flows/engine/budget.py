"""The calls of a connection's day, and what of them is kept for scheduled runs (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from payrelay.domain.budget import DIAGNOSIS_SHARE, Day, Due, day_of, largest_first, reset_of, share_of
from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason
from payrelay.domain.runs import Connection, Run
from payrelay.domain.schedules import runs_between, schedule_of
from payrelay.flows.catalog import KINDS, kind_of
from payrelay.flows.engine.engine import Engine, stamp
from payrelay.ledger.calls import DIAGNOSED, MADE, DayOfCalls
from payrelay.ledger.connections import Flows
from payrelay.ledger.parts import BATCH, PAGE
from payrelay.systems.registry import SYSTEMS, label

# As late as the scheduler starts a run: until then one that was due is still waited for.
LATE = timedelta(minutes=15)
# What a batch of a session needs of which none was done yet.
A_BATCH = 10
# So many of the runs are named for which calls are kept.
NAMED = 3


class Days(Struct, frozen=True):
    """The days of all systems of a connection, and what their calls have come to."""

    by_system: Mapping[str, Day]
    spent: DayOfCalls


def days_of(engine: Engine, connection: Connection) -> Days:
    """How the day of each system of a connection stands."""
    now, where = engine.clock(), (connection.tenant, connection.connection_id)
    spent = engine.ledger.calls.of(*where, now)
    systems = KINDS[connection.kind].systems_of(connection.settings)
    limited = [system for system in systems if limit_of(system, connection.settings)[0] is not None]
    known = engine.ledger.connections.flows(*where) if limited else Flows()
    found = {}
    for system in systems:
        limit, own = limit_of(system, connection.settings)
        told = spent.told.get(system)
        due = _due(connection, known, system, now, reset_of(told, now)) if limit is not None else ()
        found[system] = day_of(now, spent.of(MADE, system), limit, told, due, own)
    return Days(found, spent)


def limit_of(system: str, settings: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """How many calls a day a system takes, and how many the settings let it be."""
    own = settings.get("calls", {}).get(system, {}).get("day")
    return (SYSTEMS[system].day if own is None else int(own)), (None if own is None else int(own))


def _due(connection: Connection, known: Flows, system: str, now: datetime, until: datetime) -> Iterator[Due]:
    """The scheduled runs that are still to come before `until`, and what the last of each has made."""
    rows = KINDS[connection.kind].flows
    for flow, stored in known.schedules.items():
        if flow not in rows or not stored.get("enabled") or rows[flow].runs_elsewhere(connection.settings):
            continue
        standing = known.standings.get(flow, {})
        made, ended = standing.get("calls"), standing.get("last_finished_at") or ""
        if made is not None and not made.get(system):
            continue
        for moment in runs_between(schedule_of(stored), now - LATE, until):
            if moment > now or stamp(moment) > ended:
                yield Due(flow, moment, None if made is None else int(made[system]))


def reserved(engine: Engine, run: Run) -> Reason | None:
    """Why a session that goes on by itself leaves what is left of a day to scheduled runs; None if it need
    not."""
    systems = kind_of(run.flow).systems_of(run.settings)
    if all(limit_of(system, run.settings)[0] is None for system in systems):
        return None
    connection = engine.ledger.connections.get(run.tenant, run.connection_id)
    if connection is None:
        return None
    for system, day in days_of(engine, connection).by_system.items():
        if day.free is None:
            continue
        needed = _needed(engine, run, system)
        if day.free < needed:
            return _why(system, day, needed)
    return None


def _needed(engine: Engine, run: Run, system: str) -> int:
    """The calls that a batch needs: as many as the largest of this session has made."""
    made: dict[int, int] = {}
    for kind in (PAGE, BATCH):
        for item in engine.ledger.parts.summaries(run, kind):
            calls = item.get("asked", {}).get(f"{MADE}_{system}", 0)
            made[item["index"]] = made.get(item["index"], 0) + calls
    return max(made.values(), default=A_BATCH)


def _why(system: str, day: Day, needed: int) -> Reason:
    values = {
        "system": label(system),
        "name": system,
        "limit": f"{day.limit:,}",
        "left": f"{day.left:,}",
        "kept": _kept(day),
        "needed": needed,
        "reset": f"{stamp(day.reset)[:16].replace('T', ' ')} UTC",
    }
    return reason("CALLS_RESERVED", **values)


def _kept(day: Day) -> str:
    """For which runs how many calls are kept, in words."""
    if not day.due:
        return "none of them is kept for a scheduled run"
    named = [f"{one.kept:,} for {one.flow} at {one.at:%H:%M} UTC" for one in largest_first(day.due)[:NAMED]]
    more = f", and for {len(day.due) - NAMED} more scheduled runs" if len(day.due) > NAMED else ""
    return f"{day.reserved:,} of them are kept for scheduled runs ({', '.join(named)}{more})"


def allowed_to_diagnose(days: Days, settings: Mapping[str, Any]) -> dict[str, int]:
    """How many calls a diagnosis may still make today, by system with a day's limit."""
    share = Decimal(str(settings.get("diagnosis_share", DIAGNOSIS_SHARE)))
    return {
        system: max(0, share_of(day.limit, share) - days.spent.of(DIAGNOSED, system))
        for system, day in days.by_system.items()
        if day.limit is not None
    }
