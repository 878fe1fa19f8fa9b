"""Diagnosis of a connection: whether it stands, and then the checks of one of its flows (LB-10)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from payrelay.domain.reasons import ASKED_AGAIN, MARKING
from payrelay.domain.records import Reason
from payrelay.domain.runs import Check, Connection, ConnectionStatus, Status
from payrelay.flows.catalog import KINDS
from payrelay.flows.connecting.lapse import as_of, not_connected
from payrelay.flows.diagnosis import as_far_as_answered
from payrelay.flows.engine.engine import stamp_at
from payrelay.flows.opening import Container, open_flow
from payrelay.ledger.table import ConditionFailed

# How the remedies of checks begin that a new run of the flow would mend.
BY_A_RUN = ("Start a sync", "Start a run")


def diagnose(
    container: Container, connection: Connection, flow: str, key: str | None, now: int
) -> list[Check]:
    """The ordered checks of a flow over a connection, or of its one record with this key; nothing is written.

    Both systems are asked, but nothing is over a connection that is not connected at the time `now`. What
    they say of the connection itself becomes its status too (CON-2).
    """
    standing = as_of(container.ledger, connection, now)
    if not standing.usable:
        return [_connected(standing)]
    opened = open_flow(container, flow, connection)
    found = as_far_as_answered(lambda: opened.diagnose(key))
    _note(container, standing, found, now)
    last = container.ledger.connections.standing(connection.tenant, connection.connection_id, flow)
    if last.get("last_status") == Status.HELD:
        found = [_held(check, str(last.get("last_run_id"))) for check in found]
    return [_connected(replace(standing, status=ConnectionStatus.CONNECTED, reason=None)), *found]


def _held(check: Check, run_id: str) -> Check:
    """What a new run would mend, but for the brake, which would only hold it once more (RUN-10)."""
    if not (check.remedy or "").startswith(BY_A_RUN):
        return check
    remedy = (
        f"The brake holds the run {run_id}: an admin applies its plan, or the data are corrected in the "
        "source; a new run would be held, too."
    )
    return replace(check, remedy=remedy)


def _note(container: Container, connection: Connection, found: Sequence[Check], now: int) -> None:
    """Keep what the systems say of the connection itself: a flow asks them that first."""
    connections, where = container.ledger.connections, (connection.tenant, connection.connection_id)
    told = next((one for one in found if one.passed is False and one.code in MARKING), None)
    at = stamp_at(now)
    if told and told.code:
        why = Reason(told.code, told.seen, told.remedy or "Connect it again.")
        with suppress(ConditionFailed):  # Somebody has disconnected it meanwhile.
            connections.attention(*where, why, at)
        return
    of_connection = found[: len(KINDS[connection.kind].systems) + 1]
    if connection.status is ConnectionStatus.ATTENTION and all(one.passed for one in of_connection):
        connections.mended(*where, ASKED_AGAIN, at)


def _connected(connection: Connection) -> Check:
    """The first check of every flow."""
    if connection.usable:
        organisations = ", ".join(connection.organisations.values())
        return Check("connection is connected", True, f"connected to {organisations}")
    why = connection.reason or not_connected(connection)
    return Check("connection is connected", False, why.message, why.remedy)
