"""What a shell needs, so that the runbook's commands can be typed as they stand."""

from __future__ import annotations

import os

from cli.api import Api
from cli.command_line import Section
from cli.environment import of_aws, of_local
from cli.errors import OK, UsageError
from cli.place import STACK, facts_of
from cli.screen import Screen, facts

REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")

section = Section("A shell")


@section.command("", "--as admin", alone=True)
def env(screen: Screen, api: str | None, role: str | None) -> int:
    """Print the environment for the runbook's commands: eval "$(./payrelay env)".

    Of the local stack, if that runs and no other is named: endpoint, region, keys, the API, and the names of
    table, logs and queue; with --as, whose token this shell takes. Of any other, lines that ask AWS for them,
    as the profile that you signed in with; set PAYRELAY_TOKEN yourself. What is set already stays.
    """
    wanted = (api or os.environ.get("PAYRELAY_API", "")).strip().rstrip("/")
    facts = facts_of(STACK)
    if facts and wanted in ("", str(facts.get("api_url", "")).rstrip("/")):
        found = of_local(facts, role)
        screen.give(found)
        screen.say(*(f'export {name}="${{{name}:-{value}}}"' for name, value in found.items()))
        return OK
    region = next((os.environ[name] for name in REGION if os.environ.get(name)), None)
    if region is None:
        raise UsageError("set AWS_REGION, and sign in to the account; or start the local stack: make up")
    lines = of_aws(api)
    screen.give({"AWS_REGION": region, "shell": lines})
    screen.say(f"export AWS_REGION={region} AWS_DEFAULT_REGION={region}", *lines.splitlines())
    return OK


@section.command("", "--as admin")
def me(api: Api, screen: Screen) -> int:
    """Who you are to the API: your tenant and role, and where something of your own can be read."""
    found = api.get("/me")
    screen.give(found)
    own = [
        (
            "your own" if not number else "",
            f"{one['connection_id']}  {one['name']}: {', '.join(one['offers']).replace('_', ' ')}",
        )
        for number, one in enumerate(found["connections"])
    ]
    pairs = [("tenant", found["tenant"]), ("roles", ", ".join(found["roles"])), ("e-mail", found["email"])]
    screen.say(found["subject"], facts([*pairs, *own], by=2))
    return OK
