"""The machine's own Chromium, and someone who is signed in there: for tests and for pictures."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, Route, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
WITHOUT = (
    "no Chromium on this machine. To get it: `apt-get install chromium` (macOS: `brew install --cask "
    "chromium`), or CHROMIUM=/path/to/another"
)
# Nothing but what a test asks for: no updates, no synchronising, and no protocol that is not watched.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 3600
# What a view shows while something is on its way.
BUSY = '.loading, [aria-busy="true"]'


def chromium() -> str | None:
    """The path of the browser, None where there is none."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """The browser with a new, empty profile."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *as_root])
        try:
            yield browser
        finally:
            browser.close()


def signed_in(context: BrowserContext, token: str) -> None:
    """Answer the sign-in in the user pool's place, so that whoever opens the console is the token's user.

    The console does all that it does otherwise: only the hosted page and the exchange are left out.
    """

    def hosted_page(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        back = urlencode({"code": "at-once", **{key: asked[key][0] for key in ("state",) if key in asked}})
        route.fulfill(status=302, headers={"Location": f"{asked['redirect_uri'][0]}?{back}"})

    def exchange(route: Route) -> None:
        answer: dict[str, Any] = {"id_token": token, "access_token": token, "refresh_token": "of-no-use"}
        route.fulfill(json={**answer, "token_type": "Bearer", "expires_in": SECONDS})

    context.route(re.compile(r"/oauth2/authorize\?"), hosted_page)
    context.route(re.compile(r"/oauth2/token$"), exchange)
