"""How connections stand, and what one does with one: connect it, enter credentials, change a setting."""

from __future__ import annotations

import click

from cli.after import connecting
from cli.api import Api, Json
from cli.command_line import Section, connection_argument, interval_option, limit_option, seconds
from cli.consent import Consent
from cli.errors import NOT_RIGHT, OK, ApiError, UsageError
from cli.screen import Screen, Table, Words, facts
from cli.show import moment, more, why

from .runs import CONNECTION

CONNECTED, ATTENTION = "connected", "attention"
WHYS = {"missed_reason": "was missed", "next_run_problem": "has no next run"}

section = Section("Connections")


@section.command("")
@limit_option(200, "connections")
def connections(api: Api, screen: Screen, limit: int) -> int:
    """List connections: their status, and each flow's last run, next run, agreed since and missed.

    A connection that needs a person has the reason and the remedy below it. Ends with 3 if one does, or if a
    scheduled run is missed.
    """
    found = api.listing("/connections", limit=limit)
    screen.give(found)
    following: list[Words] = []
    wrong = False
    for connection in found["items"]:
        screen.say(*standing(connection))
        connection_id, reason = connection["connection_id"], connection["reason"]
        if connection["status"] == ATTENTION:
            wrong = True
            system = str((connection.get("request") or {}).get("system", ""))
            following += connecting(connection_id, (reason or {}).get("code", ""), system, connection["kind"])
        for flow, one in connection["standings"].items():
            lost = bool(one.get("next_run_problem")) and connection["status"] == CONNECTED
            if one.get("missed_at") or lost:
                wrong = True
                following.append(["schedule", connection_id, flow])
    if not found["items"]:
        screen.say("There are no connections.")
    screen.say(*more(found, limit))
    screen.next(*following)
    return NOT_RIGHT if wrong else OK


def standing(connection: Json) -> list[str | Table]:
    """A connection, its reason and remedy, and its flows."""
    parts: list[str | Table] = [
        "  ".join(connection[name] for name in ("connection_id", "name", "kind", "status"))
    ]
    reason = connection["reason"]
    if reason is not None:
        parts.append(facts([("reason", reason["code"]), *why(connection, reason)], by=2))
    rows = [
        [
            flow,
            f"{one['last_status'] or '-'} {moment(one['last_finished_at'])}".removeprefix("- "),
            moment(one["next_run_at"]),
            moment(one["agreed_at"]),
            moment(one.get("missed_at")),
        ]
        for flow, one in connection["standings"].items()
    ]
    parts.append(Table(rows, ["flow", "last run", "next run", "agreed since", "missed"], by=2))
    for flow, one in connection["standings"].items():
        for name, what in WHYS.items():
            if found := one.get(name):
                head = f"  {flow} {what}: {found['code']}"
                parts += [head, facts([("why", found["message"]), ("remedy", found["remedy"])], by=4)]
    return parts


@section.command(CONNECTION, f"{CONNECTION} --consent --redirect-uri https://app.example/consent")
@connection_argument
@click.option("--consent", is_flag=True, help="Ask a person for consent: prints the address, and waits.")
@click.option(
    "--redirect-uri",
    metavar="URL",
    help="Where the vendor sends the person back to, as it is registered there (local stack: to the tool).",
)
@click.option(
    "--came-back",
    metavar="URL",
    help="The address that the person's browser came back to, with code and state.",
)
@click.option("--confirm-organisation", is_flag=True, help="The other organisation is the one that is meant.")
@click.option("--wait", metavar="S", type=seconds, default="600", help="For so many seconds, for a consent.")
@interval_option
def connect(
    api: Api,
    screen: Screen,
    connection: str,
    consent: bool,
    redirect_uri: str | None,
    came_back: str | None,
    confirm_organisation: bool,
    wait: float,
    interval: float,
) -> int:
    """Connect: try the credentials at each system, and name the organisations that they reach. For admins.

    QuickBooks, Xero, Sage and Attaché need a person's consent: --consent prints the address to open, and
    waits until it is given; their app passes it on, or --came-back does. Ends with 3 if it is not connected.
    """
    path = "/connections/{}/connect"
    confirmed: Json = {"confirm_organisation": True} if confirm_organisation else {}
    if came_back:
        return _connected(screen, api.post(path, connection, body={**Consent.read(came_back), **confirmed}))
    if consent or redirect_uri:
        if not redirect_uri and not api.local:
            raise UsageError("give --redirect-uri, the address that the app is registered with at the vendor")
        return _connected(
            screen, Consent(api, screen, connection, interval).ask(redirect_uri, wait, confirmed)
        )
    try:
        return _connected(screen, api.post(path, connection, body=confirmed or None))
    except ApiError as error:
        found = api.get("/connections/{}", connection)
        screen.next(*connecting(connection, error.code, error.system, found["kind"]))
        raise


def _connected(screen: Screen, found: Json) -> int:
    screen.give(found)
    screen.say(*standing(found))
    named = [f"  {system}: {name}" for system, name in found.get("organisations", {}).items()]
    screen.say(*(["It reaches:", *named] if named else []))
    if found.get("run_id"):
        screen.next(["tail", found["run_id"]])
    return OK if found["status"] == CONNECTED else NOT_RIGHT


@section.command(CONNECTION)
@connection_argument
def calls(api: Api, screen: Screen, connection: str) -> int:
    """Tell the day's calls by system: used, left of a vendor's limit, kept for schedules, and until when.

    Ends with 3 if nothing is left of a limit but what is kept.
    """
    found = api.get("/connections/{}/calls", connection)
    screen.give(found)
    rows = [[system, *_day(one)] for system, one in found.items()]
    heads = [
        "system",
        "used",
        "limit",
        "left",
        "kept",
        "reset",
        "refused",
        "made again",
        "waited",
        "diagnosed",
    ]
    screen.say(Table(rows, heads))
    for system, one in found.items():
        for due in one["kept_for"]:
            screen.say(f"Of {system}, {due['calls']} are kept for {due['flow']} at {moment(due['at'])}.")
    short = [one for one in found.values() if one["limit"] is not None and one["left"] <= one["reserved"]]
    return NOT_RIGHT if short else OK


def _day(one: Json) -> list[str]:
    """A system's day, cell by cell; what it has no limit for is a dash."""
    limits = ["-" if one[name] is None else str(one[name]) for name in ("limit", "left", "reserved")]
    numbers = [str(one[name]) for name in ("refused", "retried")]
    waited = f"{one['waited_s']} s" if one["waited_s"] else "-"
    return [str(one["used"]), *limits, moment(one["reset"]), *numbers, waited, str(one["diagnosed"])]
