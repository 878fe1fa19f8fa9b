"""What the frame's consents hold for rooms that have them: codes that are good once, tokens that end."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from local.sandbox import Options
from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.consent import Consents
from local.sandbox.frame.system import System
from local.sandbox.rooms import ROOMS

BACK = "http://127.0.0.1:9/callback?from=them"
FORM = "application/x-www-form-urlencoded"
# What a client asks for that may refresh its tokens.
SCOPES = {
    "quickbooks": "com.intuit.quickbooks.accounting",
    "xero": "offline_access accounting.settings",
}


class Client:
    """An app that has its own clock, and the room that it connects to."""

    def __init__(self, kind: type[System]) -> None:
        self.now = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
        self.room = kind(Options(now=lambda: self.now))
        self.consents: Consents = self.room._consents  # type: ignore[attr-defined]
        self.asked = {
            "response_type": "code",
            "client_id": self.consents.client[0],
            "redirect_uri": BACK,
            "state": "s 1",
            "scope": SCOPES[kind.name],
        }

    def consent(self, **changes: str | None) -> Answer:
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value is not None}
        return self.room.answer(Call("GET", self.consents.authorize, urlencode(asked), {}, b""))

    def back(self) -> dict[str, list[str]]:
        answer = self.consent()
        assert answer.status == 302
        return parse_qs(urlsplit(answer.headers["Location"]).query)

    def token(self, form: Mapping[str, str], secret: str = "", media: str = FORM) -> tuple[int, Any]:
        pair = f"{self.consents.client[0]}:{secret or self.consents.client[1]}"
        headers = {"content-type": media, "authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        body = urlencode(form).encode()
        answer = self.room.answer(Call("POST", self.consents.token, "", headers, body))
        return answer.status, Call("", "", "", {}, answer.body).json()

    def exchange(self, code: str, address: str = BACK) -> tuple[int, Any]:
        return self.token({"grant_type": "authorization_code", "code": code, "redirect_uri": address})

    def refresh(self, token: str) -> tuple[int, Any]:
        return self.token({"grant_type": "refresh_token", "refresh_token": token})

    def opens(self, access_token: str) -> bool:
        return self.consents.opened_by(access_token) is not None


@pytest.fixture(params=[kind for kind in ROOMS if kind.name in SCOPES], ids=lambda kind: kind.name)
def client(request: pytest.FixtureRequest) -> Client:
    return Client(request.param)


def test_a_consent_comes_back_with_a_new_code_and_the_state(client: Client) -> None:
    back = client.back()
    assert (back["state"], back["from"]) == (["s 1"], ["them"])
    assert back["code"] != client.back()["code"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [({name: None}, "invalid_request") for name in ("response_type", "redirect_uri", "state", "scope")]
    + [({"client_id": None}, "invalid_request"), ({"client_id": "nobody"}, "unauthorized_client")]
    + [({"response_type": "token"}, "invalid_request"), ({"redirect_uri": "callback"}, "invalid_request")]
    + [({"redirect_uri": "javascript:1"}, "invalid_request"), ({"prompt": "login"}, "invalid_request")]
    + [({"scope": "everything"}, "invalid_scope")],
)
def test_a_consent_that_does_not_fit_is_refused(client: Client, changes: Any, error: str) -> None:
    answer = client.consent(**changes)
    assert (answer.status, Call("", "", "", {}, answer.body).json()["error"]) == (400, error)


def test_a_code_is_good_once_in_time_and_for_its_own_address(client: Client) -> None:
    (code,) = client.back()["code"]
    assert client.exchange(code)[0] == 200
    assert client.exchange(code)[1]["error"] == "invalid_grant"
    (code,) = client.back()["code"]
    assert client.exchange(code, "http://127.0.0.1:9/other")[1]["error"] == "invalid_grant"
    assert client.exchange(code)[0] == 400
    (code,) = client.back()["code"]
    client.now += client.consents.code_life
    assert client.exchange(code)[1]["error"] == "invalid_grant"


def test_a_token_call_that_does_not_fit_is_refused(client: Client) -> None:
    wrong, refresh = client.consents.bad_client, {"grant_type": "refresh_token", "refresh_token": "x"}
    for status, error, call in (
        (wrong, "invalid_client", client.token(refresh, secret="wrong")),
        (400, "invalid_grant", client.token(refresh)),
        (400, "invalid_request", client.token({"grant_type": "refresh_token"})),
        (400, "invalid_request", client.token({**refresh, "extra": "1"})),
        (400, "invalid_request", client.token(refresh, media="application/json")),
        (400, "unsupported_grant_type", client.token({"grant_type": "password"})),
    ):
        assert (call[0], call[1]["error"]) == (status, error)


def test_access_ends_by_the_clock_and_a_refresh_renews_it(client: Client) -> None:
    (code,) = client.back()["code"]
    status, first = client.exchange(code)
    seconds = int(client.consents.access_life.total_seconds())
    assert (status, first["expires_in"], first["token_type"].lower()) == (200, seconds, "bearer")
    client.now += timedelta(seconds=seconds - 1)
    status, second = client.refresh(first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert client.opens(first["access_token"])
    assert client.opens(second["access_token"])
    client.now += timedelta(seconds=1)
    assert not client.opens(first["access_token"])
    if client.consents.refresh_life:
        client.now += client.consents.refresh_life
        assert client.refresh(second["refresh_token"])[1]["error"] == "invalid_grant"


def test_new_data_do_not_disconnect_and_the_state_brings_tokens_back(client: Client) -> None:
    (code,) = client.back()["code"]
    _, tokens = client.exchange(code)
    client.room.replace_state({})
    assert client.opens(tokens["access_token"])
    kept, table = client.room.state(), client.consents.table
    (name,) = (name for name, rows in client.room.store.tables.items() if rows is table)
    client.room.replace_state({name: []})
    assert not client.opens(tokens["access_token"])
    client.room.replace_state(kept)
    assert client.opens(tokens["access_token"])
    assert client.refresh(tokens["refresh_token"])[0] == 200
