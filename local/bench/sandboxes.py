"""The sandboxes in a process of their own, with what a benchmark needs in them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from local.seed.simployer_rows import row_id

TIMEOUT = 120
SIMPLOYER_TOKEN, XLEDGER_TOKEN = "simployer-sandbox-token", "xledger-sandbox-token"


@dataclass(frozen=True, slots=True)
class Sandboxes:
    """Both systems by their addresses."""

    urls: Mapping[str, str]

    def change(self, serials: Iterable[int], **values: Any) -> None:
        """Give employees new values through Simployer's own API; `{}` in a text stands for the serial."""
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {SIMPLOYER_TOKEN}"
            for serial in serials:
                body = {
                    name: value.format(serial) if isinstance(value, str) else value
                    for name, value in values.items()
                }
                url = f"{self.urls['simployer']}/v1/employee/{row_id('employee', serial)}"
                session.patch(url, json=body, timeout=TIMEOUT).raise_for_status()

    def seen(self) -> tuple[Counter[str], Counter[str]]:
        """The calls since they were last forgotten, and the nodes of those that write, by operation."""
        calls: Counter[str] = Counter()
        nodes: Counter[str] = Counter()
        for url in self.urls.values():
            for request in requests.get(f"{url}/_sandbox/requests", timeout=TIMEOUT).json():
                calls[request["operation"]] += 1
                if request["nodes"]:
                    nodes[request["operation"]] += request["nodes"]
        return calls, nodes

    def log(self, system: str) -> list[dict[str, Any]]:
        """The calls to one system since they were last forgotten, as it logged them."""
        found: list[dict[str, Any]] = requests.get(
            f"{self.urls[system]}/_sandbox/requests", timeout=TIMEOUT
        ).json()
        return found

    def put(self, system: str, state: Mapping[str, Any]) -> None:
        """Replace all data of one system."""
        url = f"{self.urls[system]}/_sandbox/state"
        requests.put(url, json=state, timeout=TIMEOUT).raise_for_status()

    def slow_down(self, milliseconds: int) -> None:
        """Let every call of every system wait so long before it is answered."""
        for url in self.urls.values():
            faults = {"latency_ms": milliseconds}
            requests.put(f"{url}/_sandbox/faults", json=faults, timeout=TIMEOUT).raise_for_status()

    def later(self, hours: float) -> None:
        """Every system's clock is so many hours ahead of ours."""
        for url in self.urls.values():
            clock = {"offset_seconds": hours * 3600}
            requests.post(f"{url}/_sandbox/clock", json=clock, timeout=TIMEOUT).raise_for_status()

    def forget(self) -> None:
        """Start counting anew."""
        for url in self.urls.values():
            requests.delete(f"{url}/_sandbox/requests", timeout=TIMEOUT)


@contextmanager
def sandboxes(employees: int = 0, *, rate_limits: bool = False, alike: bool = False) -> Iterator[Sandboxes]:
    """The sandboxes, with so many employees in Simployer and nobody in Xledger; they end with the block.

    Where both are `alike`, Xledger has all of them, too.
    """
    command = [sys.executable, "-m", "local.sandbox", "--port", "0"]
    command += [] if rate_limits else ["--no-rate-limits"]
    command += ["--generate", str(employees)] if employees else []
    command += ["--alike"] if alike else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            ready = json.loads(process.stdout.readline())
            yield Sandboxes(ready["sandboxes"])
        finally:
            process.terminate()
            process.wait(timeout=30)
