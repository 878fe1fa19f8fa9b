"""What is around every view: who is signed in, the way through it, and places where one has no business."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.looks import axe, fits
from tests.browser.watched import Watched

ROLES = ("admin", "operator", "viewer", "employee", "service")
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 2560, "height": 1440}
LARGEST = 120_000
REQUESTS = 12


@pytest.mark.parametrize("role", ROLES)
def test_everybody_begins_where_their_role_has_something_to_do(
    page_of: Callable[..., Page], role: str
) -> None:
    page = page_of(role)
    expect(page.locator(".who")).to_contain_text(role)
    axe(page)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_frame_fits_any_window(page_of: Callable[..., Page], size: dict[str, int], scheme: str) -> None:
    page = page_of("admin", viewport=size, color_scheme=scheme)
    fits(page)
    axe(page)


def test_the_first_view_is_small(page_of: Callable[..., Page], watched: list[Watched]) -> None:
    """The console's own files on the way from the user pool's page to the overview."""
    page = page_of("viewer", alone=True)
    requests = [request for request in watched[-1].requests if "/oauth2/" not in request.url]
    came_back = next(place for place, request in enumerate(requests) if "code=" in request.url)
    # The picture of the browser's tab comes when all else is there.
    first = [request for request in requests[came_back:] if not request.url.endswith("/icon.svg")]
    files = [request for request in first if "/console/" in request.url]
    sizes = [request.sizes()["responseBodySize"] for request in files]
    assert len(first) <= REQUESTS, [request.url for request in first]
    assert sum(sizes) <= LARGEST
    assert page.url.endswith("#/")


def test_keys_lead_past_the_navigation(page_of: Callable[..., Page]) -> None:
    page = page_of("viewer")
    page.locator(".top a").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert page.url.endswith("#/")


def test_an_address_that_names_no_view_says_so(page_of: Callable[..., Page]) -> None:
    page = page_of("viewer", "#/nothing/of/the/kind")
    expect(page.locator("h1")).to_have_text("There is no such page")
    axe(page)


def test_an_address_that_was_cut_off_is_one_that_names_nothing(page_of: Callable[..., Page]) -> None:
    """It was a white page: the browser can't tell the letter."""
    page = page_of("viewer", "#/lea%E0%A4")
    expect(page.locator("h1")).to_have_text("There is no such page")


def test_no_part_of_an_address_leads_to_another_call(
    page_of: Callable[..., Page], watched: list[Watched]
) -> None:
    """A link with dots in it made the console call what its writer chose, as whoever followed it."""
    page = page_of("viewer", "#/runs/%2E%2E")
    expect(page.get_by_role("alert").first).to_be_visible()
    asked = [one for one in watched[-1].requests if one.resource_type == "fetch"]
    called = [urlsplit(request.url).path for request in asked]
    assert [path for path in called if path.endswith("/runs/_")]
    assert not [path for path in called if path.endswith("/")]


def test_a_view_above_ones_role_names_the_role_that_it_takes(page_of: Callable[..., Page]) -> None:
    page = page_of("viewer", "#/apps")
    expect(page.locator("main")).to_contain_text(re.compile("takes the role admin; you are viewer"))
    axe(page)


@pytest.mark.parametrize("width", [800, 1100])
def test_the_overview_fits_between_a_phone_and_a_desk(page_of: Callable[..., Page], width: int) -> None:
    fits(page_of("admin", viewport={"width": width, "height": 900}))


def test_a_busy_api_is_asked_again_and_a_broken_one_when_somebody_says_so(
    page_of: Callable[..., Page], watched: list[Watched]
) -> None:
    page = page_of("viewer")
    answers = [429, 500]

    def answer(route: Route) -> None:
        if not answers:
            return route.continue_()
        status = answers.pop(0)
        return route.fulfill(status=status, headers={"retry-after": "0"}, json={"message": "busy"})

    page.route(re.compile(r"/connections\?"), answer)
    page.get_by_role("link", name="Connections").click()
    expect(page.get_by_role("alert")).to_contain_text("The API has met with an error.")
    assert not answers
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_role("row", name=re.compile("Nordlys Energi"))).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    watched[-1].expect("500")


def test_who_is_here_can_be_asked_again(page_of: Callable[..., Page], watched: list[Watched]) -> None:
    page = page_of("viewer", "#/connections")
    page.route(re.compile(r"/me$"), lambda route: route.fulfill(status=500, body=""))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The API has met with an error.")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("h1")).to_have_text("Connections")
    watched[-1].expect("500")


def test_an_address_that_was_cut_off_in_a_letter_is_shown_as_what_it_is(page_of: Callable[..., Page]) -> None:
    page = page_of("viewer", "#/connections/%E0")
    expect(page.get_by_role("alert")).to_be_visible()


SMUGGLED = (
    "fetch('http://other.example/')",
    "document.body.append(Object.assign(new Image(), {src: '//other.example/x.png'}))",
    "document.body.appendChild(document.createElement('script')).text = 'document.title = 1'",
    "document.body.setAttribute('onclick', 'document.title = 1')",
    "document.body.innerHTML = '<b>markup</b>'",
)


def test_the_page_does_nothing_that_it_was_not_sent_with(
    page_of: Callable[..., Page], watched: list[Watched]
) -> None:
    """Whoever smuggled a script into a name would not get far; and what is refused would fail a test."""
    page = page_of("viewer")
    told = watched[-1]
    told.expect("Content Security Policy")
    told.expect("This document requires")
    told.expect("other.example")
    told.expect("Failed to fetch")
    for script in SMUGGLED:
        before = len(told.found)
        page.evaluate(f"setTimeout(() => {{ {script} }})")
        page.wait_for_timeout(100)
        assert len(told.found) > before, script
    assert page.title() == "Overview – Payrelay"


def test_a_link_puts_no_words_into_the_pools_mouth(
    window: Callable[..., BrowserContext], console: str
) -> None:
    """Anybody can write a link; what the pool says of a sign-in that was begun here is shown, as text."""
    page = window().new_page()
    page.goto(f"{console}?error=x&error_description=Call+0800+and+say+your+password&state=s")
    expect(page.get_by_role("alert")).to_have_text("The sign-in did not work.")
    page.evaluate("sessionStorage.setItem('payrelay.sign-in', JSON.stringify({state: 's', view: ''}))")
    page.goto(f"{console}?error=x&error_description=%3Cb%3ENo+access&state=s")
    expect(page.get_by_role("alert")).to_contain_text("<b>No access")
