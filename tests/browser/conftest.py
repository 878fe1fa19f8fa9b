"""The console in a browser: Payrelay in this process, one Chromium, and pages of people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from local.console.chromium import WITHOUT, chromium, launched
from tests.browser.looks import settled
from tests.browser.watched import Watched
from tests.worlds.one_process import WHO, OneProcess, one_process
from tests.worlds.user import User

PATIENCE = 15_000
WINDOW = ViewportSize(width=1440, height=900)
OpenWindow = Callable[[], BrowserContext]
PageOf = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, of which a process drives one at a time; without one its tests are skipped."""
    path = chromium()
    if path is None:
        pytest.skip(WITHOUT)
    expect.set_options(timeout=PATIENCE)
    with launched(path) as browser:
        yield browser


@pytest.fixture(scope="package")
def stack() -> Iterator[OneProcess]:
    """What a browser sees of a running stack; a run that came to grief fails the last test."""
    with one_process() as made:
        yield made
    assert not made.machines.broken


@pytest.fixture
def user(stack: OneProcess) -> Callable[[str], User]:
    """Someone who uses the API beside the browser, by role."""
    return lambda role: User(stack, role)


@pytest.fixture
def console(stack: Any) -> str:
    """The console's address."""
    return str(stack.facts["console"]["url"])


@pytest.fixture
def watched() -> Iterator[list[Watched]]:
    """What is noted of each window of the test, the newest last; what goes wrong in them fails the test."""
    all_of_them: list[Watched] = []
    yield all_of_them
    assert not (wrong := [line for one in all_of_them for line in one.wrong()]), "\n".join(wrong)


@pytest.fixture
def window(browser: Browser, console: str, watched: list[Watched]) -> Iterator[OpenWindow]:
    """Opens windows of their own, in which nobody is signed in, and nothing is kept of another."""
    opened: list[BrowserContext] = []

    def open_window() -> BrowserContext:
        opened.append(_opened(browser))
        watched.append(Watched(opened[-1], _origin(console)))
        return opened[-1]

    yield open_window
    for context in opened:
        context.close()


@dataclass
class Window:
    """A window that is kept from test to test, with a page that is loaded anew in each.

    To start a process for a new page costs more than all that a test does in it.
    """

    context: BrowserContext
    page: Page
    taken: bool = False

    def take(self) -> Page:
        """The page, or another one where somebody has it in this test."""
        page = self.context.new_page() if self.taken else self.page
        self.taken = True
        return page

    def leave(self) -> None:
        """As the next test is to find it: nothing goes on in it."""
        for page in self.context.pages:
            if page != self.page:
                page.close()
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.evaluate("location.hash = '#/nothing'")
        self.taken = False


@pytest.fixture(scope="package")
def windows(browser: Browser, stack: OneProcess) -> Iterator[Callable[[str], Window]]:
    """The window of each role, in which the user pool knows them."""
    opened: dict[str, Window] = {}

    def window_of(role: str) -> Window:
        if role not in opened:
            context = _opened(browser)
            _known(context, stack, role)
            opened[role] = Window(context, context.new_page())
        return opened[role]

    yield window_of
    for window in opened.values():
        window.context.close()


@pytest.fixture
def page_of(
    windows: Callable[[str], Window],
    window: OpenWindow,
    stack: OneProcess,
    console: str,
    watched: list[Watched],
) -> Iterator[PageOf]:
    """`page_of("admin", "#/connections")`: a view as one who is signed in, on a page that is loaded for it.

    It is in their usual window, unless the test wants one that is `alone`: such as has no files yet, a clock
    of its own, or somebody who listens.
    """
    used: dict[str, tuple[Window, Watched]] = {}
    loads = count()

    def page_for(role: str, *, alone: bool) -> Page:
        if alone:
            context = window()
            _known(context, stack, role)
            return context.new_page()
        if role not in used:
            usual = windows(role)
            used[role] = usual, Watched(usual.context, _origin(console))
            watched.append(used[role][1])
        return used[role][0].take()

    def page_of(
        role: str,
        view: str = "#/",
        *,
        alone: bool = False,
        viewport: ViewportSize = WINDOW,
        color_scheme: Any = "light",
    ) -> Page:
        page = page_for(role, alone=alone)
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme)
        page.goto(f"{console}?{next(loads)}{view}")
        settled(page)
        return page

    yield page_of
    for usual, noted in used.values():
        noted.end()
        usual.leave()


def _known(context: BrowserContext, stack: OneProcess, role: str) -> None:
    """The user pool knows who it is."""
    context.add_cookies([{"name": WHO, "value": role, "url": stack.api_url}])


def _opened(browser: Browser) -> BrowserContext:
    usual: dict[str, Any] = {"locale": "en-GB", "timezone_id": "Europe/Oslo", "reduced_motion": "reduce"}
    context = browser.new_context(viewport=WINDOW, **usual)
    context.set_default_timeout(PATIENCE)
    return context


def _origin(console: str) -> str:
    parts = urlsplit(console)
    return f"{parts.scheme}://{parts.netloc}"
