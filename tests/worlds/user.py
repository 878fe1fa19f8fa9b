"""A user of the running stack, and trouble in its sandboxes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from local.stack.stack import Stack

FLOW = "employee_export"
PATIENCE = 120


class User:
    """One user of the running stack."""

    def __init__(self, stack: Stack, token: str = "admin") -> None:
        self.url = stack.api_url
        self.headers = {"Authorization": f"Bearer {stack.facts['tokens'].get(token, token)}"}

    def __call__(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(method, f"{self.url}{path}", json=body, headers=self.headers, timeout=60)

    def start(self, connection: str, mode: str = "sync", flow: str = FLOW) -> dict[str, Any]:
        answer = self("POST", f"/connections/{connection}/runs", {"flow": flow, "mode": mode})
        assert answer.status_code in (200, 202), answer.text
        run: dict[str, Any] = answer.json()
        return run

    def follow(self, run: dict[str, Any]) -> dict[str, Any]:
        return self.watch(run, lambda seen: bool(seen["finished_at"]))

    def watch(self, run: dict[str, Any], enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            run = self("GET", f"/runs/{run['run_id']}").json()
            if enough(run) or run["finished_at"]:
                return run
            time.sleep(0.2)
        raise AssertionError(f"still {run['status']}: {run}")


def faults(stack: Stack, system: str, **wanted: Any) -> None:
    answer = requests.put(f"{stack.facts['sandboxes'][system]}/_sandbox/faults", json=wanted, timeout=10)
    assert answer.ok, answer.text


def calm(stack: Stack, system: str) -> None:
    requests.delete(f"{stack.facts['sandboxes'][system]}/_sandbox/faults", timeout=10)
