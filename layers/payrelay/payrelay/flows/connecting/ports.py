"""What connecting needs of the stack around it; the runtime offers it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from payrelay.domain.schedules import Schedule
    from payrelay.domain.sensitive import Secret
    from payrelay.flows.engine.engine import Engine, Executions
    from payrelay.ledger import Ledger
    from payrelay.systems.http.door import DoorOptions
    from payrelay.systems.oauth import App

# Credentials as somebody entered them: by system, then by field.
Entered = dict[str, dict[str, str]]
# The address of each system of a connection.
Addresses = Mapping[str, str]


class Held(Protocol):
    """The secret of one connection, while nobody else may change it."""

    def of(self, system: str) -> dict[str, str]:
        """What is kept of one system; empty if nothing is."""

    def entered(
        self, values: Mapping[str, Mapping[str, str]], addresses: Addresses, before: Addresses
    ) -> None:
        """Keep what somebody entered for these addresses; those `before` hold for what was kept unbound."""


class Credentials(Protocol):
    """The credentials of the connections of a kind."""

    def create(
        self,
        tenant: str,
        connection_id: str,
        values: Mapping[str, Mapping[str, str]],
        addresses: Addresses,
    ) -> None:
        """Store a new connection's credentials, entered for these addresses."""

    def entered_for(self, tenant: str, connection_id: str, system: str) -> Addresses:
        """The addresses for which a system's credentials were entered; empty for those of earlier times."""

    def held(self, tenant: str, connection_id: str) -> AbstractContextManager[Held]:
        """One connection's secret under its lock."""

    def fingerprint_key(self, tenant: str, connection_id: str) -> bytes:
        """The connection's own key, which never leaves us."""

    def delete(self, tenant: str, connection_id: str) -> None:
        """Forget a connection's credentials; no error when there are none."""


class Tokens(Protocol):
    """The tokens of one system of one connection."""

    def current(self) -> Secret:
        """An access token that is good for the step at hand; CredentialsRefused when there was no consent."""

    def chosen(self) -> str | None:
        """The id of the company that was chosen, if there is one."""

    def given(self) -> bool:
        """Whether a consent was given, and not withdrawn by us."""

    def ready(self) -> None:
        """That new tokens could be stored if they were asked for now; RetryLater if not."""

    def exchange(self, code: Secret, redirect_uri: str, verifier: Secret | None = None) -> Secret:
        """The first access token, for a consent's code; OtherCompany for a consent of another company."""

    def choose(self, company_id: str) -> None:
        """Note which company of those that the consent reaches is meant."""

    def revoke(self) -> None:
        """Give the tokens back and forget them; without any there is nothing to do."""


class HookKeys(Protocol):
    """The secrets with which senders of webhooks sign."""

    def delete(self, connection_id: str) -> None:
        """Forget a connection's secrets; no error when there are none."""


class Schedules(Protocol):
    """The scheduler."""

    def put(self, tenant: str, connection_id: str, flow: str, schedule: Schedule, now: datetime) -> None:
        """Create or replace a flow's schedule; the same call again changes nothing."""

    def delete(self, connection_id: str, flow: str) -> None:
        """Forget a flow's schedule; no error when there is none."""


class Container(Protocol):
    """The stack's resources as objects."""

    @property
    def ledger(self) -> Ledger:
        """The state."""

    @property
    def engine(self) -> Engine:
        """The steps of a run."""

    @property
    def executions(self) -> Executions:
        """The state machines."""

    def credentials_of(self, kind: str) -> Credentials:
        """The credentials of the connections of a kind."""

    @property
    def hook_keys(self) -> HookKeys:
        """The secrets with which senders of webhooks sign."""

    def time_left(self) -> float:
        """How many seconds the function at work has left."""

    def door_options(self) -> DoorOptions:
        """How calls to outside systems are made here."""

    def client_of(
        self,
        tenant: str,
        connection_id: str,
        settings: Mapping[str, Any],
        system: str,
        options: DoorOptions | None = None,
    ) -> Any:
        """A connection's client of a system."""

    def tokens_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Tokens:
        """A connection's tokens of a system behind OAuth."""

    def app_of(self, tenant: str, connection_id: str, system: str, address: str) -> App:
        """The app that asks for consent, as an admin entered it for this address."""
