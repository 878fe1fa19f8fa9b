"""The log lines of a run or of one of its records, found by one query (OPS-5)."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

import boto3

# What every line has of its own; the rest is shown as the line's fields.
OWN = ("timestamp", "level", "message", "function_name")
# Of no use to anybody who reads: where in the code, and what is the same for all lines.
LEFT_OUT = ("location", "service", "tenant", "connection_id", "run_id", "xray_trace_id")


class LogLines:
    """The log group of the stack."""

    def __init__(self, client: Any, group: str) -> None:
        self._client, self._group = client, group

    def of(
        self, tenant: str, run_id: str, record_id: str | None, *, since: int, limit: int, token: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Lines of a run since then (milliseconds), oldest first, and where to go on.

        A page may be empty before the end.
        """
        pattern = f'$.tenant = "{tenant}" && $.run_id = "{run_id}"'
        if record_id:
            pattern += f' && $.record_id = "{_quoted(record_id)}"'
        more = {"nextToken": token} if token else {}
        answer = self._client.filter_log_events(
            logGroupName=self._group,
            filterPattern=f"{{ {pattern} }}",
            startTime=since,
            limit=limit,
            **more,
        )
        lines = [line for event in answer["events"] if (line := _line(event["message"]))]
        return lines, answer.get("nextToken")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _line(text: str) -> dict[str, Any] | None:
    """A line as it is shown; None for one that is not ours."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or "message" not in found:
        return None
    fields = {name: value for name, value in found.items() if name not in (*OWN, *LEFT_OUT)}
    return {
        "at": str(found.get("timestamp", "")),
        "level": str(found.get("level", "")),
        "function": str(found.get("function_name", found.get("location", ""))),
        "message": str(found["message"]),
        "fields": {name: value for name, value in fields.items() if value is not None},
    }


@lru_cache(maxsize=1)
def log_lines() -> LogLines:
    """This container's hand on the logs."""
    return LogLines(boto3.client("logs"), os.environ["LOG_GROUP"])
