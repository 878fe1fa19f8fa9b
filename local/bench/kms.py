"""Stands in for KMS where nothing is secret: what it gives is good for its context alone, and readable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

KEY = "bench-key"


class OpenKms:
    """A session of a vault, and its client of KMS."""

    def client(self, name: str, **more: Any) -> OpenKms:  # noqa: ARG002
        """Itself."""
        return self

    def encrypt(self, *, Plaintext: bytes, EncryptionContext: Mapping[str, str], **_: str) -> Any:  # noqa: N803
        """The text behind its context."""
        return {"CiphertextBlob": _said(EncryptionContext) + Plaintext}

    def decrypt(self, *, CiphertextBlob: bytes, EncryptionContext: Mapping[str, str]) -> Any:  # noqa: N803
        """The text; ValueError for another context."""
        said = _said(EncryptionContext)
        if not CiphertextBlob.startswith(said):
            raise ValueError("the context is another one")
        return {"Plaintext": CiphertextBlob[len(said) :]}


def _said(context: Mapping[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode() + b"\n"
