"""The whole of Payrelay in this process, behind one address: what a browser sees of a running stack.

The console's and the API's own handlers, the ledger and AWS in memory, the sandboxes, and the steps of runs
by their handlers, with the seed of every stack. Its user pool has no page: whoever has its cookie is let in.
"""

from __future__ import annotations

import base64
import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import RLock, Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from local.sandbox import Options
from local.sandbox.running import plant
from local.stack import seed
from local.stack.home import BUILD, Home
from local.stack.stack import Stack
from local.stack.users import USERS
from payrelay.runtime import dead_letters, observability
from tests.worlds.api import World, claims_of, load, token_of
from tests.worlds.aws import client, letters_in_moto
from tests.worlds.http_event import CONTEXT, http_event
from tests.worlds.in_memory import made_world
from tests.worlds.machines import Machines
from tests.worlds.sandboxes import running
from tests.worlds.structs import replace

CONSOLE = "/console"
START_RUN = "start-run"
AN_HOUR = 3600
# The cookie of the user pool.
WHO = "who"


@dataclass(frozen=True)
class OneProcess(Stack):
    """A stack as its clients know it, and its state machines."""

    machines: Machines

    def client(self, service: str) -> Any:
        """A client of AWS in memory."""
        return client(service)


class Log:
    """What the functions log, and CloudWatch's answer to who looks for it: all of it."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=5000)

    def write(self, text: str) -> None:
        self._lines.append(text)

    def flush(self) -> None:
        """Nothing waits."""

    def filter_log_events(self, **_: Any) -> dict[str, Any]:
        return {"events": [{"message": line} for line in self._lines]}


class Functions:
    """Lambda, for who redrives a start."""

    def invoke(self, **asked: Any) -> dict[str, Any]:
        assert asked["FunctionName"] == START_RUN
        answer = load("start_run", "start_run").handler(json.loads(asked["Payload"]), CONTEXT)
        return {"Payload": BytesIO(json.dumps(answer).encode())}


@contextmanager
def one_process() -> Iterator[OneProcess]:
    """It and its seed, for as long as the block lasts. The sandboxes' limits of calls are off."""
    with (
        made_world() as world,
        letters_in_moto() as letters,
        running(options=Options(rate_limits=False)) as sandboxes,
        pytest.MonkeyPatch.context() as patch,
    ):
        plant([sandbox.room for sandbox in sandboxes.sandboxes.values()])
        working = RLock()
        pool = Pool()
        gateway = Gateway(world.api, pool, working)
        log, machines = Log(), Machines(world.container, working)
        for name, value in {
            "LOCAL_ENDPOINT": gateway.url,
            "SIGN_IN_URL": gateway.url,
            "CONSOLE_CLIENT": "the-console",
            "LOG_GROUP": "/payrelay",
            "DEAD_LETTERS_URL": letters,
            "START_RUN_FUNCTION": START_RUN,
        }.items():
            patch.setenv(name, value)
        # The queue is one server's, which has nothing that another one would have to be waited for.
        patch.setattr(dead_letters, "WAIT_SECONDS", 0)
        patch.setattr(observability.logger.registered_handler, "stream", log)
        # What is counted is printed, and nobody counts it here.
        patch.setattr(observability, "_count_call", lambda *_: None)
        _equip(world, machines, {"logs": log, "lambda": Functions()})
        with gateway.serving():
            outputs = {"DeadLetterQueueUrl": letters}
            facts = _seeded(gateway.url, pool.tokens, sandboxes.urls)
            yield OneProcess(Home.at(BUILD), gateway.url, outputs, facts, machines)
            machines.stop()


def _equip(world: World, machines: Machines, clients: Mapping[str, Any]) -> None:
    container = world.container
    container.settings = replace(container.settings, local_endpoint="http://127.0.0.1")
    container.session = SimpleNamespace(client=lambda name, **_: clients.get(name) or client(name))  # type: ignore[assignment]
    container.__dict__["executions"] = machines


def _seeded(url: str, tokens: Mapping[str, str], sandboxes: Mapping[str, str]) -> Mapping[str, Any]:
    api = seed.Api(url, tokens["admin"])
    connections = seed.connections(api, sandboxes)
    return {
        "api_url": url,
        "tokens": tokens,
        "sandboxes": sandboxes,
        "connections": connections,
        "hook_secret": seed.hook_secret(api, connections[seed.LEAVE]),
        "console": {"url": f"{url}{CONSOLE}/"},
    }


def _token(tenant: str, role: str, name: str) -> str:
    claims = claims_of(role, tenant, email=name, exp=int(time.time()) + AN_HOUR)
    return token_of(claims if tenant else {k: v for k, v in claims.items() if k != "custom:tenant"})


class Pool:
    """The user pool: its cookie, its codes and what renews its tokens are the name of who somebody is."""

    def __init__(self) -> None:
        self.tokens = {user.token: _token(user.tenant, user.role, user.name) for user in USERS}

    def answer(self, path: str, query: str, headers: Mapping[str, str], body: str) -> Mapping[str, Any]:
        if path == "/oauth2/token":
            sent = parse_qs(body)
            (who,) = sent.get("code") or sent["refresh_token"]
            told = {"id_token": self.tokens[who], "refresh_token": who}
            return {
                "statusCode": 200,
                "headers": {"Content-Type": "application/json"},
                "body": json.dumps(told),
            }
        asked = parse_qs(query)
        who = SimpleCookie(headers.get("cookie", ""))[WHO].value
        back = urlencode({"code": who, "state": asked["state"][0]})
        return {"statusCode": 302, "headers": {"Location": f"{asked['redirect_uri'][0]}?{back}"}}


class Gateway:
    """API Gateway: hands calls over to the handler that they are for, one after the other."""

    def __init__(self, api: Any, pool: Pool, working: RLock) -> None:
        self._api, self._console, self._pool = api, load("console", "serve"), pool
        self._working, self._open = working, True
        self._console.console.cache_clear()
        self._console._guards.cache_clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._working:
                self._open = False
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
        """As an event of the HTTP API, payload 2.0."""
        path, _, query = target.partition("?")
        if path.startswith("/oauth2/"):
            return self._pool.answer(path, query, headers, body.decode())
        event = http_event(method, target, headers, body.decode() or None, source="127.0.0.1")
        if path == CONSOLE or path.startswith(f"{CONSOLE}/"):
            event["pathParameters"] = {"proxy": path.removeprefix(CONSOLE).removeprefix("/")}
            found: Mapping[str, Any] = self._console.handler(event, CONTEXT)
            return found
        with self._working:
            if not self._open:
                raise ConnectionResetError
            answered: Mapping[str, Any] = self._api.handler(event, CONTEXT)
        return answered


def _handler_for(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Any method goes the same way."""

        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer leaves as one

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            sent = self.rfile.read(int(headers.get("content-length", 0)))
            answer = gateway.answer(self.command, self.path, headers, sent)
            body = answer.get("body", "").encode()
            body = base64.b64decode(body) if answer.get("isBase64Encoded") else body
            self.send_response(answer["statusCode"])
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    return Handler
