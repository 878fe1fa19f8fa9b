"""Consent and tokens: each consent opens one organisation, and its refresh token is good once."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.oauth import back_to, basic, form_of, is_absolute, once
from local.sandbox.frame.room import Row

from .leave import at

CLIENT = ("payrelay-sandbox", "sandbox-secret")
SCOPE = frozenset({"leave.read", "employees.read"})
AUTHORIZE, TOKEN, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/revoke"
PATHS = {AUTHORIZE: "authorize", TOKEN: "token", REVOKE: "revoke"}
ACCESS_SECONDS, CODE_SECONDS = 1800, 300
_NEEDED = ("response_type", "client_id", "redirect_uri", "state", "scope")
_GRANTS = {
    "authorization_code": {"grant_type", "code", "redirect_uri"},
    "refresh_token": {"grant_type", "refresh_token"},
}


class _Consent(NamedTuple):
    redirect_uri: str
    organisation: str
    until: datetime


class Tokens:
    """One row for each connection: `refresh_token`, `organisation_id`, `access_tokens` and when they end."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.rows: list[Row] = []
        self.version = 0
        self._now = now
        self._consents: dict[str, _Consent] = {}

    def replace(self, rows: list[Row]) -> None:
        """Other connections than before."""
        self.rows = rows
        self.version += 1

    def organisation_of(self, access_token: str) -> str | None:
        """The organisation that an access token opens, if it is still good."""
        for row in self.rows:
            if access_token in row["access_tokens"]:
                good = at(self._now()) < row["access_tokens"][access_token]
                return str(row["organisation_id"]) if good else None
        return None

    def answer(self, call: Call, path: str, organisations: Sequence[str]) -> Answer:
        """The answer of one of the three endpoints; the organisations are those there are, by id."""
        if path == AUTHORIZE:
            return self._authorize(call, organisations)
        try:
            form = form_of(call)
        except ValueError as error:
            return _failed("invalid_request", str(error))
        if basic(call.headers.get("authorization", "")) != CLIENT:
            return _failed("invalid_client", "client and secret go into a Basic header", status=401)
        if path == REVOKE:
            return self._revoke(form)
        match _GRANTS.get(form.get("grant_type", "")):
            case None:
                return _failed("unsupported_grant_type", f"known are {', '.join(_GRANTS)}")
            case needed if set(form) != needed:
                return _failed("invalid_request", f"needed are exactly {', '.join(sorted(needed))}")
        if "code" in form:
            return self._exchange(form, organisations)
        return self._renew(form["refresh_token"], organisations)

    def _authorize(self, call: Call, organisations: Sequence[str]) -> Answer:
        """A person who consents at once; `organisation_id` is the radio button."""
        try:
            asked = once(call.query)
        except ValueError as error:
            return _failed("invalid_request", str(error))
        if call.method != "GET" or set(asked) - {"organisation_id"} != set(_NEEDED) or not asked["state"]:
            return _failed("invalid_request", f"needed are {', '.join(_NEEDED)}; known is organisation_id")
        if asked["client_id"] != CLIENT[0]:
            return _failed("unauthorized_client", "the client is not known")
        if asked["response_type"] != "code" or not is_absolute(asked["redirect_uri"]):
            return _failed("invalid_request", "response_type must be code, redirect_uri an absolute address")
        if frozenset(asked["scope"].split()) != SCOPE:
            return _failed("invalid_scope", f"the scope is {' '.join(sorted(SCOPE, reverse=True))}")
        chosen = asked.get("organisation_id", organisations[0] if organisations else "")
        if chosen not in organisations:
            return _failed("invalid_request", "the organisation is not known")
        code = secrets.token_urlsafe(24)
        until = self._now() + timedelta(seconds=CODE_SECONDS)
        self._consents[code] = _Consent(asked["redirect_uri"], chosen, until)
        return back_to(asked["redirect_uri"], {"code": code, "state": asked["state"]})

    def _exchange(self, form: dict[str, str], organisations: Sequence[str]) -> Answer:
        consent = self._consents.pop(form["code"], None)
        if consent is None or consent.redirect_uri != form["redirect_uri"] or self._now() >= consent.until:
            return _failed("invalid_grant")
        if consent.organisation not in organisations:
            return _failed("invalid_grant")
        return self._issued(consent.organisation, {}, self.rows)

    def _renew(self, refresh_token: str, organisations: Sequence[str]) -> Answer:
        old = next((row for row in self.rows if row["refresh_token"] == refresh_token), None)
        if old is None or old["organisation_id"] not in organisations:
            return _failed("invalid_grant")
        others = [row for row in self.rows if row is not old]
        now = at(self._now())
        still_good = {token: until for token, until in old["access_tokens"].items() if now < until}
        return self._issued(old["organisation_id"], still_good, others)

    def _issued(self, organisation: str, access_tokens: dict[str, str], others: list[Row]) -> Answer:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        until = at(self._now() + timedelta(seconds=ACCESS_SECONDS))
        row = {
            "refresh_token": refresh,
            "organisation_id": organisation,
            "access_tokens": {**access_tokens, access: until},
        }
        self.replace([*others, row])
        body = {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "organisation_id": organisation,
        }
        return json_answer(200, body, {"Cache-Control": "no-store"})

    def _revoke(self, form: dict[str, str]) -> Answer:
        """Either token ends the connection; one that is not known, or not any more, is as good as revoked."""
        if set(form) != {"token"}:
            return _failed("invalid_request", "needed is exactly token")
        token = form["token"]
        kept = [row for row in self.rows if token not in (row["refresh_token"], *row["access_tokens"])]
        if len(kept) < len(self.rows):
            self.replace(kept)
        return Answer(200)


def _failed(error: str, description: str = "", status: int = 400) -> Answer:
    body = {"error": error, **({"error_description": description} if description else {})}
    headers = {"WWW-Authenticate": "Basic"} if status == 401 else {}
    return json_answer(status, body, headers)
