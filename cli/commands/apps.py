"""Apps and their keys: which there are, a new one, and one that is to call no more."""

from __future__ import annotations

import click

from cli.api import Api, Json
from cli.command_line import OneOf, Section, limit_option, yes_option
from cli.errors import OK, UsageError
from cli.place import KEY
from cli.screen import Screen, Table, for_admin
from cli.show import moment, more

APP = "app_01JD9Z4A6B8C0D2E4F6G8H0J2K"
APPS = "/apps"
ROLES = ("viewer", "operator", "admin")
NEVER = "never"

section = Section("Apps")


@section.command("", "--as admin")
@limit_option(50, "apps")
def apps(api: Api, screen: Screen, limit: int) -> int:
    """List the apps that call with a key: their roles, who made them, when they called last. For admins.

    Keys are not kept, and so are not shown.
    """
    found = api.listing(APPS, limit=limit)
    screen.give(found)
    if not found["items"]:
        screen.say("There are no apps.")
        screen.next(for_admin("apps", "create", "NAME", "--role", "viewer"))
        return OK
    rows = [
        [
            one["app_id"],
            one["name"],
            one["role"],
            one["last_used_on"] or NEVER,
            moment(one["created_at"]),
            one["created_by"],
        ]
        for one in found["items"]
    ]
    screen.say(Table(rows, ["app", "name", "role", "last used", "made at", "made by"]), *more(found, limit))
    return OK


@section.command('"Payday portal" --role viewer', '"Payday portal" --role operator --json')
@click.argument("name", metavar="NAME", help="By which people know the app: what it is, and where it runs.")
@click.option("--role", type=OneOf(ROLES), required=True, help="The most that it may do.")
def apps_create(api: Api, screen: Screen, name: str, role: str) -> int:
    """Make an app and its key, and show the key this once: only a hash of it is kept. For admins.

    To change a key, make a second app, let the new key be used, and revoke the first.
    """
    _check_no_key(name)
    found = api.post(APPS, body={"name": name, "role": role})
    screen.give(found)
    screen.say(f"{found['name']} ({found['app_id']}) has the role {role}. Its key, shown this once:")
    screen.say(f"  {found['key']}")
    screen.next(
        for_admin("apps"), for_admin("apps", "revoke", found["app_id"], "# once it is to call no more")
    )
    return OK


@section.command(APP, f"{APP} --yes")
@click.argument("app", metavar="APP", help="The app's id, as `apps` lists it: app_01J...")
@yes_option
def apps_revoke(api: Api, screen: Screen, app: str, yes: bool) -> int:
    """Revoke an app's key: its next call is refused. For admins.

    It asks first; without a terminal to ask at it ends there with 2, unless --yes is given.
    """
    _check_no_key(app)
    if not (agreed := yes or screen.ask(_question(api, app))):
        if agreed is None:
            raise UsageError("nothing was revoked: there is no terminal to ask at; give --yes")
        screen.say("Nothing was revoked.")
        return OK
    api.delete(f"{APPS}/{{}}", app)
    screen.give({})
    screen.say(f"The key of {app} is revoked.")
    screen.next(for_admin("apps"))
    return OK


def _check_no_key(text: str) -> None:
    """Somebody may have taken the key for what is asked for: it is not sent on."""
    if KEY in text:
        raise UsageError("an app is named by its name or its id (app_...), never by its key: see `apps`")


def _question(api: Api, app: str) -> str:
    """Which app that is."""
    named = next((one for one in api.items(APPS) if one["app_id"] == app), None)
    return f"Revoke the key of {_told(named) if named else app}? Its next call is refused."


def _told(one: Json) -> str:
    return f"{one['name']} ({one['role']}, last used: {one['last_used_on'] or NEVER})"
