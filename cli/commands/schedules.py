"""The schedule of a flow: read it, put it again as it is, change it."""

from __future__ import annotations

import click

from cli.api import Api, Json
from cli.command_line import Section, connection_argument, flow_argument
from cli.errors import NOT_RIGHT, OK, ApiError, UsageError
from cli.screen import Pairs, Screen, Table, Words, facts, for_admin
from cli.show import moment

from .runs import CONNECTION

CONNECTED = "connected"
# What a client sets of a schedule; the rest is told.
SET = ("days", "time", "every_minutes", "from", "until", "time_zone", "enabled")

section = Section("Schedules")


@section.command(
    f"{CONNECTION} employee_export",
    f"{CONNECTION} employee_export --again",
    f"{CONNECTION} employee_export --days MON,FRI --preview",
)
@connection_argument
@flow_argument
@click.option("--again", is_flag=True, help="Put it as it is: mends one that the scheduler has lost.")
@click.option("--days", metavar="MON,TUE", help="On these days.")
@click.option("--time", metavar="HH:MM", help="At this time.")
@click.option("--zone", metavar="ZONE", help="Of this time zone, such as Europe/Oslo.")
@click.option("--on/--off", "enabled", default=None, help="Switch it on or off.")
@click.option("--preview", is_flag=True, help="Only show when it would run then. Sets nothing.")
def schedule(
    api: Api,
    screen: Screen,
    connection: str,
    flow: str,
    again: bool,
    days: str | None,
    time: str | None,
    zone: str | None,
    enabled: bool | None,
    preview: bool,
) -> int:
    """Show a flow's schedule and its next runs, or put it: again as it is, or with what is given changed.

    What is not given stays as the customer has it. To put it needs an admin. Ends with 3 if a run is missed.
    """
    given: Json = {
        "days": days and [day.strip().upper() for day in days.split(",")],
        "time": time,
        "time_zone": zone,
        "enabled": enabled,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    found = _stored(api, connection, flow, changed)
    if again or changed or preview:
        wanted = {**{name: found[name] for name in SET if name in found}, **changed}
        if time:
            for name in ("every_minutes", "from", "until"):
                wanted.pop(name, None)
        found = api.put("/connections/{}/schedules/{}", connection, flow, body=wanted, preview=preview)
    if preview:
        return _previewed(screen, found)
    standing = api.get("/connections/{}", connection)
    one: Json = standing["standings"].get(flow, {})
    screen.give(found)
    screen.say(*_shown(found, one, standing["status"], put=bool(again or changed)))
    missed, lost = bool(one.get("missed_at")), bool(found.get("next_run_problem"))
    following: list[Words] = []
    if (missed or lost) and standing["status"] == CONNECTED and not (again or changed):
        following.append(for_admin("schedule", connection, flow, "--again"))
    if missed:
        following.append(["start", connection, flow])
    if standing["status"] != CONNECTED:
        following.insert(0, for_admin("connect", connection))
    screen.next(*following)
    return NOT_RIGHT if (missed or lost) and not (again or changed) else OK


def _previewed(screen: Screen, found: Json) -> int:
    """What a schedule would be, and its next runs, in UTC; nothing was set."""
    screen.give(found)
    lost = found["next_run_problem"]
    pairs: Pairs = [
        ("days", ", ".join(found["days"])),
        ("at", _at(found)),
        ("enabled", "yes" if found["enabled"] else "no"),
        *(("next runs" if not number else "", moment(at)) for number, at in enumerate(found["next_runs"])),
        *([("but", lost["message"]), ("remedy", lost["remedy"])] if lost else []),
        ("notice", found.get("notice")),
    ]
    screen.say("Nothing was set. It would be:", facts(pairs, by=2))
    return OK


def _at(found: Json) -> str:
    often = found.get("every_minutes")
    at = f"every {often} minutes from {found['from']} until {found['until']}" if often else found["time"]
    return f"{at} ({found['time_zone']})"


def _stored(api: Api, connection: str, flow: str, changed: Json) -> Json:
    """The schedule as it is; none is no error for who gives a whole one."""
    try:
        return api.get("/connections/{}/schedules/{}", connection, flow)
    except ApiError as error:
        if error.code != "NOT_FOUND" or not {"days", "time", "time_zone"} <= changed.keys():
            if error.code == "NOT_FOUND" and changed:
                raise UsageError(f"{error}: give --days, --time and --zone to make one") from None
            raise
        return {"enabled": True}


def _shown(found: Json, one: Json, status: str, *, put: bool) -> list[str | Table]:
    """The schedule and its runs; what to do about a missed one is not said to who has just `put` it again."""
    lost, missed = found.get("next_run_problem"), one.get("missed_reason")
    ahead = None if lost else one["next_run_at"] if one else found["next_run_at"]
    none = f"none: the connection is {status}" if found["enabled"] and status != CONNECTED else "none"
    pairs: Pairs = [
        ("days", ", ".join(found["days"])),
        ("at", _at(found)),
        ("enabled", "yes" if found["enabled"] else "no"),
        ("next run", moment(ahead) if ahead else none),
        *([("why none", lost["message"]), ("remedy", lost["remedy"])] if lost else []),
        ("missed", moment(one["missed_at"]) if one.get("missed_at") else None),
        *([("why missed", missed["message"])] if missed else []),
        *([("remedy", missed["remedy"])] if missed and not put else []),
        ("notice", found.get("notice")),
        ("put", moment(found["updated_at"])),
    ]
    return [facts(pairs, by=2)]
