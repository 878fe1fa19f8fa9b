"""Which tokens are accepted, and which tenant and role they give (TRG-4)."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest

from payrelay.domain.sensitive import Secret
from payrelay.ledger import keys
from payrelay.runtime.identity import (
    KeysUnavailable,
    Principal,
    Role,
    TokenRules,
    Unauthenticated,
    Verifier,
)
from tests.worlds.api import AUDIENCE, ENVIRONMENT, ISSUER, World, claims_of, key_set, private_key, token_of

CLIENTS = {"app-1": {"tenant": "demo", "role": "operator"}}
RULES = TokenRules(
    issuer=ISSUER,
    audiences=frozenset({AUDIENCE}),
    jwks_url=ENVIRONMENT["JWKS_URL"],
    tenant_claim="custom:tenant",
    role_claim="cognito:groups",
)


def nobody(key: Secret) -> None:
    """Holds no key."""


@pytest.fixture
def verifier(monkeypatch: pytest.MonkeyPatch) -> Verifier:
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: key_set())
    return Verifier(RULES, CLIENTS.get, nobody)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, ""])


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in claims_of().items() if name not in names}


def app_claims(**more: Any) -> dict[str, Any]:
    """An access token of Cognito that an app got for itself."""
    names = ("email", "aud", "custom:tenant", "cognito:groups")
    return {**without(*names), "token_use": "access", "client_id": "app-1", "sub": "app-1", **more}


PUBLIC_KEY_AS_SECRET = key_set()["keys"][0]["n"]

REFUSED = {
    "nothing": "",
    "another scheme": "Basic YTpi",
    "no token after the scheme": "Bearer ",
    "no JWT": "Bearer abc",
    "no JWT with dots": "Bearer a.b.c",
    "no signature": "Bearer " + unsigned({"alg": "none", "typ": "JWT", "kid": "key-1"}, claims_of()),
    "a shared secret": "Bearer " + jwt.encode(claims_of(), PUBLIC_KEY_AS_SECRET, "HS256", {"kid": "key-1"}),
    "another key": "Bearer " + token_of(claims_of(), key=private_key("other")),
    "an unknown key id": "Bearer " + token_of(claims_of(), kid="key-2"),
    "no key id": "Bearer " + token_of(claims_of(), kid=None),
    "expired": "Bearer " + token_of(claims_of(exp=int(time.time()) - 60)),
    "without an end": "Bearer " + token_of(without("exp")),
    "not valid yet": "Bearer " + token_of(claims_of(nbf=int(time.time()) + 600)),
    "another issuer": "Bearer " + token_of(claims_of(iss="https://evil.example")),
    "without issuer": "Bearer " + token_of(without("iss")),
    "without subject": "Bearer " + token_of(without("sub")),
    "another audience": "Bearer " + token_of(claims_of(aud="somebody-else")),
    "no audience": "Bearer " + token_of(without("aud")),
    "a strange audience": "Bearer " + token_of(claims_of(aud=[{"a": 1}])),
    "an access token of another app": "Bearer "
    + token_of({**without("aud"), "token_use": "access", "client_id": "x"}),
    "no tenant": "Bearer " + token_of(without("custom:tenant")),
    "an empty tenant": "Bearer " + token_of(claims_of(**{"custom:tenant": ""})),
    "a tenant that is no text": "Bearer " + token_of(claims_of(**{"custom:tenant": ["demo"]})),
    "a tenant that reaches over": "Bearer " + token_of(claims_of(**{"custom:tenant": "demo#CONNECTION#x"})),
    "a tenant with a line break": "Bearer " + token_of(claims_of(**{"custom:tenant": "demo\n"})),
    "an app of nobody": "Bearer " + token_of(app_claims(client_id="app-2", sub="app-2")),
    "a user of a registered app": "Bearer " + token_of(app_claims(sub="3f6c", username="kari")),
}


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize("authorization", REFUSED.values(), ids=REFUSED.keys())
def test_a_token_that_does_not_hold_is_refused(verifier: Verifier, authorization: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        verifier.principal(authorization)
    assert len(str(refused.value)) < 70, "the words say why, and repeat nothing of the token"


def principal(verifier: Verifier, claims: dict[str, Any]) -> Principal:
    return verifier.principal(f"Bearer {token_of(claims)}")


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["viewer"], Role.VIEWER),
        (["viewer", "admin", "operator"], Role.ADMIN),
        ("operator", Role.OPERATOR),
        (["unknown"], Role.NONE),
        ([], Role.NONE),
        (None, Role.NONE),
        (7, Role.NONE),
        (["none", {"a": 1}], Role.NONE),
        (["employee"], Role.EMPLOYEE),
        (["employee", "viewer"], Role.VIEWER),
    ],
)
def test_the_highest_role_of_the_claim_counts(verifier: Verifier, groups: Any, role: Role) -> None:
    assert principal(verifier, claims_of(**{"cognito:groups": groups})).role is role


@pytest.mark.requirement("TRG-4")
def test_a_user_is_named_by_a_verified_email_only(verifier: Verifier) -> None:
    assert principal(verifier, claims_of("admin")).subject == "admin@demo.example"
    assert principal(verifier, claims_of("admin", email_verified=False)).subject == "3f6c"
    named = claims_of("admin", email_verified=False, **{"cognito:username": "kari"})
    assert principal(verifier, named).subject == "kari"


@pytest.mark.requirement("TRG-4", "CON-4")
def test_an_app_has_the_tenant_and_role_that_it_was_registered_with(verifier: Verifier) -> None:
    assert principal(verifier, app_claims()) == Principal("demo", Role.OPERATOR, "app-1", sub="app-1")


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(
    ("scope", "role"),
    [
        ("payrelay/viewer", Role.VIEWER),
        ("payrelay/viewer payrelay/operator", Role.OPERATOR),
        ("payrelay/admin", Role.OPERATOR),
        ("payrelay/unknown", Role.NONE),
        ("other/admin", Role.OPERATOR),
        ("", Role.OPERATOR),
    ],
)
def test_a_scope_can_only_narrow_the_role(verifier: Verifier, scope: str, role: Role) -> None:
    assert principal(verifier, app_claims(scope=scope)).role is role


@pytest.mark.requirement("TRG-4", "LB-12")
@pytest.mark.parametrize(("registered", "scope"), [("employee", ""), ("admin", "payrelay/employee")])
def test_an_app_is_never_an_employee(monkeypatch: pytest.MonkeyPatch, registered: str, scope: str) -> None:
    """(faults H3)"""
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: key_set())
    clients = {"app-1": {"tenant": "demo", "role": registered}}
    assert principal(Verifier(RULES, clients.get, nobody), app_claims(scope=scope)).role is Role.NONE


@pytest.mark.requirement("TRG-4")
def test_an_access_token_of_our_own_app_needs_no_audience(verifier: Verifier) -> None:
    claims = {**without("aud", "email"), "token_use": "access", "client_id": AUDIENCE, "username": "kari"}
    assert principal(verifier, claims) == Principal("demo", Role.ADMIN, "kari", sub="3f6c")


@pytest.mark.requirement("TRG-4")
def test_keys_are_fetched_once_and_not_for_every_unknown_key(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def fetch(client: Any) -> dict[str, Any]:
        fetched.append(1)
        client._last_successful_fetch = time.monotonic()
        return key_set()

    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", fetch)
    verifier = Verifier(RULES, CLIENTS.get, nobody)
    for _ in range(3):
        principal(verifier, claims_of())
        with pytest.raises(Unauthenticated):
            verifier.principal(f"Bearer {token_of(claims_of(), kid='key-9')}")
    assert len(fetched) == 1


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(
    "error", [jwt.PyJWKClientConnectionError("down"), ValueError("no JSON"), OSError("reset")]
)
def test_keys_that_can_not_be_read_refuse_nobody(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fetch(_: Any) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", fetch)
    with pytest.raises(KeysUnavailable):
        principal(Verifier(RULES, CLIENTS.get, nobody), claims_of())


@pytest.mark.requirement("TRG-4")
def test_the_api_answers_503_when_the_keys_can_not_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: {"keys": []})
    answer = world.call("GET", "/connections")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "KEYS_UNAVAILABLE", "5")


@pytest.mark.requirement("TRG-4")
def test_the_api_says_why_a_token_is_refused_and_accepts_apps(world: World) -> None:
    expired = world.call("GET", "/runs", token=REFUSED["expired"])
    assert expired.status == 401
    assert expired.headers["WWW-Authenticate"].endswith('error_description="it has expired"')
    world.memory.table.put({**keys.app("app-1"), "tenant": "demo", "role": "viewer"})
    token = f"Bearer {token_of(app_claims())}"
    assert world.call("GET", "/runs", token=token).status == 200
    assert world.call("POST", "/connections", {}, token=token).code == "FORBIDDEN"
