"""The console in a browser on the running stack: people sign in at the user pool's page, and out again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from local.stack.stack import Stack
from tests.browser.looks import settled
from tests.browser.watched import Watched

A_RUN = 60_000


def sign_in(page: Page, person: str, password: str) -> None:
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


pytestmark = pytest.mark.stack


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


@pytest.mark.requirement("TRG-2", "RUN-3")
def test_an_operator_signs_in_follows_a_run_to_its_end_and_signs_out(
    window: Callable[..., BrowserContext], people: dict[str, Any]
) -> None:
    """Who signs out stays out."""
    page = window().new_page()
    page.goto(people["url"])
    sign_in(page, people["people"]["operator"], people["password"])
    page.get_by_role("button", name="Preview: Nordlys Energi, Employees").click()
    expect(page.locator("h1")).to_have_text("Employees: preview")
    expect(page.locator(".run-status")).to_contain_text(re.compile("partly done|succeeded"), timeout=A_RUN)
    expect(page.get_by_role("link", name=re.compile("^Employee ")).first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


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
