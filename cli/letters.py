"""The commands about dead letters, the events that did not do what they were for: letters, redrive."""

from __future__ import annotations

import sys

from .api import Api, Json, segment
from .arguments import Asked, Commands, add, limited
from .errors import OK, REFUSED, ApiError, UsageError
from .screen import Screen, clean
from .show import moment, next_commands, table

LETTER = "3f0f6c1e-5c0b-4c57-9a52-0c7b0e4f1d2a"
KINDS = {
    "start": "a run was not started",
    "close": "a dead run was not closed",
    "tell": "a system was not told of a run's end",
}


def letters(api: Api, asked: Asked, screen: Screen) -> int:
    """List the dead letters."""
    found = api.listing("/dead-letters", {}, asked.limit)
    screen.give(found)
    if not found["items"]:
        screen.say("There are no dead letters.")
        return OK
    rows = [
        [
            letter["letter_id"],
            letter["kind"],
            moment(letter["left_at"]),
            letter["connection_id"] or "-",
            letter["flow"] or "-",
            letter["run_id"] or "-",
            letter["problem"] or "-",
        ]
        for letter in found["items"]
    ]
    screen.tell(table(["letter", "kind", "left at", "connection", "flow", "run", "problem"], rows))
    if found["next_cursor"]:
        screen.say(f"There are more: --limit {asked.limit * 2}")
    kinds = dict.fromkeys(letter["kind"] for letter in found["items"])
    screen.say("", *(f"{kind}: {KINDS[kind]}" for kind in kinds if kind in KINDS))
    screen.tell(next_commands(["redrive", found["items"][0]["letter_id"]], ["redrive", "--all"]))
    return OK


def redrive(api: Api, asked: Asked, screen: Screen) -> int:
    """Give letters to their functions again; one that is refused keeps none of the others."""
    if bool(asked.letters) == asked.all:
        raise UsageError("give either letters or --all")
    wanted = list(dict.fromkeys(asked.letters))
    if asked.all:
        wanted = [letter["letter_id"] for letter in api.items("/dead-letters", {})]
    done: list[Json] = []
    for letter_id in wanted:
        try:
            letter = api.post(f"/dead-letters/{segment(letter_id)}/redrive")
        except ApiError as error:
            print(clean(f"payrelay: {letter_id}: {error}"), file=sys.stderr)
        else:
            done.append(letter)
            screen.say(f"{letter['letter_id']}  {letter['kind']}  is on its way again")
    screen.give({"items": done})
    if not wanted:
        screen.say("There are no dead letters.")
    if done:
        screen.tell(next_commands(["letters"], ["runs"]))
    return OK if len(done) == len(wanted) else REFUSED


def add_commands(commands: Commands) -> None:
    """What this module adds to the command line."""
    listed = add(
        commands,
        "letters",
        letters,
        "list the dead letters: schedules, logins and ends of runs that got lost",
        "payrelay letters",
    )
    limited(listed, 50, "so many letters")

    driven = add(
        commands,
        "redrive",
        redrive,
        "give dead letters to their functions again, once the cause is mended",
        f"payrelay redrive {LETTER}\npayrelay redrive --all",
    )
    driven.add_argument("letters", metavar="LETTER", nargs="*", help="ids, as `payrelay letters` lists them")
    driven.add_argument("--all", action="store_true", help="every one of them")
