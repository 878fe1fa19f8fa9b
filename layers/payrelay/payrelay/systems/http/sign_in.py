"""How calls sign in: the value of the header `Authorization`."""

from __future__ import annotations

from base64 import b64encode

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused


def bearer(token: Secret) -> Secret:
    """A token (RFC 6750)."""
    return Secret(f"Bearer {token.reveal()}")


def basic(system: str, username: Secret, password: Secret) -> Secret:
    """A user's name and password (RFC 7617).

    CredentialsRefused for any but plain characters: servers do not agree on how others are sent.
    """
    pair = f"{username.reveal()}:{password.reveal()}"
    if not pair.isascii() or not pair.isprintable() or ":" in username.reveal():
        raise CredentialsRefused(system, "user name or password hold characters that a header can't carry")
    return Secret(f"Basic {b64encode(pair.encode()).decode()}")
