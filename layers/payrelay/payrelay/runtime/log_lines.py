"""The log lines of a run or of one of its records, found by one query (OPS-5)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from payrelay.runtime.container import Container

# What every line has of its own; the rest is shown as the line's fields.
OWN = ("timestamp", "level", "message", "function_name")
# Of no use to anybody who reads: where in the code, and what is the same for all lines.
LEFT_OUT = ("location", "service", "tenant", "connection_id", "run_id", "xray_trace_id")

# How the routes begin by which somebody only looks.
LOOKING = "GET "
# As many lines are looked through at most; a run that logged more is read with the log's own tools.
MOST_LINES = 10_000


class About(Struct, frozen=True):
    """Which lines of a run are asked for: all, or those of a record and of its `part`, a page or a batch.

    What somebody has looked up through the API is left out, unless `looking` is wanted, too.
    """

    record_id: str | None = None
    part: tuple[str, int] | None = None
    looking: bool = False

    @property
    def pattern(self) -> list[str]:
        """The conditions of a pattern: a record's own lines, or those of its part."""
        if self.record_id is None:
            return []
        own = _is("record_id", self.record_id)
        return [f"({own} || {_is(*self.part)})"] if self.part else [own]

    def has(self, line: Mapping[str, Any]) -> bool:
        """Whether a line is asked for."""
        if str(line.get("route", "")).startswith(LOOKING) and not self.looking:
            return False
        if self.record_id is None or line.get("record_id") == self.record_id:
            return True
        return bool(self.part and "record_id" not in line and line.get(self.part[0]) == self.part[1])


class LogLines:
    """The log group of the stack."""

    def __init__(self, client: Any, group: str) -> None:
        self._client, self._group = client, group

    def of(self, tenant: str, run_id: str, about: About, *, since: int) -> list[dict[str, Any]]:
        """The lines of a run, or of what it is about in it, since then (milliseconds), oldest first."""
        wanted = {"tenant": tenant, "run_id": run_id}
        pattern = " && ".join([*(_is(name, value) for name, value in wanted.items()), *about.pattern])
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, filterPattern=f"{{ {pattern} }}", startTime=since
        )
        found: list[dict[str, Any]] = []
        for page in pages:
            for event in page["events"]:
                line = _line(event["message"], wanted, about)
                if line:
                    found.append(line)
            if len(found) >= MOST_LINES:
                break
        return sorted(found, key=lambda line: str(line["at"]))


def _is(name: str, value: str | int) -> str:
    """A condition of a pattern."""
    if isinstance(value, int):
        return f"$.{name} = {value}"
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'$.{name} = "{quoted}"'


def _line(text: str, wanted: Mapping[str, str], about: About) -> dict[str, Any] | None:
    """A line as it is shown; None for one that is not wanted: not every log understands a pattern."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or any(found.get(name) != value for name, value in wanted.items()):
        return None
    if not about.has(found):
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
