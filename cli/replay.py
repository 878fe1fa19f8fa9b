"""The command replay: tells first what it would do, asks, does it, and follows it."""

from __future__ import annotations

import sys

from .api import Api, Json, segment
from .arguments import Asked, Commands, add
from .errors import NOT_RIGHT, OK, USAGE, UsageError
from .following import follow, result
from .runs import RUN, add_interval
from .screen import Screen
from .show import counted, estimated, next_commands

TOLD = ("succeeded", "partial")


def replay(api: Api, asked: Asked, screen: Screen) -> int:
    """Replay records of a run, with the data read afresh."""
    body, what = _chosen(asked)
    path = f"/runs/{segment(asked.run_id)}/replay"
    first = api.post(path, {**body, "preview": True})
    if first.get("joined"):
        return _in_progress(first, screen)
    screen.say(f"{first['run_id']} works out what a replay of {what} would do.")
    told = follow(api, first["run_id"], screen, asked.interval)
    if told["status"] not in TOLD:
        screen.say("It could not be worked out, and nothing was replayed.")
        return result(told, screen)
    screen.say(_in_words(told), f"Each record of it: payrelay show {told['run_id']}")
    if not asked.yes and (answer := screen.ask(f"Replay {what} now?")) is not True:
        return _left_alone(told, screen, asked=answer is not None)
    run = api.post(path, body)
    if run.get("joined"):
        return _in_progress(run, screen)
    screen.say(f"{run['run_id']} replays {what}.")
    return result(follow(api, run["run_id"], screen, asked.interval), screen)


def _chosen(asked: Asked) -> tuple[Json, str]:
    """What to replay, as the API and as a person says it."""
    if asked.records and (asked.failed or asked.all):
        raise UsageError("give either records, or --failed, or --all")
    if asked.records:
        return {"records": list(dict.fromkeys(asked.records))}, ", ".join(asked.records)
    if asked.all:
        return {}, f"all of {asked.run_id}"
    return {"outcomes": ["failed", "blocked"]}, f"what failed or is blocked in {asked.run_id}"


def _in_words(told: Json) -> str:
    estimate = told.get("estimate")
    return f"{estimated(estimate)}." if estimate else f"By the plan: {counted(told['counts'])}."


def _in_progress(run: Json, screen: Screen) -> int:
    """One flow of a connection has one run at a time, and ours would only have joined that one."""
    screen.give(run)
    screen.say(
        f"Nothing was replayed: {run['run_id']} of the same flow is in progress. Wait until it has ended."
    )
    screen.tell(next_commands(["tail", run["run_id"]]))
    return NOT_RIGHT


def _left_alone(told: Json, screen: Screen, *, asked: bool) -> int:
    screen.give(told)
    if asked:
        screen.say("Nothing was replayed.")
        return OK
    print("payrelay: nothing was replayed: there is no terminal to ask at; give --yes", file=sys.stderr)
    return USAGE


def add_commands(commands: Commands) -> None:
    """What this module adds to the command line."""
    parser = add(
        commands,
        "replay",
        replay,
        "replay records of a run, or all of it, with the data read afresh",
        f"payrelay replay {RUN}\npayrelay replay {RUN} employee:1042 employee:1043\n"
        f"payrelay replay {RUN} --all --yes",
        more="A preview tells first how many are right already, how many would be written, and how many "
        "would overwrite something newer. Then it asks; without a terminal to ask at it ends there with 2, "
        "unless --yes is given.",
    )
    parser.add_argument("run_id", metavar="RUN")
    parser.add_argument(
        "records", metavar="RECORD", nargs="*", help="records of the run, such as employee:1042"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--failed", action="store_true", help="what failed or is blocked (the usual)")
    which.add_argument("--all", action="store_true", help="the whole run")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_interval(parser)
