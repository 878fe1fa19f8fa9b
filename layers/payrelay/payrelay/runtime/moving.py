"""Secrets as they were kept before, `payrelay/demo/con_01J…`: tokens and all in one, and for no kind (CON-3).

The first use moves one, under the lock of its connection: what renews itself becomes ciphertext in the table,
the rest a secret of the kind. Whoever dies in between leaves a connection that works: until the new secret is
there, the one of before is all that counts; from then on it counts for nothing, and whoever finds it deletes
it, so that it can be taken back for a month.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from payrelay.runtime.clients import RECOVERED_DAYS, Clients
from payrelay.runtime.credentials import MOVED
from payrelay.runtime.keyring import Place
from payrelay.runtime.safe import Safe
from payrelay.runtime.sessions import opened_for, sealable
from payrelay.runtime.tokens import MOST_PAIRS, bound
from payrelay.systems.registry import SYSTEMS, address_of
from payrelay.systems.sessions import SESSION_TOKEN

if TYPE_CHECKING:
    from boto3 import Session

    from payrelay.ledger import Ledger
    from payrelay.runtime.keyring import Keyring

_TOKENS = ("access_token", "refresh_token", "expires_at", "company_id")
_SESSION = (SESSION_TOKEN, "session_until", "session_for")


class Moving:
    """Takes the secrets of before apart, and deletes them."""

    def __init__(
        self, vault: Callable[[str], Session], prefix: str, kind: str, ledger: Ledger, keyring: Keyring
    ) -> None:
        self._vault, self._prefix, self._kind = vault, prefix, kind
        self._ledger, self._keyring = ledger, keyring
        self._clients = Clients("secretsmanager")
        self._settled: set[tuple[str, str]] = set()

    def text(self, tenant: str, connection_id: str) -> str | None:
        """The secret of before; None if there is none."""
        client = self._clients.of(self._vault(tenant))
        try:
            answer = client.get_secret_value(SecretId=self._name(tenant, connection_id))
        except (
            client.exceptions.ResourceNotFoundException,
            client.exceptions.InvalidRequestException,  # it is to be deleted
        ):
            return None
        return str(answer["SecretString"])

    def begin(
        self, tenant: str, connection_id: str, stored: Mapping[str, Any], entered_for: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Put what renews itself into the table; what is left is for the new secret."""
        self._ledger.moves.begin(tenant, connection_id)
        connection = self._ledger.connections.get(tenant, connection_id)
        left: dict[str, Any] = {MOVED: True}
        for name, values in stored.items():
            left[name] = values
            if name not in SYSTEMS or connection is None:
                continue
            known = entered_for.get(name, {}).get(name)
            address = known if known is not None else address_of(name, connection.settings)
            entered, renewed = _parted(name, values, address)
            left[name] = entered
            if renewed:
                place = Place(self._kind, tenant, connection_id, name)
                safe = Safe(self._ledger.seals, self._keyring, place)
                # What is there is of a move that was broken off, or newer: a pair is never thrown away.
                before = safe.read()
                safe.write(before, [safe.seal(renewed), *before.kept][:MOST_PAIRS])
        return left

    def settle(self, tenant: str, connection_id: str) -> None:
        """Put away what a move that was broken off has left; looked up once by each worker."""
        if (tenant, connection_id) in self._settled:
            return
        if self._ledger.moves.pending(tenant, connection_id):
            self.put_away(tenant, connection_id)
        self._settled.add((tenant, connection_id))

    def put_away(self, tenant: str, connection_id: str) -> None:
        """Delete the secret of before, which was moved; until its last day somebody may restore it."""
        self._delete(tenant, connection_id, {"RecoveryWindowInDays": RECOVERED_DAYS})

    def forget(self, tenant: str, connection_id: str) -> None:
        """Delete the secret of before for good, also one that was put away; no error when there is none."""
        self._delete(tenant, connection_id, {"ForceDeleteWithoutRecovery": True})

    def _delete(self, tenant: str, connection_id: str, how: Mapping[str, Any]) -> None:
        client = self._clients.of(self._vault(tenant))
        with suppress(client.exceptions.ResourceNotFoundException, client.exceptions.InvalidRequestException):
            name = self._name(tenant, connection_id)
            client.delete_secret(SecretId=name, **how)
        self._ledger.moves.done(tenant, connection_id)

    def _name(self, tenant: str, connection_id: str) -> str:
        return f"{self._prefix}/{tenant}/{connection_id}"


def _parted(system: str, values: Mapping[str, str], address: str) -> tuple[Mapping[str, str], dict[str, str]]:
    """What somebody entered of a system, and what renews itself, as it is sealed from now on."""
    row = SYSTEMS[system]
    if row.oauth:
        entered = {name: text for name, text in values.items() if name not in _TOKENS}
        tokens = {name: values[name] for name in _TOKENS if name in values}
        given = "refresh_token" in tokens
        return entered, {**tokens, **bound(entered.get("client_id", ""), address)} if given else {}
    if row.session:
        entered = {name: text for name, text in values.items() if name not in _SESSION}
        token, until, told = (values.get(name, "") for name in _SESSION)
        return entered, sealable(token, until, opened_for(entered, told, address)) if token else {}
    return values, {}
