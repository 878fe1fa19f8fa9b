"""Keys with which apps call: 256 random bits each, kept as a hash alone (TRG-4, SEC-1).

SHA-256 is right for them: nobody can try 2^256 keys, however fast the hash is, and a slow one, which protects
what people choose, would only slow down every call. The hash is what an app is found by, in one consistent
read, so that a revoked key is none at once. How long that takes tells of hashes, which nobody can steer, and
not of keys; and a key that is wrong in any way goes the same way, to the same answer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from payrelay.domain.sensitive import Secret
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.table import ConditionFailed
from payrelay.runtime.observability import logger

if TYPE_CHECKING:
    from payrelay.ledger.apps import App, Apps

PREFIX = "prk_"
_BYTES = 32


def new_key() -> Secret:
    """A new key: `prk_` and 32 random bytes in url-safe base64."""
    return Secret(PREFIX + secrets.token_urlsafe(_BYTES))


def is_key(token: str) -> bool:
    """Whether a token is meant as a key: no JWT begins like one."""
    return token.startswith(PREFIX)


def has_key(text: str) -> bool:
    """Whether there may be a key in a text that somebody sent in another place, where it would be shown."""
    return PREFIX in text


def digest_of(key: Secret) -> str:
    """The hash by which a key is known."""
    return hashlib.sha256(key.reveal().encode(errors="replace")).hexdigest()


class KeyHolders:
    """Finds the app that holds a key, and keeps the day of its last call."""

    def __init__(self, apps: Apps, today: Callable[[], str]) -> None:
        self._apps, self._today = apps, today

    def __call__(self, key: Secret) -> App | None:
        """The app that holds this key; None if nobody does, or nobody does any more."""
        digest = digest_of(key)
        app = self._apps.of_key(digest)
        if app is not None and (app.last_used_on or "") < (day := self._today()):
            self._note(app, digest, day)
        return app

    def _note(self, app: App, digest: str, day: str) -> None:
        """One write a day; a call that can't be noted is answered all the same."""
        try:
            self._apps.note_use(digest, day)
        except ConditionFailed:
            pass  # Another call of this day was first.
        except (TableBusy, ClientError, BotoCoreError):
            logger.warning("last use of an app's key not noted", extra={"app_id": app.app_id}, exc_info=True)
