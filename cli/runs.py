"""The commands about runs: runs, show, tail, apply, stop, logs."""

from __future__ import annotations

import json

from .api import Api, Json, segment
from .arguments import FLOW, Asked, Commands, add, limited, seconds
from .errors import OK, ToolError
from .following import follow, result
from .screen import Screen
from .show import counted, failing_lines, moment, next_commands, record_lines, run_lines, table

RUN = "run_01JD9Z4A6B8C0D2E4F6G8H0J2K"
FAILING = ("failed", "blocked")
STATUSES = ("queued", "running", "succeeded", "partial", "failed", "stopped", "held")
INTERVAL = 1.0


def runs(api: Api, asked: Asked, screen: Screen) -> int:
    """List runs, newest first."""
    query = {"connection_id": asked.connection, "flow": asked.flow, "status": asked.status}
    found = api.listing("/runs", query, asked.limit)
    screen.give(found)
    rows = [
        [
            run["run_id"],
            run["connection_id"],
            run["flow"],
            f"{run['mode']}/{run['trigger']}",
            run["status"],
            moment(run["finished_at"] or run["started_at"] or run["queued_at"]),
            counted(run["counts"]),
        ]
        for run in found["items"]
    ]
    if rows:
        screen.tell(table(["run", "connection", "flow", "mode/trigger", "status", "at", "counts"], rows))
    else:
        screen.say("There are no such runs.")
    if found["next_cursor"]:
        screen.say(f"There are more: --limit {asked.limit * 2}")
    return OK


def show(api: Api, asked: Asked, screen: Screen) -> int:
    """A run with what is failing in it, or one record."""
    run = api.get(f"/runs/{segment(asked.run_id)}")
    if asked.record:
        return _show_record(api, run, asked.record, screen)
    pages = [_records(api, run, outcome, asked.limit) for outcome in FAILING if run["counts"][outcome]]
    failing = [record for page in pages for record in page["items"]][: asked.limit]
    screen.give({**run, "failing": failing})
    screen.tell(run_lines(run))
    if failing:
        screen.say("", *failing_lines(failing))
    left = sum(run["counts"][outcome] for outcome in FAILING) - len(failing)
    if failing and left > 0:
        screen.say(f"And {left} more: --limit {len(failing) + left}")
    screen.tell(next_commands(*_after(run, failing)))
    return OK


def _records(api: Api, run: Json, outcome: str, limit: int) -> Json:
    return api.listing(f"/runs/{segment(run['run_id'])}/records", {"outcome": outcome}, limit)


def _after(run: Json, failing: list[Json]) -> list[list[str]]:
    run_id = run["run_id"]
    if run["finished_at"] is None:
        return [["tail", run_id], ["stop", run_id]]
    following = [["logs", run_id]]
    if failing:
        following = [["show", run_id, failing[0]["record_id"]], *following, ["replay", run_id]]
    elif run["error"] is not None:
        following.append(["replay", run_id, "--all"])
    if run["status"] == "held":
        following.append(["apply", run_id])
    return following


def _show_record(api: Api, run: Json, record_id: str, screen: Screen) -> int:
    record = _find(api, run, record_id)
    screen.give(record)
    screen.say(f"{run['run_id']}  {run['flow']}  {run['mode']}  {run['status'].upper()}")
    screen.tell(record_lines(record))
    told = [["logs", run["run_id"], record_id]]
    if run["finished_at"] is not None:
        told.append(["replay", run["run_id"], record_id])
    told.append(["diagnose", run["connection_id"], record["key"], "--flow", run["flow"]])
    screen.tell(next_commands(*told))
    return OK


def _find(api: Api, run: Json, record_id: str) -> Json:
    """The record, looked for where one is mostly looked for: among those that failed, then among all."""
    path = f"/runs/{segment(run['run_id'])}/records"
    queries = [{"outcome": outcome} for outcome in FAILING if run["counts"][outcome]]
    for query in [*queries, {}]:
        for record in api.items(path, query):
            if record["record_id"] == record_id:
                return record
    raise ToolError(
        f"{run['run_id']} has no record {record_id}. Ids are like employee:1042; "
        "a record that was left unchanged is counted, and not kept"
    )


