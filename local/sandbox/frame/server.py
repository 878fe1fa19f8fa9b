"""The HTTP server: loopback only, threads, keep-alive, and connections that can be dropped."""

import socket
import struct
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import unquote

from .calls import Answer, Call, DroppedError, json_answer
from .sandbox import Sandbox

HOST = "127.0.0.1"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Server(ThreadingMixIn, TCPServer):
    """Serves every sandbox under its name: `/{system}/...`. Raises OSError when the port is taken."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, sandboxes: Mapping[str, Sandbox]) -> None:
        self.sandboxes = sandboxes
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), Handler)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def url(self, system: str) -> str:
        """The base URL of one sandbox."""
        return f"http://{HOST}:{self.port}/{system}"

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the sandbox that a target names answers; raises DroppedError as it does.

        Header names are lower case. The answer says the time by the clock of the sandbox itself.
        """
        path, _, query = target.partition("?")
        system, slash, rest = path[1:].partition("/")
        sandbox = self.sandboxes.get(system)
        if sandbox is None:
            known = sorted(self.sandboxes)
            return json_answer(404, {"message": f"no sandbox {system!r}", "sandboxes": known})
        try:
            answer = sandbox.serve(Call(method, unquote(slash + rest), query, headers, body))
        except DroppedError:
            raise
        except Exception:  # noqa: BLE001  # a broken room must not take the server down
            traceback.print_exc(file=sys.stderr)
            answer = json_answer(500, {"message": "the sandbox itself failed; see its standard error"})
        date = formatdate(sandbox.clock().timestamp(), usegmt=True)
        return replace(answer, headers={"Date": date, **answer.headers})

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that a stop can end it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def stop(self) -> None:
        """End the loop and every connection, and let held requests go."""
        self.shutdown()
        self.server_close()
        for sandbox in self.sandboxes.values():
            sandbox.plan.cleared.set()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            _end(connection)


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into calls; every method goes the same way."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self.close_connection = True
            self._send(json_answer(411, {"message": "a Content-Length is needed"}))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self._send(self.server.answer(self.command, self.path, headers, self.rfile.read(int(length))))
        except DroppedError:
            self._drop()

    # MERGE is one of OData's.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_MERGE = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def handle(self) -> None:
        """Serve until the connection ends; a client that hangs up is no error."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_args: Any) -> None:
        """Say nothing: the request log is the log."""
