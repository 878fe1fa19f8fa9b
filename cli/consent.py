"""A person's consent at a vendor: the address is printed, and what comes back is awaited and passed on."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from .api import Api, Json
from .errors import BrokenOff, ToolError, UsageError
from .screen import Screen
from .waiting import looks

# What the vendor's page sends back, and what the API calls it.
NAMES = {"code": "code", "state": "state", "realmId": "realm_id"}
LOOPBACK = "127.0.0.1"
THANKS = b"Payrelay has the consent. You can close this page."


class Consent:
    """The consent for one connection."""

    def __init__(self, api: Api, screen: Screen, connection: str, interval: float) -> None:
        self._api, self._screen, self._connection, self._interval = api, screen, connection, interval

    @staticmethod
    def read(address: str) -> Json:
        """What the query of an address that a browser came back to says."""
        found = dict(parse_qsl(urlsplit(address).query))
        if "error" in found:
            raise ToolError(f"the vendor gave no consent: {found['error']}")
        if "code" not in found or "state" not in found:
            raise UsageError("the address that the browser came back to has a code and a state in it")
        return {ours: found[theirs] for theirs, ours in NAMES.items() if theirs in found}

    def ask(self, redirect_uri: str | None, wait: float, beside: Json) -> Json:
        """The connection once the consent was given; ToolError if nobody gave it in time."""
        if redirect_uri:
            return self._by_their_app(redirect_uri, wait)
        with _Listener() as back:
            self._open(back.address)
            until = time.monotonic() + wait
            try:
                while not back.came.wait(0.2):
                    if time.monotonic() > until:
                        raise ToolError("nobody gave consent in time; ask again")
            except KeyboardInterrupt:
                raise BrokenOff(
                    "broken off; no consent was passed on. Ask for it again when you like"
                ) from None
        return self._api.post(
            "/connections/{}/connect", self._connection, body={**self.read(back.path), **beside}
        )

    def _open(self, redirect_uri: str) -> Json:
        page = self._api.post(
            "/connections/{}/connect", self._connection, body={"redirect_uri": redirect_uri}
        )
        self._screen.say(
            "A person at the customer opens this address, and gives consent:", "", page["consent_url"], ""
        )
        return page

    def _by_their_app(self, redirect_uri: str, wait: float) -> Json:
        """Their app passes on what its page was called with; or somebody does with --came-back."""
        before = self._open(redirect_uri)
        passed_on = ["connect", self._connection, "--came-back", "URL", "# if their app does not pass it on"]
        self._screen.say(
            self._screen.typed.line(passed_on), "Waiting until it is connected; Ctrl-C ends the waiting."
        )
        left = wait
        try:
            for found in looks(lambda: self._api.get("/connections/{}", self._connection), self._interval):
                if found["status"] == "connected" and found["updated_at"] != before["updated_at"]:
                    return found
                left -= self._interval
                if left <= 0:
                    raise ToolError("nobody gave consent in time; ask again")
        except KeyboardInterrupt:
            again = self._screen.typed.line(["connections"])
            raise BrokenOff(f"broken off; the address stays good for ten minutes. See {again}") from None
        raise AssertionError("a look never ends by itself")


class _Listener:
    """The page that a browser comes back to, on this machine."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.path = ""
        listener = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """The browser comes back."""
                if "state=" not in self.path and "error=" not in self.path:
                    self.send_error(404)
                    return
                listener.path = self.path
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.end_headers()
                self.wfile.write(THANKS)
                listener.came.set()

            def log_message(self, *_: object) -> None:
                """Nothing: the path holds the code."""

        self._server = HTTPServer((LOOPBACK, 0), Page)
        self.address = f"http://{LOOPBACK}:{self._server.server_port}/consent"

    def __enter__(self) -> _Listener:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