def tail(api: Api, asked: Asked, screen: Screen) -> int:
    """Follow a run to its end."""
    return result(follow(api, asked.run_id, screen, asked.interval), screen)


def apply(api: Api, asked: Asked, screen: Screen) -> int:
    """Write the plan of a preview or a held run, and follow that."""
    run = api.post(f"/runs/{segment(asked.run_id)}/apply")
    screen.say(f"{run['run_id']} writes the plan of {asked.run_id}.")
    return result(follow(api, run["run_id"], screen, asked.interval), screen)


def stop(api: Api, asked: Asked, screen: Screen) -> int:
    """Ask a run to end at its next step."""
    run = api.post(f"/runs/{segment(asked.run_id)}/stop")
    screen.give(run)
    screen.say(f"{run['run_id']} stops at its next step; it is {run['status']}.")
    screen.tell(next_commands(["tail", run["run_id"]]))
    return OK


def logs(api: Api, asked: Asked, screen: Screen) -> int:
    """The log lines of a run or of one record, oldest first."""
    path = f"/runs/{segment(asked.run_id)}/logs"
    found = api.listing(path, {"record": asked.record}, asked.limit)
    screen.give(found)
    screen.tell(map(_log_line, sorted(found["items"], key=lambda line: str(line["at"]))))
    if not found["items"]:
        screen.say("There are no such log lines.")
    if found["next_cursor"]:
        screen.say(f"There are more: --limit {asked.limit * 2}")
    return OK


def _log_line(line: Json) -> str:
    fields = [f"{name}={_plain(value)}" for name, value in line["fields"].items()]
    at = f"{line['at'][:10]} {line['at'][11:]}"
    return "  ".join(
        [at, f"{line['level']:<7}", line["function"], line["message"], " ".join(fields)]
    ).rstrip()


def _plain(value: object) -> str:
    """A field's value: a text as it is if it is one word, everything else as JSON."""
    if isinstance(value, str) and value and not any(letter.isspace() for letter in value):
        return value
    return json.dumps(value, ensure_ascii=False)


def add_commands(commands: Commands) -> None:
    """What this module adds to the command line."""
    listed = add(
        commands, "runs", runs, "list runs, newest first", "payrelay runs --status partial --limit 20"
    )
    listed.add_argument("--connection", metavar="ID", help="of this connection only")
    listed.add_argument("--flow", help=FLOW)
    listed.add_argument("--status", choices=STATUSES, help="with this status only")
    limited(listed, 50, "so many runs")

    shown = add(
        commands,
        "show",
        show,
        "show a run and its failing records, or one record",
        f"payrelay show {RUN}\npayrelay show {RUN} employee:1042",
        more="With --json, a run has its failing records beside it as `failing`.",
    )
    shown.add_argument("run_id", metavar="RUN")
    shown.add_argument("record", metavar="RECORD", nargs="?", help="a record's id, such as employee:1042")
    limited(shown, 50, "so many failing records")

    told = add(commands, "logs", logs, "show what a run's steps logged, oldest first", f"payrelay logs {RUN}")
    told.add_argument("run_id", metavar="RUN")
    told.add_argument("record", metavar="RECORD", nargs="?", help="what concerns this record only")
    limited(told, 1000, "so many lines")

    followed = add(
        commands,
        "tail",
        tail,
        "follow a run to its end",
        f"payrelay tail {RUN}",
        more="Ctrl-C ends the looking; the run goes on.",
    )
    followed.add_argument("run_id", metavar="RUN")
    add_interval(followed)

    applied = add(
        commands,
        "apply",
        apply,
        "write the plan of a finished preview, or of a run that the brake holds, and follow that",
        f"payrelay apply {RUN}",
        more="What the brake holds needs an admin.",
    )
    applied.add_argument("run_id", metavar="RUN")
    add_interval(applied)

    stopped = add(commands, "stop", stop, "stop a run at its next step", f"payrelay stop {RUN}")
    stopped.add_argument("run_id", metavar="RUN")


def add_interval(parser: Commands) -> None:
    """How often a run that is followed is looked at."""
    parser.add_argument(
        "--interval", type=seconds, default=INTERVAL, metavar="S", help="look every so many seconds (1)"
    )
