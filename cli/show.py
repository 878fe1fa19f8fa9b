"""How things look: tables, times, a run, a record, a request, the estimate of a replay in words."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from .api import Json

MOST_CHANGES = 40
LABEL = 12


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns, each as wide as its widest cell."""
    lines = [[name.upper() for name in head], *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return ["  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]


def indented(lines: Iterable[str], by: int = 2) -> list[str]:
    """The same lines, further in."""
    return [f"{' ' * by}{line}" for line in lines]


def facts(*pairs: tuple[str, object]) -> list[str]:
    """A name and a value a line; what has no value has no line."""
    return [f"{name:<{LABEL}}{value}" for name, value in pairs if value is not None]


def moment(text: str | None) -> str:
    """A time of the API, to the second and still in UTC."""
    return "-" if text is None else f"{text[:10]} {text[11:19]}Z"


def counted(counts: Json) -> str:
    """The counts that are not zero."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing looked at"


def request_of(found: Json) -> str | None:
    """The request that went wrong, without what was in it."""
    request = found.get("request")
    if request is None:
        return None
    answer = "not answered" if request["status"] is None else f"answered {request['status']}"
    code = f" ({request['code']})" if request["code"] else ""
    return f"{request['system']} {request['method']} {request['path']} {answer}{code}"


def why(found: Json, reason: Json | None) -> list[str]:
    """The reason of a run or a record: what, which request, and what to do."""
    if reason is None:
        return facts(("request", request_of(found)))
    return facts(("why", reason["message"]), ("request", request_of(found)), ("remedy", reason["remedy"]))


def run_lines(run: Json) -> list[str]:
    """All about one run."""
    error, held, estimate = run["error"], run["held"], run.get("estimate")
    asked = f"{run['mode']}, {run['trigger']}, by {run['requested_by']}"
    lines = facts(
        ("status", run["status"].upper()),
        ("flow", f"{run['flow']} ({asked})"),
        ("connection", run["connection_id"]),
        ("replays", run["replay_of"]),
        ("plan of", run["plan_of"]),
        ("queued", moment(run["queued_at"])),
        ("started", moment(run["started_at"])),
        ("finished", moment(run["finished_at"])),
        ("progress", f"{run['progress']['done']} / {run['progress']['total']}"),
        ("counts", counted(run["counts"])),
        ("estimate", estimate and estimated(estimate)),
        ("error", error and error["code"]),
    )
    lines += why(run, error)
    if held is not None:
        lines += facts(("held", held["message"]), ("remedy", held["remedy"]))
    return [run["run_id"], *indented(lines)]


def ended(run: Json) -> list[str]:
    """How a run came out, in short."""
    lines = [f"{run['run_id']}  {run['mode']}  {run['status'].upper()}: {counted(run['counts'])}"]
    error, held = run["error"], run["held"]
    if error is not None:
        lines += indented([f"{'error':<{LABEL}}{error['code']}", *why(run, error)])
    if held is not None:
        lines += indented(facts(("held", held["message"]), ("remedy", held["remedy"])))
    return lines


def record_head(record: Json) -> str:
    """One line for a record: which one, how it came out, and the code of its reason."""
    code = f"  {record['reason']['code']}" if record["reason"] else ""
    return f"{record['record_id']}  {record['label']}  {record['outcome'].upper()}{code}"


def failing_lines(records: Iterable[Json]) -> list[str]:
    """Records with why they failed or are blocked, and what to do."""
    lines = []
    for record in records:
        lines += [record_head(record), *indented(why(record, record["reason"]), 4)]
    return lines


def record_lines(record: Json) -> list[str]:
    """All about one record."""
    tries = facts(("attempts", record["attempts"]))
    lines = [record_head(record), *indented([*tries, *why(record, record["reason"])])]
    changes = record["changes"]
    if changes:
        lines.append("  changes")
        shown = [f"{one['field']}: {value(one['old'])} → {value(one['new'])}" for one in changes]
        lines += indented(shown[:MOST_CHANGES], 4)
    if len(changes) > MOST_CHANGES:
        lines.append(f"    … and {len(changes) - MOST_CHANGES} more fields")
    return lines


def value(found: Any) -> str:
    """A value of a field; a blank one is seen."""
    return "(blank)" if found in (None, "") else str(found)


def next_commands(*commands: Sequence[str]) -> list[str]:
    """What one would type next."""
    return ["", "Next:", *indented([f"payrelay {shlex.join(words)}" for words in commands])]


def estimated(estimate: Json) -> str:
    """What a replay would do, in words."""
    right, writes, refused = estimate["already_right"], estimate["would_write"], estimate["refused"]
    parts = []
    if right:
        parts.append(f"{right} {_is(right)} right already")
    parts.append(f"{writes} would be written" if writes else "nothing would be written")
    if refused:
        parts.append(f"{refused} would overwrite something newer and {_is(refused)} refused")
    calls = estimate["calls"]
    return f"{', '.join(parts)}; about {calls} {'call' if calls == 1 else 'calls'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
