"""Xero's OAuth endpoints in the sandbox: consent, rotation with its grace, revocation, connections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.sandbox.xero.store import ORGANISATION, TENANT
from tests.sandbox.rules import claims_of

CALLBACK = "http://127.0.0.1:9/callback?x=1"
ASKED = {
    "response_type": "code",
    "client_id": "payrelay-sandbox",
    "redirect_uri": CALLBACK,
    "scope": "offline_access accounting.settings",
    "state": "s 1",
}
CLIENT = ("payrelay-sandbox", "sandbox-secret")
REFRESH = {"grant_type": "refresh_token", "refresh_token": "xero-refresh"}


def consent(xero: Any, **changes: Any) -> Any:
    asked = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    return xero.get("/identity/connect/authorize", params=asked, headers={}, allow_redirects=False)


def token(xero: Any, form: dict[str, str], **more: Any) -> Any:
    return xero.call("POST", "/connect/token", data=form, headers={}, **{"auth": CLIENT, **more})


def exchange(xero: Any, **changes: Any) -> Any:
    code = parse_qs(urlsplit(consent(xero).headers["Location"]).query)["code"][0]
    return token(
        xero, {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes}
    )


def test_a_token_call_tells_nothing_that_xeros_own_sdk_does_not_know(xero: Any) -> None:
    granted = exchange(xero)
    assert granted.status_code == 200
    body = granted.json()
    assert sorted(body) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert (body["expires_in"], body["token_type"]) == (1800, "Bearer")
    assert exchange(xero, code="made up").json() == {"error": "invalid_grant"}


def test_without_offline_access_there_is_nothing_to_refresh_with(xero: Any) -> None:
    location = consent(xero, scope="openid accounting.contacts").headers["Location"]
    code = parse_qs(urlsplit(location).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    body = token(xero, form).json()
    assert "refresh_token" not in body
    assert "id_token" in body


@pytest.mark.parametrize(
    ("form", "more", "error"),
    [
        (REFRESH, {"auth": ("payrelay-sandbox", "wrong")}, "invalid_client"),
        (REFRESH, {"auth": None}, "invalid_client"),
        ({**REFRESH, "extra": "1"}, {}, "invalid_request"),
        ({**REFRESH, "scope": "accounting.everything"}, {}, "invalid_scope"),
    ],
)
def test_a_token_call_that_does_not_fit_is_refused(xero: Any, form: Any, more: Any, error: str) -> None:
    answer = token(xero, form, **more)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_refresh_may_name_its_scopes_again(xero: Any) -> None:
    assert token(xero, {**REFRESH, "scope": "accounting.contacts"}).status_code == 200


def test_the_client_may_stand_in_the_form(xero: Any) -> None:
    form = {**REFRESH, "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    assert token(xero, form, auth=None).status_code == 200


def test_a_refresh_token_rotates_with_half_an_hour_of_grace(xero: Any, clocks: Any) -> None:
    second = token(xero, REFRESH).json()
    clocks.moment += timedelta(minutes=30)
    assert token(xero, REFRESH).status_code == 200
    clocks.moment += timedelta(seconds=1)
    assert token(xero, REFRESH).json() == {"error": "invalid_grant"}
    assert token(xero, {**REFRESH, "refresh_token": second["refresh_token"]}).status_code == 200


def test_a_refresh_token_that_is_not_used_dies_after_sixty_days(xero: Any, clocks: Any) -> None:
    clocks.moment += timedelta(days=60)
    assert token(xero, REFRESH).json() == {"error": "invalid_grant"}


def test_an_access_token_lasts_half_an_hour(xero: Any, clocks: Any) -> None:
    clocks.moment += timedelta(minutes=29, seconds=59)
    assert xero.get("/connections").status_code == 200
    clocks.moment += timedelta(seconds=1)
    answer = xero.get("/connections")
    assert answer.status_code == 401
    assert answer.json()["Detail"] == "TokenExpired: token expired at 03/02/2026 12:00:00"


def test_revocation_removes_every_connection_and_consent_brings_them_back(xero: Any) -> None:
    unknown = xero.call("POST", "/connect/revocation", data={"token": "?"}, headers={}, auth=CLIENT)
    assert unknown.status_code == 200
    assert len(xero.get("/connections").json()) == 1
    done = xero.call("POST", "/connect/revocation", data={"token": "xero-refresh"}, headers={}, auth=CLIENT)
    assert (done.status_code, done.content) == (200, b"")
    assert xero.get("/connections").status_code == 401
    granted = exchange(xero).json()
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    assert len(xero.get("/connections", headers=headers).json()) == 1


def test_connections_are_listed_in_either_case_and_deleted_by_their_own_id(xero: Any) -> None:
    (row,) = xero.get("/Connections").json()
    assert (row["tenantId"], row["tenantName"], row["tenantType"]) == (TENANT, ORGANISATION, "ORGANISATION")
    assert "connected" not in row
    assert xero.call("DELETE", f"/connections/{TENANT}").status_code == 404
    assert xero.call("DELETE", f"/connections/{row['id']}").status_code == 204
    assert xero.get("/connections").json() == []
    refused = xero.get("/api.xro/2.0/Contacts")
    assert (refused.status_code, refused.json()["Detail"]) == (403, "AuthenticationUnsuccessful")


def test_one_token_never_ends(xero: Any, clocks: Any) -> None:
    clocks.moment += timedelta(days=400)
    lasting = {"Authorization": "Bearer xero-sandbox-token"}
    assert xero.get("/connections", headers=lasting).status_code == 200


def test_a_state_without_tokens_keeps_them(xero: Any) -> None:
    xero.put_state({"Contacts": [{"Name": "Harper Ltd"}]})
    assert xero.get("/connections").status_code == 200
    assert token(xero, REFRESH).status_code == 200
    assert len(xero.state()["oauth_tokens"]) == 2


@pytest.mark.parametrize(
    ("scope", "call", "status"),
    [
        ("accounting.invoices.read", ("GET", "Invoices"), 200),
        ("accounting.transactions", ("GET", "CreditNotes"), 200),
        ("accounting.invoices.read", ("PUT", "Invoices"), 401),
        ("accounting.contacts", ("GET", "Accounts"), 401),
        ("accounting.settings", ("GET", "TaxRates"), 200),
    ],
)
def test_a_scope_opens_its_own_resources(xero: Any, scope: str, call: tuple[str, str], status: int) -> None:
    xero.put_state({"oauth_tokens": [{"access_token": "xero-token", "scope": scope}]})
    answer = xero.call(call[0], f"/api.xro/2.0/{call[1]}", json={} if call[0] == "PUT" else None)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["Detail"] == "AuthorizationUnsuccessful"


def test_tokens_tell_who_consented_and_which_connections_came_of_it(xero: Any) -> None:
    """(fidelity, too strict: id_token that is no JWT; GET /Connections?authEventId=)"""
    location = consent(xero, scope="openid email offline_access accounting.contacts").headers["Location"]
    code = parse_qs(urlsplit(location).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    granted = token(xero, form).json()
    who, access = claims_of(granted["id_token"]), claims_of(granted["access_token"])
    assert (who["iss"], who["aud"]) == ("https://identity.xero.com", CLIENT[0])
    assert who["exp"] - who["iat"] == 1800
    assert who["xero_userid"] == access["xero_userid"]
    assert access["scope"] == ["openid", "email", "offline_access", "accounting.contacts"]

    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    (row,) = xero.get("/connections", headers=headers).json()
    event = access["authentication_event_id"]
    assert row["authEventId"] == event
    for asked, found in ((event, [row]), (event.upper(), [row]), (TENANT, [])):
        assert xero.get("/Connections", params={"authEventId": asked}, headers=headers).json() == found
    assert xero.get("/connections", params={"authEventId": "7"}, headers=headers).status_code == 400
    assert xero.get("/connections", params={"event": event}, headers=headers).status_code == 400
