"""QuickBooks' consent and tokens: authorize, exchange, refresh and revoke."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.oauth import FORM, back_to, is_absolute
from local.sandbox.frame.room import Row, StateRefusedError

AUTHORIZE, TOKEN, REVOKE = "/connect/oauth2", "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
PATHS: Mapping[str, str] = {AUTHORIZE: "authorize", TOKEN: "token", REVOKE: "revoke"}
CLIENT = ("payrelay-sandbox", "sandbox-secret")
SCOPE = "com.intuit.quickbooks.accounting"
ACCESS_SECONDS, REFRESH_SECONDS = 3600, 8_726_400
_CODE_LIFE = timedelta(minutes=10)
_NEEDED = ("client_id", "redirect_uri", "response_type", "scope", "state")


class Tokens:
    """Consents given: each row has one refresh token and the access tokens that are still good."""

    def __init__(self, realm: str) -> None:
        self._realm = realm
        self._codes: dict[str, tuple[str, datetime]] = {}
        self._rows: list[Row] = []
        self.version = 0

    def rows(self) -> list[Row]:
        """As the state shows them."""
        return [{**row, "access_tokens": dict(row["access_tokens"])} for row in self._rows]

    def replace(self, rows: Any) -> None:
        """The rows of a state; raises StateRefusedError."""
        kinds = {"refresh_token": str, "refresh_expires": str, "access_tokens": dict}
        read: list[Any] = rows if isinstance(rows, list) else [None]
        for place, row in enumerate(read):
            fits = isinstance(row, dict) and row.keys() == kinds.keys()
            if not fits or not all(isinstance(row[name], kind) for name, kind in kinds.items()):
                problem = {
                    "resource": "oauth_tokens",
                    "row": place,
                    "field": "",
                    "message": f"needs {[*kinds]}",
                }
                raise StateRefusedError([problem])
        self._rows = [{**row, "access_tokens": dict(row["access_tokens"])} for row in read]
        self.version += 1

    def is_good(self, access_token: str, now: datetime) -> bool:
        """Whether the access token opens the company's books."""
        for row in self._rows:
            if access_token in row["access_tokens"]:
                return bool(now < datetime.fromisoformat(row["access_tokens"][access_token]))
        return False

    def answer(self, call: Call, now: datetime, keep_refresh_token: bool) -> Answer:
        """The answer of one of the three endpoints."""
        if call.path == AUTHORIZE:
            return self._authorize(call, now)
        if call.method != "POST":
            return _error(405, "invalid_request", "POST is needed")
        if not _is_client(call):
            return _error(401, "invalid_client", "The client's id or secret is not right")
        if call.path == REVOKE:
            return self._revoke(call)
        if not _has_media(call, FORM):
            return _error(400, "invalid_request", f"The body must be {FORM}")
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"), strict_parsing=False))
        match form:
            case {"grant_type": "authorization_code", "code": code, "redirect_uri": uri}:
                return self._exchange(code, uri, now)
            case {"grant_type": "refresh_token", "refresh_token": token}:
                return self._refresh(token, now, keep_refresh_token)
            case {"grant_type": "authorization_code" | "refresh_token"}:
                return _error(400, "invalid_request", "A parameter is missing")
        return _error(400, "unsupported_grant_type", "grant_type is not one that is known")

    def _authorize(self, call: Call, now: datetime) -> Answer:
        given = dict(parse_qsl(call.query))
        wanted = {"client_id": CLIENT[0], "response_type": "code", "scope": SCOPE}
        missing = [name for name in _NEEDED if not given.get(name)]
        wrong = [name for name, value in wanted.items() if given.get(name) != value]
        if call.method != "GET" or missing or wrong or not is_absolute(given["redirect_uri"]):
            what = ", ".join(dict.fromkeys([*missing, *wrong])) or "redirect_uri"
            return _error(400, "invalid_request", f"Missing or not right: {what}")
        code = secrets.token_urlsafe(24)
        self._codes[code] = given["redirect_uri"], now
        back = {"code": code, "state": given["state"], "realmId": self._realm}
        return back_to(given["redirect_uri"], back)

    def _exchange(self, code: str, uri: str, now: datetime) -> Answer:
        given_for, moment = self._codes.pop(code, ("", now))
        if given_for != uri or now - moment > _CODE_LIFE:
            return _error(400, "invalid_grant", "Invalid authorization code")
        row: Row = {"access_tokens": {}}
        self._rows.append(row)
        return self._grant(row, now, keep=False)

    def _refresh(self, token: str, now: datetime, keep: bool) -> Answer:
        for row in self._rows:
            if row["refresh_token"] == token and now < datetime.fromisoformat(row["refresh_expires"]):
                return self._grant(row, now, keep)
        return _error(400, "invalid_grant", "Incorrect or invalid refresh token")

    def _grant(self, row: Row, now: datetime, keep: bool) -> Answer:
        access = secrets.token_urlsafe(32)
        if not keep:
            row["refresh_token"] = secrets.token_urlsafe(24)
        row["refresh_expires"] = (now + timedelta(seconds=REFRESH_SECONDS)).isoformat()
        good = {one: end for one, end in row["access_tokens"].items() if now < datetime.fromisoformat(end)}
        row["access_tokens"] = {**good, access: (now + timedelta(seconds=ACCESS_SECONDS)).isoformat()}
        self.version += 1
        body = {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": ACCESS_SECONDS,
            "refresh_token": row["refresh_token"],
            "x_refresh_token_expires_in": REFRESH_SECONDS,
        }
        return json_answer(200, body, {"Cache-Control": "no-store"})

    def _revoke(self, call: Call) -> Answer:
        """Either token gives both up."""
        if not _has_media(call, "application/json"):
            return _error(400, "invalid_request", "The body must be JSON")
        try:
            body = call.json()
        except ValueError:
            body = None
        match body:
            case {"token": str(token), **rest} if not rest:
                kept = [
                    row for row in self._rows if token not in (row["refresh_token"], *row["access_tokens"])
                ]
            case _:
                return _error(400, "invalid_request", "The body must be an object with a token")
        if len(kept) == len(self._rows):
            return _error(400, "invalid_request", "The token is not known")
        self._rows = kept
        self.version += 1
        return Answer(200)


def _is_client(call: Call) -> bool:
    pair = base64.b64encode(":".join(CLIENT).encode()).decode()
    return call.headers.get("authorization") == f"Basic {pair}"


def _has_media(call: Call, media: str) -> bool:
    return call.headers.get("content-type", "").partition(";")[0].strip().lower() == media


def _error(status: int, error: str, description: str) -> Answer:
    return json_answer(status, {"error": error, "error_description": description})
