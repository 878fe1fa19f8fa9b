"""QuickBooks' sandbox: consent, tokens, their rotation and their end."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.quickbooks_company import BASE, STATE

TOKEN, REVOKE = "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
CLIENT, BACK = ("payrelay-sandbox", "sandbox-secret"), "http://127.0.0.1:9/callback?from=quickbooks"
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


def consent(acme: Any, **changes: Any) -> Any:
    return acme.call("GET", "/connect/oauth2", params={**QUERY, **changes}, headers={}, allow_redirects=False)


def callback(acme: Any) -> dict[str, str]:
    answer = consent(acme)
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def tokens(acme: Any, auth: tuple[str, str] = CLIENT, **form: str) -> Any:
    return acme.call("POST", TOKEN, data=form, headers=JSON, auth=auth)


def connected(acme: Any) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "code": callback(acme)["code"], "redirect_uri": BACK}
    return dict(tokens(acme, **form).json())


def refreshed(acme: Any, token: str) -> Any:
    return tokens(acme, grant_type="refresh_token", refresh_token=token)


def status(acme: Any, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}", **JSON}
    return int(acme.get(f"{BASE}/customer/1", headers=headers).status_code)


def test_consent_comes_back_with_code_state_and_company(acme: Any) -> None:
    back = callback(acme)
    assert (back["state"], back["realmId"], back["from"]) == ("s-1", "9130357766900001", "quickbooks")
    assert back["code"] != callback(acme)["code"]


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "nobody"}, {"scope": "all"}, {"response_type": "token"}, {"redirect_uri": "javascript:1"}]
    + [{name: None} for name in QUERY],
)
def test_a_consent_that_does_not_fit_is_refused(changes: Any, acme: Any) -> None:
    assert consent(acme, **changes).status_code == 400


def test_a_code_is_good_once_and_for_its_own_address(acme: Any, clocks: Any) -> None:
    form = {"grant_type": "authorization_code", "code": callback(acme)["code"]}
    assert tokens(acme, **form, redirect_uri="http://127.0.0.1:9/other").json()["error"] == "invalid_grant"
    assert tokens(acme, **form, redirect_uri=BACK).status_code == 400
    late = callback(acme)["code"]
    clocks.moment += timedelta(minutes=11)
    assert tokens(acme, **{**form, "code": late}, redirect_uri=BACK).status_code == 400
    granted = connected(acme)
    assert (granted["token_type"], granted["expires_in"], granted["x_refresh_token_expires_in"]) == (
        "bearer",
        3600,
        8_726_400,
    )


@pytest.mark.parametrize(
    ("auth", "form", "status", "error"),
    [
        (("payrelay-sandbox", "wrong"), {"grant_type": "refresh_token"}, 401, "invalid_client"),
        (CLIENT, {"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        (CLIENT, {"grant_type": "refresh_token"}, 400, "invalid_request"),
        (CLIENT, {"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_token_is_refused(auth: Any, form: Any, status: int, error: str, acme: Any) -> None:
    answer = tokens(acme, auth, **form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_body_of_a_token_call_is_a_form(acme: Any) -> None:
    answer = acme.call("POST", TOKEN, json={"grant_type": "refresh_token"}, headers=JSON, auth=CLIENT)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert acme.call("GET", TOKEN, headers=JSON, auth=CLIENT).status_code == 405


def test_the_refresh_token_rotates_and_the_old_one_dies(acme: Any) -> None:
    granted = connected(acme)
    renewed = refreshed(acme, granted["refresh_token"]).json()

    assert renewed["refresh_token"] != granted["refresh_token"]
    assert refreshed(acme, granted["refresh_token"]).json()["error"] == "invalid_grant"
    assert [status(acme, one["access_token"]) for one in (granted, renewed)] == [200, 200]


def test_a_switch_keeps_the_value_of_the_refresh_token(acme: Any) -> None:
    acme.put_state({**STATE, "settings": [{"keep_refresh_token": True}]})
    granted = connected(acme)
    assert refreshed(acme, granted["refresh_token"]).json()["refresh_token"] == granted["refresh_token"]


def test_tokens_end_by_the_clock(acme: Any, clocks: Any) -> None:
    granted = connected(acme)
    clocks.moment += timedelta(seconds=3599)
    assert status(acme, granted["access_token"]) == 200
    clocks.moment += timedelta(seconds=1)
    assert status(acme, granted["access_token"]) == 401
    clocks.moment += timedelta(days=101)
    assert refreshed(acme, granted["refresh_token"]).status_code == 400


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
        ({"json": {"token": "unknown"}, "auth": CLIENT}, 400),
        ({"json": {"token": "x", "more": 1}, "auth": CLIENT}, 400),
        ({"json": ["x"], "auth": CLIENT}, 400),
        ({"data": {"token": "x"}, "auth": CLIENT}, 400),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}, "auth": CLIENT}, 400),
        ({"json": {"token": "x"}, "auth": ("payrelay-sandbox", "wrong")}, 401),
    ],
)
def test_a_revocation_that_does_not_fit_is_refused(call: Any, status: int, acme: Any) -> None:
    assert acme.call("POST", REVOKE, **{"headers": JSON, **call}).status_code == status


def test_new_data_do_not_disconnect_and_the_state_brings_tokens_back(acme: Any) -> None:
    granted = connected(acme)
    acme.put_state(STATE)
    assert status(acme, granted["access_token"]) == 200

    kept = acme.state()
    acme.put_state({"oauth_tokens": []})
    assert status(acme, granted["access_token"]) == 401
    acme.put_state(kept)
    assert status(acme, granted["access_token"]) == 200
    assert refreshed(acme, granted["refresh_token"]).status_code == 200
