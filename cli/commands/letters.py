"""Dead letters, the events that did not do what they were for."""

from __future__ import annotations

from collections.abc import Mapping

import click

from cli.api import Api, Json
from cli.command_line import Section, interval_option, limit_option, seconds
from cli.errors import NOT_RIGHT, OK, REFUSED, ApiError, UsageError
from cli.fates import Fate, Redriven, given, seen, told
from cli.screen import Screen, Table, problem
from cli.show import moment, more
from cli.waiting import looks

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
@click.option(
    "--wait", metavar="S", type=seconds, default="60", help="For so many seconds, for what becomes of them."
)
@interval_option
def redrive(
    api: Api, screen: Screen, letters: tuple[str, ...], whole: bool, wait: float, interval: float
) -> int:
    """Give dead letters to their functions again, once the cause is mended; wait for what becomes of them.

    Its run has started, or was joined, or it was NOT started, and then the letter is kept. Ends with 3 if any
    was not, or if that is not known yet. One that is refused keeps none of the others: then it ends with 1.
    """
    if bool(letters) == whole:
        raise UsageError("give either letters or --all")
    known = {letter["letter_id"]: letter for letter in api.items("/dead-letters")}
    wanted = list(known) if whole else list(dict.fromkeys(letters))
    if not wanted:
        screen.give({"items": []})
        screen.say("There are no dead letters.")
        return OK
    sent: list[Redriven] = []
    for letter_id in wanted:
        try:
            sent.append(given(api, letter_id, known.get(letter_id)))
        except ApiError as error:
            problem(f"{letter_id}: {error}")
    fates = _await(api, screen, sent, set(known), wait, interval)
    screen.give({"items": [{**one.answer, **fates[one.letter_id].shown} for one in sent]})
    for one in sent:
        screen.say(f"{one.letter_id}  {what(one.letter)}  {fates[one.letter_id].words}")
    if len(sent) < len(wanted):
        return REFUSED
    if not all(fate.good for fate in fates.values()):
        screen.next(["letters"], ["connections"])
        return NOT_RIGHT
    runs = list(dict.fromkeys(fate.run_id for fate in fates.values() if fate.run_id))
    screen.next(*(["tail", run_id] for run_id in runs[:SHOWN_RUNS]))
    return OK


def _await(
    api: Api, screen: Screen, sent: list[Redriven], before: set[str], wait: float, interval: float
) -> dict[str, Fate]:
    """What became of each, as soon as that is known of all; what is not known by then says so."""
    fates = {one.letter_id: told(one.answer) for one in sent}
    left = wait

    def look() -> Json:
        unknown = [one for one in sent if not fates[one.letter_id].known]
        queue = list(api.items("/dead-letters")) if unknown else []
        return {one.letter_id: seen(api, one, queue, before) for one in unknown}

    for found in looks(look, interval):
        fates |= found
        if all(fate.known for fate in fates.values()) or left <= 0:
            break
        if left == wait:
            screen.say(f"{len(sent)} on their way; looking for what becomes of them.")
        left -= interval
    return fates
