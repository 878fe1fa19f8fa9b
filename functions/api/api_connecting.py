"""Connecting and disconnecting: the credentials are tried on the systems themselves (CON-2, EX-7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_call import Answer, Call
from api_views import connection_view
from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Connection, ConnectionStatus, Halt, Status
from payrelay.errors import CredentialsRefused, NeedsAttention
from payrelay.flows.catalog import KINDS
from payrelay.systems.registry import SYSTEMS

if TYPE_CHECKING:
    from payrelay.domain.records import Reason


def connect(call: Call, connection_id: str) -> Answer:
    """Try the credentials on each system, and note the organisations that they reach."""
    connection = call.connection(connection_id)
    kind = KINDS[connection.kind]
    if kind.add_on and kind.name not in call.place.ledger.connections.add_ons(call.tenant):
        why = reason("ADD_ON_NOT_ACTIVE", kind=kind.name)
        raise NeedsAttention(why.code, why.message, why.remedy)
    try:
        organisations = {name: _organisation(call, connection, name) for name in kind.systems}
    except CredentialsRefused as error:
        label = SYSTEMS[error.system].label
        _save(call, connection, ConnectionStatus.ATTENTION, _refused(label, error.message))
        raise
    connected = replace(connection, organisations=organisations)
    return _save(call, connected, ConnectionStatus.CONNECTED, None)


def disconnect(call: Call, connection_id: str) -> Answer:
    """Stop every run in progress, and start none from now on."""
    connection = call.connection(connection_id)
    answer = _save(call, connection, ConnectionStatus.NOT_CONNECTED, None)
    runs = call.place.ledger.runs
    for flow in KINDS[connection.kind].flows:
        run = runs.in_progress(call.tenant, connection_id, flow)
        if run:
            runs.halt(run, Halt(Status.STOPPED, reason("CONNECTION_DISCONNECTED")))
    return answer


def _organisation(call: Call, connection: Connection, system: str) -> str:
    """The organisation that the connection's credentials of a system reach, by a real call."""
    row = SYSTEMS[system]
    base_url = connection.settings.get(system, {}).get("base_url", row.base_url)
    credentials = call.place.credentials.of(call.tenant, connection.connection_id, system)
    # Both systems have to answer within the 29 seconds that API Gateway gives a call.
    options = replace(
        call.place.door_options(), connect_timeout=3.0, read_timeout=6.0, answer_timeout=8.0, all_pauses=1.0
    )
    return row.check(base_url, credentials, options)


def _refused(label: str, problem: str) -> Reason:
    return reason("CREDENTIALS_REFUSED", system=label, problem=problem)


def _save(call: Call, connection: Connection, status: ConnectionStatus, why: Reason | None) -> Answer:
    now = call.place.engine.stamp()
    saved = call.place.ledger.connections.save(replace(connection, status=status, reason=why, updated_at=now))
    return Answer(connection_view(call.place.ledger, saved, call.place.engine.clock()))
