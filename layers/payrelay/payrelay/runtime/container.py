"""Everything that a function works with, made once per container from the environment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property, lru_cache
from math import inf
from typing import TYPE_CHECKING, Any

import boto3
from msgspec.structs import replace

from payrelay.flows.engine.engine import Engine, Limits
from payrelay.ledger import Ledger
from payrelay.ledger.table import CLIENT
from payrelay.runtime.observability import count_call, journal, measure
from payrelay.runtime.settings import RuntimeSettings
from payrelay.systems.http.tally import Tally

# What a property below imports is imported where it is used: most functions need a few of them only.
if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from payrelay.domain.sensitive import Secret
    from payrelay.runtime.credentials import Credentials
    from payrelay.runtime.executions import Executions
    from payrelay.runtime.hooks import HookKeys
    from payrelay.runtime.keyring import Keyring
    from payrelay.runtime.safe import Safe
    from payrelay.runtime.tokens import Tokens
    from payrelay.runtime.vault import Vault
    from payrelay.systems.http.door import DoorOptions
    from payrelay.systems.http.patience import Patience
    from payrelay.systems.oauth import App


class Container:
    """The stack's resources as objects; each is made when it is first used."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self.settings = settings
        # Calls to outside systems that this container has made.
        self.calls = 0
        # What of them, by system, no step of a run has put down yet.
        self.tally = Tally()
        # How long whoever has called the API waits; no step of a run has anybody who does.
        self.patience: Patience | None = None
        # When the function at work ends, by `time.monotonic`.
        self._ends_at = inf
        self._credentials: dict[str, Credentials] = {}

    def begin(self, seconds: float) -> None:
        """A call of the function begins, which has so long to answer."""
        self._ends_at = time.monotonic() + seconds
        # What is left there is of a step that broke off.
        self.tally.forget()

    def time_left(self) -> float:
        """How many seconds the function at work has left."""
        return self._ends_at - time.monotonic()

    def rest(self) -> float:
        """How many seconds are left: for a caller of the API, or else for the function at work."""
        return self.patience.rest() if self.patience else self.time_left()

    @cached_property
    def session(self) -> boto3.Session:
        """Where the clients of AWS come from."""
        return boto3.Session()

    @cached_property
    def ledger(self) -> Ledger:
        """The state."""
        return Ledger.open(
            self.session.client("dynamodb", config=CLIENT),
            self.settings.table_name,
            self.session.client("s3"),
            self.settings.plans_bucket,
            self.rest,
        )

    @cached_property
    def engine(self) -> Engine:
        """The steps of a run."""
        from payrelay.runtime.events import EventBus  # noqa: PLC0415

        events = EventBus(self.session.client("events"), self.settings.event_bus)
        return Engine(
            ledger=self.ledger,
            events=events,
            limits=Limits(),
            meter=lambda: self.calls,
            tally=self.tally,
            journal=journal,
            measure=measure,
            time_left=self.time_left,
        )

    @cached_property
    def _vault(self) -> Vault:
        from payrelay.runtime.vault import Vault  # noqa: PLC0415

        return Vault(self.session, self.settings.connections_role)

    @cached_property
    def _old_vault(self) -> Vault:
        from payrelay.runtime.vault import Vault  # noqa: PLC0415

        return Vault(self.session, self.settings.old_credentials_role)

    def vault(self, tenant: str, kind: str) -> boto3.Session:
        """Whose clients of `secretsmanager` and `kms` may touch what a tenant has of this kind.

        A function of a flow may touch what all tenants have of the flow's kind, and nothing of another one.
        """
        return self._vault.session(tenant=tenant, kind=kind)

    def old_vault(self, tenant: str) -> boto3.Session:
        """Whose client of `secretsmanager` may touch a tenant's secrets under their names of before."""
        return self._old_vault.session(tenant=tenant)

    def credentials_of(self, kind: str) -> Credentials:
        """The credentials of the connections of a kind."""
        from payrelay.runtime.credentials import Credentials  # noqa: PLC0415
        from payrelay.runtime.moving import Moving  # noqa: PLC0415

        def vault(tenant: str) -> boto3.Session:
            return self.vault(tenant, kind)

        if kind not in self._credentials:
            prefix = self.settings.secret_prefix
            moving = Moving(self.old_vault, prefix, kind, self.ledger, self.keyring)
            self._credentials[kind] = Credentials(
                vault, prefix, kind, self.ledger, moving, time_left=self.rest
            )
        return self._credentials[kind]

    @cached_property
    def keyring(self) -> Keyring:
        """What seals tokens, sessions and secrets of hooks."""
        from payrelay.runtime.keyring import Keyring  # noqa: PLC0415

        return Keyring(self.vault, self.settings.tokens_key, time_left=self.rest)

    @cached_property
    def executions(self) -> Executions:
        """The state machines."""
        from payrelay.runtime.executions import Executions  # noqa: PLC0415

        return Executions(self.session.client("stepfunctions"), self.settings.state_machine_prefix)

    @cached_property
    def hook_keys(self) -> HookKeys:
        """The secrets with which senders of webhooks sign."""
        from payrelay.runtime.clients import HASTE  # noqa: PLC0415
        from payrelay.runtime.hooks import HookKeys  # noqa: PLC0415

        def old() -> SecretsManagerClient:
            return self.session.client("secretsmanager", config=HASTE)

        return HookKeys(self.ledger, self.keyring, old, self.settings.secret_prefix)

    def door_options(self) -> DoorOptions:
        """How calls to outside systems are made here: loopback only in the local stack (SEC-3).

        Calls to the sandboxes need not be kept apart: a demonstration runs without limits.
        """
        from payrelay.systems.http.door import DoorOptions  # noqa: PLC0415  (requests: only where it is used)

        def on_call(system: str, method: str, path: str, status: int, seconds: float) -> None:
            self.calls += 1
            count_call(system, method, path, status, seconds)

        return DoorOptions(
            allow_loopback=self.settings.local,
            paced=not self.settings.local,
            on_call=on_call,
            tally=self.tally,
            patience=self.patience,
        )

    def client_of(
        self,
        tenant: str,
        connection_id: str,
        settings: Mapping[str, Any],
        system: str,
        options: DoorOptions | None = None,
    ) -> Any:
        """A connection's client of a system; behind OAuth, with a token that lasts for the step at hand."""
        from payrelay.systems.registry import SYSTEMS, address_of  # noqa: PLC0415

        row, options = SYSTEMS[system], options or self.door_options()
        base_url = address_of(system, settings)
        if row.oauth is None:
            entered = self._credentials_for(system).of(tenant, connection_id, system, base_url)
            told = row.told_of(settings)
            if row.session:
                return self._in_session((tenant, connection_id, system), base_url, entered, told, options)
            return row.connect(base_url, {**entered, **told}, options)
        tokens = self.tokens_of(tenant, connection_id, settings, system, options)
        access = {"access_token": tokens.current(), "company_id": tokens.company()}
        return row.connect(base_url, access, replace(options, renew=tokens.renew))

    def _in_session(
        self,
        whose: tuple[str, str, str],
        base_url: str,
        entered: Mapping[str, Secret],
        told: Mapping[str, Secret],
        options: DoorOptions,
    ) -> Any:
        """The client of a system that is signed in to, with the session that is kept, if it lasts."""
        from payrelay.runtime.sessions import Sessions  # noqa: PLC0415
        from payrelay.systems.registry import SYSTEMS  # noqa: PLC0415

        row, access = SYSTEMS[whose[-1]], {**entered, **told}
        sessions = Sessions(
            self._credentials_for(whose[-1]),
            self._safe_of(whose),
            lambda: row.sign_in(base_url, access, options),
            whose,
            entered,
            told,
            base_url,
        )
        return row.connect(base_url, {**access, **sessions.kept()}, replace(options, renew=sessions.renew))

    def tokens_of(
        self,
        tenant: str,
        connection_id: str,
        settings: Mapping[str, Any],
        system: str,
        options: DoorOptions | None = None,
    ) -> Tokens:
        """A connection's tokens of a system behind OAuth."""
        from payrelay.runtime.tokens import Tokens  # noqa: PLC0415
        from payrelay.systems.oauth import TokenEndpoint  # noqa: PLC0415
        from payrelay.systems.registry import SYSTEMS, address_of  # noqa: PLC0415

        row = SYSTEMS[system]
        if row.oauth is None:
            raise ValueError(f"{system} has no consent to ask for")
        base_url = address_of(system, settings)
        app = self.app_of(tenant, connection_id, system, base_url)
        endpoint = TokenEndpoint(system, row.oauth, base_url, app, options or self.door_options())
        whose = (tenant, connection_id, system)
        credentials, safe = self._credentials_for(system), self._safe_of(whose)
        return Tokens(
            credentials, safe, endpoint, whose, app.client_id, address=base_url, time_left=self.rest
        )

    def app_of(self, tenant: str, connection_id: str, system: str, address: str) -> App:
        """The app that asks for consent: its id and secret as an admin entered them for this address."""
        from payrelay.systems.oauth import App  # noqa: PLC0415

        entered = self._credentials_for(system).of(tenant, connection_id, system, address)
        return App(entered["client_id"], entered["client_secret"])

    def _credentials_for(self, system: str) -> Credentials:
        """The credentials of the connections of the kind that a system belongs to."""
        from payrelay.flows.catalog import kind_with  # noqa: PLC0415

        return self.credentials_of(kind_with(system))

    def _safe_of(self, whose: tuple[str, str, str]) -> Safe:
        """Where that renews itself is kept which is of a system of a connection."""
        from payrelay.flows.catalog import kind_with  # noqa: PLC0415
        from payrelay.runtime.keyring import Place  # noqa: PLC0415
        from payrelay.runtime.safe import Safe  # noqa: PLC0415

        return Safe(self.ledger.seals, self.keyring, Place(kind_with(whose[-1]), *whose))


@lru_cache(maxsize=1)
def this_container() -> Container:
    """This container's container."""
    return Container(RuntimeSettings.from_environment())
