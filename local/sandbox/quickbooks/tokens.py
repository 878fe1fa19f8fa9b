"""QuickBooks' consent and tokens: the company comes with the code, and a token is given back as JSON."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.consent import Consents, OAuthError
from local.sandbox.frame.kinds import KEY, TEXT, that
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row

REALM = "9130357766900001"
SCOPE = "com.intuit.quickbooks.accounting"
_OPENID = "openid"
# What a consent may name beside it.
_MORE = frozenset({"com.intuit.quickbooks.payment", _OPENID, "profile", "email", "phone", "address"})
_ISSUER = "https://oauth.platform.intuit.com/op/v1"


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
TOKENS = Resource(
    "oauth_tokens",
    "refresh_token",
    # Tokens that were saved before have no scope.
    {**_MEMBERS, "scope": TEXT},
    needed=tuple(_MEMBERS),
    lasting=True,
)


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
        scopes = set(asked["scope"].split())
        if SCOPE not in scopes or scopes - {SCOPE} - _MORE:
            raise OAuthError("invalid_scope", f"the scope is {SCOPE}, and may be {', '.join(sorted(_MORE))}")

    def facts(self, asked: Mapping[str, str]) -> Row:
        return {"scope": asked["scope"]}

    def back(self, asked: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002
        return {"realmId": REALM}

    def keeps_refresh_token(self) -> bool:
        return bool(self._store().one("settings")["keep_refresh_token"])

    def told(self, row: Row) -> Row:  # noqa: ARG002
        seconds = int(self.refresh_life.total_seconds())
        return {"token_type": "bearer", "x_refresh_token_expires_in": seconds}

    def issue(self, facts: Row, old: Row | None) -> Row:
        """With the consent itself, and not when tokens are renewed, comes who gave it."""
        told = super().issue(facts, old)
        asked = facts.get("scope", "").split()
        if old is not None or _OPENID not in asked:
            return told
        return {**told, "id_token": self.says(_ISSUER, sub="sandbox-person", realmid=REALM)}

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
