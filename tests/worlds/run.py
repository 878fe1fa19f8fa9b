"""A whole run in one process: real flow, real HTTP to strict sandboxes, the ledger in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from local.memory.ledger import MemoryLedger
from payrelay.domain.records import Record
from payrelay.domain.runs import Connection, ConnectionStatus, Mode, Run, Trigger
from payrelay.domain.sensitive import Secret
from payrelay.flows.engine.engine import Engine, Limits
from payrelay.flows.engine.start import Order, start_run
from payrelay.flows.opening import open_flow
from payrelay.ledger import Ledger
from payrelay.runtime.ids import run_id
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.http.tally import Tally
from payrelay.systems.registry import SYSTEMS
from tests.worlds import people
from tests.worlds.people import Leave, Person, Row
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.steps import Steps
from tests.worlds.structs import replace

TENANT = "demo"
CONNECTION = "con_TEST"
TOKENS = {
    "simployer": {"access_token": Secret("simployer-sandbox-token")},
    "xledger": {"api_token": Secret("xledger-sandbox-token")},
}


class Clock:
    """Time that a test moves by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Heard:
    """The events that were published, and what was measured."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.measures: list[tuple[Mapping[str, float], Mapping[str, str]]] = []

    def publish(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        self.events += events

    def measure(self, values: Mapping[str, float], /, **by: str) -> None:
        self.measures.append((values, by))


class NoExecutions:
    """Runs are driven by the test itself."""

    def __init__(self) -> None:
        self.started: list[str] = []
        # How executions have ended, by the ids of their runs; all others go on.
        self.endings: dict[str, str] = {}

    def start(self, run: Run) -> None:
        self.started.append(run.run_id)

    def ended(self, run: Run) -> str | None:
        return self.endings.get(run.run_id)


class Keys:
    """One key for the hashes of write-only values."""

    def fingerprint_key(self, tenant: str, connection_id: str) -> bytes:
        return b"k" * 32


@dataclass
class World(Sandboxed, Steps):
    """One tenant with one connection, both sandboxes, and the steps of a run."""

    urls: dict[str, str]
    ledger: Ledger
    memory: MemoryLedger
    clock: Clock = field(default_factory=Clock)
    heard: Heard = field(default_factory=Heard)
    executions: NoExecutions = field(default_factory=NoExecutions)
    limits: Limits = field(default_factory=Limits)
    connection_id: str = CONNECTION
    # When the function at work ends, in seconds since 1970.
    ends_at: float = inf
    # The sandboxes' limits of calls are off, and nobody has to keep to them.
    door: DoorOptions = field(
        default_factory=lambda: DoorOptions(
            allow_loopback=True, paced=False, sleep=lambda _: None, tally=Tally()
        )
    )

    def credentials_of(self, kind: str) -> Keys:
        return Keys()

    @property
    def engine(self) -> Engine:
        return Engine(
            self.ledger,
            self.heard,
            self.limits,
            self.clock,
            measure=self.heard.measure,
            time_left=self.time_left,
            tally=self.door.tally or Tally(),
        )

    def time_left(self) -> float:
        return self.ends_at - self.clock.now.timestamp()

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        return SYSTEMS[system].connect(settings[system]["base_url"], TOKENS[system], self.door)

    def connect(self, **settings: Any) -> Connection:
        at = self.engine.stamp()
        connection = Connection(
            TENANT,
            self.connection_id,
            "Nordlys",
            "simployer_xledger",
            {
                "simployer": {"base_url": self.urls["simployer"]},
                "xledger": {"base_url": self.urls["xledger"]},
                **settings,
            },
            ConnectionStatus.CONNECTED,
            at,
            at,
        )
        self.ledger.connections.create(connection)
        return connection

    @property
    def connection(self) -> Connection:
        found = self.ledger.connections.get(TENANT, self.connection_id)
        assert found
        return found

    def settings(self, **changed: Any) -> None:
        connection = self.connection
        self.ledger.connections.save(replace(connection, settings={**connection.settings, **changed}))

    def start(self, flow: str = "employee_export", mode: str = "sync", **more: Any) -> Run:
        self.clock.pass_by(1)
        order = Order(flow, Mode(mode), more.pop("trigger", Trigger.MANUAL), "tester", **more)
        run, _ = start_run(self.engine, self.executions, self.connection, order, run_id())
        return run

    def run(self, flow: str = "employee_export", mode: str = "sync", **more: Any) -> Run:
        """One run from start to end, as the state machine does it."""
        return self.drive(self.start(flow, mode, **more))

    def opening(self, run: Run) -> Any:
        connection = replace(self.connection, settings=run.settings)
        return open_flow(self, run.flow, connection)

    def wait(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    def stored(self, run: Run) -> list[Record]:
        """All stored records of a run: those that planning settled, then those that were for writing."""
        return [
            record
            for kind in ("PAGE", "BATCH")
            for _, records in self.ledger.parts.records(run, kind)
            for record in records
        ]

    def records(self, run: Run) -> dict[str, Any]:
        """All stored records of a run, by record id."""
        return {record.record_id: record for record in self.stored(run)}

    def reasons(self, run: Run) -> dict[str, str]:
        """The reason codes of all stored records that have one, by record key."""
        return {record.key: record.reason.code for record in self.stored(run) if record.reason}

    def outcomes(self, run: Run) -> dict[str, str]:
        """The outcomes of all stored records, by record key; unchanged ones are only counted."""
        return {record.key: record.outcome.value for record in self.stored(run)}

    # The sandboxes' admin interface.

    def staff(self, *persons: Person, leaves: Iterable[Leave] = ()) -> None:
        """These people, and nobody else, in Simployer; what Xledger has stays."""
        self.put("simployer", people.simployer(persons, leaves))

    def fresh(self, *persons: Person, leaves: Iterable[Leave] = (), there: Iterable[Row] = ()) -> None:
        """These people in Simployer; in Xledger only the look-ups, and the employees `there`."""
        self.staff(*persons, leaves=leaves)
        self.put("xledger", people.xledger(*there))

    def employee(self, number: str) -> Row:
        """The employee with this number in Xledger."""
        return self._one("employees", code=number)

    def contact(self, number: str) -> Row:
        """The contact of the employee with this number in Xledger."""
        return self._one("contacts", dbId=self.employee(number)["contactDbId"])

    def absences(self, number: str) -> list[Row]:
        """The absences of the employee with this number in Xledger, by their first day."""
        db_id = self.employee(number)["dbId"]
        rows: list[Row] = self.state("xledger")["absences"]
        found = [row for row in rows if row["employee"]["dbId"] == db_id]
        return sorted(found, key=lambda row: str(row["fromDate"]))

    def _one(self, resource: str, **match: Any) -> Row:
        rows = [r for r in self.state("xledger")[resource] if all(r.get(k) == v for k, v in match.items())]
        assert len(rows) == 1, f"{len(rows)} {resource} with {match}"
        found: Row = rows[0]
        return found

    def forget_requests(self) -> None:
        """Forget the calls to the connection's systems."""
        values = [one for one in self.connection.settings.values() if isinstance(one, Mapping)]
        used = {one.get("base_url") for one in values}
        self.forget(*(name for name, url in self.urls.items() if url in used))

    def writes(self) -> list[dict[str, Any]]:
        """The mutations that Xledger saw since the last `forget_requests`."""
        return [r for r in self.requests("xledger") if is_write(r)]


def is_write(request: Mapping[str, Any]) -> bool:
    """Whether a logged request is a mutation."""
    return str(request.get("operation", "")).startswith(("add", "update", "remove"))
