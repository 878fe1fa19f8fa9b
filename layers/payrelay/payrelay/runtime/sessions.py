"""Sessions of systems that are signed in to: one for all workers of a connection (CON-3)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from payrelay.domain.sensitive import Secret
from payrelay.ledger.seals import Sealed
from payrelay.ledger.table import ConditionFailed
from payrelay.runtime.keyring import Unreadable
from payrelay.runtime.tokens import RENEWED_BEFORE
from payrelay.systems.http.address import plain_address
from payrelay.systems.sessions import SESSION_TOKEN

if TYPE_CHECKING:
    from payrelay.runtime.credentials import Credentials
    from payrelay.runtime.safe import Safe
    from payrelay.systems.sessions import Session

# When the session ends, and what it was opened for.
_UNTIL, _OPENED_FOR = "session_until", "opened_for"


def opened_for(entered: Mapping[str, str], told: str, address: str) -> str:
    """What a session was opened with; a session of anything else is none."""
    text = json.dumps([sorted(entered.items()), told, plain_address(address)])
    return hashlib.sha256(text.encode()).hexdigest()


def sealable(token: str, until: str, mark: str) -> dict[str, str]:
    """A session as it is kept."""
    return {SESSION_TOKEN: token, _UNTIL: until, _OPENED_FOR: mark}


class Sessions:
    """The session of one system of one connection, for what its room is `told` of the settings.

    As with tokens, a worker whose session is refused takes the lock of the connection first: then another one
    may have signed in already. New credentials end it.
    """

    def __init__(
        self,
        credentials: Credentials,
        safe: Safe,
        sign_in: Callable[[], Session],
        whose: tuple[str, str, str],
        entered: Mapping[str, Secret],
        told: Mapping[str, Secret],
        address: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._credentials, self._safe, self._sign_in, self._now = credentials, safe, sign_in, now
        self._tenant, self._connection_id, self._system = whose
        self._address, self._used = address, Secret("")
        with_what = {name: secret.reveal() for name, secret in entered.items()}
        self._mark = opened_for(with_what, " ".join(secret.reveal() for secret in told.values()), address)

    def kept(self) -> dict[str, Secret]:
        """The token that is kept, as the system's room takes it; none if it is too old."""
        token = self._lasting(self._safe.read())
        return {SESSION_TOKEN: self._use(token)} if token else {}

    def renew(self) -> Secret:
        """Another token than the one that was given out last."""
        with self._credentials.held(self._tenant, self._connection_id) as held:
            held.may_go(self._system, self._address)
            before = self._safe.read()
            token = self._lasting(before)
            if token and token != self._used:
                return self._use(token)
            session = self._sign_in()
            opened = sealable(session.token.reveal(), str(session.expires_at), self._mark)
            # Of two who signed in at once, each has a session that is good; one of them is kept.
            with suppress(ConditionFailed):
                self._safe.write(before, [self._safe.seal(opened)])
            return self._use(session.token)

    def _lasting(self, sealed: Sealed) -> Secret:
        """The token that is kept, if it is good for the step at hand; empty if not."""
        try:
            stored = self._safe.open(sealed.kept[0]) if sealed.kept else {}
        except Unreadable:
            stored = {}
        if not stored or stored[_OPENED_FOR].reveal() != self._mark:
            return Secret("")
        lasts = int(stored[_UNTIL].reveal()) - self._now() > RENEWED_BEFORE
        return stored[SESSION_TOKEN] if lasts else Secret("")

    def _use(self, token: Secret) -> Secret:
        self._used = token
        return token
