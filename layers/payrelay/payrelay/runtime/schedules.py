"""EventBridge Scheduler: one schedule per connection and flow, started somewhere in a window (TRG-1, EX-1).

One that runs every so many minutes may need up to three, since its first and its last hour may be shorter.

The scheduler leaves out a run whose local time does not exist because clocks go forward. A flow whose time
can be missing has a second schedule at the time that comes instead, every day: what it calls starts a run
only on the day of the change.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.schedules import (
    DAYS,
    MOST_EXPRESSIONS,
    Schedule,
    cron_expression,
    cron_expressions,
    next_shifted,
)
from payrelay.flows.catalog import flow_row

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

    from payrelay.runtime.container import Container

Event = dict[str, Any]

# Delivery to the function is tried for an hour: later than that, 06:00 is not 06:00 any more.
RETRIES = {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}


class SchedulerSettings(Struct, frozen=True):
    """Names of the stack's resources that schedules need."""

    group: str
    target_arn: str
    role_arn: str
    dead_letter_arn: str
    jitter_minutes: int

    @classmethod
    def from_environment(cls) -> SchedulerSettings:
        """KeyError names a variable that the template forgot."""
        return cls(
            group=os.environ["SCHEDULE_GROUP"],
            target_arn=os.environ["SCHEDULE_TARGET_ARN"],
            role_arn=os.environ["SCHEDULE_ROLE_ARN"],
            dead_letter_arn=os.environ["SCHEDULE_DLQ_ARN"],
            jitter_minutes=int(os.environ.get("SCHEDULE_JITTER_MINUTES", "10")),
        )


class Schedules:
    """The schedules of all connections, in one group."""

    def __init__(self, client: EventBridgeSchedulerClient, settings: SchedulerSettings) -> None:
        self._client = client
        self._settings = settings

    def put(self, tenant: str, connection_id: str, flow: str, schedule: Schedule, now: datetime) -> None:
        """Create or replace a flow's schedule; the same call again changes nothing."""
        event: Event = {"tenant": tenant, "connection_id": connection_id, "flow": flow}
        expressions = cron_expressions(schedule)
        for name, expression in zip_longest(_names(connection_id, flow), expressions):
            if expression is None:
                self._delete(name)
            else:
                self._upsert(name, schedule, expression, event)
        instead = next_shifted(schedule, now)
        if instead is None:
            self._delete(_shifted_name(connection_id, flow))
        else:
            expression = cron_expression(DAYS, f"{instead:%H:%M}")
            self._upsert(_shifted_name(connection_id, flow), schedule, expression, {**event, "shifted": True})

    def holds(self, connection_id: str, flow: str, schedule: Schedule) -> bool:
        """Whether the scheduler has an enabled schedule as it was set, so that something will start it."""
        expressions = cron_expressions(schedule)
        return all(
            self._has(name, schedule, expression)
            for name, expression in zip(_names(connection_id, flow), expressions, strict=False)
        )

    def _has(self, name: str, schedule: Schedule, expression: str) -> bool:
        try:
            found = self._client.get_schedule(Name=name, GroupName=self._settings.group)
        except self._client.exceptions.ResourceNotFoundException:
            return False
        there = (found["State"], found["ScheduleExpression"], found.get("ScheduleExpressionTimezone"))
        return there == ("ENABLED", expression, schedule.time_zone)

    def delete(self, connection_id: str, flow: str) -> None:
        """Forget a flow's schedule; no error when there is none."""
        self._delete(_shifted_name(connection_id, flow))
        for name in reversed(_names(connection_id, flow)):
            self._delete(name)

    def _upsert(self, name: str, schedule: Schedule, expression: str, event: Event) -> None:
        wanted = self._wanted(name, schedule, expression, event)
        try:
            self._client.update_schedule(**wanted)
            return
        except self._client.exceptions.ResourceNotFoundException:
            pass  # There is none yet: it is made.
        try:
            self._client.create_schedule(**wanted)
        except self._client.exceptions.ConflictException:  # Somebody made it just now: the newest one counts.
            self._client.update_schedule(**wanted)

    def _wanted(self, name: str, schedule: Schedule, expression: str, event: Event) -> dict[str, Any]:
        settings = self._settings
        window: dict[str, Any] = {"Mode": "OFF"}
        jitter = settings.jitter_minutes
        if schedule.every_minutes is not None:
            jitter = min(jitter, schedule.every_minutes // 2)
        if jitter:
            window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": jitter}
        return {
            "Name": name,
            "GroupName": settings.group,
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": schedule.time_zone,
            "FlexibleTimeWindow": window,
            "State": "ENABLED" if schedule.enabled else "DISABLED",
            "Target": {
                "Arn": settings.target_arn,
                "RoleArn": settings.role_arn,
                "Input": json.dumps(event),
                "DeadLetterConfig": {"Arn": settings.dead_letter_arn},
                "RetryPolicy": RETRIES,
            },
        }

    def _delete(self, name: str) -> None:
        try:
            self._client.delete_schedule(Name=name, GroupName=self._settings.group)
        except self._client.exceptions.ResourceNotFoundException:
            return


def _names(connection_id: str, flow: str) -> tuple[str, ...]:
    """Those of a flow's schedules: the first has always been there, the others few flows have."""
    name, most = f"{connection_id}-{flow}", MOST_EXPRESSIONS if flow_row(flow).often else 1
    return (name, *(f"{name}-{number}" for number in range(2, most + 1)))


def _shifted_name(connection_id: str, flow: str) -> str:
    return f"{connection_id}-{flow}-shifted"


@lru_cache(maxsize=1)
def schedules(container: Container) -> Schedules:
    """A container's hand on the scheduler."""
    return Schedules(container.session.client("scheduler"), SchedulerSettings.from_environment())
