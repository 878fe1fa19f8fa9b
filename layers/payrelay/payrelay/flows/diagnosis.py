"""Diagnosis of a connection, and the checks with which every one begins (LB-10)."""

from __future__ import annotations

from typing import Protocol

from payrelay.domain.runs import Check, Connection, ConnectionStatus
from payrelay.errors import NeedsAttention, RetryLater, VendorError
from payrelay.flows.connecting.lapse import as_of, not_connected
from payrelay.flows.opening import Container, open_flow
from payrelay.systems.registry import renewal


class Client(Protocol):
    """A connection's client of any system."""

    def organisation(self) -> str:
        """The organisation that the credentials lead to."""


def diagnose(
    container: Container, connection: Connection, flow: str, key: str | None, now: int
) -> list[Check]:
    """The ordered checks of a flow over a connection, or of its one record with this key; nothing is written.

    Both systems are asked, but nothing is over a connection that is not connected at the time `now`.
    """
    first = _connected(as_of(container.ledger, connection, now))
    return [first, *(open_flow(container, flow, connection).diagnose(key) if first.passed else [])]


def _connected(connection: Connection) -> Check:
    """The first check of every flow."""
    if connection.status is ConnectionStatus.CONNECTED:
        organisations = ", ".join(connection.organisations.values())
        return Check("connection is connected", True, f"connected to {organisations}")
    why = connection.reason or not_connected(connection)
    return Check("connection is connected", False, why.message, why.remedy)


def reached(label: str, client: Client) -> Check:
    """Whether the system that people know as `label` answers and accepts the credentials."""
    name = f"{label} accepts the credentials"
    try:
        return Check(name, True, client.organisation())
    except NeedsAttention as error:
        return Check(name, False, error.message, error.remedy)
    except RetryLater as error:
        return Check(
            name, False, error.message, f"Try again once {label} answers; nothing is lost meanwhile."
        )
    except VendorError as error:
        return Check(name, False, error.message, renewal(error.system))
