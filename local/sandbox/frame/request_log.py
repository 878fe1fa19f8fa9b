"""The log of requests that a tester reads back."""

import threading
from collections import deque
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from .calls import Call
from .room import Description

KEPT = 200_000


class Entry:
    """One request, under way until `finish` is called."""

    __slots__ = ("_started", "facts")

    def __init__(self, call: Call, description: Description) -> None:
        self._started = monotonic()
        arrived = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.facts: dict[str, Any] = {
            "method": call.method,
            "path": call.target,
            "status": None,
            "time": arrived,
            "duration_ms": None,
            "writes": description.writes,
            "operation": description.operation,
            "nodes": description.nodes,
            "fault": None,
        }

    def suffer(self, fault: int | str) -> None:
        """Note the fault that was set for this request."""
        self.facts["fault"] = fault

    def finish(self, status: int | None) -> None:
        """Note the answer; None when the connection was dropped."""
        self.facts["status"] = status
        self.facts["duration_ms"] = round((monotonic() - self._started) * 1000, 1)


class RequestLog:
    """Every request since the last clear, oldest first; the newest 200,000 are kept."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def arrive(self, call: Call, description: Description) -> Entry:
        """Enter a request before it is answered."""
        entry = Entry(call, description)
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """All entries, as the admin interface shows them."""
        with self._lock:
            return [dict(entry.facts) for entry in self._entries]

    def clear(self) -> None:
        """Forget all entries."""
        with self._lock:
            self._entries.clear()
