"""Our own objects as the JSON that clients see; nothing else is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict

from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason
from payrelay.domain.schedules import Schedule, next_runs, schedule_of
from payrelay.domain.whole import whole
from payrelay.flows.catalog import KINDS, flow_row, sides_of
from payrelay.flows.connecting.lapse import as_of, lapses_between, not_connected
from payrelay.flows.engine.close import progress
from payrelay.flows.engine.engine import stamp
from payrelay.flows.engine.life import signs
from payrelay.flows.engine.start import PREVIEWS
from payrelay.flows.sources import sources_of
from payrelay.ledger.recent import recent
from payrelay.runtime.run_facts import run_facts
from payrelay.runtime.schedules import schedules

if TYPE_CHECKING:
    from payrelay.domain.records import Record
    from payrelay.domain.runs import Check, Connection, Run
    from payrelay.flows.engine.engine import Engine
    from payrelay.ledger.connections import Flows
    from payrelay.ledger.failures import Failure
    from payrelay.ledger.table import Item
    from payrelay.runtime.container import Container

View = dict[str, Any]

RUNS_AHEAD = 5
# Questions to the scheduler at a time.
AT_ONCE = 8


def connection_view(container: Container, connection: Connection) -> View:
    """A connection, and of each of its flows: the last run, the next, the missed, since when both agree."""
    connection = as_of(container.ledger, connection, container.engine.now)
    known = container.ledger.connections.flows(connection.tenant, connection.connection_id)
    ahead = {flow: Ahead.of(container, connection, item) for flow, item in known.schedules.items()}
    return _connection_view(container, connection, known, ahead)


def connection_views(container: Container, connections: Sequence[Connection]) -> list[View]:
    """The same of many connections of one tenant, with few calls or several at once."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (one route needs it)

    if not connections:
        return []
    now = [as_of(container.ledger, one, container.engine.now) for one in connections]
    flows = {one.connection_id: KINDS[one.kind].flows for one in now}
    known = container.ledger.connections.flows_of(now[0].tenant, flows, ("", PREVIEWS))
    stored = [(one, item) for one in now for item in known[one.connection_id].schedules.values()]
    if stored:
        # Before there are threads: a session makes one client at a time, which all share.
        schedules(container)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = pool.map(lambda pair: Ahead.of(container, *pair), stored)
    ahead: dict[str, dict[str, Ahead]] = {one.connection_id: {} for one in now}
    for (one, item), next_ones in zip(stored, told, strict=True):
        ahead[one.connection_id][item["flow"]] = next_ones
    return [
        _connection_view(container, one, known[one.connection_id], ahead[one.connection_id]) for one in now
    ]


def _connection_view(
    container: Container, connection: Connection, known: Flows, ahead: Mapping[str, Ahead]
) -> View:
    tenant, connection_id = connection.tenant, connection.connection_id
    flows = list(KINDS[connection.kind].flows)
    running = {flow: _running(container.engine, tenant, known.leases, flow) for flow in flows}
    return {
        "connection_id": connection_id,
        "name": connection.name,
        "kind": connection.kind,
        "status": connection.status.value,
        "reason": reason_view(connection.reason, connection_id),
        "organisations": dict(connection.organisations),
        "settings": dict(connection.settings),
        "flows": flows,
        "sides": {flow: _sides(flow, connection.settings) for flow in flows},
        "standings": {
            flow: {
                **_standing(flow, connection_id, known.standings.get(flow, {}), ahead.get(flow, NEVER)),
                "running": running[flow],
            }
            for flow in flows
        },
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
    }


def _sides(flow: str, settings: Mapping[str, Any]) -> View:
    """What a flow links, in people's words, and what of it has an audit trail."""
    (source, target), row = sides_of(flow, settings), flow_row(flow)
    return {"source": source, "target": target, "entities": [*row.entities, *row.by_hand]}


