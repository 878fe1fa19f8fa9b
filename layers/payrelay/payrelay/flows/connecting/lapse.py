"""Whether a connection stands: some kinds lapse some time after their last use (LB-9, IN-8)."""

from __future__ import annotations

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason
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


def not_connected(connection: Connection) -> Reason:
    """Why nothing runs over a connection that nobody has connected, and where that is done."""
    how = KINDS[connection.kind].how_to_connect
    values = {"name": connection.name, "connection_id": connection.connection_id}
    return reason("NOT_CONNECTED", **values, how=how)


def lapses_between(connection: Connection) -> str | None:
    """What to know of a schedule of a connection that lapses: most of its runs find it lapsed (IN-8)."""
    minutes = KINDS[connection.kind].lapses_after // 60
    if not minutes:
        return None
    return (
        f"This connection lapses {minutes} minutes after its last use. A run of this schedule starts only if "
        f"somebody has connected or used it in the {minutes} minutes before; at any other time it ends "
        "at once as LAPSED. Start Auto Sync by hand after connecting instead, or connect shortly before each."
    )
