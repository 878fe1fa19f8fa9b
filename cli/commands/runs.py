"""Runs: which there are, and what one does with one: start it, follow it, stop it, close a dead one."""

from __future__ import annotations

import json

import click

from cli.after import after
from cli.api import Api, Json
from cli.command_line import (
    OneOf,
    Section,
    connection_argument,
    flow_argument,
    flow_option,
    interval_option,
    limit_option,
    run_argument,
)
from cli.errors import NOT_RIGHT, OK, UsageError
from cli.screen import Screen, Table
from cli.show import alive, changed, counts_of, head, moment, more, planned, stands
from cli.waiting import follow, result

RUN = "run_01JD9Z4A6B8C0D2E4F6G8H0J2K"
CONNECTION = "con_01JD9Z3K5M7N9P1Q3R5S7T9V1W"
STATUSES = ("queued", "running", "succeeded", "partial", "failed", "stopped", "held")
MODES = ("sync", "preview", "auto")
OUTCOMES = ("created", "updated", "skipped", "blocked", "failed")
RISKS = ("people", "end", "empty", "pay", "bank", "employment")

section = Section("Runs")


@section.command("--status partial --limit 20", "--flow employee_export")
@click.option("--connection", metavar="ID", help="Of this connection only.")
@flow_option
@click.option("--status", type=OneOf(STATUSES), help="With this status only.")
@limit_option(50, "runs")
def runs(
    api: Api, screen: Screen, connection: str | None, flow: str | None, status: str | None, limit: int
) -> int:
    """List runs, newest first, with what became of their records.

    A list says what there is: it ends with 0, whatever the runs came to.
    """
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
            counts_of(run),
        ]
        for run in found["items"]
    ]
    if rows:
        screen.say(Table(rows, ["run", "connection", "flow", "mode/trigger", "status", "at", "counts"]))
    else:
        screen.say("There are no such runs.")
    screen.say(*more(found, limit))
    return OK


@section.command(f"{RUN} --search lindqvist", f"{RUN} --field email --outcome updated")
@run_argument
@click.option("--search", metavar="TEXT", help="With this in its name, key or reason, in any case.")
@click.option("--field", metavar="FIELD", help="That changes this field, such as email.")
@click.option("--risk", type=OneOf(RISKS), help="Whom the brake means for this; people for whatever it is.")
@click.option("--outcome", type=OneOf(OUTCOMES), help="With this outcome only.")
@click.option("--reason", metavar="CODE", help="For this reason only, such as REQUIRED_FIELD_MISSING.")
@limit_option(50, "records")
def records(
    api: Api,
    screen: Screen,
    run_id: str,
    search: str | None,
    field: str | None,
    risk: str | None,
    outcome: str | None,
    reason: str | None,
    limit: int,
) -> int:
    """List records of a run, or of a plan, with what changes: all, or those that are searched for.

    What was unchanged is counted, and not kept. A list says what there is: it ends with 0.
    """
    run = api.get("/runs/{}", run_id)
    asked = {"search": search, "field": field, "risk": risk, "outcome": outcome, "reason": reason}
    found = api.listing("/runs/{}/records", run_id, limit=limit, **asked)
    screen.give(found)
    for record in found["items"]:
        screen.say(head(record, plan=planned(run)))
        screen.say(*(f"    {changed(one)}" for one in record["changes"]))
    if not found["items"]:
        screen.say("There are no such records.")
    screen.say(*more(found, limit))
    return OK


@section.command(f"{CONNECTION} employee_export", f"{CONNECTION} employee_export --mode preview")
@connection_argument
@flow_argument
@click.option("--mode", type=OneOf(MODES), default="sync", help="A preview writes nothing.")
@click.option("--full", is_flag=True, help="Compare everything, where a flow reads by what moved.")
@click.option("--option", "options", metavar="NAME=VALUE", multiple=True, help="An option of the flow.")
@interval_option
def start(
    api: Api,
    screen: Screen,
    connection: str,
    flow: str,
    mode: str,
    full: bool,
    options: tuple[str, ...],
    interval: float,
) -> int:
    """Start a run of a flow, or join the one in progress, and follow it to its end.

    Ctrl-C ends the looking; the run goes on. Ends with 3 if the run did not succeed.
    """
    wanted: Json = {**_options(options), **({"full": True} if full else {})}
    body = {"flow": flow, "mode": mode, **({"options": wanted} if wanted else {})}
    run = api.post("/connections/{}/runs", connection, body=body)
    if run.get("joined"):
        screen.say(f"{run['run_id']} is in progress already: {told(run)}. Nothing new was started.")
    else:
        screen.say(f"{run['run_id']} starts.")
    return result(screen, follow(api, screen, run["run_id"], interval))


def told(run: Json) -> str:
    """Whose run it is, of what, and since when."""
    of = f"replay of {run['replay_of']}" if run["replay_of"] else ""
    of = of or (f"plan of {run['plan_of']}" if run["plan_of"] else run["mode"])
    return f"{of}, {run['trigger']}, by {run['requested_by']}, since {moment(run['queued_at'])}"


def _options(given: tuple[str, ...]) -> Json:
    found: Json = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError("an option is given like NAME=VALUE")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


@section.command(RUN, f"{RUN} --interval 5")
@run_argument
@interval_option
def tail(api: Api, screen: Screen, run_id: str, interval: float) -> int:
    """Follow a run to its end, with what it waits for. Ctrl-C ends the looking; the run goes on.

    Ends with 3 if the run did not succeed.
    """
    return result(screen, follow(api, screen, run_id, interval))


@section.command(RUN)
@run_argument
def stop(api: Api, screen: Screen, run_id: str) -> int:
    """Stop a run: at its next step, or at once if it waits. What it wrote stays, and is not written again.

    Ends with 3 if the run had died: then it is closed, and says both.
    """
    run = api.post("/runs/{}/stop", run_id)
    if run.get("died"):
        return result(screen, run)
    screen.give(run)
    if run["finished_at"] is not None:
        screen.say(f"{run['run_id']} has ended: it is {run['status']}.")
        screen.next(*after(run))
        return OK
    screen.say(f"{run['run_id']} stops at its next step; it is {run['status']}.")
    screen.next(["tail", run["run_id"]])
    return OK


@section.command(RUN)
@run_argument
def close(api: Api, screen: Screen, run_id: str) -> int:
    """Close a run whose execution has ended, so that the next one can start; see the run as it is then.

    A run that lives is left alone, and that is said: `stop` ends one of these. Ends with 3 if it did not
    succeed, or is not closed.
    """
    run = api.get("/runs/{}", run_id)
    if run["finished_at"] is not None:
        return result(screen, run)
    screen.give(run)
    seen = alive(run)
    screen.say(
        f"{run['run_id']} lives, and was not closed: it is {stands(run)}"
        + (f"; its last sign of life was at {seen}." if seen else ".")
    )
    screen.next(*after(run))
    return NOT_RIGHT
