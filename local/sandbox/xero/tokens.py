"""Xero's OAuth endpoints: consent, tokens that rotate, and revocation."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.oauth import back_to, basic, is_absolute
from local.sandbox.frame.room import Row

from .resources import names
from .shapes import refused_token

CLIENT = ("payrelay-sandbox", "sandbox-secret")
SCOPES = names(
    "openid profile email offline_access"
    " accounting.invoices accounting.invoices.read accounting.contacts accounting.contacts.read"
    " accounting.settings accounting.settings.read accounting.payments accounting.payments.read"
    " accounting.transactions accounting.transactions.read"
)
ACCESS, GRACE = timedelta(minutes=30), timedelta(minutes=30)
UNUSED = timedelta(days=60)
_CODE = timedelta(minutes=5)
_ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state")
_FORMS = {
    "authorization_code": {"grant_type", "code", "redirect_uri"},
    "refresh_token": {"grant_type", "refresh_token"},
}


class _Consent(NamedTuple):
    redirect_uri: str
    scope: str
    until: datetime


class Tokens:
    """The tokens of the one user there is; consent calls `connect`, revocation `disconnect`.

    `lasting` are access tokens that never end, for tests that need no consent.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        lasting: frozenset[str],
        connect: Callable[[], None],
        disconnect: Callable[[], None],
    ) -> None:
        self.rows: list[Row] = []
        self.version = 0
        self._now, self._connect, self._disconnect = now, connect, disconnect
        self._lasting = lasting
        self._consents: dict[str, _Consent] = {}

    def replace(self, rows: list[Row]) -> None:
        """Other tokens than before."""
        self.rows = rows
        self.version += 1

    def authorize(self, call: Call) -> Answer:
        """Consent at once: back to the app with a code."""
        asked = dict(parse_qsl(call.query, keep_blank_values=True))
        missing = [name for name in _ASKED if not asked.get(name)]
        if call.method != "GET" or missing or set(asked) - set(_ASKED):
            return _failed("invalid_request", f"needed are exactly {', '.join(_ASKED)}")
        if asked["client_id"] != CLIENT[0]:
            return _failed("unauthorized_client", "unknown client or redirect uri")
        if asked["response_type"] != "code" or not is_absolute(asked["redirect_uri"]):
            return _failed("invalid_request", "response_type must be code, redirect_uri an absolute address")
        if set(asked["scope"].split()) - SCOPES:
            return _failed("invalid_scope", "unknown scope")
        code = secrets.token_urlsafe(32)
        self._consents[code] = _Consent(asked["redirect_uri"], asked["scope"], self._now() + _CODE)
        back = {"code": code, "scope": asked["scope"], "state": asked["state"]}
        return back_to(asked["redirect_uri"], back)

    def token(self, call: Call) -> Answer:
        """A code or a refresh token for new tokens."""
        form, refusal = _form_of(call)
        if refusal is not None:
            return refusal
        grant = form.get("grant_type", "")
        if grant not in _FORMS:
            return _failed("unsupported_grant_type")
        # A refresh may name its scopes again, as Xero's own SDK does.
        again = {"scope"} if grant == "refresh_token" else set()
        if set(form) - again != _FORMS[grant]:
            return _failed("invalid_request")
        if grant == "authorization_code":
            consent = self._consents.pop(form["code"], None)
            good = consent and consent.redirect_uri == form["redirect_uri"] and self._now() <= consent.until
            if not consent or not good:
                return _failed("invalid_grant")
            self._connect()
            return self._issued(consent.scope)
        return self._refreshed(form["refresh_token"], form.get("scope"))

    def revoke(self, call: Call) -> Answer:
        """200, and all of the user's connections are gone."""
        form, refusal = _form_of(call)
        if refusal is not None:
            return refusal
        if set(form) - {"token_type_hint"} != {"token"}:
            return _failed("invalid_request")
        if any(row["refresh_token"] == form["token"] for row in self.rows):
            self.replace([])
            self._disconnect()
        return Answer(200)

    def checked(self, header: str | None) -> Row:
        """The token of an Authorization header, or a RefusedError."""
        scheme, _, token = (header or "").partition(" ")
        if scheme == "Bearer" and token in self._lasting:
            return filled({"access_token": token}, self._now())
        row = next((row for row in self.rows if row["access_token"] == token), None)
        if scheme != "Bearer" or row is None:
            raise refused_token(401, "AuthenticationUnsuccessful")
        expires = datetime.fromisoformat(row["access_expires_at"])
        if expires <= self._now():
            raise refused_token(401, f"TokenExpired: token expired at {expires:%m/%d/%Y %H:%M:%S}")
        return row

    def _refreshed(self, token: str, scope: str | None) -> Answer:
        now = self._now()
        row = next((row for row in self.rows if row["refresh_token"] == token), None)
        if row is None or datetime.fromisoformat(row["refresh_expires_at"]) <= now:
            return _failed("invalid_grant")
        if row["used_at"] and now - datetime.fromisoformat(row["used_at"]) > GRACE:
            return _failed("invalid_grant")
        if scope is not None and set(scope.split()) - set(row["scope"].split()):
            return _failed("invalid_scope")
        row["used_at"] = row["used_at"] or now.isoformat()
        return self._issued(row["scope"])

    def _issued(self, scope: str) -> Answer:
        row = filled({"access_token": secrets.token_urlsafe(48), "scope": scope}, self._now())
        self.replace([*self.rows, row])
        body = {
            "access_token": row["access_token"],
            "expires_in": int(ACCESS.total_seconds()),
            "token_type": "Bearer",
            "scope": scope,
        }
        if row["refresh_token"]:
            body["refresh_token"] = row["refresh_token"]
        if "openid" in scope.split():
            body["id_token"] = secrets.token_urlsafe(24)
        return json_answer(200, body)


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


def _form_of(call: Call) -> tuple[dict[str, str], Answer | None]:
    """The form without the client's id and secret, or the refusal of a client that is not known."""
    media = call.headers.get("content-type", "").partition(";")[0].strip()
    if call.method != "POST" or media != "application/x-www-form-urlencoded" or call.query:
        return {}, _failed("invalid_request", "a form by POST is needed")
    form = dict(parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True))
    given = (form.pop("client_id", ""), form.pop("client_secret", ""))
    header = call.headers.get("authorization")
    if header is not None:
        given = basic(header)
    return form, None if given == CLIENT else _failed("invalid_client")


def _failed(error: str, description: str = "") -> Answer:
    return json_answer(400, {"error": error, **({"error_description": description} if description else {})})
