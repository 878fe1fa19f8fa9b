"""Proof of run: what should have run by schedule and did not, although nothing failed (TRG-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason
from payrelay.domain.runs import LONGEST_RUN, Connection, ConnectionStatus, Mode, Run, Trigger
from payrelay.domain.schedules import last_due, schedule_of
from payrelay.flows.catalog import flow_row, kind_of
from payrelay.flows.connecting.lapse import as_of, not_connected
from payrelay.flows.engine.engine import Engine, Executions, stamp
from payrelay.flows.engine.life import looked_at
from payrelay.ledger.failed_runs import FailedRun, Kind
from payrelay.ledger.runs import Leased
from payrelay.ledger.table import ConditionFailed, Item

# The scheduler spreads over the jitter; StartRun is tried again after one and after three minutes.
AFTER_JITTER = timedelta(minutes=15)
# What was due earlier was judged by an earlier watch; its runs may be forgotten by now.
LOOK_BACK = timedelta(hours=24)
# A run that was queued just now is about to begin.
TO_BEGIN = timedelta(minutes=5)


class Missed(Struct, frozen=True):
    """A moment of a schedule (RFC 3339 UTC) at which no run of its flow started, and why."""

    tenant: str
    connection_id: str
    flow: str
    due_at: str
    reason: Reason

    def as_event(self) -> dict[str, Any]:
        """As its event tells it: no personal data."""
        return {
            "id": f"{self.connection_id}/{self.flow}/{self.due_at}",
            "tenant": self.tenant,
            "connection_id": self.connection_id,
            "flow": self.flow,
            "due_at": self.due_at,
            "reason_code": self.reason.code,
        }

    def as_failed_run(self, at: str) -> FailedRun:
        """As the list for those who run Payrelay tells it, found at `at`."""
        return FailedRun(
            at=at,
            tenant=self.tenant,
            connection_id=self.connection_id,
            kind=kind_of(self.flow).name,
            flow=self.flow,
            run_id=None,
            status=Kind.MISSED,
            code=self.reason.code,
            mode=Mode.SYNC.value,
        )


def close_dead(engine: Engine, executions: Executions, leased: Leased) -> Run | None:
    """The run that has a lease, if it was found dead; it is closed then, and so alarmed (OPS-4).

    Nobody would know of it before the next trigger: a dead run has not failed yet.
    """
    run = engine.ledger.runs.get(leased.tenant, leased.run_id)
    if run is None or run.status.final:
        return None
    now = looked_at(engine, executions, run)
    return now if now.died else None


class Watch(Struct, frozen=True):
    """A look at all schedules; `first_run_id` sorts before all run ids that are made from a moment on."""

    engine: Engine
    jitter: timedelta
    first_run_id: Callable[[datetime], str]

    def look(self, item: Item) -> Missed | None:
        """What a schedule missed last, if nobody was told of it yet."""
        now, patience = self.engine.clock(), self.jitter + AFTER_JITTER
        due = last_due(schedule_of(item), now - LOOK_BACK, now - patience)
        # Whether a schedule that was changed since was already right at that moment, nobody knows.
        if due is None or item["updated_at"] >= stamp(due):
            return None
        runs = list(self._answering(item, due, due + patience))
        if any(run.whole and self._began(run, now) for run in runs):
            return None
        return self._missed(item, due, runs)

    def _answering(self, item: Item, due: datetime, until: datetime) -> Iterator[Run]:
        """The runs that the schedule started since, and those that it may have joined."""
        earliest = self.first_run_id(due - LONGEST_RUN)
        for run in self.engine.ledger.runs.since(item["tenant"], item["connection_id"], earliest):
            if run.flow != item["flow"] or run.scope:
                continue
            started = run.trigger is Trigger.SCHEDULE and run.queued_at >= stamp(due)
            over_before = run.finished_at is not None and run.finished_at < stamp(due)
            if started or (run.queued_at <= stamp(until) and not over_before):
                yield run

    def _began(self, run: Run, now: datetime) -> bool:
        if run.started_at or run.finished_at or run.queued_at > stamp(now - TO_BEGIN):
            return True
        return self.engine.ledger.runs.waits_its_turn(run) and run.queued_at > stamp(now - LONGEST_RUN)

    def _missed(self, item: Item, due: datetime, runs: list[Run]) -> Missed | None:
        connection_key = (item["tenant"], item["connection_id"])
        connections, due_at = self.engine.ledger.connections, stamp(due)
        connection = connections.get(*connection_key)
        if connection is None or (connection.switched_at or connection.created_at) >= due_at:
            return None
        if flow_row(item["flow"]).runs_elsewhere(connection.settings):
            return None
        standing = connections.standing(*connection_key, item["flow"])
        if standing.get("missed_at", "") >= due_at or _is_told(item, standing, due):
            return None
        return Missed(*connection_key, item["flow"], due_at, self._why(connection, item["flow"], due, runs))

    def _why(self, connection: Connection, flow: str, due: datetime, runs: list[Run]) -> Reason:
        values = {"flow": flow, "due": stamp(due), "connection_id": connection.connection_id}
        # A preview, or a run for some people only, is never joined by a schedule.
        if whole := [run for run in runs if run.whole]:
            return reason("RUN_NEVER_BEGAN", **values, run_id=whole[-1].run_id)
        then = as_of(self.engine.ledger, connection, int(due.timestamp()))
        if then.status is ConnectionStatus.CONNECTED:
            return reason("SCHEDULE_DID_NOT_START", **values)
        return then.reason or not_connected(then)

    def tell(self, missed: Missed) -> None:
        """Tell the event bus and the alarms, and then note it, so that it is told once.

        Crash in between: the next watch tells it again, with the same id.
        """
        self.engine.events.publish([("ScheduleMissed", missed.as_event())])
        self.engine.measure({"SchedulesMissed": 1}, flow=missed.flow)
        self.engine.ledger.failed_runs.put(missed.as_failed_run(self.engine.stamp()))
        try:
            self.engine.ledger.connections.note_missed(
                missed.tenant, missed.connection_id, missed.flow, missed.due_at, missed.reason
            )
        except ConditionFailed:
            return


def _is_told(item: Item, standing: Item, due: datetime) -> bool:
    """Whether one that runs often was missed before and did not come since: a day is told once."""
    missed = standing.get("missed_at")
    if missed is None or item.get("every_minutes") is None or standing.get("synced_at", "") > missed:
        return False
    return bool(missed > stamp(due - LOOK_BACK))
