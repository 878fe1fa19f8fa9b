"""Opening a flow over a connection by the flow's name; its module is imported only then."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

from payrelay.domain.runs import Connection
from payrelay.flows.flow import Flow
from payrelay.ledger import Ledger


class Keys(Protocol):
    """The keys of a connection's hashes."""

    def fingerprint_key(self, tenant: str, connection_id: str) -> bytes:
        """The key of one connection."""


class Container(Protocol):
    """Where flows are opened: the ledger, and clients of outside systems."""

    @property
    def ledger(self) -> Ledger:
        """The state."""

    @property
    def credentials(self) -> Keys:
        """The keys of hashes."""

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        """A connection's client of a system."""


def open_flow(container: Container, flow: str, connection: Connection) -> Flow:
    """The flow over the connection, with its stored settings and credentials; no call is made."""
    module = import_module(f"payrelay.flows.{flow}.flow")
    opened: Flow = module.open_flow(
        container, connection.tenant, connection.connection_id, connection.settings
    )
    return opened


def views_of(flow: str) -> Any:
    """The module of a flow with what it has for the API beside runs; the catalog says what that is."""
    return import_module(f"payrelay.flows.{flow}.views")
