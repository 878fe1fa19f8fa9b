"""The sandboxes in a process of their own, with a company of any size in Simployer and nobody in Xledger."""

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

    def forget(self) -> None:
        """Start counting anew."""
        for url in self.urls.values():
            requests.delete(f"{url}/_sandbox/requests", timeout=TIMEOUT)


@contextmanager
def sandboxes(employees: int) -> Iterator[Sandboxes]:
    """The sandboxes with so many employees; they end with the block."""
    command = [sys.executable, "-m", "local.sandbox", "--port", "0", "--no-rate-limits"]
    with subprocess.Popen(
        [*command, "--generate", str(employees)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            ready = json.loads(process.stdout.readline())
            yield Sandboxes(ready["sandboxes"])
        finally:
            process.terminate()
            process.wait(timeout=30)
