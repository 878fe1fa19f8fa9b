"""The log lines of a run or of one of its records, found by one query (OPS-5)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from payrelay.runtime.container import Container

# What every line has of its own; the rest is shown as the line's fields.
OWN = ("timestamp", "level", "message", "function_name")
# Of no use to anybody who reads: where in the code, and what is the same for all lines.
LEFT_OUT = ("location", "service", "tenant", "connection_id", "run_id", "xray_trace_id")


# As many lines are looked through at most; a run that logged more is read with the log's own tools.
MOST_LINES = 10_000


class LogLines:
    """The log group of the stack."""

    def __init__(self, client: Any, group: str) -> None:
        self._client, self._group = client, group

    def of(self, tenant: str, run_id: str, record_id: str | None, *, since: int) -> list[dict[str, Any]]:
        """The lines of a run, or of one of its records, since then (milliseconds), oldest first."""
        wanted = {"tenant": tenant, "run_id": run_id, **({"record_id": record_id} if record_id else {})}
        pattern = " && ".join(f'$.{name} = "{_quoted(value)}"' for name, value in wanted.items())
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, filterPattern=f"{{ {pattern} }}", startTime=since
        )
        found: list[dict[str, Any]] = []
        for page in pages:
            for event in page["events"]:
                line = _line(event["message"], wanted)
                if line:
                    found.append(line)
            if len(found) >= MOST_LINES:
                break
        return sorted(found, key=lambda line: str(line["at"]))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _line(text: str, wanted: Mapping[str, str]) -> dict[str, Any] | None:
    """A line as it is shown; None for one that is not wanted: not every log understands a pattern."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or any(found.get(name) != value for name, value in wanted.items()):
        return None
    fields = {name: value for name, value in found.items() if name not in (*OWN, *LEFT_OUT)}
    return {
        "at": str(found.get("timestamp", "")),
        "level": str(found.get("level", "")),
        "function": str(found.get("function_name", found.get("location", ""))),
        "message": str(found.get("message", "")),
        "fields": {name: value for name, value in fields.items() if value is not None},
    }


@lru_cache(maxsize=1)
def log_lines(container: Container) -> LogLines:
    """A container's hand on what all functions of the stack log."""
    return LogLines(container.session.client("logs"), os.environ["LOG_GROUP"])
