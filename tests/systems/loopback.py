"""A server on loopback that answers from a script, for what only real sockets can show."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Reply:
    """One scripted answer. `then` breaks it: reset, held, closed half way, or coming a byte at a time."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Literal["answer", "reset", "hold", "cut", "trickle"] = "answer"


def reply(body: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; header names with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(body).encode(), named)


RESET = Reply(then="reset")
HOLD = Reply(then="hold")
CUT = Reply(then="cut", body=b'{"data": {"half": ')
TRICKLE = Reply(then="trickle", body=b"[" + b" " * 100 + b"]")


@dataclass(frozen=True)
class Seen:
    """A request that came in."""

    method: str
    path: str
    params: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: Any


class Loopback:
    """Takes the next reply of the script for each request; the last one is given for ever."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.script: list[Reply] = []
        self.seen: list[Seen] = []
        self.released = threading.Event()

    def answers(self, *replies: Reply) -> None:
        self.script = list(replies)

    def next_reply(self) -> Reply:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two packets, and the second would wait 40 ms for word of the first.
        disable_nagle_algorithm = True

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            loopback.seen.append(
                Seen(
                    self.command,
                    url.path,
                    parse_qsl(url.query, keep_blank_values=True),
                    dict(self.headers),
                    _read(body, self.headers.get("Content-Type", "")),
                )
            )
            self._answer(loopback.next_reply())

        def _answer(self, answer: Reply) -> None:
            if answer.then == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                self.connection.close()
                self.close_connection = True
                return
            if answer.then == "hold":
                loopback.released.wait(10)
                self.close_connection = True
                return
            self._write(answer, missing=100 if answer.then == "cut" else 0)

        def _write(self, answer: Reply, missing: int) -> None:
            if "Date" in answer.headers:
                self.send_response_only(answer.status)
            else:
                self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + missing))
            self.end_headers()
            if answer.then == "trickle":
                for byte in answer.body:
                    self.wfile.write(bytes([byte]))
                    if loopback.released.wait(0.05):
                        break
            else:
                self.wfile.write(answer.body)
            self.close_connection = bool(missing)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


def _read(body: bytes, media: str) -> Any:
    if not body:
        return None
    return dict(parse_qsl(body.decode())) if "form" in media else json.loads(body)


@contextmanager
def serving() -> Iterator[Loopback]:
    """A server that is up inside the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    loopback = Loopback(server.server_address[1])
    server.RequestHandlerClass = _handler(loopback)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield loopback
    finally:
        loopback.released.set()
        server.shutdown()
        server.server_close()


def closed_port() -> str:
    """The origin of a port that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
