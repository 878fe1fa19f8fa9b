"""The secret with which a connection's logins are signed: made, and changed for a new one (TRG-3)."""

from __future__ import annotations

from call import Answer, Call
from fields import Fields

from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.engine import stamp_at
from payrelay.ledger.changes import Act
from payrelay.runtime.problems import Problem


def rotate(call: Call, connection_id: str) -> Answer:
    """A new secret, shown this once; the one before it is good for another day."""
    connection = call.connection(connection_id)
    Fields(call.body(), ()).stop_if_wrong()
    if KINDS[connection.kind].login_flow is None:
        raise Problem("NOT_FOUND", "No login starts anything on this connection.")
    with call.container.credentials_of(connection.kind).held(call.tenant, connection_id):
        key, until = call.container.hook_keys.rotate(call.tenant, connection_id, connection.kind)
    call.note(connection_id, Act.HOOK_SECRET_MADE, ["hook_secret"])
    former = stamp_at(until) if until else None
    return Answer({"url": f"/hooks/login/{connection_id}", "secret": key, "former_valid_until": former}, 201)
