"""One connection's tokens at an invented vendor, with a clock, a KMS and workers that may die."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import inf
from typing import Any

from local.memory.ledger import memory_ledger
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.runtime.credentials import Credentials
from payrelay.runtime.keyring import Keyring, Place
from payrelay.runtime.moving import Moving
from payrelay.runtime.safe import Safe
from payrelay.runtime.tokens import Tokens
from payrelay.systems.oauth import Grant
from tests.worlds.aws import Vault, client
from tests.worlds.kms import KEY, Kms

TENANT, CONNECTION, SYSTEM, KIND = "demo", "con_A", "sage", "autovu_accounting"
SECRET = f"payrelay-connections/{KIND}/{TENANT}/{CONNECTION}"
OLD_SECRET = f"payrelay/{TENANT}/{CONNECTION}"
APP = {"client_id": "the-client", "client_secret": "the-secret"}
PLACE = Place(KIND, TENANT, CONNECTION, SYSTEM)
BACK = "https://app.example/back"


class Vendor:
    """A token endpoint. Refresh tokens die when used, as Sage's, or after `grace` seconds, as Xero's."""

    answer_seconds = 9.0

    def __init__(self, now: Callable[[], float], grace: int = 0) -> None:
        self.now, self.grace = now, grace
        self.number = 0
        self.good = "refresh-0"
        # Until when replaced ones are good.
        self.replaced: dict[str, float] = {}
        self.revoked: list[str] = []
        self.fails: Exception | None = None
        self.company: str | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.longer = ""

    def refresh(self, refresh_token: Secret) -> Grant:
        if self.fails:
            raise self.fails
        token = refresh_token.reveal()
        if token in self.revoked or (token != self.good and self.replaced.get(token, 0) < self.now()):
            raise CredentialsRefused(SYSTEM, "the consent is not valid any more", code="invalid_grant")
        self.meanwhile()
        return self._grant()

    def exchange(self, code: Secret, redirect_uri: str, verifier: Secret | None = None) -> Grant:
        assert (code.reveal(), redirect_uri) == ("code-1", BACK)
        return self._grant()

    def revoke(self, refresh_token: Secret) -> None:
        if self.fails:
            raise self.fails
        self.revoked.append(refresh_token.reveal())

    def _grant(self) -> Grant:
        self.number += 1
        if self.grace:
            self.replaced[self.good] = self.now() + self.grace
        self.good = f"refresh-{self.number}{self.longer}"
        return Grant(Secret(f"access-{self.number}{self.longer}"), Secret(self.good), 300, self.company)


class Bench:
    """One connection's tokens, its vendor, a clock; `step` is told before each call to AWS."""

    def __init__(self, grace: int = 0) -> None:
        self.time = 1_000_000.0
        # Until when whoever calls has time.
        self.ends_at = inf
        self.pause: Callable[[], object] = lambda: None
        self.step: Callable[[str], None] = lambda _: None
        self.vendor = Vendor(self.now, grace)
        self.kms = Kms()
        self.memory = memory_ledger(self._stepped)
        self.ledger = self.memory.ledger
        self.client = client("secretsmanager")
        self.credentials = self.worker_credentials()
        self.credentials.create(TENANT, CONNECTION, {SYSTEM: APP, "autovu": {"integration_key": "k"}})

    def _stepped(self, name: str) -> None:
        self.step(name)

    def keyring(self) -> Keyring:
        return Keyring(
            lambda *_: Vault(self.kms, self._stepped), KEY, sleep=self.sleep, time_left=self.time_left
        )

    def worker_credentials(self, kind: str = KIND) -> Credentials:
        session = Vault(self.kms, self._stepped)
        moving = Moving(lambda _: session, "payrelay", kind, self.ledger, self.keyring())
        return Credentials(
            lambda _: session,
            "payrelay",
            kind,
            self.ledger,
            moving,
            now=self.now,
            sleep=self.sleep,
            time_left=self.time_left,
        )

    def now(self) -> float:
        return self.time

    def time_left(self) -> float:
        return self.ends_at - self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.pause()

    def safe(self) -> Safe:
        return Safe(self.ledger.seals, self.keyring(), PLACE)

    def worker(self, app: str = "the-client", address: str | None = None) -> Tokens:
        """Another container: it has deciphered nothing yet."""
        whose = (TENANT, CONNECTION, SYSTEM)
        endpoint: Any = self.vendor
        return Tokens(
            self.worker_credentials(),
            self.safe(),
            endpoint,
            whose,
            Secret(app),
            self.now,
            address=address,
            time_left=self.time_left,
        )

    def entered(self) -> dict[str, Any]:
        """The secret."""
        answer = self.client.get_secret_value(SecretId=SECRET)
        stored: dict[str, Any] = json.loads(answer["SecretString"])
        return stored

    def pairs(self) -> list[dict[str, str]]:
        """The pairs in the table, deciphered, the newest first."""
        safe = self.safe()
        return [
            {name: secret.reveal() for name, secret in safe.open(parts).items()} for parts in safe.read().kept
        ]

    def consent(self, lives: int = 300, **more: str) -> None:
        """A pair that is there already."""
        safe = self.safe()
        pair = {
            "access_token": "access-0",
            "refresh_token": "refresh-0",
            "expires_at": str(int(self.time) + lives),
            "client_id": APP["client_id"],
            "address": "",
            **more,
        }
        safe.write(safe.read(), [safe.seal(pair)])
