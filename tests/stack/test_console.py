"""The console of the running stack: served, and signed in to as its pages do it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.stack.home import Home
from local.stack.stack import Stack
from local.stack.users import USERS, common_password

pytestmark = pytest.mark.stack


def pool(stack: Stack) -> dict[str, str]:
    """What the page is told of where people sign in."""
    page = requests.get(stack.facts["console"]["url"], timeout=30).text
    found = re.search(r'<meta name="payrelay" content="([^"]*)">', page)
    assert found
    told: dict[str, str] = json.loads(unescape(found[1]))
    return told


class Page:
    """A browser's way through signing in: the code with its proof, from the pool's own form."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.pool = stack, pool(stack)
        self.home: str = stack.facts["console"]["url"]
        self.verifier = secrets.token_urlsafe(32)

    def form(self, **changed: str) -> requests.Response:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.pool["client_id"],
            "redirect_uri": self.home,
            "scope": "openid",
            "state": "the-state",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changed,
        }
        return requests.get(self.pool["sign_in"], asked, allow_redirects=False, timeout=30)

    def sign_in(self, name: str, password: str) -> requests.Response:
        page = self.form()
        hidden = {
            name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page.text)
        }
        sent = {**hidden, "username": name, "password": password}
        at = f"{self.stack.endpoint}/login"
        return requests.post(at, sent, allow_redirects=False, timeout=30)

    def change(self, code: str, **changed: str) -> requests.Response:
        asked = {
            "grant_type": "authorization_code",
            "client_id": self.pool["client_id"],
            "code": code,
            "redirect_uri": self.home,
            "code_verifier": self.verifier,
            **changed,
        }
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.home))
        return requests.post(self.pool["token"], asked, headers={"Origin": origin}, timeout=30)


def code_in(answer: requests.Response, home: str) -> str:
    """The code that somebody comes back with."""
    assert answer.status_code == 302, answer.text
    address, _, query = answer.headers["Location"].partition("?")
    told = parse_qs(query)
    assert (address, told["state"]) == (home, ["the-state"])
    return told["code"][0]


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 200), ("operator", 200), ("viewer", 200), ("employee", 403), ("other_tenant_admin", 200)],
)
def test_people_sign_in_and_are_who_they_are(stack: Stack, who: str, status: int) -> None:
    console, page = stack.facts["console"], Page(stack)
    code = code_in(page.sign_in(console["people"][who], console["password"]), page.home)
    tokens = page.change(code).json()
    headers = {"Authorization": f"Bearer {tokens['id_token']}"}
    answer = requests.get(f"{page.home}../connections", headers=headers, timeout=30)
    assert answer.status_code == status
    if status == 200:
        ours = {one["connection_id"] for one in answer.json()["items"]}
        assert bool(ours & set(stack.facts["connections"].values())) == (who != "other_tenant_admin")
    # Only an admin may see who has which app.
    asked = requests.get(f"{stack.api_url}/apps", headers=headers, timeout=30)
    assert (asked.status_code == 200) == ("admin" in who)


def test_who_has_not_begun_can_not_change_the_code(stack: Stack) -> None:
    console, page = stack.facts["console"], Page(stack)
    code = code_in(page.sign_in(console["people"]["viewer"], console["password"]), page.home)
    refused = page.change(code, code_verifier="another")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert page.change(code).status_code == 200
    assert page.change(code).status_code == 400, "a code is good once"


def test_a_wrong_password_and_another_address_are_refused(stack: Stack) -> None:
    page = Page(stack)
    answer = page.sign_in(stack.facts["console"]["people"]["viewer"], "wrong")
    assert "Incorrect username or password" in answer.text
    assert page.form(redirect_uri="https://elsewhere.example/").status_code == 400
    refused = page.form(scope="openid email")
    assert "error=invalid_request" in refused.headers["Location"]


def test_signing_out_leads_back(stack: Stack) -> None:
    page = Page(stack)
    told = {"client_id": page.pool["client_id"], "logout_uri": page.home}
    answer = requests.get(page.pool["sign_out"], told, allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (302, page.home)


def test_the_page_and_its_files_come_through_the_gateway(stack: Stack) -> None:
    home: str = stack.facts["console"]["url"]
    page = requests.get(home.rstrip("/"), timeout=30)
    assert (page.url, page.status_code, page.headers["Cache-Control"]) == (home, 200, "no-cache")
    assert urlsplit(stack.endpoint).netloc in page.headers["Content-Security-Policy"]
    for link in re.findall(r'(?:href|src)="([^"#]+)"', page.text):
        file = requests.get(home + link, timeout=30)
        assert (link, file.status_code, file.headers["Content-Encoding"]) == (link, 200, "gzip")
        assert "immutable" in file.headers["Cache-Control"]
        assert requests.head(home + link, timeout=30).status_code == 200
        has = {"If-None-Match": file.headers["ETag"]}
        assert requests.get(home + link, headers=has, timeout=30).status_code == 304
    nothing = requests.get(f"{home}no.js", timeout=30)
    assert (nothing.status_code, nothing.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_password_is_the_homes_own_and_stays(home: Home) -> None:
    password = common_password(home)
    assert common_password(home) == password
    assert home.people.stat().st_mode & 0o077 == 0
    # As the pool wants them: the template's policy.
    assert len(password) >= 14
    assert all(re.search(wanted, password) for wanted in ("[a-z]", "[A-Z]", "[0-9]"))
    assert {user.name for user in USERS}.isdisjoint({password})
