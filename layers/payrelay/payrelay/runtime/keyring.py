"""Texts as ciphertext of KMS, bound to whose they are (CON-3)."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from payrelay.domain.sensitive import Secret
from payrelay.errors import PayrelayError, RetryLater
from payrelay.ledger.seals import Parts
from payrelay.runtime.clients import ONCE, Clients

if TYPE_CHECKING:
    from boto3 import Session

# The most that KMS takes at once; what is longer goes in several parts, each with a head.
MOST_BYTES = 4096
# Which text a part is of, which part of it, and of how many.
HEAD = 8 + 1 + 1
# KMS answers many calls a second for the whole account, and refuses those beyond.
ATTEMPTS = 7
PAUSE_SECONDS = 0.1
# What is left of the time when nothing is asked again: an answer that does not come takes more than that.
SPARE_SECONDS = 2.0
BUSY_SECONDS, REFUSED_SECONDS = 10, 60
# What is kept deciphered, of the places that were used last.
KEPT = 32

_BUSY = frozenset(
    {
        "ThrottlingException",
        "KMSInternalException",
        "DependencyTimeoutException",
        "KeyUnavailableException",
        "InternalFailure",
        "ServiceUnavailable",
    }
)
_NOT_OURS = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
# By the code of KMS: what is wrong with the key, and what whoever runs Payrelay does about it.
_REMEDIES = {
    "DisabledException": "is disabled: whoever runs Payrelay enables it (aws kms enable-key)",
    "KMSInvalidStateException": (
        "can't be used as it is, such as one that is to be deleted: whoever runs Payrelay takes that back "
        "(aws kms cancel-key-deletion, then aws kms enable-key)"
    ),
    "NotFoundException": "is not there: whoever runs Payrelay deploys its template again",
    "AccessDeniedException": (
        "may not be used here. Just after a deployment that ends by itself within a minute; else whoever "
        "runs Payrelay deploys its template again"
    ),
}


class Place(Struct, frozen=True):
    """Whose a text is: it can be read for no other tenant, connection or system."""

    kind: str
    tenant: str
    connection_id: str
    system: str

    @property
    def context(self) -> dict[str, str]:
        """The encryption context: what policies go by, and what KMS wants to be told again."""
        return {"tenant": self.tenant, "connection": self.connection_id, "system": self.system}


class Unreadable(PayrelayError):
    """A ciphertext that was not made with our key for this place, or not as one text."""


class Keyring:
    """Seals and opens texts of any length. What was opened last at a place is not asked for again.

    A throttled KMS is asked again; RetryLater, which says what to do, when it refuses for good.
    """

    def __init__(
        self,
        vault: Callable[[str, str], Session],
        key: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        time_left: Callable[[], float] = lambda: inf,
    ) -> None:
        self._vault, self._key, self._sleep = vault, key, sleep
        self._time_left = time_left
        self._clients = Clients("kms", ONCE)
        # By place: what could not be stored when it came, and the version that was there.
        self.unsaved: dict[Place, tuple[str, dict[str, Secret]]] = {}
        # By place: the ciphertext that was opened last, and what is in it.
        self._opened: dict[Place, tuple[Parts, dict[str, Secret]]] = {}

    def paused(self, seconds: float) -> bool:
        """Pause before something is tried again; False at once if there is no time for that."""
        if self._time_left() < seconds + SPARE_SECONDS:
            return False
        self._sleep(seconds)
        return True

    def ready(self, place: Place) -> None:
        """That something can be sealed for a place now; asked before there is what must not be lost."""
        self._encrypt(place, b"ready")

    def seal(self, place: Place, values: Mapping[str, str]) -> Parts:
        """The ciphertext of some values."""
        text, room = json.dumps(values, separators=(",", ":")).encode(), MOST_BYTES - HEAD
        chunks = [text[at : at + room] for at in range(0, len(text), room)]
        mark = secrets.token_bytes(8)
        heads = [mark + bytes((number, len(chunks))) for number in range(len(chunks))]
        parts = tuple(self._encrypt(place, head + chunk) for head, chunk in zip(heads, chunks, strict=True))
        self._note(place, parts, {name: Secret(value) for name, value in values.items()})
        return parts

    def open(self, place: Place, parts: Parts) -> dict[str, Secret]:
        """What is in a ciphertext; Unreadable for one that was not made for this place."""
        known = self._opened.get(place)
        if known is not None and known[0] == parts:
            return dict(known[1])
        texts = [self._decrypt(place, part) for part in parts]
        heads = [text[:HEAD] for text in texts]
        mark = heads[0][:8] if heads else b""
        if not texts or heads != [mark + bytes((number, len(texts))) for number in range(len(texts))]:
            raise Unreadable(f"the parts for {place.system} are not of one text")
        stored: dict[str, str] = json.loads(b"".join(text[HEAD:] for text in texts))
        values = {name: Secret(value) for name, value in stored.items()}
        self._note(place, parts, values)
        return dict(values)

    def _note(self, place: Place, parts: Parts, values: dict[str, Secret]) -> None:
        self._opened.pop(place, None)
        self._opened[place] = (parts, values)
        if len(self._opened) > KEPT:
            self._opened.pop(next(iter(self._opened)))

    def _encrypt(self, place: Place, text: bytes) -> bytes:
        answer = self._asked(
            place, "encrypt", KeyId=self._key, Plaintext=text, EncryptionContext=place.context
        )
        return bytes(answer["CiphertextBlob"])

    def _decrypt(self, place: Place, part: bytes) -> bytes:
        answer = self._asked(place, "decrypt", CiphertextBlob=part, EncryptionContext=place.context)
        return bytes(answer["Plaintext"])

    def _asked(self, place: Place, call: str, **arguments: Any) -> Any:
        client = self._clients.of(self._vault(place.tenant, place.kind))
        for attempt in range(ATTEMPTS):
            if attempt and not self.paused(PAUSE_SECONDS * 2**attempt):
                break
            try:
                return getattr(client, call)(**arguments)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code not in _BUSY:
                    raise _refused(code, place) from error
            except BotoCoreError as error:
                code = type(error).__name__
        raise RetryLater("payrelay", f"AWS KMS is busy ({code})", seconds=BUSY_SECONDS, named=True, code=code)


def _refused(code: str, place: Place) -> Exception:
    if code in _NOT_OURS:
        return Unreadable(f"the ciphertext for {place.system} was not made for it ({code})")
    remedy = _REMEDIES.get(code, "is refused by AWS KMS")
    said = f"The key that keeps tokens ({code}) {remedy}. No consent is lost"
    return RetryLater("payrelay", said, seconds=REFUSED_SECONDS, named=True, code=code)
