"""The secrets with which senders of webhooks sign: one connection's two newest ones, as ciphertext of KMS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.sensitive import Secret
from payrelay.domain.webhooks import new_key
from payrelay.ledger.seals import HookSeal, Sealed
from payrelay.ledger.table import ConditionFailed
from payrelay.runtime.clients import RECOVERED_DAYS
from payrelay.runtime.keyring import Keyring, Place, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from payrelay.ledger import Ledger

# What the secrets are bound to, beside tenant and connection: they are of no system, but of our own hook.
HOOK = "login_hook"
# How long the old secret is good for beside a new one.
OVERLAP_SECONDS = 24 * 3600
# How long a container goes by what it has read: an old secret may be good for so much longer.
CACHED_SECONDS = 60.0


# After a signature that is not right the secret is read afresh at most once in so many seconds: whoever sends
# many such messages must not have us read as many times.
AFRESH_SECONDS = 5.0


class Keys(Struct, frozen=True):
    """Whose connection it is, and the secrets that are good at the moment."""

    tenant: str
    keys: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Keys(tenant={self.tenant!r})"


class _Stored(Struct, frozen=True):
    """What is kept: the newest secret, and the one before it until it ends. Unreadable ones are empty."""

    hook: HookSeal
    key: Secret
    former: Secret
    until: int

    def good(self, now: float) -> tuple[str, ...]:
        former = (self.former,) if self.until > now else ()
        return tuple(secret.reveal() for secret in (self.key, *former) if secret)


class HookKeys:
    """The secrets by connection id: a sender knows no tenant.

    They were secrets of their own in Secrets Manager once; the first use of such a one moves it.
    """

    def __init__(
        self,
        ledger: Ledger,
        keyring: Keyring,
        old: Callable[[], SecretsManagerClient],
        prefix: str,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._ledger, self._keyring, self._now = ledger, keyring, now
        self._old, self._prefix = old, prefix
        self._read_at: dict[str, tuple[float, _Stored]] = {}
        self._afresh_at: dict[str, float] = {}

    def of(self, connection_id: str, *, afresh: bool = False) -> Keys | None:
        """The secrets of a connection; None if it has none.

        `afresh` does not go by what was read before, as far as that was not done just now.
        """
        now = self._now()
        read_at, stored = self._read_at.get(connection_id) or (0.0, None)
        again = afresh and now - self._afresh_at.get(connection_id, -AFRESH_SECONDS) >= AFRESH_SECONDS
        if again:
            self._afresh_at[connection_id] = now
        if again or now - read_at > CACHED_SECONDS:
            read_at, stored = now, self._read(connection_id)
        if stored is None:
            # It is not noted: anybody may send any number of ids.
            self._forget(connection_id)
            return None
        self._read_at[connection_id] = (read_at, stored)
        return Keys(stored.hook.tenant, stored.good(now))

    def rotate(self, tenant: str, connection_id: str, kind: str) -> tuple[str, int | None]:
        """A new secret, and until when (epoch seconds) the one before it is good, too.

        The caller holds the connection's lock, so that no two of these meet.
        """
        stored = self._read(connection_id)
        until = int(self._now()) + OVERLAP_SECONDS
        former = stored.key if stored else Secret("")
        key = new_key()
        hook = self._sealed(Place(kind, tenant, connection_id, HOOK), Secret(key), former, until)
        self._ledger.seals.put_hook(connection_id, stored.hook.sealed if stored else Sealed(), hook)
        self._forget(connection_id)
        return key, until if former else None

    def delete(self, connection_id: str) -> None:
        """Forget a connection's secrets; no error when there are none."""
        self._ledger.seals.forget_hook(connection_id)
        self._delete_old(connection_id, {"ForceDeleteWithoutRecovery": True})
        self._forget(connection_id)

    def _forget(self, connection_id: str) -> None:
        self._read_at.pop(connection_id, None)
        self._afresh_at.pop(connection_id, None)

    def _sealed(self, place: Place, key: Secret, former: Secret, until: int) -> HookSeal:
        values = {"key": key.reveal()}
        if former:
            values |= {"former": former.reveal(), "until": str(until)}
        parts = self._keyring.seal(place, values)
        return HookSeal(place.tenant, place.kind, Sealed(kept=(parts,)))

    def _read(self, connection_id: str) -> _Stored | None:
        hook = self._ledger.seals.hook(connection_id)
        if hook is None and self._moved(connection_id):
            hook = self._ledger.seals.hook(connection_id)
        if hook is None:
            return None
        if hook.moved:
            hook = self._finished(connection_id, hook)
        place = Place(hook.kind, hook.tenant, connection_id, HOOK)
        try:
            values = self._keyring.open(place, hook.sealed.kept[0])
        except Unreadable:
            values = {"key": Secret("")}
        until = int(values["until"].reveal()) if "until" in values else 0
        return _Stored(hook, values["key"], values.get("former", Secret("")), until)

    # The secrets of before: `payrelay-hooks/con_01J…`, `{"tenant": …, "keys": [{"key": …, "until": …}]}`.

    def _moved(self, connection_id: str) -> bool:
        """Whether there was a secret of before, which is moved now; that of a deleted connection is none."""
        client = self._old()
        try:
            text = client.get_secret_value(SecretId=self._old_name(connection_id))["SecretString"]
        except (
            client.exceptions.ResourceNotFoundException,
            client.exceptions.InvalidRequestException,  # it is to be deleted
        ):
            return False
        stored: dict[str, Any] = json.loads(text)
        connection = self._ledger.connections.get(stored["tenant"], connection_id)
        if connection is None:
            return False
        newest: dict[str, Any] = stored["keys"][0]
        former: dict[str, Any] = {"key": "", "until": 0}
        if stored["keys"][1:]:
            former = stored["keys"][1]
        place = Place(connection.kind, connection.tenant, connection_id, HOOK)
        hook = self._sealed(place, Secret(newest["key"]), Secret(former["key"]), former["until"])
        with suppress(ConditionFailed):
            self._ledger.seals.put_hook(
                connection_id, Sealed(), HookSeal(hook.tenant, hook.kind, hook.sealed, moved=True)
            )
        return True

    def _finished(self, connection_id: str, hook: HookSeal) -> HookSeal:
        """The same, with the secret of before put away; until its last day somebody may restore it."""
        self._delete_old(connection_id, {"RecoveryWindowInDays": RECOVERED_DAYS})
        done = HookSeal(hook.tenant, hook.kind, hook.sealed)
        with suppress(ConditionFailed):
            sealed = self._ledger.seals.put_hook(connection_id, hook.sealed, done)
            done = HookSeal(hook.tenant, hook.kind, sealed)
        return done

    def _delete_old(self, connection_id: str, how: Mapping[str, Any]) -> None:
        client = self._old()
        # AWS itself is silent about a secret that is not there; its stand-in on this machine is not.
        with suppress(client.exceptions.ResourceNotFoundException, client.exceptions.InvalidRequestException):
            client.delete_secret(SecretId=self._old_name(connection_id), **how)

    def _old_name(self, connection_id: str) -> str:
        return f"{self._prefix}-hooks/{connection_id}"
