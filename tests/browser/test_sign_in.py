"""The sign-in as people do it: at the user pool's own page, with a password, and out again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from local.stack.stack import Stack
from tests.browser.looks import settled
from tests.browser.watched import Watched


def sign_in(page: Page, person: str, password: str) -> None:
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def people(stack: Stack) -> dict[str, Any]:
    told: dict[str, Any] = stack.facts["console"]
    return told


@pytest.mark.parametrize("role", ["admin", "operator", "viewer", "employee", "service"])
def test_people_sign_in_with_their_password(
    window: Callable[..., BrowserContext], people: dict[str, Any], role: str, watched: list[Watched]
) -> None:
    page = window().new_page()
    page.goto(f"{people['url']}#/nothing")
    sign_in(page, people["people"][role], people["password"])
    settled(page)
    expect(page.locator(".who")).to_contain_text(people["people"][role])
    assert page.url == f"{people['url']}#/nothing", "one comes back to the view that one has asked for"
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    tokens = [request for request in watched[-1].requests if request.headers.get("authorization")]
    bearer = tokens[0].headers["authorization"].removeprefix("Bearer ")
    assert bearer not in kept, "tokens are in memory alone"


def test_a_wrong_password_lets_nobody_in(
    window: Callable[..., BrowserContext], people: dict[str, Any], watched: list[Watched]
) -> None:
    page = window().new_page()
    page.goto(people["url"])
    watched[-1].expect("/login")
    sign_in(page, people["people"]["admin"], "no such password")
    expect(page.get_by_text("Incorrect username or password")).to_be_visible()


def test_who_signs_out_stays_out(window: Callable[..., BrowserContext], people: dict[str, Any]) -> None:
    page = window().new_page()
    page.goto(people["url"])
    sign_in(page, people["people"]["viewer"], people["password"])
    settled(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_link_puts_no_words_into_the_pools_mouth(
    window: Callable[..., BrowserContext], people: dict[str, Any]
) -> None:
    """Anybody can write a link; what the pool says of a sign-in that was begun here is shown, as text."""
    page = window().new_page()
    page.goto(f"{people['url']}?error=x&error_description=Call+0800+and+say+your+password&state=s")
    expect(page.get_by_role("alert")).to_have_text("The sign-in did not work.")
    page.evaluate("sessionStorage.setItem('payrelay.sign-in', JSON.stringify({state: 's', view: ''}))")
    page.goto(f"{people['url']}?error=x&error_description=%3Cb%3ENo+access&state=s")
    expect(page.get_by_role("alert")).to_contain_text("<b>No access")


def test_who_signs_out_does_so_in_every_tab(
    window: Callable[..., BrowserContext], people: dict[str, Any]
) -> None:
    """What another tab shows, and its token, would be there for whoever sits down next."""
    context = window()
    page, other = context.new_page(), context.new_page()
    for one in (page, other):
        one.goto(f"{people['url']}#/nothing")
        sign_in(one, people["people"]["viewer"], people["password"])
        settled(one)
    page.get_by_role("button", name="Sign out").click()
    for one in (page, other):
        expect(one.get_by_role("button", name="Sign in")).to_be_visible()
    expect(other.locator(".who")).to_have_count(0)
