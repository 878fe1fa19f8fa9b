"""QuickBooks' consent and tokens: the company comes with the code, and a token is given back as JSON."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.consent import Consents, OAuthError
from local.sandbox.frame.kinds import KEY, that
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row

REALM = "9130357766900001"
SCOPE = "com.intuit.quickbooks.accounting"


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and bool(datetime.fromisoformat(value))


_MEMBERS = {
    "refresh_token": KEY,
    "refresh_expires": that("a time", _is_moment),
    "access_tokens": that(
        "an object of times",
        lambda value: isinstance(value, dict) and all(map(_is_moment, value.values())),
    ),
}
TOKENS = Resource("oauth_tokens", "refresh_token", _MEMBERS, needed=tuple(_MEMBERS), lasting=True)


class Tokens(Consents):
    """The consents to the books of the one company."""

    authorize, token = "/connect/oauth2", "/oauth2/v1/tokens/bearer"
    revoke = "/v2/oauth2/tokens/revoke"
    outside = True
    code_life: ClassVar = timedelta(minutes=10)
    access_life: ClassVar = timedelta(hours=1)
    refresh_life: ClassVar = timedelta(days=101)

    def __init__(self, store: Callable[[], Store], now: Callable[[], datetime]) -> None:
        super().__init__(lambda: store()[TOKENS.name], now)
        self._store = store

    def check(self, asked: Mapping[str, str]) -> None:
        if asked["scope"] != SCOPE:
            raise OAuthError("invalid_scope", f"the scope is {SCOPE}")

    def back(self, asked: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002
        return {"realmId": REALM}

    def keeps_refresh_token(self) -> bool:
        return bool(self._store().one("settings")["keep_refresh_token"])

    def told(self, row: Row) -> Row:  # noqa: ARG002
        seconds = int(self.refresh_life.total_seconds())
        return {"token_type": "bearer", "x_refresh_token_expires_in": seconds}

    def sent(self, call: Call) -> dict[str, str]:
        if call.method != "POST":
            raise OAuthError("invalid_request", "POST is needed", 405)
        return super().sent(call)

    def parameters(self, call: Call) -> dict[str, str]:
        if call.path != self.revoke:
            return super().parameters(call)
        media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = call.json() if media == "application/json" else None
        if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
            raise ValueError("the body must be a JSON object with a token")
        return body

    def revoked(self, form: Mapping[str, str]) -> Answer:
        if set(form) != {"token"} or not self.drop(form["token"]):
            raise OAuthError("invalid_request", "needed is exactly a token that is known")
        return Answer(200)

    def failed(self, wrong: OAuthError) -> Answer:
        wrong.description = wrong.description or "The code or token is not known, or good no more"
        return super().failed(wrong)
