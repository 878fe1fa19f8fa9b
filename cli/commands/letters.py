"""Dead letters, the events that did not do what they were for."""

from __future__ import annotations

import click

from cli.api import Api, Json
from cli.command_line import Section, limit_option
from cli.errors import OK, REFUSED, ApiError, UsageError
from cli.screen import Screen, Table, problem
from cli.show import moment, more

LETTER = "3f0f6c1e-5c0b-4c57-9a52-0c7b0e4f1d2a"
KINDS = {
    "start": "a run was not started",
    "close": "a dead run was not closed",
    "tell": "a system was not told of a run's end",
}

section = Section("Dead letters")


@section.command("")
@limit_option(50, "letters")
def letters(api: Api, screen: Screen, limit: int) -> int:
    """List the dead letters: schedules, logins and ends of runs that got lost, and why."""
    found = api.listing("/dead-letters", limit=limit)
    screen.give(found)
    if not found["items"]:
        screen.say("There are no dead letters.")
        return OK
    rows = [
        [
            letter["letter_id"],
            letter["kind"],
            moment(letter["left_at"]),
            *(letter[name] or "-" for name in ("connection_id", "flow", "run_id", "problem")),
        ]
        for letter in found["items"]
    ]
    screen.say(Table(rows, ["letter", "kind", "left at", "connection", "flow", "run", "problem"]))
    screen.say(*more(found, limit))
    kinds = dict.fromkeys(letter["kind"] for letter in found["items"])
    screen.say("", *(f"{kind}: {KINDS[kind]}" for kind in kinds if kind in KINDS))
    screen.next(["redrive", found["items"][0]["letter_id"]], ["redrive", "--all"])
    return OK


@section.command(LETTER, "--all")
@click.argument("letters", metavar="[LETTER]...", nargs=-1, help="Ids, as `payrelay letters` lists them.")
@click.option("--all", "whole", is_flag=True, help="Every one of them.")
def redrive(api: Api, screen: Screen, letters: tuple[str, ...], whole: bool) -> int:
    """Give dead letters to their functions again, once the cause is mended.

    One that is refused keeps none of the others, but then it ends with 1.
    """
    if bool(letters) == whole:
        raise UsageError("give either letters or --all")
    wanted = list(dict.fromkeys(letters))
    if whole:
        wanted = [letter["letter_id"] for letter in api.items("/dead-letters")]
    done: list[Json] = []
    for letter_id in wanted:
        try:
            letter = api.post("/dead-letters/{}/redrive", letter_id)
        except ApiError as error:
            problem(f"{letter_id}: {error}")
        else:
            done.append(letter)
            screen.say(f"{letter['letter_id']}  {letter['kind']}  is on its way again")
    screen.give({"items": done})
    if not wanted:
        screen.say("There are no dead letters.")
    if done:
        screen.next(["letters"], ["runs"])
    return OK if len(done) == len(wanted) else REFUSED
