"""Consent and tokens: the OAuth endpoints of a system, with what its vendor does differently."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from .calls import Answer, Call, json_answer
from .kinds import instant
from .oauth import back_to, basic, form_of, is_absolute, jwt, once
from .room import Row
from .routes import Asked, Route
from .table import Table

# What a row has beside the facts of its consent.
_OF_TOKENS = ("refresh_token", "refresh_expires", "access_tokens")


class OAuthError(Exception):
    """A refusal of an endpoint: `error` and `error_description`, with HTTP 400 unless it says another."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error, description)
        self.error, self.description, self.status = error, description, status


class Code(NamedTuple):
    """What a code was given out for: an address, what was asked, what is kept of it, and until when."""

    redirect_uri: str
    asked: Mapping[str, str]
    facts: Row
    until: datetime


class Consents:
    """A person who consents at once, codes that are good once, and tokens in a table of the room.

    A row has `refresh_token`, its key, `access_tokens` with the times at which they end, and the `facts` of
    its consent; rooms whose rows look otherwise say how in `issue`, `renewable`, `opened_by` and `drop`.
    """

    authorize: ClassVar[str]
    token: ClassVar[str]
    revoke: ClassVar[str]
    # Whether the endpoints stand outside of the API, below none of the room's bases.
    outside: ClassVar[bool] = False
    client: ClassVar[tuple[str, str]] = ("payrelay-sandbox", "sandbox-secret")
    # Where client and secret are sent: in a Basic header, in the form, or either way.
    client_in: ClassVar[frozenset[str]] = frozenset({"header"})
    # The status of a client that is not the one, and what is said of it when a person consents.
    bad_client: ClassVar[int] = 401
    stranger: ClassVar[str] = "unauthorized_client"
    # What the person's browser has to bring, and what it may; None lets anything pass.
    needed: ClassVar[frozenset[str]] = frozenset(
        {"response_type", "client_id", "redirect_uri", "state", "scope"}
    )
    may_ask: ClassVar[frozenset[str] | None] = frozenset()
    # The members of the form of each grant, and those that it may have besides.
    forms: ClassVar[Mapping[str, frozenset[str]]] = {
        "authorization_code": frozenset({"grant_type", "code", "redirect_uri"}),
        "refresh_token": frozenset({"grant_type", "refresh_token"}),
    }
    may_send: ClassVar[Mapping[str, frozenset[str]]] = {}
    code_life: ClassVar[timedelta] = timedelta(minutes=5)
    access_life: ClassVar[timedelta]
    # How long a refresh token lives unused; None for ever.
    refresh_life: ClassVar[timedelta | None] = None

    def __init__(self, table: Callable[[], Table], now: Callable[[], datetime]) -> None:
        self._table, self.now = table, now
        self._codes: dict[str, Code] = {}

    @property
    def table(self) -> Table:
        """The room's table of tokens as it is now."""
        return self._table()

    def routes(self) -> Iterable[Route]:
        """The endpoints, which nobody signs in for."""

        def endpoint(path: str, name: str, serve: Callable[[Call], Answer]) -> Route:
            writes = name != "authorize"
            return Route(
                "", path, name, self._told(serve), None, writes=writes, open=True, outside=self.outside
            )

        return (
            endpoint(self.authorize, "authorize", self._authorize),
            endpoint(self.token, "token", self._token),
            endpoint(self.revoke, "revoke", self._revoke),
        )

    # --- what a vendor does differently ---------------------------------------------------------------------

    def check(self, asked: Mapping[str, str]) -> None:
        """What a consent must name, beside the parameters that there are; raises OAuthError."""

    def facts(self, asked: Mapping[str, str]) -> Row:  # noqa: ARG002
        """What a row of tokens keeps of a consent."""
        return {}

    def back(self, asked: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002
        """What the browser brings back, beside code and state."""
        return {}

    def parameters(self, call: Call) -> dict[str, str]:
        """What is posted, as a form; raises ValueError."""
        return form_of(call)

    def check_code(self, code: Code, form: Mapping[str, str]) -> None:
        """What an exchange has to show, beside the address; raises OAuthError."""

    def check_refresh(self, old: Row, form: Mapping[str, str]) -> None:
        """What a refresh has to show, beside the token; raises OAuthError."""

    def told(self, row: Row) -> Row:  # noqa: ARG002
        """What the answer of the token endpoint has, beside the tokens."""
        return {}

    def keeps_refresh_token(self) -> bool:
        """Whether a refresh leaves the refresh token as it was."""
        return False

    # --- tokens ---------------------------------------------------------------------------------------------

    def issue(self, facts: Row, old: Row | None) -> Row:
        """New tokens in the table; gives the members of the answer. `old` are those that were refreshed."""
        now = self.now()
        good = {
            token: until
            for token, until in (old["access_tokens"] if old else {}).items()
            if now < datetime.fromisoformat(until)
        }
        access = secrets.token_urlsafe(32)
        refresh = old["refresh_token"] if old and self.keeps_refresh_token() else secrets.token_urlsafe(32)
        if old:
            self.table.remove(old["refresh_token"])
        row = {"refresh_token": refresh, **facts, **self._ends(now)}
        row["access_tokens"] = {**good, access: instant(now + self.access_life)}
        self.table.put(row)
        seconds = int(self.access_life.total_seconds())
        return {"access_token": access, "refresh_token": refresh, "expires_in": seconds, **self.told(row)}

    def says(self, issuer: str, **claims: Any) -> str:
        """A JWT, such as the `id_token` that tells a client who consented."""
        now = int(self.now().timestamp())
        client, secret = self.client
        ends = now + int(self.access_life.total_seconds())
        when = {"iat": now, "nbf": now, "exp": ends, "auth_time": now}
        return jwt({"iss": issuer, "aud": client, **when, **claims}, secret)

    def _ends(self, now: datetime) -> Row:
        return {} if self.refresh_life is None else {"refresh_expires": instant(now + self.refresh_life)}

    def renewable(self, refresh_token: str) -> Row | None:
        """The row whose refresh token this is, if it is still good."""
        row = self.table.get(refresh_token)
        if row and self.refresh_life and self.now() >= datetime.fromisoformat(row["refresh_expires"]):
            return None
        return row

    def opened_by(self, access_token: str) -> Row | None:
        """The row whose access token this is, if it is still good."""
        for row in self.table.rows():
            if access_token in row["access_tokens"]:
                good = self.now() < datetime.fromisoformat(row["access_tokens"][access_token])
                return row if good else None
        return None

    def drop(self, token: str) -> bool:
        """End what either token belongs to; whether there was such a one."""
        for row in self.table.rows():
            if token in (row["refresh_token"], *row["access_tokens"]):
                self.table.remove(row["refresh_token"])
                return True
        return False

    # --- endpoints ------------------------------------------------------------------------------------------

    def failed(self, wrong: OAuthError) -> Answer:
        """A refusal on the wire."""
        more = {"error_description": wrong.description} if wrong.description else {}
        headers = {"WWW-Authenticate": "Basic"} if wrong.status == 401 else {}
        return json_answer(wrong.status, {"error": wrong.error, **more}, headers)

    def revoked(self, form: Mapping[str, str]) -> Answer:
        """The answer to a token that was given back; one that is not known is as good as revoked."""
        if set(form) != {"token"}:
            raise OAuthError("invalid_request", "needed is exactly token")
        self.drop(form["token"])
        return Answer(200)

    def sent(self, call: Call) -> dict[str, str]:
        """The form of the known client, without its secret; raises OAuthError."""
        try:
            form = self.parameters(call)
        except ValueError as error:
            raise OAuthError("invalid_request", str(error)) from None
        given = []
        if "header" in self.client_in and ("form" not in self.client_in or "authorization" in call.headers):
            given.append(basic(call.headers.get("authorization", "")))
        elif "form" in self.client_in:
            given.append((form.pop("client_id", ""), form.pop("client_secret", "")))
        if given != [self.client]:
            raise OAuthError("invalid_client", "client or secret is wrong", self.bad_client)
        return form

    def _told(self, serve: Callable[[Call], Answer]) -> Callable[[Asked], object]:
        def answer(asked: Asked) -> Answer:
            try:
                return serve(asked.call)
            except OAuthError as wrong:
                return self.failed(wrong)

        return answer

    def _authorize(self, call: Call) -> Answer:
        try:
            asked = once(call.query)
        except ValueError as error:
            raise OAuthError("invalid_request", str(error)) from None
        missing = [name for name in sorted(self.needed) if not asked.get(name)]
        unknown = set() if self.may_ask is None else set(asked) - self.needed - self.may_ask
        if call.method != "GET" or missing or unknown:
            raise OAuthError("invalid_request", f"missing: {missing}, unknown: {sorted(unknown)}")
        if asked["client_id"] != self.client[0]:
            raise OAuthError(self.stranger, "the client is not known")
        if asked["response_type"] != "code" or not is_absolute(asked["redirect_uri"]):
            raise OAuthError(
                "invalid_request", "response_type must be code, redirect_uri an absolute address"
            )
        self.check(asked)
        code = secrets.token_urlsafe(24)
        until = self.now() + self.code_life
        self._codes[code] = Code(asked["redirect_uri"], asked, self.facts(asked), until)
        return back_to(asked["redirect_uri"], {"code": code, "state": asked["state"], **self.back(asked)})

    def _token(self, call: Call) -> Answer:
        form = self.sent(call)
        grant = form.get("grant_type", "")
        if grant not in self.forms:
            raise OAuthError("unsupported_grant_type", f"known are {', '.join(self.forms)}")
        needed = self.forms[grant]
        if not needed <= set(form) or set(form) - needed - self.may_send.get(grant, frozenset()):
            raise OAuthError("invalid_request", f"needed are exactly {', '.join(sorted(needed))}")
        body = self._exchanged(form) if "code" in needed else self._renewed(form)
        return json_answer(200, {"token_type": "Bearer", **body}, {"Cache-Control": "no-store"})

    def _exchanged(self, form: Mapping[str, str]) -> Row:
        code = self._codes.pop(form["code"], None)
        if code is None or code.redirect_uri != form["redirect_uri"] or self.now() >= code.until:
            raise OAuthError("invalid_grant")
        self.check_code(code, form)
        return self.issue(code.facts, None)

    def _renewed(self, form: Mapping[str, str]) -> Row:
        old = self.renewable(form["refresh_token"])
        if old is None:
            raise OAuthError("invalid_grant")
        self.check_refresh(old, form)
        return self.issue({name: value for name, value in old.items() if name not in _OF_TOKENS}, old)

    def _revoke(self, call: Call) -> Answer:
        return self.revoked(self.sent(call))
