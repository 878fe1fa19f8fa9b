"""What every step of a run works with, and how a step ends: done, later, or halted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, Protocol

from msgspec import Struct, field

from payrelay.domain.reasons import MARKING, reason
from payrelay.domain.records import Outcome, Reason, Record, Request
from payrelay.domain.runs import Halt, Run, Status, Waits
from payrelay.errors import CredentialsRefused, NeedsAttention, RetryLater, VendorError
from payrelay.flows.engine.answers import Halted, Later
from payrelay.flows.engine.bulk import request_of
from payrelay.ledger import Ledger
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.table import ConditionFailed
from payrelay.systems.http.tally import Tally
from payrelay.systems.registry import label, refused

# How long to wait for a vendor that does not say when it is back; after the last one the run fails.
UNNAMED_WAITS = (2, 5, 15)
NAMED_TRIES = 12
REFUSED_STATUS = 400


class Events(Protocol):
    """Where `RunFinished`, `RecordBlocked` and `ScheduleMissed` go (EVT-1)."""

    def publish(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Publish (detail type, detail) pairs."""


class Executions(Protocol):
    """The state machines."""

    def start(self, run: Run) -> None:
        """Start the execution named after the run; nothing happens when it was started before."""

    def ended(self, run: Run) -> str | None:
        """How the run's execution has ended, such as `ABORTED`; None while it goes on, GONE for none."""


# What `Executions.ended` says of a run that has no execution.
GONE = "GONE"


class Measure(Protocol):
    """Where the numbers go that alarms and the dashboard watch (OPS-4)."""

    def __call__(self, values: Mapping[str, float], /, **by: str) -> None:
        """Add `values`, by name, to what is measured in all, and `by` flow or by system."""


def unmeasured(values: Mapping[str, float], /, **by: str) -> None:
    """Where nobody watches."""


class Limits(Struct, frozen=True):
    """The numbers that a deployment may set."""

    lease_seconds: int = 1800
    claim_seconds: int = 900
    longest_wait_seconds: int = 3600
    plan_fresh_seconds: int = 900
    batch_size: int = 600
    retention_days: int = 400
    reads_of_a_moving_source: int = 3
    auto_seconds: int = 1200
    auto_pause_seconds: int = 30


def utc_now() -> datetime:
    """The clock of a deployment."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A time as RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp_at(seconds: float) -> str:
    """The same of a time in seconds since 1970."""
    return stamp(datetime.fromtimestamp(seconds, UTC))


def _answer(error: VendorError) -> str:
    """What the system answered, in a word: its HTTP status, or its own code where that says nothing."""
    status = error.call.status if error.call else None
    if error.call and status is None:
        return "no answer"
    return str(status) if status and status >= REFUSED_STATUS else error.code


class Engine(Struct, frozen=True):
    """The ledger, the clock, the limits, the event bus and the measures that the steps of a run share."""

    ledger: Ledger
    events: Events
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] = utc_now
    # How many calls to outside systems this process has made.
    meter: Callable[[], int] = lambda: 0
    # What calls have come to, by system, since a step of a run put it down last.
    tally: Tally = field(default_factory=Tally)
    # Where it is written down what became of each record, so that its lines can be found (OPS-5).
    journal: Callable[[Sequence[Record]], None] = lambda _: None
    measure: Measure = unmeasured
    # How many seconds the function at work has left.
    time_left: Callable[[], float] = lambda: inf

    @property
    def now(self) -> int:
        """Seconds since the epoch."""
        return int(self.clock().timestamp())

    def stamp(self) -> str:
        """Now, as RFC 3339."""
        return stamp(self.clock())

    def ttl(self, run: Run) -> int:
        """When the details of `run` may be forgotten (epoch seconds)."""
        days = int(run.settings.get("retention_days", self.limits.retention_days))
        return int((self.clock() + timedelta(days=days)).timestamp())

    def holding(self, event: Mapping[str, Any]) -> Run:
        """The run that `event` names, if it may still act; `LeaseLost` otherwise."""
        return self.ledger.runs.holding(
            event["run"]["tenant"],
            event["run"]["run_id"],
            now=self.now,
            lease_seconds=self.limits.lease_seconds,
        )

    def put_down_calls(self, run: Run) -> None:
        """Keep what calls have come to: with the run, if nothing else that was written has done so, and with
        the connection's day.

        Crash before: the day misses the calls of one step.
        """
        asked = self.tally.take()
        if asked:
            self.ledger.runs.add_asked(run, asked)
        spent = self.tally.take_day()
        if spent:
            with suppress(TableBusy):  # The step is done, and is not to be done again for this.
                self.ledger.calls.add(run.tenant, run.connection_id, spent, self.clock())

    def halt(
        self, run: Run, why: Reason, status: Status = Status.FAILED, request: Request | None = None
    ) -> Halted:
        """Stop the whole run for a reason, and say so to the state machine.

        What it says of the connection itself becomes the connection's status too (CON-2).
        """
        if why.code in MARKING:
            # Disconnected meanwhile, it has no use for another status.
            with suppress(ConditionFailed):
                self.ledger.connections.attention(run.tenant, run.connection_id, why, self.stamp())
        self.ledger.runs.halt(run, Halt(status, why, request))
        return Halted()

    def trouble(self, run: Run, error: VendorError | NeedsAttention, tries: int) -> Halted | Later:
        """How a step goes on after a vendor's error: `later` with the seconds to wait, or `halted`.

        What the vendor named is honoured to the second, up to a cap; a vendor that is just down is given
        a few growing waits.
        """
        if isinstance(error, NeedsAttention):
            return self.halt(run, Reason(error.code, error.message, error.remedy))
        request = request_of(error)
        if isinstance(error, CredentialsRefused):
            why = refused(error)
            self.measure({"CredentialsRefused": 1}, system=error.system)
            return self.halt(run, why, request=request)
        if not isinstance(error, RetryLater):
            why = reason("SYSTEM_REFUSED", system=label(error.system), problem=error.message)
            return self.halt(run, why, request=request)
        if error.seconds > self.limits.longest_wait_seconds:
            values = {"system": label(error.system), "seconds": error.seconds, "problem": error.message}
            return self.halt(run, reason("COME_BACK_LATER", **values), request=request)
        if tries >= (NAMED_TRIES if error.named else len(UNNAMED_WAITS)):
            why = reason("SYSTEM_UNREACHABLE", system=label(error.system), problem=error.message)
            return self.halt(run, why, request=request)
        seconds = max(error.seconds, 1) if error.named else max(error.seconds, UNNAMED_WAITS[tries])
        until = self.now + seconds
        self.ledger.runs.extend(run, until=until + self.limits.lease_seconds)
        waits = Waits(label(error.system), stamp_at(until), _answer(error), tries + 1)
        self.tally.wait(error.system, seconds)
        self.ledger.runs.change(run, asked=self.tally.take(), waits=waits)
        return Later(seconds, tries + 1)

    def tell_blocked(self, run: Run, records: Sequence[Record]) -> None:
        """Publish `RecordBlocked` for blocked records; the same id again when a part is repeated."""
        self.events.publish(
            [
                (
                    "RecordBlocked",
                    {
                        "id": f"{run.run_id}/{record.record_id}",
                        "tenant": run.tenant,
                        "connection_id": run.connection_id,
                        "run_id": run.run_id,
                        "flow": run.flow,
                        "record_id": record.record_id,
                        "reason_code": record.reason.code if record.reason else None,
                    },
                )
                for record in records
                if record.outcome is Outcome.BLOCKED and run.mode.value != "preview"
            ]
        )
