"""What is wrong with a connection or a record, where its values came from, and who changed the connection."""

from __future__ import annotations

import click

from cli.api import Api, Json
from cli.command_line import Section, connection_argument, flow_option, limit_option, since
from cli.errors import NOT_RIGHT, OK, UsageError
from cli.screen import Screen, Table, facts
from cli.show import changed, moment, more

from .runs import CONNECTION

SHOWN_KEYS = 20
WORDS = {True: "ok", False: "FAILS", None: "?"}

section = Section("Checks")
entity_option = click.option("--entity", metavar="ENTITY", help="What it is, such as employee.")


@section.command(CONNECTION, f"{CONNECTION} 1042 --entity employee", f"{CONNECTION} employee:1042")
@connection_argument
@click.argument("key", required=False, help="One record: employee:1042, or the number alone beside --entity.")
@flow_option
@entity_option
def diagnose(
    api: Api, screen: Screen, connection: str, key: str | None, flow: str | None, entity: str | None
) -> int:
    """Check a connection, or one record of it, at both systems, and say what to mend. Writes nothing.

    The checks stand in the order in which to mend what fails. Ends with 3 if one of them fails.
    """
    entity, key = _record(api, connection, entity, key, flow)
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


# The entity of a kind of connection that has one; of others it has to be named.
ENTITIES = {
    "simployer_xledger": "employee",
    "attache_express_leave": "employee",
    "autovu_accounting": "document",
}


def _record(
    api: Api, connection: str, entity: str | None, key: str | None, flow: str | None
) -> tuple[str | None, str | None]:
    """What a record is and its key: from `employee:1042`, or from what the connection has."""
    if key is None or entity or flow:
        return entity, key
    kind, colon, rest = key.partition(":")
    if colon and kind.replace("_", "").isalpha():
        return kind, rest
    usual = ENTITIES.get(api.get("/connections/{}", connection)["kind"])
    if usual is None:
        raise UsageError("say what the record is: --entity, such as person, request, report, journal_entry")
    return usual, key


@section.command(f"{CONNECTION} employee:1042", f"{CONNECTION} employee:1042 --field bankAccount --since 60d")
@connection_argument
@click.argument("record", help="The record: employee:1042.")
@entity_option
@click.option("--field", metavar="FIELD", help="Changes of this field only; a part of its name is enough.")
@click.option("--since", metavar="T", type=since, help="Since then: 24h, 60d, or 2026-11-22T06:00:00Z.")
@click.option("--until", metavar="T", type=since, help="Until then, in the same forms.")
@limit_option(50, "entries")
def history(
    api: Api,
    screen: Screen,
    connection: str,
    record: str,
    entity: str | None,
    field: str | None,
    since: str | None,
    until: str | None,
    limit: int,
) -> int:
    """Show what was written of a record, newest first: when, by which run, for whom, old and new value.

    Where the source field is known it stands beside; so does the source's comment.
    """
    kind, key = _record(api, connection, entity, record, None)
    asked = {"entity": kind, "key": key}
    found: list[Json] = []
    cut = False
    for entry in api.items("/connections/{}/history", connection, **asked):
        if since and _second(entry["at"]) < since:
            break
        changes = [one for one in entry["changes"] if not field or field.lower() in one["field"].lower()]
        if (until and _second(entry["at"]) > until) or (field and not changes):
            continue
        if len(found) == limit:
            cut = True
            break
        found.append({**entry, "changes": changes})
    screen.give({"items": found, "next_cursor": None})
    for entry in found:
        by = f"{entry['trigger']}, by {entry['requested_by']}"
        screen.say(f"{moment(entry['at'])}  {entry['run_id']}  {entry['flow']} ({by})  {entry['outcome']}")
        sources = entry.get("sources", {})
        screen.say(*(f"    {changed(one)}{_from(sources.get(one['field']))}" for one in entry["changes"]))
        if entry.get("withheld"):
            screen.say(f"    {entry['withheld']['changes']}. {entry['withheld']['why']}")
        if entry["comment"]:
            screen.say(f"    comment: {entry['comment']}")
    if not found:
        of = f" of {field}" if field else ""
        screen.say(f"Payrelay wrote nothing{of} for {record} in that time.")
    screen.say(*([f"There are more: --limit {limit * 2}"] if cut else []))
    runs = list(dict.fromkeys(entry["run_id"] for entry in found if entry["run_id"].startswith("run_")))
    screen.next(*(["show", run, record] for run in runs[:1]))
    return OK


def _second(at: str) -> str:
    return f"{at[:19]}Z"


def _from(source: str | None) -> str:
    """The source field that a value came from, where it is known."""
    return f"   (from {source})" if source else ""


@section.command(CONNECTION)
@connection_argument
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
