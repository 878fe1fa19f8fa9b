"""A person's consent to a sandbox behind OAuth, which gives it at once."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from urllib.parse import parse_qs, urlsplit

import requests

from payrelay.domain.sensitive import Secret
from payrelay.systems.http import DoorOptions
from payrelay.systems.oauth import App, TokenEndpoint, consent_url
from payrelay.systems.registry import SYSTEMS

APP = App(Secret("payrelay-sandbox"), Secret("sandbox-secret"))
BACK = "https://app.example/back"


def consented(system: str, url: str, options: DoorOptions) -> Mapping[str, Secret]:
    """What a client is connected with afterwards: an access token, and the company it reaches."""
    row = SYSTEMS[system]
    assert row.oauth
    page = consent_url(row.oauth, url, APP, BACK, "state-1")
    answer = requests.get(page, allow_redirects=False, timeout=10)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["state-1"]
    token = (
        TokenEndpoint(system, row.oauth, url, APP, options)
        .exchange(Secret(back["code"][0]), BACK)
        .access_token
    )
    company = back.get("realmId", [""])[0]
    if row.oauth.reaches_several:
        (company,) = import_module(row.room).companies(url, token, options)
    return {"access_token": token, "company_id": Secret(company)}
