"""Whether a connection stands: some kinds lapse some time after their last use (LB-9, IN-8)."""

from __future__ import annotations

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason
from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.flows.catalog import KINDS
from payrelay.ledger import Ledger

# What the other side says of the connection, and may mend without us: each run asks it again (CON-2).
PASSING = ("NOT_CONNECTED", "ORGANISATION_MISMATCH")


def stands(connection: Connection) -> bool:
    """Whether runs may use the connection: also where it needs attention for what may be mended by now."""
    if connection.status is ConnectionStatus.ATTENTION and connection.reason:
        return connection.reason.code in PASSING
    return connection.status is ConnectionStatus.CONNECTED


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


def not_connected(connection: Connection) -> Reason:
    """Why nothing runs over a connection that nobody has connected, and where that is done."""
    how = KINDS[connection.kind].how_to_connect
    values = {"name": connection.name, "connection_id": connection.connection_id}
    return reason("NOT_CONNECTED", **values, how=how)
