"""The requests session behind a door, and what its errors tell."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused

# At DEBUG it logs whole URLs, and a query string may hold personal data.
logging.getLogger("urllib3").setLevel(logging.INFO)


class _SecretHeaders(requests.auth.AuthBase):
    """Puts the secrets on at the last moment, so that the session itself holds none in clear."""

    def __init__(self, headers: Mapping[str, Secret]) -> None:
        self._headers = headers

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        for name, secret in self._headers.items():
            prepared.headers[name] = secret.reveal()
        return prepared


def open_session(system: str, secret_headers: Mapping[str, Secret]) -> requests.Session:
    """A session that sends these headers, and nothing that the environment or an answer would add."""
    for secret in secret_headers.values():
        text = secret.reveal()
        if not text.isascii() or not text.isprintable() or text != text.strip():
            raise CredentialsRefused(system, "the credentials hold characters that a header can't carry")
    session = requests.Session()
    # No proxy and no .netrc from the environment: they would send the credentials elsewhere, or replace them.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept": "application/json", "User-Agent": "payrelay"})
    session.auth = _SecretHeaders(secret_headers)
    return session


def was_never_sent(error: requests.ConnectionError) -> bool:
    """True if the connection itself failed: refused, no such host, a certificate that is not theirs."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, TlsError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError)
