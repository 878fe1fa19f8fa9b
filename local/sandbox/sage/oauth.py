"""Consent and tokens: codes live a minute, access tokens five, and refreshing gives a new refresh token."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.oauth import FORM, back_to
from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

CLIENT_ID, CLIENT_SECRET = "payrelay-sandbox", "sandbox-secret"
AUTHORIZE, TOKEN, REVOKE = "/oauth2/auth/central", "/token", "/revoke"
PATHS = {AUTHORIZE: "authorize", TOKEN: "token", REVOKE: "revoke"}
CODE_SECONDS, ACCESS_SECONDS, REFRESH_SECONDS = 60, 300, 2_678_400
_SCOPES = ("readonly", "full_access")
_NEEDED = frozenset({"filter", "response_type", "client_id", "redirect_uri", "scope", "state"})
_ASKED = _NEEDED | {"country", "locale", "code_challenge", "code_challenge_method"}
_GRANTS = {
    "authorization_code": frozenset({"code", "redirect_uri", "code_verifier"}),
    "refresh_token": frozenset({"refresh_token"}),
}
_CLIENT = frozenset({"client_id", "client_secret", "grant_type"})


class TokenRefusedError(Exception):
    """A refusal of the token endpoint: error and description."""


@dataclass(frozen=True)
class _Code:
    redirect_uri: str
    scope: str
    challenge: str | None
    until: datetime


class Tokens:
    """Codes and tokens. Rows: `id` (the token), `kind` (access or refresh), `scope`, `until`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._codes: dict[str, _Code] = {}
        self.table = Table("id")

    def scope_of(self, access_token: str) -> str | None:
        """The scope of an access token that is still good."""
        row = self._good(access_token, "access")
        return str(row["scope"]) if row else None

    def authorize(self, call: Call) -> Answer:
        """A person who consents at once."""
        pairs = parse_qsl(call.query, keep_blank_values=True)
        asked = dict(pairs)
        problem = _problem_of_consent(asked, len(pairs) != len(asked))
        if problem or call.method != "GET":
            return json_answer(400, {"error": "invalid_request", "error_description": problem})
        code = secrets.token_hex(20)
        until = self._now() + timedelta(seconds=CODE_SECONDS)
        challenge = asked.get("code_challenge")
        self._codes[code] = _Code(asked["redirect_uri"], asked["scope"], challenge, until)
        return back_to(asked["redirect_uri"], {"code": code, "state": asked["state"]})

    def grant(self, call: Call) -> Answer:
        """Tokens for a code or a refresh token."""
        try:
            form = _form(call)
            allowed = _GRANTS.get(form.get("grant_type", ""))
            if allowed is None:
                raise TokenRefusedError("unsupported_grant_type", "The grant type is not supported.")
            _check_client(form, allowed | _CLIENT)
            scope = self._by_code(form) if "code" in allowed else self._by_refresh(form)
        except TokenRefusedError as refused:
            return _refusal(refused)
        return json_answer(200, self._new_pair(scope))

    def revoke(self, call: Call) -> Answer:
        """A refresh token is given back; the access tokens run out by themselves."""
        try:
            form = _form(call)
            _check_client(form, frozenset({"client_id", "client_secret", "token"}))
            if "token" not in form:
                raise TokenRefusedError("invalid_request", "The token is missing.")
        except TokenRefusedError as refused:
            return _refusal(refused)
        if self._good(form["token"], "refresh"):
            self.table.remove(form["token"])
        return json_answer(200, {"success": "ok"})

    def _by_code(self, form: dict[str, str]) -> str:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or self._now() >= code.until or form.get("redirect_uri") != code.redirect_uri:
            raise TokenRefusedError("invalid_grant", "The code is not valid, or not any more.")
        if code.challenge is not None and _challenge(form.get("code_verifier", "")) != code.challenge:
            raise TokenRefusedError("invalid_grant", "The code verifier does not fit.")
        return code.scope

    def _by_refresh(self, form: dict[str, str]) -> str:
        row = self._good(form.get("refresh_token", ""), "refresh")
        if row is None:
            raise TokenRefusedError("invalid_grant", "The refresh token is not valid, or not any more.")
        self.table.remove(row["id"])
        return str(row["scope"])

    def _new_pair(self, scope: str) -> Row:
        now = self._now()
        for row in list(self.table.rows()):
            if row["until"] <= _written(now):
                self.table.remove(row["id"])
        pair = {}
        for kind, seconds in (("access", ACCESS_SECONDS), ("refresh", REFRESH_SECONDS)):
            pair[kind] = f"{kind}-{secrets.token_urlsafe(48)}"
            until = _written(now + timedelta(seconds=seconds))
            self.table.put({"id": pair[kind], "kind": kind, "scope": scope, "until": until})
        return {
            "access_token": pair["access"],
            "scope": scope,
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
            "refresh_token": pair["refresh"],
            "refresh_token_expires_in": REFRESH_SECONDS,
            "requested_by_id": "1f6b7c1e-6d1c-4a0e-9b56-0c5a2f3f9d10",
        }

    def _good(self, token: str, kind: str) -> Row | None:
        row = self.table.get(token)
        return row if row and row["kind"] == kind and row["until"] > _written(self._now()) else None


def _problem_of_consent(asked: dict[str, str], twice: bool) -> str:
    missing = [name for name in sorted(_NEEDED) if not asked.get(name)]
    unknown = sorted(set(asked) - _ASKED)
    if twice or missing or unknown:
        return f"missing: {missing}, unknown: {unknown}"
    if asked["client_id"] != CLIENT_ID:
        return "The client is not known."
    if asked["response_type"] != "code" or asked["filter"] != "apiv3.1" or asked["scope"] not in _SCOPES:
        return "response_type, filter or scope is not one that is known."
    if ("code_challenge" in asked) != (asked.get("code_challenge_method") == "S256"):
        return "A code_challenge goes with the method S256."
    return ""


def _form(call: Call) -> dict[str, str]:
    media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if call.method != "POST" or media != FORM:
        raise TokenRefusedError("invalid_request", "A form is to be posted.")
    pairs = parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True)
    if len(dict(pairs)) != len(pairs):
        raise TokenRefusedError("invalid_request", "A parameter is given twice.")
    return dict(pairs)


def _check_client(form: dict[str, str], allowed: frozenset[str]) -> None:
    unknown = sorted(set(form) - allowed)
    if unknown:
        raise TokenRefusedError("invalid_request", f"Not known: {', '.join(unknown)}.")
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise TokenRefusedError("invalid_client", "Client id or secret is wrong.")


def _refusal(refused: TokenRefusedError) -> Answer:
    error, description = refused.args
    return json_answer(400, {"error": error, "error_description": description})


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def is_token_row(row: Any) -> bool:
    """Whether a row of the state can be one."""
    return (
        isinstance(row, dict)
        and set(row) == {"id", "kind", "scope", "until"}
        and all(isinstance(value, str) for value in row.values())
        and row["kind"] in ("access", "refresh")
        and row["scope"] in _SCOPES
    )
