"""The admin interface of the sandboxes, for whoever drives them in a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

# One session for all calls: to open one for each takes longer than the call.
ADMIN = requests.Session()
ADMIN.trust_env = False


class Sandboxed:
    """Somebody who knows where the sandboxes are."""

    urls: Mapping[str, str]

    def state(self, system: str) -> dict[str, Any]:
        found: dict[str, Any] = ADMIN.get(f"{self.urls[system]}/_sandbox/state", timeout=30).json()
        return found

    def put(self, system: str, state: Mapping[str, Any]) -> None:
        answer = ADMIN.put(f"{self.urls[system]}/_sandbox/state", json=state, timeout=30)
        assert answer.ok, answer.text

    def edit(self, system: str, resource: str, match: Mapping[str, Any], **values: Any) -> None:
        """Change the rows of a resource that match."""
        state = self.state(system)
        rows = [r for r in state[resource] if all(r.get(k) == v for k, v in match.items())]
        assert rows, f"no {resource} with {match}"
        for row in rows:
            row.update(values)
        self.put(system, state)

    def faults(self, system: str, **faults: Any) -> None:
        answer = ADMIN.put(f"{self.urls[system]}/_sandbox/faults", json=faults, timeout=30)
        assert answer.ok, answer.text

    def calm(self, system: str) -> None:
        ADMIN.delete(f"{self.urls[system]}/_sandbox/faults", timeout=30)

    def requests(self, system: str) -> list[dict[str, Any]]:
        """The calls to a system since they were last forgotten."""
        found: list[dict[str, Any]] = ADMIN.get(f"{self.urls[system]}/_sandbox/requests", timeout=30).json()
        return found

    def forget(self, *systems: str) -> None:
        """Forget the calls to these systems."""
        for system in systems:
            ADMIN.delete(f"{self.urls[system]}/_sandbox/requests", timeout=30)
