"""Credentials of connections, in Secrets Manager and nowhere else (CON-3)."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsMissing, NeedsAttention, RetryLater
from payrelay.systems.http.address import plain_address
from payrelay.systems.registry import label

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from payrelay.ledger.locks import Locks

FINGERPRINT = "fingerprint_key"
# By system: the addresses of the whole connection for which its credentials were entered.
ENTERED_FOR = "entered_for"
# A holder that died is waited for no longer; a living one needs a second or two.
LOCKED_SECONDS = 60
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.25
BUSY = "another worker is changing the credentials"

Values = dict[str, str]
# The address of each system of a connection.
Addresses = Mapping[str, str]


class Held:
    """The secret of one connection, while nobody else may change it."""

    def __init__(self, client: SecretsManagerClient, name: str, stored: dict[str, Any], text: str) -> None:
        self._client, self._name, self._stored = client, name, stored
        self.version = version_of(text)

    def of(self, system: str) -> Values:
        """What is kept of one system; empty if nothing is."""
        return dict(self._stored.get(system, {}))

    def may_go(self, system: str, address: str) -> None:
        """NeedsAttention if the credentials of a system were entered for another address than this one."""
        _check_address(self._stored, system, address)

    def entered(
        self, values: Mapping[str, Mapping[str, str]], addresses: Addresses, before: Addresses
    ) -> None:
        """Keep what somebody entered for these addresses; what is kept of other systems stays.

        What was stored when no address was noted yet was entered for those that hold `before` this change.
        """
        usual = {name: dict(before) for name in self._stored if name in before}
        known = {**usual, **self._stored.get(ENTERED_FOR, {})}
        now = {name: dict(addresses) for name in values}
        self.put({**values, ENTERED_FOR: {**known, **now}})

    def put(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace what is kept of the systems in `values`; the others stay."""
        self._stored = {**self._stored, **values}
        text = json.dumps(self._stored)
        self._client.put_secret_value(SecretId=self._name, SecretString=text)
        self.version = version_of(text)


class Credentials:
    """One secret per connection: `{"<system>": {"<field>": …}, "entered_for": …, "fingerprint_key": …}`.

    Credentials are given out for the address that they were entered for and for no other, so that neither a
    stored setting nor a race can carry them to another server (SEC-3). The fingerprint key is made with the
    connection and never changes: it keys the hashes by which values that the target does not show are
    compared. Whoever changes a secret holds its lock, so that of two writers neither loses what the other
    wrote.
    """

    def __init__(
        self,
        vault: Callable[[str], Session],
        prefix: str,
        kind: str,
        locks: Locks,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._vault, self._prefix, self._kind, self._locks = vault, prefix, kind, locks
        self._clients: dict[str, tuple[Session, SecretsManagerClient]] = {}
        self._now, self._sleep = now, sleep

    def name(self, tenant: str, connection_id: str) -> str:
        """`payrelay-connections/simployer_xledger/demo/con_01J…`: who may read it goes by the name."""
        return f"{self._prefix}-connections/{self._kind}/{tenant}/{connection_id}"

    def create(
        self,
        tenant: str,
        connection_id: str,
        values: Mapping[str, Mapping[str, str]],
        addresses: Addresses | None = None,
    ) -> None:
        """Store a new connection's credentials, entered for these addresses."""
        bound = {name: dict(addresses) for name in values} if addresses else {}
        stored = {**values, ENTERED_FOR: bound, FINGERPRINT: secrets.token_hex(32)}
        self._client(tenant).create_secret(
            Name=self.name(tenant, connection_id), SecretString=json.dumps(stored)
        )

    @contextmanager
    def held(self, tenant: str, connection_id: str) -> Iterator[Held]:
        """The secret under its lock; RetryLater when another worker keeps it for too long.

        A secret that was just written may be read as it was before, for a moment: then it is read again,
        until it is what the last holder left.
        """
        owner = secrets.token_hex(8)
        left = self._take(tenant, connection_id, owner)
        held = None
        try:
            text = self._read_text(tenant, connection_id)
            for _ in range(20):
                if left in ("", version_of(text)):
                    break
                self._sleep(PAUSE_SECONDS)
                text = self._read_text(tenant, connection_id)
            held = Held(self._client(tenant), self.name(tenant, connection_id), json.loads(text), text)
            yield held
        finally:
            self._locks.release(tenant, connection_id, owner, held.version if held else left)

    def of(
        self, tenant: str, connection_id: str, system: str, address: str | None = None
    ) -> dict[str, Secret]:
        """The credentials of one system of a connection, to be sent to this address, if to any.

        NeedsAttention if they were entered for another one.
        """
        stored = self._read(tenant, connection_id)
        if address is not None:
            _check_address(stored, system, address)
        if system not in stored:
            raise CredentialsMissing(f"{connection_id} has no credentials of {system}")
        return {name: Secret(value) for name, value in stored[system].items()}

    def entered_for(self, tenant: str, connection_id: str, system: str) -> Addresses:
        """The addresses for which a system's credentials were entered; empty for those of earlier times."""
        found: Addresses = self._read(tenant, connection_id).get(ENTERED_FOR, {}).get(system, {})
        return found

    def fingerprint_key(self, tenant: str, connection_id: str) -> bytes:
        """The key of the connection's hashes."""
        return bytes.fromhex(self._read(tenant, connection_id)[FINGERPRINT])

    def delete(self, tenant: str, connection_id: str) -> None:
        """Forget a connection's credentials; no error when there are none."""
        name = self.name(tenant, connection_id)
        self._client(tenant).delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    def _client(self, tenant: str) -> SecretsManagerClient:
        """The client of the tenant's own vault: a new one with each session of it."""
        session = self._vault(tenant)
        known = self._clients.get(tenant)
        if known is None or known[0] is not session:
            known = self._clients[tenant] = (session, session.client("secretsmanager"))
        return known[1]

    def _take(self, tenant: str, connection_id: str, owner: str) -> str:
        patience = self._now() + PATIENCE_SECONDS
        while True:
            now = int(self._now())
            left = self._locks.take(tenant, connection_id, owner, now=now, until=now + LOCKED_SECONDS)
            if left is not None:
                return left
            if self._now() > patience:
                raise RetryLater("payrelay", BUSY, seconds=5, named=True)
            self._sleep(PAUSE_SECONDS)

    def _read(self, tenant: str, connection_id: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._read_text(tenant, connection_id))
        return found

    def _read_text(self, tenant: str, connection_id: str) -> str:
        client = self._client(tenant)
        try:
            answer = client.get_secret_value(SecretId=self.name(tenant, connection_id))
        except client.exceptions.ResourceNotFoundException as error:
            raise CredentialsMissing(f"{connection_id} has no stored credentials") from error
        return answer["SecretString"]


def _check_address(stored: Mapping[str, Any], system: str, address: str) -> None:
    known = stored.get(ENTERED_FOR, {}).get(system, {}).get(system)
    if known is not None and plain_address(known) != plain_address(address):
        why = reason("ADDRESS_CHANGED", system=label(system), known=known, address=address)
        raise NeedsAttention(why.code, why.message, why.remedy)


def version_of(text: str) -> str:
    """What tells one version of a secret from another, and nothing of what is in it."""
    return hashlib.sha256(text.encode()).hexdigest()
