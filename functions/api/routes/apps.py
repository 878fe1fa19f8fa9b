"""API keys of apps: made and shown once, listed without them, revoked at once (TRG-4)."""

from __future__ import annotations

import re
from typing import Any

from call import ULID, Answer, Call
from fields import Fields
from query import cursor, page, page_size

from payrelay.ledger.apps import MOST_APPS, App, TooManyApps
from payrelay.ledger.changes import Act
from payrelay.runtime.api_keys import digest_of, has_key, new_key
from payrelay.runtime.identity import ROLES, ROLES_OF_APPS, Role
from payrelay.runtime.ids import app_id as new_app_id
from payrelay.runtime.problems import Problem

LONGEST_NAME = 100
FEWER = "Delete one that is not used any more (DELETE /apps/{app_id}): GET /apps shows the last use of each."
APP_ID = re.compile(f"app_{ULID}")
NO_ROLE_OF_APPS = {*ROLES, Role.SERVICE.label} - {*ROLES_OF_APPS}


def list_apps(call: Call) -> Answer:
    """The tenant's apps, oldest first; never a key."""
    query = call.query(limit=page_size, cursor=cursor("apps", str))
    after = query["cursor"][0] if query["cursor"] else None
    placed = (((app.app_id,), app) for app in call.container.ledger.apps.list(call.tenant, after))
    items, following = page("apps", placed, query["limit"])
    return Answer({"items": [_view(app) for app in items], "next_cursor": following})


def create(call: Call) -> Answer:
    """A new app; its key is in this answer, and nowhere else."""
    body = call.body()
    fields = Fields(body, ("name", "role"), required=("name", "role"))
    name, role = fields.text("name", LONGEST_NAME), _role(fields, body.get("role"))
    if not name.isprintable() or has_key(name):
        fields.refuse("name", "must have visible characters only, and no key in it")
    fields.stop_if_wrong()
    app = App(
        app_id=new_app_id(),
        tenant=call.tenant,
        name=name,
        role=role,
        created_at=call.container.engine.stamp(),
        created_by=call.principal.subject,
    )
    key = new_key()
    change = call.change(Act.APP_MADE, [_named(app), f"role {role}"])
    try:
        call.container.ledger.apps.create(app, digest_of(key), change)
    except TooManyApps as error:
        raise Problem(
            "TOO_MANY_APPS",
            f"A tenant may have {MOST_APPS} apps, and this one has them.",
            remedy=FEWER,
        ) from error
    return Answer({**_view(app), "key": key.reveal()}, 201)


def delete(call: Call, app_id: str) -> Answer:
    """Revoke an app's key: the next call with it is refused."""
    call.query()
    apps = call.container.ledger.apps
    app = apps.get(call.tenant, app_id) if APP_ID.fullmatch(app_id) else None
    if app is None or not apps.delete(call.tenant, app_id, call.change(Act.APP_REVOKED, [_named(app)])):
        raise Problem("NOT_FOUND", "There is no app with this id.")
    return Answer(status=204)


def _role(fields: Fields, given: object) -> str:
    """The role of an app."""
    if isinstance(given, str) and given in NO_ROLE_OF_APPS:
        words = ", ".join(ROLES_OF_APPS)
        fields.refuse("role", f"must be one of: {words}; only people are {given}")
        return ""
    return fields.one_of("role", ROLES_OF_APPS)


def _named(app: App) -> str:
    """An app as the trail has it."""
    return f"{app.name} ({app.app_id})"


def _view(app: App) -> dict[str, Any]:
    return {
        "app_id": app.app_id,
        "name": app.name,
        "role": app.role,
        "created_at": app.created_at,
        "created_by": app.created_by,
        "last_used_on": app.last_used_on,
    }
