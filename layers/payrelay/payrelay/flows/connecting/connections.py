"""Making, changing and deleting a connection together with its credentials (CON-1, CON-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.errors import Declined
from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting import schedules
from payrelay.flows.connecting.connect import revoke_tokens
from payrelay.flows.connecting.lapse import as_of

if TYPE_CHECKING:
    from payrelay.flows.connecting.ports import Container, Entered, Schedules


def create(container: Container, connection: Connection, entered: Entered) -> None:
    """Keep a new connection.

    Its credentials are stored first: left over after a crash, nothing leads to them.
    """
    container.credentials.create(connection.tenant, connection.connection_id, entered)
    container.ledger.connections.create(connection)


def change(container: Container, connection: Connection, entered: Entered) -> Connection:
    """Store a changed connection and its new credentials, under their lock: both, or none."""
    connections = container.ledger.connections
    if not entered:
        return connections.save(connection)
    with container.credentials.held(connection.tenant, connection.connection_id) as held:
        saved = connections.save(connection)
        held.put({name: _with_consent(held.of(name), values) for name, values in entered.items()})
    return saved


def _with_consent(old: Mapping[str, str], new: dict[str, str]) -> dict[str, str]:
    """New credentials of a system, with what a consent gave: that is good for the same client id only."""
    same_app = "client_id" in new and old.get("client_id") == new["client_id"]
    return {**old, **new} if same_app else new


def delete(container: Container, scheduler: Schedules, stored: Connection) -> None:
    """Forget a disconnected connection with its schedules and credentials; the same call again finishes it.

    Saving it first makes a connect that is under way fail, instead of leaving it without credentials. One
    that has lapsed still has its tokens, and so may one whose tokens could not be given back.
    """
    connection = as_of(container.ledger, stored, container.engine.now)
    tenant, connection_id = connection.tenant, connection.connection_id
    if connection.status is not ConnectionStatus.NOT_CONNECTED:
        detail = f"The connection {connection.name} is {connection.status.value}."
        remedy = f"Disconnect it first (POST /connections/{connection_id}/disconnect)."
        raise Declined("STILL_CONNECTED", detail, remedy=remedy)
    connections = container.ledger.connections
    saved = connections.save(replace(connection, updated_at=container.engine.stamp()))
    revoke_tokens(container, saved)
    for schedule in connections.schedules(tenant, connection_id):
        schedules.forget(container, scheduler, saved, schedule["flow"])
    if KINDS[connection.kind].login_flow:
        container.hook_keys.delete(connection_id)
    container.credentials.delete(tenant, connection_id)
    connections.delete(saved)
