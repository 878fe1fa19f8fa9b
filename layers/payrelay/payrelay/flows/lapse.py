"""Whether a connection has lapsed: some kinds end some time after their last use (IN-8)."""

from __future__ import annotations

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.flows.catalog import KINDS
from payrelay.ledger import Ledger


def as_of(ledger: Ledger, connection: Connection, now: int) -> Connection:
    """The connection as it stands now: not connected once it was out of use for too long."""
    allowed = KINDS[connection.kind].lapses_after
    if not allowed or connection.status is not ConnectionStatus.CONNECTED:
        return connection
    if now - ledger.connections.used(connection.tenant, connection.connection_id) <= allowed:
        return connection
    minutes = allowed // 60
    why = reason("LAPSED", name=connection.name, minutes=minutes, connection_id=connection.connection_id)
    return replace(connection, status=ConnectionStatus.NOT_CONNECTED, reason=why)
