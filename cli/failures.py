"""The command failures: what failed or is blocked, over all connections."""

from __future__ import annotations

from .api import Api, Json
from .arguments import FLOW, Asked, Commands, add, limited, since
from .errors import OK
from .screen import Screen
from .show import failing_lines, indented, moment, next_commands


def failures(api: Api, asked: Asked, screen: Screen) -> int:
    """Failures by reason, then each of them, newest first."""
    query = {"reason": asked.reason, "flow": asked.flow, "since": asked.since}
    found = api.listing("/failures", query, asked.limit)
    screen.give(found)
    if not found["items"]:
        screen.say("Nothing failed, and nothing is blocked.")
        return OK
    screen.tell(f"{group['count']:>6}  {group['code']}" for group in found["groups"])
    if not found["groups_complete"]:
        screen.say("There are so many that only the newest were counted.")
    last: Json | None = None
    for failure in found["items"]:
        if last is None or failure["run_id"] != last["run_id"]:
            at, run_id = moment(failure["at"]), failure["run_id"]
            screen.say("", f"{at}  {run_id}  {failure['flow']}  {failure['connection_id']}")
        screen.tell(indented(failing_lines([failure])))
        last = failure
    if found["next_cursor"]:
        screen.say("", f"There are more: --limit {asked.limit * 2}")
    first = found["items"][0]
    screen.tell(next_commands(["show", first["run_id"], first["record_id"]], ["replay", first["run_id"]]))
    return OK


def add_commands(commands: Commands) -> None:
    """What this module adds to the command line."""
    parser = add(
        commands,
        "failures",
        failures,
        "list what failed or is blocked over all connections, counted by reason, newest first",
        "payrelay failures --since 24h --flow employee_export",
    )
    parser.add_argument(
        "--reason", metavar="CODE", help="for this reason only, such as REQUIRED_FIELD_MISSING"
    )
    parser.add_argument("--flow", help=FLOW)
    parser.add_argument(
        "--since", type=since, metavar="T", help="of runs that ended since: 24h, 7d, 2026-11-22T06:00:00Z"
    )
    limited(parser, 50, "so many failures")
