"""Everything that a function works with, made once per container from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import boto3

from payrelay.flows.engine.engine import Engine, Limits
from payrelay.ledger import Ledger
from payrelay.runtime.credentials import Credentials
from payrelay.runtime.events import EventBus
from payrelay.runtime.executions import Executions
from payrelay.runtime.settings import RuntimeSettings

if TYPE_CHECKING:
    from payrelay.systems.http import DoorOptions


class Workplace:
    """The stack's resources as objects; each is made when it is first used."""

    def __init__(self, settings: RuntimeSettings, session: boto3.Session | None = None) -> None:
        self.settings = settings
        self._session = session or boto3.Session()

    @cached_property
    def ledger(self) -> Ledger:
        """The state."""
        return Ledger.open(
            self._session.client("dynamodb"),
            self.settings.table_name,
            self._session.client("s3"),
            self.settings.plans_bucket,
        )

    @cached_property
    def engine(self) -> Engine:
        """The steps of a run."""
        events = EventBus(self._session.client("events"), self.settings.event_bus)
        return Engine(ledger=self.ledger, events=events, limits=Limits())

    @cached_property
    def credentials(self) -> Credentials:
        """The credentials of connections."""
        secrets = self._session.client("secretsmanager")
        return Credentials(secrets, self.settings.secret_prefix, self.ledger.locks)

    @cached_property
    def executions(self) -> Executions:
        """The state machines."""
        return Executions(self._session.client("stepfunctions"), self.settings.state_machine_prefix)

    def door_options(self) -> DoorOptions:
        """How calls to outside systems are made here: loopback only in the local stack (SEC-3)."""
        from payrelay.runtime.observability import count_call  # noqa: PLC0415
        from payrelay.systems.http import DoorOptions  # noqa: PLC0415  (requests: only where it is used)

        return DoorOptions(allow_loopback=self.settings.local, on_call=count_call)

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        """A connection's client of a system."""
        from payrelay.systems.registry import SYSTEMS  # noqa: PLC0415

        row = SYSTEMS[system]
        base_url = settings.get(system, {}).get("base_url", row.base_url)
        credentials = self.credentials.of(tenant, connection_id, system)
        return row.connect(base_url, credentials, self.door_options())


@lru_cache(maxsize=1)
def workplace() -> Workplace:
    """This container's workplace."""
    return Workplace(RuntimeSettings.from_environment())
