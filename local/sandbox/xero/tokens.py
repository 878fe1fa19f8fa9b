"""Xero's consent and tokens: access by scope, and half an hour's grace for a refresh token that was used."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from local.sandbox.frame.calls import Answer
from local.sandbox.frame.consent import Consents, OAuthError
from local.sandbox.frame.kinds import or_null
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row

from .shapes import TEXT, guid
from .store import Books

SCOPES = frozenset(
    {"openid", "profile", "email", "offline_access"}
    | {f"accounting.{what}" for what in ("invoices", "contacts", "settings", "payments", "transactions")}
    | {f"accounting.{what}.read" for what in ("invoices", "contacts", "settings", "payments", "transactions")}
)
ACCESS, UNUSED, GRACE = timedelta(minutes=30), timedelta(days=60), timedelta(minutes=30)
_ISSUER = "https://identity.xero.com"
_PERSON = guid("person")
_USER = {"sub": _PERSON.replace("-", ""), "xero_userid": _PERSON, "global_session_id": guid("session")}
_NAMES = ("access_token", "refresh_token", "scope", "access_expires_at", "refresh_expires_at", "used_at")


def filled(given: Mapping[str, Any], now: datetime) -> Row:
    """A token with all that belongs to it; without `offline_access` it has nothing to refresh with."""
    scope = given.get("scope") or " ".join(sorted(SCOPES))
    refresh = secrets.token_urlsafe(32) if "offline_access" in scope.split() else None
    return {
        "refresh_token": refresh,
        "access_expires_at": (now + ACCESS).isoformat(),
        "refresh_expires_at": (now + UNUSED).isoformat(),
        "used_at": None,
        **given,
        "scope": scope,
    }


def _made(row: Row, reading: Reading) -> Row:
    return filled(row, reading.now)


TOKENS = Resource(
    "oauth_tokens",
    "access_token",
    {"access_token": TEXT, **dict.fromkeys(_NAMES[1:], or_null(TEXT))},
    made=_made,
    lasting=True,
)


class Tokens(Consents):
    """The tokens of the one user there is: a row for each that was given out, with the refresh token.

    Consent connects the user's organisations, and revocation disconnects all of them.
    """

    authorize, token, revoke = "/identity/connect/authorize", "/connect/token", "/connect/revocation"
    outside = True
    client_in: ClassVar = frozenset({"header", "form"})
    bad_client = 400
    # A refresh may name its scopes again, as Xero's own SDK does.
    may_send: ClassVar = {"refresh_token": frozenset({"scope"})}
    access_life: ClassVar = ACCESS
    refresh_life: ClassVar = UNUSED

    def __init__(self, store: Callable[[], Store], now: Callable[[], datetime]) -> None:
        super().__init__(lambda: store()[TOKENS.name], now)
        self._store = store

    def check(self, asked: Mapping[str, str]) -> None:
        if set(asked["scope"].split()) - SCOPES:
            raise OAuthError("invalid_scope", "unknown scope")

    def facts(self, asked: Mapping[str, str]) -> Row:
        return {"scope": asked["scope"]}

    def back(self, asked: Mapping[str, str]) -> Mapping[str, str]:
        return {"scope": asked["scope"]}

    def check_refresh(self, old: Row, form: Mapping[str, str]) -> None:
        if set(form.get("scope", "").split()) - set(old["scope"].split()):
            raise OAuthError("invalid_scope")

    def issue(self, facts: Row, old: Row | None) -> Row:
        if old is None:
            self._connect(connected=True)
        else:
            self.table.put({**old, "used_at": old["used_at"] or self.now().isoformat()})
        scope = facts["scope"]
        row = filled({"access_token": self._access_token(scope), "scope": scope}, self.now())
        self.table.put(row)
        refresh = {"refresh_token": row["refresh_token"]} if row["refresh_token"] else {}
        person = {"email": "person@sandbox.example", "given_name": "Sandbox", "family_name": "Person"}
        who = {"id_token": self.says(_ISSUER, **_USER, **person)} if "openid" in scope.split() else {}
        seconds = int(ACCESS.total_seconds())
        return {"access_token": row["access_token"], "expires_in": seconds, "scope": scope, **refresh, **who}

    def _access_token(self, scope: str) -> str:
        """A JWT as well; it names the consent, by which the connections that came with it can be listed."""
        connected = cast(Books, self._store()).connected()
        event = {"authentication_event_id": connected[0]["authEventId"]} if connected else {}
        named = {
            "aud": f"{_ISSUER}/resources",
            "client_id": self.client[0],
            "jti": secrets.token_hex(16),
            "scope": scope.split(),
        }
        return self.says(_ISSUER, **_USER, **named, **event)

    def renewable(self, refresh_token: str) -> Row | None:
        """Good until it is not used for long, or until some time after it was used first."""
        now = self.now()
        row = next((one for one in self.table.rows() if one["refresh_token"] == refresh_token), None)
        if row is None or datetime.fromisoformat(row["refresh_expires_at"]) <= now:
            return None
        was_used = row["used_at"] and now - datetime.fromisoformat(row["used_at"]) > GRACE
        return None if was_used else row

    def opened_by(self, access_token: str) -> Row | None:
        row = self.table.get(access_token)
        return row if row and self.now() < datetime.fromisoformat(row["access_expires_at"]) else None

    def revoked(self, form: Mapping[str, str]) -> Answer:
        if set(form) - {"token_type_hint"} != {"token"}:
            raise OAuthError("invalid_request", "needed is exactly token")
        rows = list(self.table.rows())
        if any(row["refresh_token"] == form["token"] for row in rows):
            for row in rows:
                self.table.remove(row["access_token"])
            self._connect(connected=False)
        return Answer(200)

    def _connect(self, *, connected: bool) -> None:
        cast(Books, self._store()).connect(connected=connected)