class Ahead(Struct, frozen=True):
    """The next runs of a schedule that will come; or why none of an enabled one will."""

    runs: tuple[str, ...] = ()
    problem: Reason | None = None

    @classmethod
    def of(
        cls, container: Container, connection: Connection, stored: Mapping[str, Any], *, preview: bool = False
    ) -> Ahead:
        """As the connection and the scheduler are now; `connection` is as of now.

        A preview is of times that the scheduler can't know yet; they are told whatever the connection is.
        """
        schedule, flow, now = schedule_of(stored), stored["flow"], container.engine.clock()
        if not schedule.enabled:
            return NEVER
        found = tuple(stamp(moment) for moment in next_runs(schedule, now, RUNS_AHEAD))
        if not connection.usable:
            why = connection.reason or not_connected(connection)
            return cls(found if preview else (), why)
        if not (preview or schedules(container).holds(connection.connection_id, flow, schedule)):
            values = {"flow": flow, "connection_id": connection.connection_id}
            return cls(problem=reason("SCHEDULE_LOST", **values))
        return cls(found)


NEVER = Ahead()


def _standing(flow: str, connection_id: str, standing: Mapping[str, Any], ahead: Ahead) -> View:
    missed = missed_at(standing)
    return {
        "last_run_id": standing.get("last_run_id"),
        "last_status": standing.get("last_status"),
        "last_finished_at": standing.get("last_finished_at"),
        "agreed_at": standing.get("agreed_at"),
        "next_run_at": ahead.runs[0] if ahead.runs else None,
        "next_run_problem": reason_view(ahead.problem, connection_id),
        "missed_at": missed,
        "missed_reason": _missed_reason(flow, connection_id, standing) if missed else None,
        "recent": recent(standing),
        "waiting": standing.get("waiting"),
    }


def _running(engine: Engine, tenant: str, leases: Mapping[str, Item], flow: str) -> View | None:
    """The run of a flow that is in progress, or else its preview; runs of a person's own are not told."""
    for name in (flow, f"{flow}#{PREVIEWS}"):
        run = engine.ledger.runs.get(tenant, leases[name]["run_id"]) if name in leases else None
        if run and not run.status.final:
            far = progress(engine, run)
            told = {"run_id": run.run_id, "mode": run.mode.value, "status": run.status.value}
            return {**told, "progress": {"done": far.done, "total": far.total} if far.total else None}
    return None


def missed_at(standing: Mapping[str, Any]) -> str | None:
    """When a scheduled run was due that did not come, as long as no later one has made up for it (TRG-5)."""
    missed, synced = standing.get("missed_at"), standing.get("synced_at")
    return None if missed is None or (synced is not None and synced > missed) else missed


def _missed_reason(flow: str, connection_id: str, standing: Mapping[str, Any]) -> View:
    """Why it was missed; of one that was noted before reasons were, its code and that it did not start."""
    if told := standing.get("missed_reason"):
        return dict(told)
    values = {"flow": flow, "due": standing["missed_at"], "connection_id": connection_id}
    why = reason("SCHEDULE_DID_NOT_START", **values)
    return {**asdict(why), "code": standing.get("missed_code", why.code)}


def schedule_view(
    container: Container, connection: Connection, stored: Mapping[str, Any], *, preview: bool = False
) -> View:
    """A schedule with its next runs; each starts at that time or some minutes later.

    Of a preview nothing is stored, and its next runs are those that it would have.
    """
    schedule = schedule_of(stored)
    now = as_of(container.ledger, connection, container.engine.now)
    ahead = Ahead.of(container, now, stored, preview=preview)
    notice = lapses_between(connection) if schedule.enabled else None
    return {
        "connection_id": connection.connection_id,
        "flow": stored["flow"],
        "days": list(schedule.days),
        **_times(schedule),
        "time_zone": schedule.time_zone,
        "enabled": schedule.enabled,
        "updated_at": stored["updated_at"],
        "next_run_at": ahead.runs[0] if ahead.runs else None,
        "next_runs": list(ahead.runs),
        "next_run_problem": reason_view(ahead.problem, connection.connection_id),
        **({"notice": notice} if notice else {}),
    }


