"""QuickBooks' own in its sandbox's consents: the company, what a token call tells, revocation by JSON."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.quickbooks_company import BASE, STATE
from tests.sandbox.rules import claims_of

TOKEN, REVOKE = "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
CLIENT, BACK = ("payrelay-sandbox", "sandbox-secret"), "http://127.0.0.1:9/callback"
QUERY = {
    "client_id": CLIENT[0],
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting",
    "redirect_uri": BACK,
    "state": "s-1",
}
JSON = {"Accept": "application/json"}


@pytest.fixture
def acme(quickbooks: Any) -> Any:
    assert quickbooks.put_state({**STATE, "oauth_tokens": []}).status_code == 200
    return quickbooks


def connected(acme: Any) -> dict[str, Any]:
    answer = acme.call("GET", "/connect/oauth2", params=QUERY, headers={}, allow_redirects=False)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["realmId"] == ["9130357766900001"]
    form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": BACK}
    answer = acme.call("POST", TOKEN, data=form, headers=JSON, auth=CLIENT)
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json())


def refreshed(acme: Any, token: str) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return acme.call("POST", TOKEN, data=form, headers=JSON, auth=CLIENT)


def status(acme: Any, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}", **JSON}
    return int(acme.get(f"{BASE}/customer/1", headers=headers).status_code)


def test_a_token_call_tells_both_lives_by_which_tokens_end(acme: Any, clocks: Any) -> None:
    granted = connected(acme)
    figures = ("token_type", "expires_in", "x_refresh_token_expires_in")
    assert [granted[name] for name in figures] == ["bearer", 3600, 8_726_400]
    clocks.moment += timedelta(seconds=3599)
    assert status(acme, granted["access_token"]) == 200
    clocks.moment += timedelta(seconds=1)
    assert status(acme, granted["access_token"]) == 401
    late = connected(acme)
    clocks.moment += timedelta(days=101)
    refusal = refreshed(acme, late["refresh_token"])
    assert (refusal.status_code, sorted(refusal.json())) == (400, ["error", "error_description"])


def test_tokens_are_posted_for_and_the_old_refresh_token_dies(acme: Any) -> None:
    assert acme.call("GET", TOKEN, headers=JSON, auth=CLIENT).status_code == 405
    granted = connected(acme)
    renewed = refreshed(acme, granted["refresh_token"]).json()
    assert refreshed(acme, granted["refresh_token"]).json()["error"] == "invalid_grant"
    assert [status(acme, one["access_token"]) for one in (granted, renewed)] == [200, 200]


def test_a_switch_keeps_the_value_of_the_refresh_token(acme: Any) -> None:
    acme.put_state({**STATE, "settings": [{"keep_refresh_token": True}]})
    granted = connected(acme)
    assert refreshed(acme, granted["refresh_token"]).json()["refresh_token"] == granted["refresh_token"]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_ends_both(kind: str, acme: Any) -> None:
    granted = connected(acme)
    answer = acme.call("POST", REVOKE, json={"token": granted[kind]}, headers=JSON, auth=CLIENT)
    assert (answer.status_code, answer.content) == (200, b"")
    assert status(acme, granted["access_token"]) == 401
    assert refreshed(acme, granted["refresh_token"]).status_code == 400


@pytest.mark.parametrize(
    ("call", "status"),
    [
        ({"json": {"token": "unknown"}}, 400),
        ({"json": {"token": "x", "more": "1"}}, 400),
        ({"json": {"token": 1}}, 400),
        ({"json": ["x"]}, 400),
        ({"data": {"token": "x"}}, 400),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": {"token": "x"}, "auth": ("payrelay-sandbox", "wrong")}, 401),
    ],
)
def test_a_revocation_that_does_not_fit_is_refused(call: Any, status: int, acme: Any) -> None:
    assert acme.call("POST", REVOKE, **{"headers": JSON, "auth": CLIENT, **call}).status_code == status


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("com.intuit.quickbooks.accounting", None),
        ("com.intuit.quickbooks.accounting openid", {"realmid": "9130357766900001"}),
        ("openid profile email com.intuit.quickbooks.accounting", {"aud": CLIENT[0]}),
        ("openid", "invalid_scope"),
        ("com.intuit.quickbooks.accounting everything", "invalid_scope"),
    ],
)
def test_a_consent_may_ask_who_the_person_is(scope: str, claims: Any, acme: Any) -> None:
    """(fidelity, too strict: scope with openid)"""
    asked = {**QUERY, "scope": scope}
    answer = acme.call("GET", "/connect/oauth2", params=asked, headers={}, allow_redirects=False)
    if claims == "invalid_scope":
        assert claims in (answer.headers.get("Location") or answer.text)
        return
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    granted = acme.call("POST", TOKEN, data=form, headers=JSON, auth=CLIENT).json()
    assert ("id_token" in granted) is (claims is not None)
    assert claims is None or claims.items() <= claims_of(granted["id_token"]).items()
    renewed = refreshed(acme, granted["refresh_token"]).json()
    assert "id_token" not in renewed
    assert acme.put_state(acme.state()).status_code == 200
