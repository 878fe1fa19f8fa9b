"""What is entered into a connection: credentials, settings, the secret of its login hook."""

from __future__ import annotations

import getpass
import json
import sys

import click

from cli.api import Api, Json
from cli.command_line import Section, connection_argument, yes_option
from cli.errors import OK, UsageError
from cli.screen import Screen, facts, for_admin
from cli.show import moment

from .runs import CONNECTION

# What each system asks for.
APP = ("client_id", "client_secret")
FIELDS = {
    "simployer": ("access_token",),
    "xledger": ("api_token",),
    "autovu": ("integration_key",),
    "quickbooks": APP,
    "xero": APP,
    "sage": APP,
    "attache": APP,
    "express_leave": ("company_id", "api_key"),
    "synergy": ("username", "password"),
    "payroll_plus": ("employer_id", "username", "password"),
    "globe_next": ("username", "password"),
}
SYSTEMS = {
    "simployer_xledger": ("simployer", "xledger"),
    "attache_express_leave": ("attache", "express_leave"),
    "synergy_payroll_plus": ("synergy", "payroll_plus", "globe_next"),
    "millennium_timeworksplus": ("millennium", "timeworksplus"),
}

section = Section("What a connection has")


@section.command(f"{CONNECTION} xledger", f"{CONNECTION} synergy username password")
@connection_argument
@click.argument("system", required=False, help="The system, such as xledger; left out: which there are.")
@click.argument(
    "names", metavar="[NAME]...", nargs=-1, help="Which are entered, such as password; all of the system's."
)
def credentials(api: Api, screen: Screen, connection: str, system: str | None, names: tuple[str, ...]) -> int:
    """Enter new credentials of one system; those of the others stay. For admins.

    They are asked for one after the other, or read from standard input, one a line; never from the command
    line, which the list of processes shows. `connect` tries them then.
    """
    if system is None:
        found = api.get("/connections/{}", connection)
        screen.give(found)
        package = str(found["settings"].get("package", ""))
        systems = SYSTEMS.get(found["kind"], ("autovu", package) if package else ())
        screen.say(f"{connection} has credentials of: {', '.join(systems) or found['kind']}.")
        screen.next(*(for_admin("credentials", connection, one) for one in systems))
        return OK
    wanted = names or FIELDS.get(system, ())
    if not wanted:
        raise UsageError(f"{system} is not known here: name what is entered, too, such as username password")
    values = {name: _secret(system, name) for name in wanted}
    if not all(values.values()):
        raise UsageError(f"nothing was changed: {', '.join(wanted)} must all be entered")
    found = api.patch("/connections/{}", connection, body={"credentials": {system: values}})
    screen.give(found)
    screen.say(f"{', '.join(values)} of {system} {'is' if len(values) == 1 else 'are'} entered.")
    screen.next(for_admin("connect", connection))
    return OK


def _secret(system: str, name: str) -> str:
    """What is typed, without showing it; or the next line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{name} of {system}: ", sys.stderr).strip()
    return sys.stdin.readline().strip()


@section.command(CONNECTION, f"{CONNECTION} brake.people=20 brake.share=0.10")
@connection_argument
@click.argument("changed", metavar="[NAME=VALUE]...", nargs=-1, help="A setting, such as brake.people=20.")
def settings(api: Api, screen: Screen, connection: str, changed: tuple[str, ...]) -> int:
    """Show a connection's settings, or change some: what stands beside them stays. For admins.

    Who changed which is kept: see `changes`.
    """
    found = api.get("/connections/{}", connection)
    if changed:
        wanted = _merged(found["settings"], changed)
        found = api.patch("/connections/{}", connection, body={"settings": wanted})
    screen.give(found)
    shown = found["settings"].items()
    screen.say(*(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in shown))
    if changed:
        screen.next(["changes", connection])
    return OK


def _merged(stored: Json, changed: tuple[str, ...]) -> Json:
    """The settings that change, each with what it has beside: one is replaced as a whole."""
    wanted: Json = {}
    for text in changed:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError("a setting is given like NAME=VALUE, such as brake.people=20")
        top, *below = name.split(".")
        if not below:
            wanted[top] = _read(value, stored.get(top))
            continue
        place = wanted.setdefault(top, json.loads(json.dumps(stored.get(top, {}))))
        for part in below[:-1]:
            place = place.setdefault(part, {})
        place[below[-1]] = _read(value, place.get(below[-1]))
    return wanted


def _read(text: str, old: object) -> object:
    """A value as JSON; a text stays one, and so does an amount with a point, for these are texts."""
    if isinstance(old, str):
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, float) else value


@section.command(CONNECTION, f"{CONNECTION} --yes")
@connection_argument
@yes_option
def hook_secret(api: Api, screen: Screen, connection: str, yes: bool) -> int:
    """Make a new secret for the login hook, and show it this once. For admins.

    The one before is good for another day: give the new one to whoever runs Express Leave meanwhile. It asks
    first; without a terminal to ask at it ends there with 2, unless --yes is given.
    """
    if not (agreed := yes or screen.ask(f"Make a new secret for the login hook of {connection}?")):
        if agreed is None:
            raise UsageError("no secret was made: there is no terminal to ask at; give --yes")
        screen.say("No secret was made.")
        return OK
    found = api.post("/connections/{}/hook-secret", connection)
    screen.give(found)
    screen.say(
        facts(
            [
                ("secret", found["secret"]),
                ("address", found["url"]),
                ("former", f"good until {moment(found['former_valid_until'])}"),
            ],
            by=2,
        )
    )
    screen.next(["changes", connection])
    return OK
