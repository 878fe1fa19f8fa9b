"""The console in a browser: one running stack, one Chromium, and pages of people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from local.console.chromium import WITHOUT, chromium, launched, signed_in
from local.stack.stack import Stack
from tests.browser.looks import settled
from tests.browser.watched import Watched
from tests.worlds.running import thrown_away
from tests.worlds.user import User

PATIENCE = 15_000
WINDOW = {"width": 1440, "height": 900}
OpenWindow = Callable[..., BrowserContext]
PageOf = Callable[..., Page]


@pytest.fixture(scope="session", autouse=True)
def browser() -> Iterator[Browser]:
    """The machine's Chromium; without one every test of this folder is skipped."""
    path = chromium()
    if path is None:
        pytest.skip(WITHOUT)
    expect.set_options(timeout=PATIENCE)
    with launched(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def stack(browser: Browser) -> Iterator[Stack]:
    """A stack of the browser's own, its functions warm."""
    with thrown_away() as running:
        user = User(running)
        page = running.facts["console"]["url"]
        with ThreadPoolExecutor(6) as pool:  # As many as a browser asks for at once.
            pages = pool.map(lambda _: requests.get(page, timeout=60), range(6))
            answers = pool.map(lambda _: user("GET", "/connections"), range(4))
            assert all(answer.ok for answer in (*pages, *answers))
        yield running


@pytest.fixture
def user(stack: Stack) -> Callable[[str], User]:
    """Someone who uses the API beside the browser, by role."""
    return lambda role: User(stack, role)


@pytest.fixture
def console(stack: Stack) -> str:
    """The console's address."""
    return str(stack.facts["console"]["url"])


@pytest.fixture
def watched() -> list[Watched]:
    """What is noted of each window of the test, the newest last."""
    return []


@pytest.fixture
def window(browser: Browser, console: str, watched: list[Watched]) -> Iterator[OpenWindow]:
    """Opens windows of their own, in which nobody is signed in; what goes wrong in them fails the test."""
    opened: list[BrowserContext] = []

    def open_window(**options: Any) -> BrowserContext:
        usual = {
            "viewport": WINDOW,
            "locale": "en-GB",
            "timezone_id": "Europe/Oslo",
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**{**usual, **options})
        context.set_default_timeout(PATIENCE)
        parts = urlsplit(console)
        watched.append(Watched(context, f"{parts.scheme}://{parts.netloc}"))
        opened.append(context)
        return context

    yield open_window
    for context in opened:
        context.close()
    assert not (wrong := [line for one in watched for line in one.wrong()]), "\n".join(wrong)


@pytest.fixture
def page_of(window: OpenWindow, stack: Stack, console: str) -> PageOf:
    """`page_of("admin", "#/connections")`: a view as one who is signed in; keywords are the window's."""

    def page_of(role: str, view: str = "#/", **options: Any) -> Page:
        context = window(**options)
        signed_in(context, stack.facts["tokens"][role])
        page = context.new_page()
        page.goto(f"{console}{view}")
        settled(page)
        return page

    return page_of
