"""The sandboxes of a test's own process, and the admin interface for whoever drives them.

A test calls them as it calls any server, with `requests`, but no socket and no thread stands between: that
would cost more than all the rest of a call, and whoever is held would wait in earnest. Those of
`tests/sandbox` and `tests/systems`, where the wire itself is looked at, are called over their sockets.
"""

from __future__ import annotations

import json
import sys
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from local.sandbox import Options, Running, start
from local.sandbox.frame.calls import Call, DroppedError

# Those of this process, by what their addresses begin with: `http://127.0.0.1:1234`.
_HERE: dict[str, _ShortWay] = {}
_usual_adapter = requests.Session.get_adapter


class _ShortWay(HTTPAdapter):
    """Hands a call over to the server, and its answer back."""

    def __init__(self, served: Running) -> None:
        super().__init__()
        self.served = served

    def is_for(self, path: str) -> bool:
        """Whether a call goes this way: one that is to take its time does not."""
        system, _, rest = path[1:].partition("/")
        sandbox = self.served.sandboxes.get(system)
        return sandbox is None or rest.startswith("_sandbox/") or not sandbox.plan.faults.latency_ms

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        assert request.method
        assert request.body is None or isinstance(request.body, str | bytes)
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        # Where a call goes stands in its head, put there by who sends it over a socket.
        headers = {"host": urlsplit(request.url or "").netloc}
        headers |= {name.lower(): value for name, value in request.headers.items()}
        try:
            answer = self.served.answer(request.method, request.path_url, headers, body)
        except DroppedError as dropped:
            if dropped.args == ("timeout",):
                raise requests.ReadTimeout(request=request) from None
            lost = ProtocolError("Connection aborted.", ConnectionResetError("Connection reset by peer"))
            raise requests.ConnectionError(lost, request=request) from None
        found = HTTPResponse(
            BytesIO(b"" if request.method == "HEAD" else answer.body),
            headers={**answer.headers, "Content-Length": str(len(answer.body))},
            status=answer.status,
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, found)  # type: ignore[no-untyped-call, no-any-return]


def _adapter(session: requests.Session, url: str) -> BaseAdapter:
    start_of_path = url.find("/", len("http://"))
    here = _HERE.get(url[:start_of_path])
    return here if here and here.is_for(url[start_of_path:]) else _usual_adapter(session, url)


requests.Session.get_adapter = _adapter  # type: ignore[assignment]

# For each call `requests` asks a dozen times whether something can be read; to find out what that means takes
# Python 3.11 a twentieth of a test, each time anew, and Python 3.12 keeps it.
if sys.version_info < (3, 12):
    typing._get_protocol_attrs = cache(typing._get_protocol_attrs)  # type: ignore[attr-defined]


@contextmanager
def running(*, options: Options) -> Iterator[Running]:
    """The sandboxes in this process, until the block is left; a call that is held ends as if time were up."""
    served = start(options=replace(options, hold_seconds=0))
    origin = f"http://127.0.0.1:{served.port}"
    _HERE[origin] = _ShortWay(served)
    try:
        yield served
    finally:
        del _HERE[origin]
        served.stop()


# One session for all calls: to open one for each takes longer than the call.
ADMIN = requests.Session()
ADMIN.trust_env = False
JSON = {"Content-Type": "application/json"}


class Sandboxed:
    """Somebody who knows where the sandboxes are."""

    urls: Mapping[str, str]

    def _ask(self, system: str, method: str, what: str, body: bytes = b"") -> bytes:
        """What the admin interface of a sandbox answers; one of this process is asked itself."""
        origin, _, name = self.urls[system].rpartition("/")
        here = _HERE.get(origin)
        if here:
            answer = here.served.sandboxes[name].serve(Call(method, f"/_sandbox/{what}", "", {}, body))
            assert answer.status < 400, answer.body
            return answer.body
        url = f"{self.urls[system]}/_sandbox/{what}"
        reply = ADMIN.request(method, url, data=body, headers=JSON, timeout=30)
        assert reply.ok, reply.text
        return reply.content

    def state(self, system: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask(system, "GET", "state"))
        return found

    def put(self, system: str, state: Mapping[str, Any] | bytes) -> None:
        """A state, which may be JSON already."""
        self._ask(system, "PUT", "state", state if isinstance(state, bytes) else json.dumps(state).encode())

    def edit(self, system: str, resource: str, match: Mapping[str, Any], **values: Any) -> None:
        """Change the rows of a resource that match."""
        state = self.state(system)
        rows = [r for r in state[resource] if all(r.get(k) == v for k, v in match.items())]
        assert rows, f"no {resource} with {match}"
        for row in rows:
            row.update(values)
        self.put(system, state)

    def faults(self, system: str, **faults: Any) -> None:
        self._ask(system, "PUT", "faults", json.dumps(faults).encode())

    def calm(self, system: str) -> None:
        self._ask(system, "DELETE", "faults")

    def requests(self, system: str) -> list[dict[str, Any]]:
        """The calls to a system since they were last forgotten."""
        found: list[dict[str, Any]] = json.loads(self._ask(system, "GET", "requests"))
        return found

    def forget(self, *systems: str) -> None:
        """Forget the calls to these systems."""
        for system in systems:
            self._ask(system, "DELETE", "requests")
