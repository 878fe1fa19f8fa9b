"""KMS in this process: ciphertext that is good for its context alone, and the refusals of the service."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = "arn:aws:kms:eu-north-1:123456789012:key/tokens"
MOST_BYTES = 4096


def refusal(code: str, call: str = "Encrypt") -> ClientError:
    """An error of AWS."""
    return ClientError({"Error": {"Code": code, "Message": code}}, call)


class Kms:
    """`refuse` holds the codes with which the next calls are refused, `down` that of all of them."""

    def __init__(self) -> None:
        self._key = AESGCM(AESGCM.generate_key(256))
        self.calls: Counter[str] = Counter()
        self.contexts: list[dict[str, str]] = []
        self.refuse: list[str] = []
        self.down = ""

    def encrypt(self, *, KeyId: str, Plaintext: bytes, EncryptionContext: dict[str, str]) -> Any:  # noqa: N803
        self._called("Encrypt", EncryptionContext)
        if KeyId != KEY:
            raise refusal("NotFoundException")
        if len(Plaintext) > MOST_BYTES:
            raise refusal("ValidationException")
        nonce = os.urandom(12)
        sealed = self._key.encrypt(nonce, Plaintext, self._said(EncryptionContext))
        return {"CiphertextBlob": nonce + sealed, "KeyId": KEY}

    def decrypt(self, *, CiphertextBlob: bytes, EncryptionContext: dict[str, str]) -> Any:  # noqa: N803
        self._called("Decrypt", EncryptionContext)
        nonce, sealed = CiphertextBlob[:12], CiphertextBlob[12:]
        try:
            return {"Plaintext": self._key.decrypt(nonce, sealed, self._said(EncryptionContext))}
        except InvalidTag as error:
            raise refusal("InvalidCiphertextException", "Decrypt") from error

    def _called(self, call: str, context: dict[str, str]) -> None:
        self.calls[call] += 1
        if self.refuse or self.down:
            raise refusal(self.refuse.pop(0) if self.refuse else self.down, call)
        assert set(context) == {"tenant", "connection", "system"}, context
        self.contexts.append(context)

    @staticmethod
    def _said(context: dict[str, str]) -> bytes:
        return json.dumps(context, sort_keys=True).encode()
