"""A company of any size in sandboxes of their own process, and runs of the employee export over it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from local.bench.memory_ledger import MemoryLedger, memory_ledger
from payrelay.domain.runs import Connection, ConnectionStatus, Mode, Run, Trigger
from payrelay.domain.sensitive import Secret
from payrelay.flows.employee_export import open_flow
from payrelay.flows.engine import apply, close, plan, review
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.start import Order, start_run
from payrelay.runtime.ids import run_id
from payrelay.systems.http import DoorOptions
from payrelay.systems.registry import SYSTEMS

FLOW = "employee_export"
TOKENS = {
    "simployer": {"access_token": Secret("simployer-sandbox-token")},
    "xledger": {"api_token": Secret("xledger-sandbox-token")},
}


class Silent:
    """An event bus that nobody listens to."""

    def publish(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Nothing."""


class Here:
    """Executions are driven by the benchmark itself."""

    def start(self, run: Run) -> None:
        """Nothing."""


class Keys:
    """One key for the hashes of write-only values."""

    def fingerprint_key(self, tenant: str, connection_id: str) -> bytes:  # noqa: ARG002
        """The same key for everybody."""
        return b"k" * 32


@dataclass
class Company:
    """One tenant with its connection, its ledger in memory, and the addresses of both sandboxes."""

    urls: Mapping[str, str]
    memory: MemoryLedger = field(default_factory=memory_ledger)
    credentials: Keys = field(default_factory=Keys)

    def __post_init__(self) -> None:
        settings = {name: {"base_url": url} for name, url in self.urls.items()}
        status = ConnectionStatus.CONNECTED
        self.connection = Connection(
            "bench", "con_BENCH", "Bench", "simployer_xledger", settings, status, "", ""
        )
        self.ledger.connections.create(self.connection)
        self.engine = Engine(self.ledger, Silent(), clock=lambda: datetime.now(UTC))
        self._clients: dict[str, Any] = {}

    @property
    def ledger(self) -> Any:
        """The state."""
        return self.memory.ledger

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:  # noqa: ARG002
        """A client of one system, kept as a warm function keeps it."""
        if system not in self._clients:
            base_url = settings[system]["base_url"]
            options = DoorOptions(allow_loopback=True)
            self._clients[system] = SYSTEMS[system].connect(base_url, TOKENS[system], options)
        return self._clients[system]

    def opening(self, run: Run) -> Any:
        """The flow over this company."""
        return open_flow(self, run.tenant, run.connection_id, run.settings)

    def run(self, say: Callable[[str], None] = lambda _: None) -> Run:
        """One sync, step by step as the state machine does it."""
        order = Order(FLOW, Mode.SYNC, Trigger.MANUAL, "bench")
        run, _ = start_run(self.engine, Here(), self.connection, order, run_id())
        base = {"run": {"tenant": run.tenant, "connection_id": run.connection_id, "run_id": run.run_id}}
        plan.open_run(self.engine, base)
        pages = plan.list_pages(self.engine, self.opening, base)["pages"]
        for number, page in enumerate(pages, start=1):
            plan.plan(self.engine, self.opening, {**base, "page": page})
            if number % 25 == 0:
                say(f"planned {number} of {len(pages)} pages")
        plan.plan(self.engine, self.opening, base)
        for batch in review.review_plan(self.engine, base).get("batches", []):
            apply.apply_page(self.engine, self.opening, {**base, "batch": batch})
            if batch["index"] % 25 == 24:
                say(f"applied {batch['index'] + 1} batches")
        close.close_run(self.engine, base)
        ended: Run = self.ledger.runs.get(run.tenant, run.run_id)
        return ended

    def calls(self) -> dict[str, int]:
        """The calls that the sandboxes have seen since they were last forgotten, by operation."""
        found: dict[str, int] = {}
        for system, url in self.urls.items():
            for request in requests.get(f"{url}/_sandbox/requests", timeout=120).json():
                name = f"{system} {request['operation']}"
                found[name] = found.get(name, 0) + 1
        return found

    def forget_calls(self) -> None:
        """Start counting anew."""
        for url in self.urls.values():
            requests.delete(f"{url}/_sandbox/requests", timeout=120)

    def change(self, numbers: Sequence[int], **values: Any) -> None:
        """Give employees (by their place in the list) new values, through Simployer's own API."""
        headers = {"Authorization": "Bearer simployer-sandbox-token"}
        with requests.Session() as session:
            session.headers.update(headers)
            for number in numbers:
                query = {"limit": "1", "offset": str(number), "sort[id]": "asc"}
                found = session.get(f"{self.urls['simployer']}/v1/employee", params=query, timeout=60)
                employee = found.json()["data"][0]
                answer = session.patch(
                    f"{self.urls['simployer']}/v1/employee/{employee['id']}", json=values, timeout=60
                )
                answer.raise_for_status()


@contextmanager
def company(employees: int) -> Iterator[Company]:
    """A company of that size, in step with nobody yet; its sandboxes end with the block."""
    command = [sys.executable, "-m", "local.sandbox", "--port", "0", "--no-rate-limits"]
    command += ["--generate", str(employees), "--parent-pid", str(os.getpid())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            ready = json.loads(process.stdout.readline())
            yield Company(ready["sandboxes"])
        finally:
            process.terminate()
            process.wait(timeout=30)
