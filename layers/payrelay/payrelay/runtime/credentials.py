"""Credentials of connections, in Secrets Manager and nowhere else (CON-3)."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import inf
from typing import TYPE_CHECKING, Any

from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsMissing, NeedsAttention, RetryLater
from payrelay.runtime.clients import Clients
from payrelay.systems.http.address import plain_address
from payrelay.systems.registry import label

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from payrelay.ledger import Ledger
    from payrelay.runtime.moving import Moving

FINGERPRINT = "fingerprint_key"
# By system: the addresses of the whole connection for which its credentials were entered.
ENTERED_FOR = "entered_for"
# A living holder needs a second or two. One that is held up wherever it can be, at KMS, at the vendor and at
# the table, must not be overtaken: at Sage what is kept is dead before the new pair is written.
LOCKED_SECONDS = 200
PATIENCE_SECONDS = 20.0
# Of the time that is left, the wait for a lock takes one part in so many: the rest is for what comes then.
PATIENCE_PART = 4
PAUSE_SECONDS = 0.25
# Stands in a secret that was moved: its name of before may not be gone yet.
MOVED = "moved"
# Secrets Manager may show what was there before for so many pauses.
LATE_READS = 20
# One that was moved by another worker meanwhile is shown after a pause or two, if it is there at all.
FEW_READS = 4
BEING_DELETED = "the secret of that name is being deleted"
BUSY = "another worker is changing the credentials"

Values = dict[str, str]
# The address of each system of a connection.
Addresses = Mapping[str, str]


class Held:
    """The secret of one connection, while nobody else may change it."""

    def __init__(self, client: SecretsManagerClient, name: str, stored: dict[str, Any], text: str) -> None:
        self._client, self._name, self.stored = client, name, stored
        self.version = version_of(text)

    def of(self, system: str) -> Values:
        """What is kept of one system; empty if nothing is."""
        return dict(self.stored.get(system, {}))

    def may_go(self, system: str, address: str) -> None:
        """NeedsAttention if the credentials of a system were entered for another address than this one."""
        _check_address(self.stored, system, address)

    def entered(
        self, values: Mapping[str, Mapping[str, str]], addresses: Addresses, before: Addresses
    ) -> None:
        """Keep what somebody entered for these addresses; what is kept of other systems stays.

        What was stored when no address was noted yet was entered for those that hold `before` this change.
        """
        usual = {name: dict(before) for name in self.stored if name in before}
        known = {**usual, **self.stored.get(ENTERED_FOR, {})}
        now = {name: dict(addresses) for name in values}
        self.stored.pop(MOVED, None)
        self.put({**values, ENTERED_FOR: {**known, **now}})

    def put(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace what is kept of the systems in `values`; the others stay."""
        self.stored = {**self.stored, **values}
        text = json.dumps(self.stored)
        self._client.put_secret_value(SecretId=self._name, SecretString=text)
        self.version = version_of(text)


