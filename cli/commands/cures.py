"""What one does about a run: replay it, apply its plan, stop it."""

from __future__ import annotations

import click

from cli.api import Api, Json
from cli.command_line import Section, interval_option, run_argument
from cli.errors import NOT_RIGHT, OK, UsageError
from cli.screen import Screen
from cli.show import counted, estimated
from cli.waiting import follow, result

from .runs import RUN

TOLD = ("succeeded", "partial")

section = Section("Cures")


@section.command(RUN, f"{RUN} employee:1042 employee:1043", f"{RUN} --all --yes")
@run_argument
@click.argument("records", metavar="[RECORD]...", nargs=-1, help="Records of the run, such as employee:1042.")
@click.option("--failed", is_flag=True, help="What failed or is blocked: this, if nothing is chosen.")
@click.option("--all", "whole", is_flag=True, help="The whole run.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@interval_option
def replay(
    api: Api,
    screen: Screen,
    run_id: str,
    records: tuple[str, ...],
    failed: bool,
    whole: bool,
    yes: bool,
    interval: float,
) -> int:
    """Replay records of a run, or all of it, with the data read afresh.

    A preview tells first how many are right already, how many would be written, and how many would overwrite
    something newer. Then it asks; without a terminal to ask at it ends there with 2, unless --yes is given.
    What is replayed is followed to its end. Ends with 3 if it did not succeed.
    """
    if bool(records) + failed + whole > 1:
        raise UsageError("give either records, or --failed, or --all")
    body: Json = {"outcomes": ["failed", "blocked"]}
    what = f"what failed or is blocked in {run_id}"
    if records:
        body, what = {"records": list(dict.fromkeys(records))}, ", ".join(records)
    elif whole:
        body, what = {}, f"all of {run_id}"

    first = api.post("/runs/{}/replay", run_id, body={**body, "preview": True})
    if first.get("joined"):
        return _in_progress(screen, first)
    screen.say(f"{first['run_id']} works out what a replay of {what} would do.")
    told = follow(api, screen, first["run_id"], interval)
    if told["status"] not in TOLD:
        screen.say("It could not be worked out, and nothing was replayed.")
        return result(screen, told)
    screen.say(_in_words(told), f"Each record of it: payrelay show {told['run_id']}")
    if not (agreed := yes or screen.ask(f"Replay {what} now?")):
        screen.give(told)
        if agreed is None:
            raise UsageError("nothing was replayed: there is no terminal to ask at; give --yes")
        screen.say("Nothing was replayed.")
        return OK
    run = api.post("/runs/{}/replay", run_id, body=body)
    if run.get("joined"):
        return _in_progress(screen, run)
    screen.say(f"{run['run_id']} replays {what}.")
    return result(screen, follow(api, screen, run["run_id"], interval))


def _in_words(told: Json) -> str:
    estimate = told.get("estimate")
    return f"{estimated(estimate)}." if estimate else f"By the plan: {counted(told['counts'])}."


def _in_progress(screen: Screen, run: Json) -> int:
    """One flow of a connection has one run at a time, and ours would only have joined that one."""
    screen.give(run)
    screen.say(
        f"Nothing was replayed: {run['run_id']} of the same flow is in progress. Wait until it has ended."
    )
    screen.next(["tail", run["run_id"]])
    return NOT_RIGHT


@section.command(RUN)
@run_argument
@interval_option
def apply(api: Api, screen: Screen, run_id: str, interval: float) -> int:
    """Write the plan of a finished preview, or of a run that the brake holds, and follow that.

    What the brake holds needs an admin. Ends with 3 if not all could be written.
    """
    run = api.post("/runs/{}/apply", run_id)
    screen.say(f"{run['run_id']} writes the plan of {run_id}.")
    return result(screen, follow(api, screen, run["run_id"], interval))


@section.command(RUN)
@run_argument
def stop(api: Api, screen: Screen, run_id: str) -> int:
    """Stop a run at its next step. What it wrote stays, and is not written again.

    Ends with 3 if the run had died: then it is closed, and says both.
    """
    run = api.post("/runs/{}/stop", run_id)
    if run.get("died"):
        return result(screen, run)
    screen.give(run)
    screen.say(f"{run['run_id']} stops at its next step; it is {run['status']}.")
    screen.next(["tail", run["run_id"]])
    return OK
