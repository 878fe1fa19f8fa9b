"""What renews itself, of one system of one connection: kept in the table, as ciphertext of KMS (CON-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from payrelay.domain.sensitive import Secret
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.seals import Parts, Sealed, Seals

if TYPE_CHECKING:
    from payrelay.runtime.keyring import Keyring, Place

# The table waits by itself while it is throttled. After other trouble what was sealed is written again, for
# the vendor may have nothing else for us.
ATTEMPTS = 6
PAUSE_SECONDS = 0.2


class Safe:
    """Reads and replaces it, by version: of two who write, the second one gets `ConditionFailed`."""

    def __init__(self, seals: Seals, keyring: Keyring, place: Place) -> None:
        self._seals, self._keyring, self._place = seals, keyring, place

    def unsaved(self) -> tuple[str, dict[str, str]] | None:
        """What this worker could not write, and nobody else has, with the version that was there then.

        It stays until it is said to be `saved`: what hindered it once may do so again.
        """
        version, values = self._keyring.unsaved.get(self._place, ("", {}))
        return (version, {name: secret.reveal() for name, secret in values.items()}) if values else None

    def saved(self) -> None:
        """It is written, or of no use any more."""
        self._keyring.unsaved.pop(self._place, None)

    def leave_unsaved(self, version: str, values: Mapping[str, str]) -> None:
        """Keep what could not be written for when this worker is called again."""
        kept = {name: Secret(value) for name, value in values.items()}
        self._keyring.unsaved[self._place] = (version, kept)

    def read(self) -> Sealed:
        """What is there, sealed; read consistently."""
        place = self._place
        return self._seals.get(place.tenant, place.connection_id, place.system)

    def open(self, parts: Parts) -> dict[str, Secret]:
        """What is in one of those; Unreadable if it was not made for this place."""
        return self._keyring.open(self._place, parts)

    def ready(self) -> None:
        """That something can be sealed now; RetryLater if not."""
        self._keyring.ready(self._place)

    def seal(self, values: Mapping[str, str]) -> Parts:
        """The ciphertext of some values, to be written."""
        return self._keyring.seal(self._place, values)

    def write(self, before: Sealed, kept: Sequence[Parts]) -> Sealed:
        """Replace what was there `before` in one write; `ConditionFailed` if something else is there."""
        place = self._place
        attempt = 0
        while True:
            try:
                return self._seals.put(place.tenant, place.connection_id, place.system, before, kept)
            except (TableBusy, ClientError, BotoCoreError):
                attempt += 1
                if attempt == ATTEMPTS or not self._keyring.paused(PAUSE_SECONDS * 2**attempt):
                    raise

    def forget(self, before: Sealed) -> None:
        """Forget what was there `before`."""
        place = self._place
        self._seals.forget(place.tenant, place.connection_id, place.system, before)
