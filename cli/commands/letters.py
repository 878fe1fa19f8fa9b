"""Dead letters, the events that did not do what they were for."""

from __future__ import annotations

from collections.abc import Mapping

import click

from cli.after import CONNECTING, MENDED, connecting
from cli.api import Api, Json
from cli.command_line import Section, limit_option
from cli.errors import NOT_RIGHT, OK, REFUSED, ApiError, UsageError
from cli.screen import Screen, Table, Words, facts, problem
from cli.show import moment, more

LETTER = "3f0f6c1e-5c0b-4c57-9a52-0c7b0e4f1d2a"
SHOWN_RUNS = 3
KINDS = {
    "start": "a run was not started",
    "close": "a dead run was not closed",
    "tell": "a system was not told of a run's end",
}

section = Section("Dead letters")


@section.command("")
@limit_option(50, "letters")
def letters(api: Api, screen: Screen, limit: int) -> int:
    """List the dead letters: schedules, logins and ends of runs that got lost, and why.

    Ends with 3 if there are any.
    """
    found = api.listing("/dead-letters", limit=limit)
    screen.give(found)
    if not found["items"]:
        screen.say("There are no dead letters.")
        return OK
    rows = [
        [
            letter["letter_id"],
            what(letter),
            moment(letter["left_at"]),
            *(letter[name] or "-" for name in ("connection_id", "flow", "run_id", "problem")),
        ]
        for letter in found["items"]
    ]
    screen.say(Table(rows, ["letter", "kind", "left at", "connection", "flow", "run", "problem"]))
    screen.say(*more(found, limit))
    kinds = dict.fromkeys(letter["kind"] for letter in found["items"])
    screen.say("", *(f"{kind}: {KINDS[kind]}" for kind in kinds if kind in KINDS))
    screen.next(
        ["redrive", found["items"][0]["letter_id"], "# once its cause is mended"], ["redrive", "--all"]
    )
    return NOT_RIGHT


def what(letter: Mapping[str, str]) -> str:
    """What a letter was for, and what it came from: a schedule, a login."""
    trigger = letter.get("trigger")
    return f"{letter['kind']} ({trigger})" if trigger else letter["kind"]


@section.command(LETTER, "--all")
@click.argument("letters", metavar="[LETTER]...", nargs=-1, help="Ids, as `letters` lists them.")
@click.option("--all", "whole", is_flag=True, help="Every one of them.")
def redrive(api: Api, screen: Screen, letters: tuple[str, ...], whole: bool) -> int:
    """Give dead letters to their functions again, once the cause is mended; wait for what becomes of them.

    Its run has started or was joined, or it was NOT started: then the letter is kept, and it ends with 3. One
    that is refused keeps none of the others: then it ends with 1.
    """
    if bool(letters) == whole:
        raise UsageError("give either letters or --all")
    wanted = list(dict.fromkeys(letters))
    if whole:
        wanted = [letter["letter_id"] for letter in api.items("/dead-letters")]
    if not wanted:
        screen.say("There are no dead letters.")
    done: list[Json] = []
    kept: dict[str, str] = {}
    refused = False
    for letter_id in wanted:
        try:
            found = api.post("/dead-letters/{}/redrive", letter_id)
        except ApiError as error:
            if error.found.get("letter_kept") != letter_id:
                refused = True
                problem(f"{letter_id}: {error}")
                continue
            kept[letter_id] = error.code
            found = {"letter_id": letter_id, "outcome": "kept", "run_id": None, "problem": error.found}
            screen.say(f"{letter_id}  NOT started: {error.code}; the letter is kept", *_why(error.found))
        else:
            run = f" {found['run_id']}" if found.get("run_id") else ""
            screen.say(f"{letter_id}  {found['kind']}  {found.get('outcome', 'is on its way again')}{run}")
        done.append(found)
    screen.give({"items": done})
    if kept or refused:
        screen.next(*(_mended(api, kept, whole) if kept else [["letters"]]))
        return REFUSED if refused else NOT_RIGHT
    runs = list(dict.fromkeys(found["run_id"] for found in done if found.get("run_id")))
    screen.next(*(["tail", run_id] for run_id in runs[:SHOWN_RUNS]))
    return OK


def _mended(api: Api, kept: Mapping[str, str], whole: bool) -> list[Words]:
    """What has to be done before letters can start their runs, each thing once; then the letters again."""
    found: list[Words] = []
    for letter in api.items("/dead-letters"):
        code = kept.get(letter["letter_id"], "")
        if code in CONNECTING and letter["connection_id"]:
            found += [one for one in connecting(letter["connection_id"], code, "") if one not in found]
    return [*found, ["redrive", *(["--all"] if whole else kept), MENDED]]


def _why(found: Json) -> list[Table]:
    """Why a letter stays, and what to do."""
    return [facts([("why", found.get("detail")), ("remedy", found.get("remedy"))], by=4)]
