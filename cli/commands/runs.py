"""What ran, what failed and why."""

from __future__ import annotations

import json

import click

from cli.api import Api, Json
from cli.command_line import OneOf, Section, flow_option, interval_option, limit_option, run_argument, since
from cli.errors import OK, ToolError
from cli.screen import Screen, Table
from cli.show import counted, failing_parts, moment, more, record_parts, run_parts, stands
from cli.waiting import follow, result

RUN = "run_01JD9Z4A6B8C0D2E4F6G8H0J2K"
FAILING = ("failed", "blocked")
STATUSES = ("queued", "running", "succeeded", "partial", "failed", "stopped", "held")

section = Section("Runs")


@section.command("--status partial --limit 20", "--flow employee_export")
@click.option("--connection", metavar="ID", help="Of this connection only.")
@flow_option
@click.option("--status", type=OneOf(STATUSES), help="With this status only.")
@limit_option(50, "runs")
def runs(
    api: Api, screen: Screen, connection: str | None, flow: str | None, status: str | None, limit: int
) -> int:
    """List runs, newest first, with what became of their records."""
    found = api.listing("/runs", connection_id=connection, flow=flow, status=status, limit=limit)
    screen.give(found)
    rows = [
        [
            run["run_id"],
            run["connection_id"],
            run["flow"],
            f"{run['mode']}/{run['trigger']}",
            stands(run),
            moment(run["finished_at"] or run["started_at"] or run["queued_at"]),
            counted(run["counts"]),
        ]
        for run in found["items"]
    ]
    if rows:
        screen.say(Table(rows, ["run", "connection", "flow", "mode/trigger", "status", "at", "counts"]))
    else:
        screen.say("There are no such runs.")
    screen.say(*more(found, limit))
    return OK


@section.command("--since 24h --flow employee_export", "--reason REQUIRED_FIELD_MISSING")
@click.option("--reason", metavar="CODE", help="For this reason only, such as REQUIRED_FIELD_MISSING.")
@flow_option
@click.option(
    "--since",
    metavar="T",
    type=since,
    help="Of runs that ended since: 90m, 24h, 7d ago, or 2026-11-22T06:00:00Z.",
)
@limit_option(50, "failures")
def failures(
    api: Api, screen: Screen, reason: str | None, flow: str | None, since: str | None, limit: int
) -> int:
    """List what failed or is blocked over all connections, counted by reason, newest first."""
    found = api.listing("/failures", reason=reason, flow=flow, since=since, limit=limit)
    screen.give(found)
    if not found["items"]:
        screen.say("Nothing failed, and nothing is blocked.")
        return OK
    screen.say(*(f"{group['count']:>6}  {group['code']}" for group in found["groups"]))
    if not found["groups_complete"]:
        screen.say("There are so many that only the newest were counted.")
    last = None
    for failure in found["items"]:
        run_id = failure["run_id"]
        if run_id != last:
            at = moment(failure["at"])
            screen.say("", f"{at}  {run_id}  {failure['flow']}  {failure['connection_id']}")
        screen.say(*failing_parts([failure], by=2))
        last = run_id
    if found["next_cursor"]:
        screen.say("", *more(found, limit))
    first = found["items"][0]
    screen.next(["show", first["run_id"], first["record_id"]], ["replay", first["run_id"]])
    return OK


@section.command(RUN, f"{RUN} employee:1042")
@run_argument
@click.argument("record", required=False, help="A record's id, such as employee:1042.")
@limit_option(50, "failing records")
def show(api: Api, screen: Screen, run_id: str, record: str | None, limit: int) -> int:
    """Show a run and its failing records, or one record of it: changes, reason, request and remedy.

    With --json, a run has its failing records beside it as `failing`.
    """
    run = api.get("/runs/{}", run_id)
    if record:
        return _show_record(api, screen, run, record)
    failing: list[Json] = []
    for outcome in FAILING:
        if run["counts"][outcome]:
            records = api.listing("/runs/{}/records", run["run_id"], outcome=outcome, limit=limit)
            failing += records["items"]
    left = sum(run["counts"][outcome] for outcome in FAILING) - len(failing[:limit])
    failing = failing[:limit]
    screen.give({**run, "failing": failing})
    screen.say(*run_parts(run))
    if failing:
        screen.say("", *failing_parts(failing))
    if failing and left > 0:
        screen.say(f"And {left} more: --limit {len(failing) + left}")
    screen.next(*_after(run, failing))
    return OK


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


def _show_record(api: Api, screen: Screen, run: Json, record_id: str) -> int:
    record = _find(api, run, record_id)
    screen.give(record)
    screen.say(f"{run['run_id']}  {run['flow']}  {run['mode']}  {run['status'].upper()}")
    screen.say(*record_parts(record))
    following = [["logs", run["run_id"], record_id]]
    if run["finished_at"] is not None:
        following.append(["replay", run["run_id"], record_id])
    following.append(["diagnose", run["connection_id"], record["key"], "--flow", run["flow"]])
    screen.next(*following)
    return OK


def _find(api: Api, run: Json, record_id: str) -> Json:
    """The record, looked for where one is mostly looked for: among those that failed, then among all."""
    outcomes = [outcome for outcome in FAILING if run["counts"][outcome]]
    for outcome in (*outcomes, None):
        for record in api.items("/runs/{}/records", run["run_id"], outcome=outcome):
            if record["record_id"] == record_id:
                return record
    raise ToolError(
        f"{run['run_id']} has no record {record_id}. Ids are like employee:1042; "
        "a record that was left unchanged is counted, and not kept"
    )


@section.command(RUN, f"{RUN} employee:1042 --limit 200")
@run_argument
@click.argument("record", required=False, help="What concerns this record only, such as employee:1042.")
@limit_option(1000, "lines")
def logs(api: Api, screen: Screen, run_id: str, record: str | None, limit: int) -> int:
    """Show what a run's steps logged, oldest first, with every call to a system."""
    found = api.listing("/runs/{}/logs", run_id, record=record, limit=limit)
    screen.give(found)
    screen.say(*map(_log_line, sorted(found["items"], key=lambda line: str(line["at"]))))
    if not found["items"]:
        screen.say("There are no such log lines.")
    screen.say(*more(found, limit))
    return OK


def _log_line(line: Json) -> str:
    fields = " ".join(f"{name}={_plain(value)}" for name, value in line["fields"].items())
    at = f"{line['at'][:10]} {line['at'][11:]}"
    return "  ".join([at, f"{line['level']:<7}", line["function"], line["message"], fields]).rstrip()


def _plain(value: object) -> str:
    """A field's value: a text as it is if it is one word, everything else as JSON."""
    if isinstance(value, str) and value and not any(letter.isspace() for letter in value):
        return value
    return json.dumps(value, ensure_ascii=False)


@section.command(RUN, f"{RUN} --interval 5")
@run_argument
@interval_option
def tail(api: Api, screen: Screen, run_id: str, interval: float) -> int:
    """Follow a run to its end. Ctrl-C ends the looking; the run goes on.

    Ends with 3 if the run did not succeed.
    """
    return result(screen, follow(api, screen, run_id, interval))