class Credentials:
    """One secret per connection: `{"<system>": {"<field>": …}, "entered_for": …, "fingerprint_key": …}`.

    It holds what people have entered, and is written when they enter something: what renews itself is in the
    table (`tokens`, `sessions`). Credentials are given out for the address that they were entered for and for
    no other, so that neither a stored setting nor a race can carry them to another server (SEC-3). The
    fingerprint key is made with the connection and never changes: it keys the hashes by which values that the
    target does not show are compared. Whoever changes a secret, or what renews itself, holds the lock of its
    connection, so that of two writers neither loses what the other wrote.
    """

    def __init__(
        self,
        vault: Callable[[str], Session],
        prefix: str,
        kind: str,
        ledger: Ledger,
        moving: Moving,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        time_left: Callable[[], float] = lambda: inf,
    ) -> None:
        self._vault, self._prefix, self._kind = vault, prefix, kind
        self._ledger, self._moving = ledger, moving
        self._clients = Clients("secretsmanager")
        self._now, self._sleep, self._time_left = now, sleep, time_left

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
        """Store a new connection's credentials, entered for these addresses.

        What a call that was broken off has left under its name is replaced.
        """
        bound = {name: dict(addresses) for name in values} if addresses else {}
        stored = {**values, ENTERED_FOR: bound, FINGERPRINT: secrets.token_hex(32)}
        text = json.dumps(stored)
        if not self._make(tenant, connection_id, text):
            name = self.name(tenant, connection_id)
            self._client(tenant).put_secret_value(SecretId=name, SecretString=text)

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
            text = self._get(tenant, connection_id)
            if text is None:
                text, left = self._moved(tenant, connection_id, left), ""
            for _ in range(LATE_READS):
                if left in ("", version_of(text)):
                    break
                self._sleep(PAUSE_SECONDS)
                text = self._get(tenant, connection_id) or text
            stored = self._loaded(tenant, connection_id, text)
            held = Held(self._client(tenant), self.name(tenant, connection_id), stored, text)
            yield held
        finally:
            self._ledger.locks.release(tenant, connection_id, owner, held.version if held else left)

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
        """Forget all that is kept of a connection, wherever; no error when there is nothing."""
        self._ledger.seals.forget_all(tenant, connection_id)
        client, name = self._client(tenant), self.name(tenant, connection_id)
        # AWS itself is silent about a secret that is not there; its stand-in on this machine is not.
        with suppress(client.exceptions.ResourceNotFoundException, client.exceptions.InvalidRequestException):
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        self._moving.forget(tenant, connection_id)

    def _client(self, tenant: str) -> SecretsManagerClient:
        client: SecretsManagerClient = self._clients.of(self._vault(tenant))
        return client

    def _take(self, tenant: str, connection_id: str, owner: str) -> str:
        patience = self._now() + min(PATIENCE_SECONDS, self._time_left() / PATIENCE_PART)
        while True:
            now = int(self._now())
            left = self._ledger.locks.take(tenant, connection_id, owner, now=now, until=now + LOCKED_SECONDS)
            if left is not None:
                return left
            if self._now() > patience:
                raise RetryLater("payrelay", BUSY, seconds=5, named=True)
            self._sleep(PAUSE_SECONDS)

    def _read(self, tenant: str, connection_id: str) -> dict[str, Any]:
        text = self._get(tenant, connection_id)
        if text is not None:
            return self._loaded(tenant, connection_id, text)
        if self._moving.text(tenant, connection_id) is None:
            # Between the two reads a move may have ended.
            return self._loaded(tenant, connection_id, self._moved_just_now(tenant, connection_id))
        with self.held(tenant, connection_id) as held:
            return held.stored

    def _loaded(self, tenant: str, connection_id: str, text: str) -> dict[str, Any]:
        stored: dict[str, Any] = json.loads(text)
        if MOVED in stored:
            self._moving.settle(tenant, connection_id)
        return stored

    def _get(self, tenant: str, connection_id: str) -> str | None:
        client = self._client(tenant)
        try:
            answer = client.get_secret_value(SecretId=self.name(tenant, connection_id))
        except client.exceptions.ResourceNotFoundException:
            return None
        except client.exceptions.InvalidRequestException as error:
            raise CredentialsMissing(f"the secret of {connection_id} is to be deleted") from error
        return answer["SecretString"]

    def _make(self, tenant: str, connection_id: str, text: str) -> bool:
        """Make the secret; False if there is one by that name. One that is to be deleted is taken back."""
        client, name = self._client(tenant), self.name(tenant, connection_id)
        taken, going = client.exceptions.ResourceExistsException, client.exceptions.InvalidRequestException
        for _ in range(LATE_READS):
            try:
                client.create_secret(Name=name, SecretString=text)
            except (taken, going) as error:
                with suppress(client.exceptions.ResourceNotFoundException, going):
                    client.restore_secret(SecretId=name)
                if isinstance(error, taken):
                    return False
                self._sleep(PAUSE_SECONDS)
            else:
                return True
        raise RetryLater("payrelay", BEING_DELETED, seconds=30, named=True)

    def _moved(self, tenant: str, connection_id: str, left: str) -> str:
        """The secret of before under its name of now; the caller holds the lock, at which that was `left`."""
        old = self._moving.text(tenant, connection_id)
        if old is None:
            return self._moved_just_now(tenant, connection_id)
        if left not in ("", version_of(old)):
            # The last holder has left something else: what is there now may not be shown yet.
            found = self._shown(tenant, connection_id, LATE_READS)
            if found is not None:
                return found
            old = self._moving.text(tenant, connection_id) or old
        stored = json.loads(old)
        entered = self._moving.begin(tenant, connection_id, stored, stored.get(ENTERED_FOR, {}))
        self._make(tenant, connection_id, json.dumps(entered))
        found = self._shown(tenant, connection_id, LATE_READS)
        if found is None:
            raise RetryLater("payrelay", BUSY, seconds=5, named=True)
        # What is read once is there for good: what was before is not needed any more.
        self._moving.put_away(tenant, connection_id)
        return found

    def _moved_just_now(self, tenant: str, connection_id: str) -> str:
        """The secret that another one has moved meanwhile; CredentialsMissing if there is none."""
        found = self._shown(tenant, connection_id, FEW_READS)
        if found is None:
            raise CredentialsMissing(f"{connection_id} has no stored credentials")
        return found

    def _shown(self, tenant: str, connection_id: str, reads: int) -> str | None:
        """The secret under its name of now, as soon as one of so many reads shows it."""
        for _ in range(reads):
            found = self._get(tenant, connection_id)
            if found is not None:
                return found
            self._sleep(PAUSE_SECONDS)
        return None


def _check_address(stored: Mapping[str, Any], system: str, address: str) -> None:
    known = stored.get(ENTERED_FOR, {}).get(system, {}).get(system)
    if known is not None and plain_address(known) != plain_address(address):
        why = reason("ADDRESS_CHANGED", system=label(system), known=known, address=address)
        raise NeedsAttention(why.code, why.message, why.remedy)


def version_of(text: str) -> str:
    """What tells one version of a secret from another, and nothing of what is in it."""
    return hashlib.sha256(text.encode()).hexdigest()
