"""Connections: list, create, read, change, delete (CON-1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from call import Answer, Call
from fields import Fields
from msgspec.structs import replace
from query import cursor, page, page_size
from views import connection_view

from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting.lapse import as_of
from payrelay.runtime.ids import connection_id as new_connection_id
from payrelay.runtime.problems import Problem
from routes.connecting import revoke_tokens
from routes.settings import Credentials, check_credentials, check_settings

LONGEST_NAME = 200


def list_connections(call: Call) -> Answer:
    """The tenant's connections, oldest first."""
    query = call.query(limit=page_size, cursor=cursor("connections", str))
    after = query["cursor"][0] if query["cursor"] else None
    found = call.container.ledger.connections.list(call.tenant, after)
    placed = (((connection.connection_id,), connection) for connection in found)
    items, following = page("connections", placed, query["limit"])
    return Answer({"items": [_view(call, connection) for connection in items], "next_cursor": following})


def create(call: Call) -> Answer:
    """A new connection, not connected yet.

    Its credentials are stored first: left over after a crash, nothing leads to them.
    """
    names = ("name", "kind", "settings", "credentials")
    fields = Fields(call.body(), names, required=("name", "kind", "credentials"))
    name, kind = fields.text("name", LONGEST_NAME), fields.one_of("kind", KINDS)
    given, entered = fields.object("settings"), fields.object("credentials")
    settings: Mapping[str, Any] = {}
    secrets: Credentials = {}
    if kind in KINDS:
        settings = check_settings(KINDS[kind], given, fields, local=call.container.settings.local)
        every = "credentials" in fields and bool(settings)
        secrets = check_credentials(KINDS[kind].systems_of(settings), entered, fields, every=every)
    fields.stop_if_wrong()
    now = call.container.engine.stamp()
    connection = Connection(
        tenant=call.tenant,
        connection_id=new_connection_id(),
        name=name,
        kind=kind,
        settings=settings,
        status=ConnectionStatus.NOT_CONNECTED,
        created_at=now,
        updated_at=now,
    )
    call.container.credentials.create(call.tenant, connection.connection_id, secrets)
    call.container.ledger.connections.create(connection)
    where = {"Location": f"/connections/{connection.connection_id}"}
    return Answer(_view(call, connection), 201, where)


def read(call: Call, connection_id: str) -> Answer:
    """One connection, without its credentials."""
    call.query()
    return Answer(_view(call, call.connection(connection_id)))


def change(call: Call, connection_id: str) -> Answer:
    """Change name, settings or credentials; what is not named stays.

    A key of `settings` replaces that key as a whole. The status stays: new credentials of a connection
    that needs attention are proven by connecting again.
    """
    connection = call.connection(connection_id)
    fields = Fields(call.body(), ("name", "settings", "credentials"))
    name = fields.text("name", LONGEST_NAME) if "name" in fields else connection.name
    kind = KINDS[connection.kind]
    settings = {**connection.settings, **fields.object("settings")}
    checked = check_settings(kind, settings, fields, local=call.container.settings.local)
    systems = kind.systems_of(connection.settings)
    secrets = check_credentials(systems, fields.object("credentials"), fields, every=False)
    if checked and kind.systems_of(checked) != systems:
        fields.refuse("settings.package", "can't be changed; make another connection for another package")
    if not any(field in fields for field in ("name", "settings", "credentials")):
        fields.refuse("body", "must have at least one of: name, settings, credentials")
    fields.stop_if_wrong()
    now = call.container.engine.stamp()
    changed = replace(connection, name=name, settings=checked, updated_at=now)
    return Answer(_view(call, _save(call, changed, secrets)))


def _save(call: Call, connection: Connection, entered: Credentials) -> Connection:
    """Store a changed connection and its new credentials, under their lock: both, or none."""
    connections = call.container.ledger.connections
    if not entered:
        return connections.save(connection)
    with call.container.credentials.held(call.tenant, connection.connection_id) as held:
        saved = connections.save(connection)
        held.put({name: _with_consent(held.of(name), values) for name, values in entered.items()})
    return saved


def _with_consent(old: Mapping[str, str], new: dict[str, str]) -> dict[str, str]:
    """New credentials of a system, with what a consent gave: that is good for the same client id only."""
    same_app = "client_id" in new and old.get("client_id") == new["client_id"]
    return {**old, **new} if same_app else new


def delete(call: Call, connection_id: str) -> Answer:
    """Forget a disconnected connection with its schedules and credentials; the same call again finishes it.

    Saving it first makes a connect that is under way fail, instead of leaving it without credentials. One
    that has lapsed still has its tokens, and so may one whose tokens could not be given back.
    """
    call.query()
    stored = call.connection(connection_id)
    connection = as_of(call.container.ledger, stored, call.container.engine.now)
    if connection.status is not ConnectionStatus.NOT_CONNECTED:
        detail = f"The connection {connection.name} is {connection.status.value}."
        remedy = f"Disconnect it first (POST /connections/{connection_id}/disconnect)."
        raise Problem("STILL_CONNECTED", detail, remedy=remedy)
    connections = call.container.ledger.connections
    saved = connections.save(replace(connection, updated_at=call.container.engine.stamp()))
    revoke_tokens(call, saved)
    for schedule in connections.schedules(call.tenant, connection_id):
        call.container.schedules.delete(connection_id, schedule["flow"])
        connections.delete_schedule(call.tenant, connection_id, schedule["flow"])
    if KINDS[connection.kind].login_flow:
        call.container.hook_keys.delete(connection_id)
    call.container.credentials.delete(call.tenant, connection_id)
    connections.delete(saved)
    return Answer(status=204)


def _view(call: Call, connection: Connection) -> dict[str, Any]:
    return connection_view(call.container.ledger, connection, call.container.engine.clock())
