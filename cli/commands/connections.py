"""How connections stand, and what is wrong with one."""

from __future__ import annotations

import os

import click

from cli.api import Api, Json
from cli.command_line import Section, flow_option, limit_option
from cli.errors import NOT_RIGHT, OK, UsageError
from cli.place import STACK, environment
from cli.screen import Screen, Table, facts
from cli.show import moment, more, why

CONNECTION = "con_01JD9Z3K5M7N9P1Q3R5S7T9V1W"
SHOWN_KEYS = 20
REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
WORDS = {True: "ok", False: "FAILS", None: "?"}

section = Section("Connections")


@section.command("")
@limit_option(200, "connections")
def connections(api: Api, screen: Screen, limit: int) -> int:
    """List connections: their status, and each flow's last run, next run, agreed since and missed.

    A connection that needs a person has the reason and the remedy below it.
    """
    found = api.listing("/connections", limit=limit)
    screen.give(found)
    for connection in found["items"]:
        screen.say(*_standing(connection))
    if not found["items"]:
        screen.say("There are no connections.")
    screen.say(*more(found, limit))
    return OK


def _standing(connection: Json) -> list[str | Table]:
    parts: list[str | Table] = [
        "  ".join(connection[name] for name in ("connection_id", "name", "kind", "status"))
    ]
    reason = connection["reason"]
    if reason is not None:
        parts.append(facts([("reason", reason["code"]), *why(connection, reason)], by=2))
    rows = [
        [
            flow,
            f"{standing['last_status'] or '-'} {moment(standing['last_finished_at'])}".removeprefix("- "),
            moment(standing["next_run_at"]),
            moment(standing["agreed_at"]),
            moment(standing.get("missed_at")),
        ]
        for flow, standing in connection["standings"].items()
    ]
    return [*parts, Table(rows, ["flow", "last run", "next run", "agreed since", "missed"], by=2)]


@section.command("")
def env(api: Api, screen: Screen) -> int:
    """Print the environment for the AWS tool, such as the runbook's commands need: eval "$(payrelay env)".

    What is set already stays. Of the local stack it is the endpoint, region and keys; of any other these are
    your AWS profile's, and only a missing region is told.
    """
    found = environment(STACK) if api.local else {}
    screen.give(found)
    for name, value in found.items():
        screen.say(f'export {name}="${{{name}:-{value}}}"')
    if not found and not any(os.environ.get(name) for name in REGION):
        raise UsageError("set AWS_REGION, and sign in to the account: the stack is not the local one")
    return OK


@section.command(CONNECTION)
@click.argument("connection", metavar="CONNECTION", help="The connection's id: con_01J...")
@limit_option(50, "changes")
def changes(api: Api, screen: Screen, connection: str, limit: int) -> int:
    """Who changed a connection, its credentials, schedules or hook secret: when, and which fields.

    Values are kept nowhere.
    """
    found = api.listing("/connections/{}/changes", connection, limit=limit)
    screen.give(found)
    rows = [
        [moment(one["at"]), one["who"], one["role"], one["act"], ", ".join(one["fields"]) or "-"]
        for one in found["items"]
    ]
    screen.say(Table(rows, ["at", "who", "role", "what", "fields"]))
    screen.say(*more(found, limit))
    return OK


@section.command(CONNECTION, f"{CONNECTION} 1042 --entity employee")
@click.argument("connection", metavar="CONNECTION", help="The connection's id: con_01J...")
@click.argument("key", required=False, help="One record: an employee's number, a document's id.")
@flow_option
@click.option("--entity", metavar="ENTITY", help="Of the flows of this entity only, such as employee.")
def diagnose(
    api: Api, screen: Screen, connection: str, key: str | None, flow: str | None, entity: str | None
) -> int:
    """Check a connection, or one record of it, at both systems, and say what to mend. Writes nothing.

    The checks stand in the order in which to mend what fails. Ends with 3 if one of them fails.
    """
    found = api.get("/connections/{}/diagnosis", connection, flow=flow, entity=entity, key=key)
    screen.give(found)
    checks = found["checks"]
    for check in checks:
        screen.say(*_check(check))
    failing = sum(check["passed"] is False for check in checks)
    screen.say(f"{failing} of {len(checks)} checks {'fails' if failing == 1 else 'fail'}.")
    return NOT_RIGHT if failing else OK


def _check(check: Json) -> list[str | Table]:
    code = f"  {check['code']}" if check["code"] else ""
    keys = check["keys"]
    more_keys = f" and {len(keys) - SHOWN_KEYS} more" if len(keys) > SHOWN_KEYS else ""
    named = f"{', '.join(keys[:SHOWN_KEYS])}{more_keys}" if keys else None
    return [
        f"{WORDS[check['passed']]:<6}{check['flow']}: {check['name']}{code}",
        facts([("seen", check["seen"] or None), ("records", named), ("remedy", check["remedy"])], by=6),
    ]
