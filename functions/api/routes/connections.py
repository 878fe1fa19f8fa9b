"""Connections: list, create, read, change, delete (CON-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from call import Answer, Call
from fields import Fields
from msgspec.structs import replace
from query import USUAL_PAGE, cursor, page, page_size
from views import change_view, connection_view, connection_views

from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting import connections
from payrelay.flows.connecting.entered import check_credentials, check_settings
from payrelay.ledger.changes import Act
from payrelay.runtime.ids import connection_id as new_connection_id
from payrelay.runtime.schedules import schedules

if TYPE_CHECKING:
    from payrelay.flows.connecting.ports import Entered

LONGEST_NAME = 200
# Each flow of each tells its last runs; 200 connections of five flows would be more than Lambda may answer.
LARGEST_PAGE = 50


def list_connections(call: Call) -> Answer:
    """The tenant's connections, oldest first."""
    query = call.query(limit=page_size, cursor=cursor("connections", str))
    after = query["cursor"][0] if query["cursor"] else None
    found = call.container.ledger.connections.list(call.tenant, after)
    placed = (((connection.connection_id,), connection) for connection in found)
    items, following = page("connections", placed, min(query["limit"] or USUAL_PAGE, LARGEST_PAGE))
    return Answer({"items": connection_views(call.container, items), "next_cursor": following})


def create(call: Call) -> Answer:
    """A new connection, not connected yet."""
    names = ("name", "kind", "settings", "credentials")
    fields = Fields(call.body(), names, required=("name", "kind", "credentials"))
    name, kind = fields.text("name", LONGEST_NAME), fields.one_of("kind", KINDS)
    given, entered = fields.object("settings"), fields.object("credentials")
    settings: Mapping[str, Any] = {}
    secrets: Entered = {}
    if kind in KINDS:
        settings = check_settings(KINDS[kind], given, fields.errors, local=call.container.settings.local)
        every = "credentials" in fields and bool(settings)
        secrets = check_credentials(KINDS[kind].systems_of(settings), entered, fields.errors, every=every)
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
    connections.create(call.container, connection, secrets)
    call.note(connection.connection_id, Act.CREATED, ["name", "kind", *_named(given, entered)])
    where = {"Location": f"/connections/{connection.connection_id}"}
    return Answer(_view(call, connection), 201, where)


def read(call: Call, connection_id: str) -> Answer:
    """One connection, without its credentials."""
    call.query()
    return Answer(_view(call, call.connection(connection_id)))


def change(call: Call, connection_id: str) -> Answer:
    """Change name, settings or credentials; what is not named stays.

    A key of `settings` replaces that key as a whole. An address that changes needs the credentials of its
    system in the same call, and connecting again. Else the status stays: new credentials of a connection that
    needs attention are proven by connecting again.
    """
    connection = call.connection(connection_id)
    fields = Fields(call.body(), ("name", "settings", "credentials"))
    name = fields.text("name", LONGEST_NAME) if "name" in fields else connection.name
    kind = KINDS[connection.kind]
    settings = {**connection.settings, **fields.object("settings")}
    checked = check_settings(kind, settings, fields.errors, local=call.container.settings.local)
    systems = kind.systems_of(checked or connection.settings)
    secrets = check_credentials(systems, fields.object("credentials"), fields.errors, every=False)
    if checked and checked.get("package") != connection.settings.get("package"):
        fields.refuse("settings.package", "can't be changed; make another connection for another package")
    if not any(field in fields for field in ("name", "settings", "credentials")):
        fields.refuse("body", "must have at least one of: name, settings, credentials")
    fields.stop_if_wrong()
    now = call.container.engine.stamp()
    changed = replace(connection, name=name, settings=checked, updated_at=now)
    saved = connections.change(call.container, connection, changed, secrets)
    names = [*(["name"] if name != connection.name else []), *_entered(secrets)]
    call.note(connection_id, Act.CHANGED, [*names, *_differing(connection.settings, checked)])
    return Answer(_view(call, saved))


def delete(call: Call, connection_id: str) -> Answer:
    """Forget a disconnected connection; the same call again finishes one that broke off."""
    call.query()
    connections.delete(call.container, schedules(call.container), call.connection(connection_id))
    call.note(connection_id, Act.DELETED)
    return Answer(status=204)


def list_changes(call: Call, connection_id: str) -> Answer:
    """Who changed the connection, when and which fields, newest first (CON-5)."""
    query = call.query(limit=page_size, cursor=cursor("changes", str))
    connection = call.connection(connection_id)
    after = query["cursor"][0] if query["cursor"] else None
    found = call.container.ledger.changes.of(call.tenant, connection.connection_id, after)
    placed = (((item["change_id"],), item) for item in found)
    items, following = page("changes", placed, query["limit"])
    return Answer({"items": [change_view(item) for item in items], "next_cursor": following})


def _named(settings: Mapping[str, Any], entered: Mapping[str, Any]) -> Iterator[str]:
    """What was given of settings and credentials, by name."""
    yield from (f"settings.{name}" for name in settings)
    yield from _entered(entered)


def _entered(entered: Mapping[str, Any]) -> Iterator[str]:
    """The credentials that were entered, by name and never by value."""
    for system, fields in entered.items():
        yield from (f"credentials.{system}.{name}" for name in fields)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any], where: str = "settings") -> Iterator[str]:
    """The settings that differ, each by its path."""
    for name in {**old, **new}:
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _differing(before, after, f"{where}.{name}")
        elif before != after:
            yield f"{where}.{name}"


def _view(call: Call, connection: Connection) -> dict[str, Any]:
    return connection_view(call.container, connection)
