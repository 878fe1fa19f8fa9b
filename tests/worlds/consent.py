"""A person's consent to a sandbox behind OAuth, which gives it at once."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from urllib.parse import parse_qsl, urlsplit

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.oauth import App, Grant, TokenEndpoint, consent_url
from payrelay.systems.registry import SYSTEMS
from tests.worlds.sandboxes import ADMIN

APP = App(Secret("payrelay-sandbox"), Secret("sandbox-secret"))
BACK = "https://app.example/back"


def endpoint(system: str, url: str, options: DoorOptions) -> TokenEndpoint:
    """Where the sandbox gives tokens and renews them."""
    row = SYSTEMS[system]
    assert row.oauth
    return TokenEndpoint(system, row.oauth, url, APP, options)


def given(page: str, back: str) -> dict[str, str]:
    """A person gives the consent that a page asks for, and is sent `back`: what they bring along."""
    answer = ADMIN.get(page, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    place = answer.headers["Location"]
    assert place.startswith(f"{back}?")
    return dict(parse_qsl(urlsplit(place).query))


def consent(system: str, url: str, options: DoorOptions) -> tuple[Grant, Secret]:
    """The tokens that a consent gives, and the company that it reaches."""
    row = SYSTEMS[system]
    assert row.oauth
    back = given(consent_url(row.oauth, url, APP, BACK, "state-1"), BACK)
    assert back["state"] == "state-1"
    grant = endpoint(system, url, options).exchange(Secret(back["code"]), BACK)
    company = grant.company or back.get("realmId", "")
    if row.oauth.reaches_several:
        (company,) = import_module(row.room).companies(url, grant.access_token, options)
    return grant, Secret(company)


def consented(system: str, url: str, options: DoorOptions) -> Mapping[str, Secret]:
    """What a client is connected with afterwards: an access token, and the company it reaches."""
    grant, company = consent(system, url, options)
    return {"access_token": grant.access_token, "company_id": company}
