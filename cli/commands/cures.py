"""Doing it again: replay records or a run, and write a plan that was looked at."""

from __future__ import annotations

import click

from cli.after import after
from cli.api import Api, Json
from cli.command_line import Section, interval_option, run_argument, yes_option
from cli.errors import NOT_RIGHT, OK, UsageError
from cli.screen import Screen
from cli.show import FAILING, WRITES, counts_of, ended, estimated, planned, planned_parts, run_parts
from cli.waiting import follow, result

from .runs import RUN, told

TOLD = ("succeeded", "partial")
# So many records of a plan are shown before the question.
SHOWN = 20
NAMED = 5

section = Section("Cures")


@section.command(
    RUN, f"{RUN} employee:1042 employee:1043", f"{RUN} --reason REQUIRED_FIELD_MISSING", f"{RUN} --all --yes"
)
@run_argument
@click.argument("records", metavar="[RECORD]...", nargs=-1, help="Records of the run, such as employee:1042.")
@click.option("--failed", is_flag=True, help="What failed or is blocked: this, if nothing is chosen.")
@click.option("--reason", metavar="CODE", help="What failed or is blocked for this reason.")
@click.option("--all", "whole", is_flag=True, help="The whole run.")
@yes_option
@interval_option
def replay(
    api: Api,
    screen: Screen,
    run_id: str,
    records: tuple[str, ...],
    failed: bool,
    reason: str | None,
    whole: bool,
    yes: bool,
    interval: float,
) -> int:
    """Replay records of a run, or all of it, with the data read afresh.

    A preview tells first how many are right already, how many would be written, and how many would overwrite
    something newer. Then it asks; without a terminal to ask at it ends there with 2, unless --yes is given.
    Where nothing would come of it, nothing is replayed. What is replayed is followed to its end. Ends with 3
    if it did not succeed.
    """
    if bool(records) + failed + bool(reason) + whole > 1:
        raise UsageError("give either records, or --failed, or --reason, or --all")
    body, what = _chosen(run_id, records, reason, whole)
    first = api.post("/runs/{}/replay", run_id, body={**body, "preview": True})
    if first.get("joined"):
        return _in_progress(screen, first)
    screen.say(f"{first['run_id']} works out what a replay of {what} would do.")
    found = follow(api, screen, first["run_id"], interval, "nothing was replayed; ")
    if found["status"] not in TOLD:
        screen.say("It could not be worked out, and nothing was replayed.")
        return result(screen, found)
    if found.get("held"):
        screen.give(found)
        screen.say(*ended(found), "Nothing was replayed: the brake would hold it.")
        screen.next(*after(found))
        return NOT_RIGHT
    each = screen.typed.line(["show", found["run_id"]])
    screen.say(_in_words(found), f"Each record of it: {each}")
    if _in_vain(found):
        screen.give(found)
        screen.say("Nothing would come of it, so that nothing was replayed: do what the remedies say first.")
        return NOT_RIGHT
    if not (agreed := yes or screen.ask(f"Replay {what} now?")):
        screen.give(found)
        if agreed is None:
            raise UsageError("nothing was replayed: there is no terminal to ask at; give --yes")
        screen.say("Nothing was replayed.")
        return OK
    run = api.post("/runs/{}/replay", run_id, body=body)
    if run.get("joined"):
        return _in_progress(screen, run)
    screen.say(f"{run['run_id']} replays {what}.")
    return result(screen, follow(api, screen, run["run_id"], interval))


def _chosen(run_id: str, records: tuple[str, ...], reason: str | None, whole: bool) -> tuple[Json, str]:
    """What is sent, and the same in words."""
    if records:
        wanted = list(dict.fromkeys(records))
        named = ", ".join(wanted) if len(wanted) <= NAMED else f"{len(wanted)} records of {run_id}"
        return {"records": wanted}, named
    if reason:
        return {"reasons": [reason]}, f"what failed or is blocked for {reason} in {run_id}"
    if whole:
        return {}, f"all of {run_id}"
    return {"outcomes": list(FAILING)}, f"what failed or is blocked in {run_id}"


def _in_words(run: Json) -> str:
    estimate = run.get("estimate")
    return f"{estimated(estimate)}." if estimate else f"By the plan: {counts_of(run)}."


def _in_vain(run: Json) -> bool:
    """Whether all would be blocked or refused again: nothing to write, and nothing found right."""
    estimate, counts = run.get("estimate"), run["counts"]
    nothing = not any(counts[name] for name in (*WRITES, "unchanged"))
    if estimate:
        nothing = nothing and not estimate["would_write"] and not estimate["already_right"]
    return nothing and any(counts[name] for name in FAILING)


def _in_progress(screen: Screen, run: Json) -> int:
    """One flow of a connection has one run at a time, and ours would only have joined that one."""
    screen.give(run)
    screen.say(
        f"Nothing was replayed: {run['run_id']} of the same flow is in progress: {told(run)}. "
        "Wait until it has ended."
    )
    screen.next(["tail", run["run_id"]])
    return NOT_RIGHT


@section.command(RUN, f"{RUN} --yes")
@run_argument
@yes_option
@interval_option
def apply(api: Api, screen: Screen, run_id: str, yes: bool, interval: float) -> int:
    """Write the plan of a finished preview, or of a run that the brake holds, and follow that.

    It shows first what would be written, and for whom, and then asks; without a terminal to ask at it ends
    there with 2, unless --yes is given. What the brake holds needs an admin. Ends with 3 if not all could be
    written.
    """
    old = api.get("/runs/{}", run_id)
    whom = _whom(api, old) if planned(old) else []
    screen.say(*run_parts(old))
    writes = sum(old["counts"][name] for name in WRITES)
    if whom:
        screen.say("", "What would be written:", *planned_parts(whom))
        screen.say(*([f"  and {writes - len(whom)} more"] if writes > len(whom) else []), "")
    what = counts_of(old)
    if not (agreed := yes or not writes or screen.ask(f"Write this plan now: {what}?")):
        screen.give(old)
        if agreed is None:
            raise UsageError(
                "nothing was written: there is no terminal to ask at; look at it, and give --yes"
            )
        screen.say("Nothing was written.")
        return OK
    run = api.post("/runs/{}/apply", run_id)
    if run.get("joined"):
        screen.say(f"{run['run_id']} writes this plan already: {told(run)}. This call started nothing.")
    else:
        screen.say(f"{run['run_id']} writes the plan of {run_id}.")
    return result(screen, follow(api, screen, run["run_id"], interval))


def _whom(api: Api, run: Json) -> list[Json]:
    """The first records that the plan writes."""
    found: list[Json] = []
    for outcome in WRITES:
        if run["counts"][outcome] and len(found) < SHOWN:
            page = api.listing("/runs/{}/records", run["run_id"], outcome=outcome, limit=SHOWN - len(found))
            found += page["items"]
    return found
