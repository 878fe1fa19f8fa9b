"""One tenant in this process: its connection, its ledger in memory, and runs driven step by step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.bench.sandboxes import SIMPLOYER_TOKEN, XLEDGER_TOKEN, Sandboxes
from local.memory.ledger import MemoryLedger, memory_ledger
from payrelay.domain.runs import Connection, ConnectionStatus, Mode, Run, Trigger
from payrelay.domain.sensitive import Secret
from payrelay.flows.engine import apply, close, plan, review
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.start import Order, start_run
from payrelay.flows.engine.step import Payload
from payrelay.flows.opening import open_flow
from payrelay.ledger import Ledger
from payrelay.runtime.ids import run_id
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.http.tally import Tally
from payrelay.systems.registry import SYSTEMS

TENANT, CONNECTION = "bench", "con_BENCH"
FINGERPRINT_KEY = b"k" * 32
TOKENS = {"simployer": {"access_token": SIMPLOYER_TOKEN}, "xledger": {"api_token": XLEDGER_TOKEN}}

# What stands around each step of a run: it is given the step's name and what does it.
Around = Callable[[str, Callable[[], Payload]], Payload]


def plainly(name: str, act: Callable[[], Payload]) -> Payload:  # noqa: ARG001
    """Nothing stands around a step."""
    return act()


class Silent:
    """An event bus that nobody listens to, and executions that are driven here."""

    def publish(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Nothing."""

    def start(self, run: Run) -> None:
        """Nothing."""

    def ended(self, run: Run) -> str | None:  # noqa: ARG002
        """None of them has."""
        return None


class Keys:
    """The key of the hashes of write-only values."""

    def fingerprint_key(self, tenant: str, connection_id: str) -> bytes:  # noqa: ARG002
        """The same key for everybody."""
        return FINGERPRINT_KEY


class Company:
    """A tenant whose employees are in the sandboxes."""

    kind, flow, tokens = "simployer_xledger", "employee_export", TOKENS
    # Whether clients keep within the vendors' limits.
    paced = False
    # What its connection says beside the systems' addresses.
    settings: Mapping[str, Any] = {}

    def __init__(self, systems: Sandboxes) -> None:
        self.systems = systems
        self.memory: MemoryLedger = memory_ledger()
        self.tally = Tally()
        self.engine = Engine(self.ledger, Silent(), tally=self.tally)
        # What renews itself, by system: it is not with what was entered.
        self.renewed: dict[str, dict[str, str]] = {}
        settings = {name: {"base_url": systems.urls[name]} for name in self.tokens} | dict(self.settings)
        at = self.engine.stamp()
        self.connection = Connection(
            TENANT, CONNECTION, "Bench", self.kind, settings, ConnectionStatus.CONNECTED, at, at
        )
        self.ledger.connections.create(self.connection)

    @property
    def ledger(self) -> Ledger:
        """The state."""
        return self.memory.ledger

    def time_left(self) -> float:
        """No step here ends before it is done."""
        return math.inf

    @property
    def entered(self) -> dict[str, dict[str, str]]:
        """What somebody has entered of each system."""
        return {
            name: {field.name: values[field.name] for field in SYSTEMS[name].credentials}
            for name, values in self.tokens.items()
        }

    def credentials_of(self, kind: str) -> Keys:  # noqa: ARG002
        """The keys of hashes."""
        return Keys()

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:  # noqa: ARG002
        """A new client for each step, as a function makes it."""
        secrets = {name: Secret(value) for name, value in self.tokens[system].items()}
        return SYSTEMS[system].connect(
            settings[system]["base_url"],
            secrets,
            DoorOptions(allow_loopback=True, paced=self.paced, tally=self.tally),
        )

    def opening(self, _: Run | None) -> Any:
        """The flow over this company."""
        return open_flow(self, self.flow, self.connection)

    def begin(self, around: Around = plainly, **more: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Start a run and list its pages: its event, and the pages. `more` is of the order."""
        event = self.open(around, **more)

        def listed(tries: int = 0) -> Payload:
            """The pages; a vendor's wait is waited out, as the state machine does it."""
            answer = plan.list_pages(self.engine, self.opening, {**event, "tries": tries})
            if answer["status"] == "later":
                time.sleep(answer["wait_seconds"])
                return listed(answer["tries"])
            return answer

        return event, around("list", listed)["pages"]

    def open(self, around: Around = plainly, **more: Any) -> dict[str, Any]:
        """Start a run, in a second in which no other has written: such writes would be looked up again."""
        time.sleep(1 - time.time() % 1)
        order = Order(self.flow, more.pop("mode", Mode.SYNC), Trigger.MANUAL, "bench", **more)
        run, _ = start_run(self.engine, Silent(), self.connection, order, run_id())
        event = {"run": {"tenant": run.tenant, "connection_id": run.connection_id, "run_id": run.run_id}}
        around("open", lambda: plan.open_run(self.engine, event))
        return event

    def run(self, around: Around = plainly, **more: Any) -> Run:
        """One sync, step by step as the state machine does it."""
        return self.finish(*self.begin(around, **more), around)

    def finish(
        self, event: dict[str, Any], pages: Sequence[Mapping[str, Any]], around: Around = plainly
    ) -> Run:
        """The steps of a run after its pages are listed; the run as it ended."""
        engine, opening = self.engine, self.opening
        for page in pages:
            self.done(around("page", lambda at=page: plan.plan(engine, opening, {**event, "page": at})))  # type: ignore[misc]
        self.done(around("absent", lambda: plan.plan(engine, opening, event)))
        reviewed = around("review", lambda: review.review_plan(engine, event))
        for batch in reviewed["batches"]:
            done = around("batch", lambda at=batch: apply.apply_page(engine, opening, {**event, "batch": at}))  # type: ignore[misc]
            self.done(done)
        around("close", lambda: close.close_run(engine, event))
        ended = self.ledger.runs.get(TENANT, event["run"]["run_id"])
        assert ended
        return ended

    def abandon(self, event: Mapping[str, Any]) -> None:
        """Close a run that was begun, without its other steps."""
        close.close_run(self.engine, {**event, "problem": "abandoned by the benchmark"})

    @staticmethod
    def done(answer: Payload) -> None:
        """A step that is to end as done has."""
        if answer["status"] != "done":
            raise RuntimeError(f"a step ended as {answer}")
