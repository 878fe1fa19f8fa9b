"""What goes wrong in a browser without a word: errors, refusals of the policy, calls to other hosts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# A browser says so of every answer that is not 2xx, and the API refuses with 4xx on purpose.
REFUSED = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d")
LEFT = "net::ERR_ABORTED"


class Watched:
    """Notes what went wrong in a browser's window; a test may say what it expects."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.found: list[str] = []
        self.requests: list[Request] = []
        self._expected: list[str] = []
        self._origin = origin
        self._context = context
        self._listeners: dict[Any, Callable[..., None]] = {
            "console": self._told,
            "weberror": self._thrown,
            "request": self._asked,
            "requestfailed": self._failed,
            "response": self._answered,
        }
        for event, listener in self._listeners.items():
            context.on(event, listener)

    def end(self) -> None:
        """Note nothing more: the window is another test's from now on."""
        for event, listener in self._listeners.items():
            self._context.remove_listener(event, listener)

    def expect(self, text: str) -> None:
        """Something that this test makes go wrong: a part of what is noted."""
        self._expected.append(text)

    def wrong(self) -> list[str]:
        """What went wrong and was not expected."""
        return [line for line in self.found if not any(text in line for text in self._expected)]

    def _told(self, message: ConsoleMessage) -> None:
        where = message.location["url"]
        policy = "Content Security Policy" in message.text
        refused = REFUSED.match(message.text) and "/console/" not in where
        if (message.type == "error" or policy) and not refused:
            self.found.append(f"console: {message.text} ({where})")

    def _thrown(self, error: WebError) -> None:
        self.found.append(f"exception: {error.error}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self._origin:
            self.found.append(f"another host: {request.method} {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.found.append(f"no answer: {request.failure}: {request.method} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"answer {response.status}: {response.request.method} {response.url}")
