"""Opening a flow over a connection by the flow's name; its module is imported only then."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, TypeVar, cast

from payrelay.domain.runs import Connection
from payrelay.flows.catalog import kind_of
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

    def credentials_of(self, kind: str) -> Keys:
        """The keys of the hashes of a kind of connection."""

    def time_left(self) -> float:
        """How many seconds the function at work has left."""

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        """A connection's client of a system."""


class _InEra:
    """A container whose ledger is that of one era; all else is the container's own."""

    def __init__(self, container: Any, era: int) -> None:
        self._container, self.ledger = container, container.ledger.of_era(era)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)


C = TypeVar("C", bound=Container)


def in_era(container: C, era: int) -> C:
    """The container as an era of a connection sees it: nothing of another organisation is in its ledger."""
    return container if era == 0 else cast(C, _InEra(container, era))


def hash_key(container: Container, flow: str, tenant: str, connection_id: str) -> bytes:
    """The key of the hashes of a connection that has this flow."""
    return container.credentials_of(kind_of(flow).name).fingerprint_key(tenant, connection_id)


def open_flow(container: Container, flow: str, connection: Connection) -> Flow:
    """The flow over the connection, with its stored settings and credentials; no call is made."""
    module = import_module(f"payrelay.flows.{flow}.flow")
    opened: Flow = module.open_flow(
        in_era(container, connection.era), connection.tenant, connection.connection_id, connection.settings
    )
    return opened


def views_of(flow: str) -> Any:
    """The module of a flow with what it has for the API beside runs; the catalog says what that is."""
    return import_module(f"payrelay.flows.{flow}.views")
