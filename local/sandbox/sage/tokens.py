"""Consent and tokens: codes live a minute, access tokens five, and refreshing gives a new refresh token."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from local.sandbox.frame.calls import Answer, json_answer
from local.sandbox.frame.consent import Code, Consents, OAuthError
from local.sandbox.frame.kinds import NAME, TEXT, one_of
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row

SCOPES = ("readonly", "full_access")
TOKENS = Resource(
    "oauth_tokens",
    "id",
    {"id": NAME, "kind": one_of("access", "refresh"), "scope": one_of(*SCOPES), "until": TEXT},
    needed=("id", "kind", "scope", "until"),
    lasting=True,
)


class Tokens(Consents):
    """A row for each token: `id` (the token), `kind`, `scope`, `until`."""

    authorize, token, revoke = "/oauth2/auth/central", "/token", "/revoke"
    client_in: ClassVar = frozenset({"form"})
    bad_client = 400
    stranger = "invalid_request"
    needed: ClassVar = Consents.needed | {"filter"}
    may_ask: ClassVar = frozenset({"country", "locale", "code_challenge", "code_challenge_method"})
    may_send: ClassVar = {"authorization_code": frozenset({"code_verifier"})}
    code_life: ClassVar = timedelta(minutes=1)
    access_life: ClassVar = timedelta(minutes=5)
    refresh_life: ClassVar[timedelta] = timedelta(days=31)

    def check(self, asked: Mapping[str, str]) -> None:
        if asked["filter"] != "apiv3.1" or asked["scope"] not in SCOPES:
            raise OAuthError("invalid_request", "filter or scope is not one that is known")
        if ("code_challenge" in asked) != (asked.get("code_challenge_method") == "S256"):
            raise OAuthError("invalid_request", "a code_challenge goes with the method S256")

    def facts(self, asked: Mapping[str, str]) -> Row:
        return {"scope": asked["scope"]}

    def check_code(self, code: Code, form: Mapping[str, str]) -> None:
        challenge, verifier = code.asked.get("code_challenge"), form.get("code_verifier", "")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        if challenge is not None and digest.rstrip(b"=").decode() != challenge:
            raise OAuthError("invalid_grant", "the code verifier does not fit")

    def issue(self, facts: Row, old: Row | None) -> Row:
        """A new pair; what has run out is cleared away."""
        now = self.now()
        for row in self.table.rows():
            if row["until"] <= _written(now) or row is old:
                self.table.remove(row["id"])
        pair = {}
        for kind, life in (("access", self.access_life), ("refresh", self.refresh_life)):
            pair[kind] = f"{kind}-{secrets.token_urlsafe(48)}"
            until = _written(now + life)
            self.table.put({"id": pair[kind], "kind": kind, "scope": facts["scope"], "until": until})
        return {
            "access_token": pair["access"],
            "scope": facts["scope"],
            "token_type": "bearer",
            "expires_in": int(self.access_life.total_seconds()),
            "refresh_token": pair["refresh"],
            "refresh_token_expires_in": int(self.refresh_life.total_seconds()),
            "requested_by_id": "1f6b7c1e-6d1c-4a0e-9b56-0c5a2f3f9d10",
        }

    def renewable(self, refresh_token: str) -> Row | None:
        return self._good(refresh_token, "refresh")

    def opened_by(self, access_token: str) -> Row | None:
        return self._good(access_token, "access")

    def drop(self, token: str) -> bool:
        """A refresh token is given back; the access tokens run out by themselves."""
        row = self._good(token, "refresh")
        return row is not None and self.table.remove(token) is not None

    def revoked(self, form: Mapping[str, str]) -> Answer:
        super().revoked(form)
        return json_answer(200, {"success": "ok"})

    def _good(self, token: str, kind: str) -> Row | None:
        row = self.table.get(token)
        return row if row and row["kind"] == kind and row["until"] > _written(self.now()) else None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
