"""Sage's sandbox: consent, codes, and tokens that change with every use."""

import base64
import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

CALLBACK = "https://payrelay.example/callback?tenant=1"
CLIENT = {"client_id": "payrelay-sandbox", "client_secret": "sandbox-secret"}
ASKED = {
    "filter": "apiv3.1",
    "response_type": "code",
    "client_id": "payrelay-sandbox",
    "redirect_uri": CALLBACK,
    "scope": "full_access",
    "state": "state-1",
}


def consent(sage: Any, **changes: str) -> Any:
    query = urlencode({**ASKED, **changes})
    return sage.get(f"/oauth2/auth/central?{query}", allow_redirects=False, headers={})


def code(sage: Any, **changes: str) -> str:
    answer = consent(sage, **changes)
    assert answer.status_code == 302, answer.text
    given = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (given["state"], given["tenant"]) == (["state-1"], ["1"])
    return given["code"][0]


def exchange(sage: Any, given: str, **changes: str) -> Any:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK, **CLIENT, **changes}
    return sage.call("POST", "/token", data=form, headers={})


def refresh(sage: Any, token: str, **changes: str) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT, **changes}
    return sage.call("POST", "/token", data=form, headers={})


def status(sage: Any, token: str) -> int:
    return int(sage.get("/v3.1/contacts", headers={"Authorization": f"Bearer {token}"}).status_code)


def test_a_consent_gives_tokens_that_live_five_minutes(sage: Any, clocks: Any) -> None:
    answer = exchange(sage, code(sage))
    tokens = answer.json()
    assert answer.status_code == 200
    assert (
        tokens["expires_in"],
        tokens["refresh_token_expires_in"],
        tokens["scope"],
        tokens["token_type"],
    ) == (
        300,
        2_678_400,
        "full_access",
        "bearer",
    )
    clocks.moment += timedelta(seconds=299)
    assert status(sage, tokens["access_token"]) == 200
    assert status(sage, tokens["refresh_token"]) == 401
    clocks.moment += timedelta(seconds=1)
    assert status(sage, tokens["access_token"]) == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"filter": "apiv3"},
        {"response_type": "token"},
        {"scope": "everything"},
        {"redirect_uri": ""},
        {"state": ""},
        {"colour": "red"},
        {"code_challenge": "x"},
        {"code_challenge": "x", "code_challenge_method": "plain"},
    ],
)
def test_a_consent_that_does_not_fit_is_refused(changes: dict[str, str], sage: Any) -> None:
    answer = consent(sage, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_code_is_good_once_and_for_a_minute(sage: Any, clocks: Any) -> None:
    once, late, elsewhere = code(sage), code(sage), code(sage)
    assert exchange(sage, once).status_code == 200
    assert exchange(sage, once).json()["error"] == "invalid_grant"
    assert exchange(sage, elsewhere, redirect_uri=CALLBACK + "/").json()["error"] == "invalid_grant"
    clocks.moment += timedelta(seconds=60)
    assert exchange(sage, late).json()["error"] == "invalid_grant"


def test_a_challenge_is_to_be_met(sage: Any) -> None:
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    assert exchange(sage, code(sage, **asked), code_verifier=verifier).status_code == 200
    assert exchange(sage, code(sage, **asked), code_verifier="other").json()["error"] == "invalid_grant"
    assert exchange(sage, code(sage, **asked)).json()["error"] == "invalid_grant"


def test_a_refresh_token_dies_as_it_is_used(sage: Any, clocks: Any) -> None:
    first = exchange(sage, code(sage)).json()
    second = refresh(sage, first["refresh_token"]).json()
    assert refresh(sage, first["refresh_token"]).json()["error"] == "invalid_grant"
    assert status(sage, first["access_token"]) == status(sage, second["access_token"]) == 200
    clocks.moment += timedelta(days=31)
    assert refresh(sage, second["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_can_be_given_back(sage: Any) -> None:
    tokens = exchange(sage, code(sage)).json()
    answer = sage.call("POST", "/revoke", data={**CLIENT, "token": tokens["refresh_token"]}, headers={})
    assert (answer.status_code, answer.json()) == (200, {"success": "ok"})
    assert refresh(sage, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert status(sage, tokens["access_token"]) == 200
    assert sage.call("POST", "/revoke", data=CLIENT, headers={}).json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**CLIENT, "grant_type": "password"}, "unsupported_grant_type"),
        ({**CLIENT}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_client"),
        ({**CLIENT, "client_secret": "wrong", "grant_type": "refresh_token"}, "invalid_client"),
        ({**CLIENT, "grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({**CLIENT, "grant_type": "refresh_token", "colour": "red"}, "invalid_request"),
    ],
)
def test_a_form_that_does_not_fit_is_refused(form: dict[str, str], error: str, sage: Any) -> None:
    answer = sage.call("POST", "/token", data=form, headers={})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("more", [{"json": CLIENT}, {"data": b"client_id=a&client_id=b"}])
def test_only_a_form_is_taken(more: dict[str, Any], sage: Any) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if "data" in more else {}
    answer = sage.call("POST", "/token", headers=headers, **more)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_who_may_only_read_can_not_write(sage: Any) -> None:
    tokens = exchange(sage, code(sage, scope="readonly")).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = sage.call("POST", "/v3.1/contacts", json={"contact": {}}, headers=headers)
    assert status(sage, tokens["access_token"]) == 200
    assert (answer.status_code, answer.json()[0]["$dataCode"]) == (403, "MultiUserAccessDenied")


def test_other_data_leave_the_tokens_alone_and_a_kept_state_brings_them_back(sage: Any) -> None:
    tokens = exchange(sage, code(sage)).json()
    kept = sage.state()
    sage.put_state({"contacts": []})
    assert status(sage, tokens["access_token"]) == 200
    sage.put_state({"oauth_tokens": []})
    assert status(sage, tokens["access_token"]) == 401
    sage.put_state(kept)
    assert status(sage, tokens["access_token"]) == 200
