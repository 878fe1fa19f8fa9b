"""Diagnosis of a connection: whether it stands, and then the checks of one of its flows (LB-10)."""

from __future__ import annotations

from payrelay.domain.runs import Check, Connection
from payrelay.flows.connecting.lapse import as_of, not_connected, stands
from payrelay.flows.diagnosis import as_far_as_answered
from payrelay.flows.opening import Container, open_flow


def diagnose(
    container: Container, connection: Connection, flow: str, key: str | None, now: int
) -> list[Check]:
    """The ordered checks of a flow over a connection, or of its one record with this key; nothing is written.

    Both systems are asked, but nothing is over a connection that is not connected at the time `now`.
    """
    first = _connected(as_of(container.ledger, connection, now))
    if not first.passed:
        return [first]
    opened = open_flow(container, flow, connection)
    return [first, *as_far_as_answered(lambda: opened.diagnose(key))]


def _connected(connection: Connection) -> Check:
    """The first check of every flow."""
    if stands(connection):
        organisations = ", ".join(connection.organisations.values())
        return Check("connection is connected", True, f"connected to {organisations}")
    why = connection.reason or not_connected(connection)
    return Check("connection is connected", False, why.message, why.remedy)
