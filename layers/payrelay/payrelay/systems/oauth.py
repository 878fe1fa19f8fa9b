"""OAuth 2.0 for every system that needs it: consent, tokens, refresh, revocation (RFC 6749, RFC 7009)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected

from .http.address import is_loopback
from .http.answers import error_of_unreadable
from .http.door import Door, DoorOptions
from .http.sign_in import basic
from .http.words import in_json
from .registry import OAuth

# So long a step of a run waits for tokens; an answer that comes later is lost, and a pair with it.
ANSWER_SECONDS = 30.0
# What a code means, where the endpoint says no more.
_WORDS = {"invalid_grant": "the consent is not valid any more (invalid_grant)"}


class App(Struct, frozen=True):
    """Who asks: the client id and secret that the vendor gave out."""

    client_id: Secret
    client_secret: Secret


class Grant(Struct, frozen=True):
    """What a token endpoint gives: `seconds` is how long the access token lives.

    `company` is the one that the consent reaches, where the endpoint names it.
    """

    access_token: Secret
    refresh_token: Secret
    seconds: int
    company: str | None = None


def consent_url(
    oauth: OAuth, base_url: str, app: App, redirect_uri: str, state: str, verifier: Secret | None = None
) -> str:
    """The page on which a person of the customer's gives consent, with the challenge of a `verifier`."""
    query = {
        "response_type": "code",
        "client_id": app.client_id.reveal(),
        "scope": oauth.scope,
        "redirect_uri": redirect_uri,
        "state": state,
    }
    if verifier:
        query |= {"code_challenge": _challenge(verifier), "code_challenge_method": "S256"}
    url = _at(oauth.authorize_url, base_url)
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


class TokenEndpoint:
    """Tokens of one system for one app; CredentialsRefused when what is handed in is no longer good."""

    def __init__(self, system: str, oauth: OAuth, base_url: str, app: App, options: DoorOptions) -> None:
        self._system, self._oauth, self._base_url = system, oauth, base_url
        self._app = app
        self._options = replace(
            options,
            read_timeout=min(options.read_timeout, ANSWER_SECONDS),
            answer_timeout=min(options.answer_timeout, ANSWER_SECONDS),
        )

    @property
    def answer_seconds(self) -> float:
        """The longest that an answer is waited for."""
        patience = self._options.patience
        return patience.answer if patience else self._options.answer_timeout

    def exchange(self, code: Secret, redirect_uri: str, verifier: Secret | None = None) -> Grant:
        """The tokens that a consent's code is good for, once; `verifier` proves who asked for it."""
        form: dict[str, object] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            **({"code_verifier": verifier} if verifier else {}),
        }
        grant = self._granted(form)
        if self._oauth.company_field and grant.company is None:
            raise error_of_unreadable(self._system, "tokens of no company", safe=True)
        return grant

    def refresh(self, refresh_token: Secret) -> Grant:
        """New tokens; the refresh token may be a new one, and the old one may be dead from here on.

        Which company they are for is known by then: an answer that does not say it again is as good.
        """
        return self._granted({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def revoke(self, refresh_token: Secret) -> None:
        """Give the tokens back; one that is dead already is no error."""
        body: dict[str, object] = {"token": refresh_token}
        form = not self._oauth.revoke_as_json
        try:
            self._send(self._oauth.revoke_url, body, form=form)
        except (CredentialsRefused, Rejected):
            return

    def _granted(self, form: dict[str, object]) -> Grant:
        try:
            answer = self._send(self._oauth.token_url, form, form=True)
        except Rejected as refusal:
            raise CredentialsRefused(self._system, refusal.message, code=refusal.code) from None
        match answer:
            case {
                "access_token": str(access),
                "refresh_token": str(refresh),
                "expires_in": int(seconds),
            }:
                return Grant(Secret(access), Secret(refresh), seconds, self._company(answer))
        raise error_of_unreadable(self._system, "no tokens", safe=True)

    def _company(self, answer: Mapping[str, object]) -> str | None:
        field = self._oauth.company_field
        company = answer.get(field) if field else None
        return company if isinstance(company, str) and company else None

    def _send(self, url: str, body: dict[str, object], *, form: bool) -> Any:
        url = _at(url, self._base_url)
        parts = urlsplit(url)
        app = self._app
        headers = {}
        if self._oauth.in_body:
            body = {"client_id": app.client_id, "client_secret": app.client_secret, **body}
        else:
            headers = {"Authorization": basic(self._system, app.client_id, app.client_secret)}
        door = Door(
            self._system,
            f"{parts.scheme}://{parts.netloc}",
            (parts.hostname or "",),
            secret_headers=headers,
            explain=in_json(_words_of),
            options=self._options,
        )
        # Sent once: a refresh that was answered into the void may have used its token up.
        return door.send("POST", parts.path, body=body, form=form, safe=False, empty=True)


def verifier_of(key: bytes, state: str) -> Secret:
    """What proves who asked for a consent: made of the connection's key and the state, kept nowhere."""
    return Secret(_base64url(hmac.new(key, f"pkce:{state}".encode(), hashlib.sha256).digest()))


def _challenge(verifier: Secret) -> str:
    return _base64url(hashlib.sha256(verifier.reveal().encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _at(url: str, base_url: str) -> str:
    """The endpoint itself, or where the local stack has it: below the system's base address."""
    if not is_loopback(base_url):
        return url
    parts = urlsplit(url)
    return f"{base_url.rstrip('/')}{parts.path}{'?' + parts.query if parts.query else ''}"


def _words_of(body: object) -> tuple[str, str]:
    """`{"error", "error_description"}` of RFC 6749."""
    if not isinstance(body, Mapping):
        return "", ""
    code = str(body.get("error") or "")
    return code, str(body.get("error_description") or _WORDS.get(code, code))
