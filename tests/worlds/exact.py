"""Delft Techniek of the tests: one connection of Exact Synergy and Exact Payroll Plus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from local.memory.ledger import MemoryLedger, memory_ledger
from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.domain.sensitive import Secret
from payrelay.systems.registry import SYSTEMS
from tests.worlds.run import CONNECTION, TENANT, Clock, World

USER = {"username": Secret("payrelay-sandbox"), "password": Secret("sandbox-password")}
CREDENTIALS = {
    "synergy": USER,
    "payroll_plus": {**USER, "employer_id": Secret("emp-500")},
    "globe_next": USER,
}


class Exact(World):
    """The connection, with its stored credentials."""

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        return SYSTEMS[system].connect(settings[system]["base_url"], CREDENTIALS[system], self.door)

    def connect(self, **settings: Any) -> Connection:
        at = self.engine.stamp()
        urls = {name: {"base_url": self.urls[name]} for name in CREDENTIALS}
        connection = Connection(
            TENANT,
            CONNECTION,
            "Delft",
            "synergy_payroll_plus",
            {**urls, **settings},
            ConnectionStatus.CONNECTED,
            at,
            at,
        )
        self.ledger.connections.create(connection)
        return connection

    def begin(self) -> None:
        """What is in the systems at first: nothing."""
        for name in CREDENTIALS:
            self.calm(name)
            self.put(name, {})


Office = TypeVar("Office", bound=Exact)


def connected(
    kind: type[Office], urls: Mapping[str, str], clock: Clock, memory: MemoryLedger | None = None
) -> Office:
    """A connection, and what is in its systems at first."""
    memory = memory or memory_ledger()
    made = kind(dict(urls), memory.ledger, memory, clock)
    made.begin()
    made.connect()
    made.forget_requests()
    return made