def _times(schedule: Schedule) -> View:
    """When on its days: at one time, or every so many minutes between two."""
    if schedule.every_minutes is None:
        return {"time": schedule.time}
    return {"every_minutes": schedule.every_minutes, "from": schedule.time, "until": schedule.until}


def run_view(engine: Engine, run: Run) -> View:
    """A run with its counts and progress so far."""
    far = progress(engine, run)
    alive = {} if run.status.final else _alive(engine, run)
    return {
        **run_facts(run),
        **alive,
        "progress": {"done": far.done, "total": far.total},
        "counts": far.counts.as_dict(),
        "calls": _calls(far.asked, run.forecast),
    }


def _calls(asked: Mapping[str, int], forecast: Mapping[str, int] | None) -> View:
    """What the calls of a run have come to, by system, beside what was forecast; waits in seconds."""
    found: View = {}
    for system in sorted({name.partition("_")[2] for name in asked} | set(forecast or {})):
        whats = ("made", "refused", "retried", "waited")
        made, refused, retried, waited = (asked.get(f"{what}_{system}", 0) for what in whats)
        found[system] = {
            "made": made,
            "refused": refused,
            "retried": retried,
            "waited_s": round(waited / 1000, 1),
            "forecast": None if forecast is None else forecast.get(system, 0),
        }
    return found


def _alive(engine: Engine, run: Run) -> View:
    """What only a run in progress has: its last sign of life, and what it waits for."""
    found = signs(engine, run)
    return {"last_sign_of_life_at": found.last_at, "waits": found.waits}


def alike_view(run: Run) -> View:
    """A run that was held for the same cause as another, and what became of it."""
    names = ("run_id", "requested_by", "queued_at", "finished_at")
    return {**{name: getattr(run, name) for name in names}, "applied_by": run.applied_by or run.applying}


def record_view(record: Record, connection_id: str) -> View:
    """A record of a connection; sensitive values were masked before it was stored."""
    return {
        "record_id": record.record_id,
        "entity": record.entity,
        "key": record.key,
        "label": record.label,
        "outcome": record.outcome.value,
        "attempts": record.attempts,
        "reason": reason_view(record.reason, connection_id),
        "request": asdict(record.request) if record.request else None,
        "changes": [asdict(change) for change in record.changes],
        **({"risks": [risk.value for risk in record.risks]} if record.risks else {}),
    }


def failure_view(failure: Failure) -> View:
    """A record that failed or is blocked, with the run that it leads to."""
    run = failure.run
    where = {"run_id": run.run_id, "connection_id": run.connection_id, "flow": run.flow, "at": failure.at}
    return {**where, **record_view(failure.record, run.connection_id)}


def check_view(flow: str, check: Check, connection_id: str) -> View:
    """One check of a diagnosis; `passed` is null where it could not be made."""
    return {
        "flow": flow,
        "name": check.name,
        "passed": check.passed,
        "seen": check.seen,
        "remedy": check.remedy and whole(check.remedy, connection_id),
        "code": check.code,
        "keys": list(check.keys),
        "labels": dict(check.labels),
    }


def history_view(entry: Item) -> View:
    """One entry of a record's audit trail, with the source fields that its values came from, where known."""
    names = ("at", "run_id", "flow", "trigger", "requested_by", "outcome", "changes")
    known = sources_of(entry["flow"])
    sources = {one["field"]: known[one["field"]] for one in entry["changes"] if one["field"] in known}
    told = {name: entry[name] for name in names}
    return {**told, "comment": entry.get("comment"), **({"sources": sources} if sources else {})}


def change_view(entry: Item) -> View:
    """One change of a connection; it holds no value."""
    names = ("change_id", "at", "who", "subject", "role", "act", "fields")
    by_access = ("reason", "access_id") if entry.get("access_id") else ()
    return {name: entry[name] for name in (*names, *by_access)}


def reason_view(reason: Reason | None, connection_id: str) -> View | None:
    """A reason, with the calls that its remedy names as they are for the connection."""
    return {**asdict(reason), "remedy": whole(reason.remedy, connection_id)} if reason else None
