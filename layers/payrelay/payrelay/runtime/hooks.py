"""The secrets with which senders of webhooks sign: one connection's two newest ones, in Secrets Manager."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.webhooks import new_key

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

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


class HookKeys:
    """`{"tenant": …, "keys": [{"key": …, "until": …}]}` by connection id: a sender knows no tenant."""

    def __init__(
        self, client: SecretsManagerClient, prefix: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._client, self._prefix, self._now = client, prefix, now
        self._read_at: dict[str, tuple[float, dict[str, Any]]] = {}
        self._afresh_at: dict[str, float] = {}

    def name(self, connection_id: str) -> str:
        """`payrelay-hooks/con_01J…`."""
        return f"{self._prefix}-hooks/{connection_id}"

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
            self._read_at.pop(connection_id, None)
            self._afresh_at.pop(connection_id, None)
            return None
        self._read_at[connection_id] = (read_at, stored)
        good = tuple(one["key"] for one in stored["keys"] if one["until"] is None or one["until"] > now)
        return Keys(stored["tenant"], good)

    def rotate(self, tenant: str, connection_id: str) -> tuple[str, int | None]:
        """A new secret, and until when (epoch seconds) the one before it is good, too.

        The caller holds the connection's lock, so that no two of these meet.
        """
        stored = self._read(connection_id)
        until = int(self._now()) + OVERLAP_SECONDS
        before = [{**stored["keys"][0], "until": until}] if stored else []
        new = {"key": new_key(), "until": None}
        text = json.dumps({"tenant": tenant, "keys": [new, *before]})
        if stored is None:
            self._client.create_secret(Name=self.name(connection_id), SecretString=text)
        else:
            self._client.put_secret_value(SecretId=self.name(connection_id), SecretString=text)
        self._forget(connection_id)
        return str(new["key"]), until if before else None

    def delete(self, connection_id: str) -> None:
        """Forget a connection's secrets; no error when there are none."""
        # AWS itself is silent about a secret that is not there; its stand-in on this machine is not.
        with suppress(self._client.exceptions.ResourceNotFoundException):
            self._client.delete_secret(SecretId=self.name(connection_id), ForceDeleteWithoutRecovery=True)
        self._forget(connection_id)

    def _forget(self, connection_id: str) -> None:
        self._read_at.pop(connection_id, None)
        self._afresh_at.pop(connection_id, None)

    def _read(self, connection_id: str) -> dict[str, Any] | None:
        try:
            answer = self._client.get_secret_value(SecretId=self.name(connection_id))
        except self._client.exceptions.ResourceNotFoundException:
            return None
        found: dict[str, Any] = json.loads(answer["SecretString"])
        return found
