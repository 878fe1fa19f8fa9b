"""Both sides of a connection that syncs documents, for the calls that look at them live (IN-1, IN-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.start import ready
from payrelay.flows.opening import in_era
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from call import Call

    from payrelay.domain.runs import Connection
    from payrelay.flows.invoice_sync.read import Books


def syncing(call: Call, connection_id: str) -> Connection:
    """The tenant's connection, if it is of a kind that syncs documents; problem 404 for any other."""
    connection = call.connection(connection_id)
    if not KINDS[connection.kind].packages:
        kinds = ", ".join(kind.name for kind in KINDS.values() if kind.packages)
        detail = f"The kind {connection.kind} has no documents; those that have them: {kinds}."
        raise Problem("NOT_FOUND", detail)
    return connection


def books_of(call: Call, connection: Connection) -> Books:
    """Both sides, which counts as a use; problem 409 while it is not connected, or has lapsed."""
    from payrelay.flows.invoice_sync.check import open_books  # noqa: PLC0415  (rooms: only where they are used)

    ready(call.container.engine, connection)
    container = in_era(call.container, connection.era)
    return open_books(container, call.tenant, connection.connection_id, connection.settings)
