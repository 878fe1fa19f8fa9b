"""The commands about connections: connections, diagnose."""

from __future__ import annotations

from .api import Api, Json, segment
from .arguments import FLOW, Asked, Commands, add, limited
from .errors import NOT_RIGHT, OK
from .screen import Screen
from .show import facts, indented, moment, table, why

CONNECTION = "con_01JD9Z3K5M7N9P1Q3R5S7T9V1W"
SHOWN_KEYS = 20
WORDS = {True: "ok", False: "FAILS", None: "?"}


def connections(api: Api, asked: Asked, screen: Screen) -> int:
    """List connections, and how each of their flows stands."""
    found = api.listing("/connections", {}, asked.limit)
    screen.give(found)
    for connection in found["items"]:
        screen.tell(_connection_lines(connection))
    if not found["items"]:
        screen.say("There are no connections.")
    if found["next_cursor"]:
        screen.say(f"There are more: --limit {asked.limit * 2}")
    return OK


def _connection_lines(connection: Json) -> list[str]:
    head = [connection[name] for name in ("connection_id", "name", "kind", "status")]
    lines = ["  ".join(head)]
    reason = connection["reason"]
    if reason is not None:
        lines += indented([*facts(("reason", reason["code"])), *why(connection, reason)])
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
    return lines + indented(table(["flow", "last run", "next run", "agreed since", "missed"], rows))


def diagnose(api: Api, asked: Asked, screen: Screen) -> int:
    """The ordered checks of a connection or of one record; 3 if one of them fails."""
    query = {"flow": asked.flow, "entity": asked.entity, "key": asked.key}
    found = api.get(f"/connections/{segment(asked.connection)}/diagnosis", query)
    screen.give(found)
    checks = found["checks"]
    for check in checks:
        screen.tell(_check_lines(check))
    failing = sum(check["passed"] is False for check in checks)
    screen.say(f"{failing} of {len(checks)} checks {'fails' if failing == 1 else 'fail'}.")
    return NOT_RIGHT if failing else OK


def _check_lines(check: Json) -> list[str]:
    code = f"  {check['code']}" if check["code"] else ""
    lines = [f"{WORDS[check['passed']]:<6}{check['flow']}: {check['name']}{code}"]
    keys = check["keys"]
    more = f" and {len(keys) - SHOWN_KEYS} more" if len(keys) > SHOWN_KEYS else ""
    named = f"{', '.join(keys[:SHOWN_KEYS])}{more}" if keys else None
    remedy = check["remedy"]
    return lines + indented(facts(("seen", check["seen"] or None), ("records", named), ("remedy", remedy)), 6)


def add_commands(commands: Commands) -> None:
    """What this module adds to the command line."""
    listed = add(
        commands,
        "connections",
        connections,
        "list connections: status, last run, next run, agreed since, missed",
        "payrelay connections",
    )
    limited(listed, 200, "so many connections")

    diagnosed = add(
        commands,
        "diagnose",
        diagnose,
        "check a connection, or one record of it, at both systems, and say what to mend; writes nothing",
        f"payrelay diagnose {CONNECTION}\npayrelay diagnose {CONNECTION} 1042 --entity employee",
    )
    diagnosed.add_argument("connection", metavar="CONNECTION")
    diagnosed.add_argument(
        "key", metavar="KEY", nargs="?", help="one record: an employee's number, a document's id"
    )
    diagnosed.add_argument("--flow", help=FLOW)
    diagnosed.add_argument("--entity", help="of the flows of this entity only, such as employee")
