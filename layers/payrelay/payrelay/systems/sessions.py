"""Sessions of systems that are signed in to with what an admin entered, and asked with a token after that."""

from __future__ import annotations

from msgspec import Struct

from payrelay.domain.sensitive import Secret

# Where the token of a session that is kept stands among a system's credentials.
SESSION_TOKEN = "session_token"  # noqa: S105 - a name


class Session(Struct, frozen=True):
    """What a sign-in gives; `expires_at` is the end of it in Unix seconds."""

    token: Secret
    expires_at: int
