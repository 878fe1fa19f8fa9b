"""Consent, tokens, refresh and revocation against a scripted token endpoint (CON-2, CON-3)."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, RetryLater
from payrelay.systems.oauth import App, Grant, TokenEndpoint, consent_url
from payrelay.systems.registry import OAuth
from tests.systems.conftest import Bench
from tests.systems.loopback import RESET, Loopback, Reply, reply
from tests.worlds.structs import replace

APP = App(Secret("the-client"), Secret("the-secret"))
BASIC = OAuth(
    authorize_url="https://login.vendor.example/connect?filter=v3",
    token_url="https://identity.vendor.example/oauth2/token",
    revoke_url="https://identity.vendor.example/oauth2/revoke",
    scope="books offline",
    revoke_as_json=True,
)
IN_BODY = replace(BASIC, in_body=True, revoke_as_json=False)
NAMING = replace(BASIC, company_field="organisation_id", reaches_several=False)
TOKENS = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 300, "token_type": "bearer"}

pytestmark = pytest.mark.requirement("CON-3")


def endpoint(loopback: Loopback, bench: Bench, oauth: OAuth = BASIC) -> TokenEndpoint:
    return TokenEndpoint("vendor", oauth, f"{loopback.origin}/vendor", APP, bench.options)


@pytest.mark.parametrize(
    ("base_url", "where"),
    [
        ("https://api.vendor.example", "https://login.vendor.example/connect"),
        ("http://127.0.0.1:4700/vendor", "http://127.0.0.1:4700/vendor/connect"),
    ],
)
def test_consent_is_given_at_the_vendors_or_at_its_sandbox(base_url: str, where: str) -> None:
    url = urlsplit(consent_url(BASIC, base_url, APP, "https://app.example/back", "state-1"))

    assert f"{url.scheme}://{url.netloc}{url.path}" == where
    assert parse_qs(url.query) == {
        "filter": ["v3"],
        "response_type": ["code"],
        "client_id": ["the-client"],
        "scope": ["books offline"],
        "redirect_uri": ["https://app.example/back"],
        "state": ["state-1"],
    }


def test_a_code_is_exchanged_for_tokens(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply(TOKENS))

    grant = endpoint(loopback, bench).exchange(Secret("code-1"), "https://app.example/back")

    assert grant == Grant(Secret("access-1"), Secret("refresh-1"), 300)
    (seen,) = loopback.seen
    assert (seen.method, seen.path) == ("POST", "/vendor/oauth2/token")
    assert seen.headers["Authorization"] == f"Basic {base64.b64encode(b'the-client:the-secret').decode()}"
    assert seen.body == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://app.example/back",
    }


def test_a_vendor_that_wants_the_secret_in_the_form_gets_it_there(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply(TOKENS))

    endpoint(loopback, bench, IN_BODY).refresh(Secret("refresh-0"))

    (seen,) = loopback.seen
    assert "Authorization" not in seen.headers
    assert seen.body == {
        "client_id": "the-client",
        "client_secret": "the-secret",
        "grant_type": "refresh_token",
        "refresh_token": "refresh-0",
    }


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_dead_refresh_token_needs_a_new_consent(status: int, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"error": "invalid_grant", "error_description": "used up"}, status))

    with pytest.raises(CredentialsRefused):
        endpoint(loopback, bench).refresh(Secret("refresh-0"))
    assert len(loopback.seen) == 1


@pytest.mark.parametrize("answer", [reply({}), reply([]), reply({**TOKENS, "expires_in": "soon"})])
def test_an_answer_without_tokens_is_for_later(answer: Reply, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(answer)

    with pytest.raises(RetryLater):
        endpoint(loopback, bench).refresh(Secret("refresh-0"))


@pytest.mark.requirement("CON-2")
def test_a_company_that_comes_with_the_tokens_is_kept_with_them(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({**TOKENS, "organisation_id": "org-17"}), reply(TOKENS))
    tokens = endpoint(loopback, bench, NAMING)

    given = tokens.exchange(Secret("code-1"), "https://app.example/back")
    renewed = tokens.refresh(Secret("refresh-1"))

    assert (given.company, renewed.company) == ("org-17", None)
    loopback.answers(reply({**TOKENS, "organisation_id": "org-17"}))
    assert endpoint(loopback, bench).refresh(Secret("refresh-1")).company is None


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize("company", [{}, {"organisation_id": ""}, {"organisation_id": 17}])
def test_tokens_of_no_company_are_no_tokens_where_the_vendor_names_it(
    company: dict[str, object], loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(reply({**TOKENS, **company}))

    with pytest.raises(RetryLater, match="tokens of no company"):
        endpoint(loopback, bench, NAMING).exchange(Secret("code-1"), "https://app.example/back")


def test_a_refresh_whose_answer_is_lost_is_sent_once(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(RESET)

    with pytest.raises(OutcomeUnknown):
        endpoint(loopback, bench).refresh(Secret("refresh-0"))
    assert len(loopback.seen) == 1


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(("oauth", "body"), [(BASIC, {"token": "refresh-1"}), (IN_BODY, None)])
@pytest.mark.parametrize("answer", [Reply(200, b""), reply({"success": "ok"}), reply({"error": "x"}, 400)])
def test_tokens_are_given_back_and_dead_ones_are_no_error(
    oauth: OAuth, body: object, answer: Reply, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(answer)

    endpoint(loopback, bench, oauth).revoke(Secret("refresh-1"))

    (seen,) = loopback.seen
    assert seen.path == "/vendor/oauth2/revoke"
    assert seen.body == body or seen.body["token"] == "refresh-1"
