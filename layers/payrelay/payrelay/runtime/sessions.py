"""Sessions of systems that are signed in to: kept with the credentials, one for all workers (CON-3)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from payrelay.domain.sensitive import Secret
from payrelay.runtime.tokens import RENEWED_BEFORE
from payrelay.systems.sessions import SESSION_TOKEN, Session

if TYPE_CHECKING:
    from payrelay.runtime.credentials import Credentials

# When the session ends, and what of the settings it was opened for.
_UNTIL, _OPENED_FOR = "session_until", "session_for"


class Sessions:
    """The session of one system of one connection, for what its room is `told` of the settings.

    As with tokens, a worker whose session is refused takes the lock of the secret first: then another one may
    have signed in already. New credentials end it, as they replace all that is kept of a system.
    """

    def __init__(
        self,
        credentials: Credentials,
        sign_in: Callable[[], Session],
        whose: tuple[str, str, str],
        told: Mapping[str, Secret],
        address: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._credentials, self._sign_in, self._now = credentials, sign_in, now
        self._tenant, self._connection_id, self._system = whose
        self._opened_for = " ".join(secret.reveal() for secret in told.values())
        self._address, self._used = address, ""

    def kept(self, stored: Mapping[str, Secret]) -> dict[str, Secret]:
        """The token that is kept with a system's credentials, as its room takes it; none if it is too old."""
        token = self._lasting({name: secret.reveal() for name, secret in stored.items()})
        return {SESSION_TOKEN: self._use(token)} if token else {}

    def renew(self) -> Secret:
        """Another token than the one that was given out last."""
        with self._credentials.held(self._tenant, self._connection_id) as held:
            held.may_go(self._system, self._address)
            stored = held.of(self._system)
            token = self._lasting(stored)
            if token and token != self._used:
                return self._use(token)
            session = self._sign_in()
            opened = {
                SESSION_TOKEN: session.token.reveal(),
                _UNTIL: str(session.expires_at),
                _OPENED_FOR: self._opened_for,
            }
            held.put({self._system: {**stored, **opened}})
            return self._use(opened[SESSION_TOKEN])

    def _lasting(self, stored: Mapping[str, str]) -> str:
        """The token that is kept, if it is good for the step at hand; empty if not."""
        lasts = int(stored.get(_UNTIL, "0")) - self._now() > RENEWED_BEFORE
        return stored[SESSION_TOKEN] if lasts and stored.get(_OPENED_FOR) == self._opened_for else ""

    def _use(self, token: str) -> Secret:
        self._used = token
        return Secret(token)
