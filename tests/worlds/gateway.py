"""API Gateway in this process: what `requests` sends to the API's address reaches its handler."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import responses
from requests import PreparedRequest

from tests.worlds.api import World
from tests.worlds.http_event import CONTEXT, http_event

URL = "https://api.example"
# All that a client may send, also what the API has no route for.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY")


@contextmanager
def served(world: World) -> Iterator[None]:
    """The API of a world at URL, and nothing at any other address."""

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        sent = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name.lower(): value for name, value in request.headers.items()}
        method = str(request.method)
        told = world.api.handler(http_event(method, request.path_url, headers, sent or None), CONTEXT)
        body = told["body"] or ""
        content = base64.b64decode(body) if told.get("isBase64Encoded") else body.encode()
        return told["statusCode"], told["headers"], content

    with (
        pytest.MonkeyPatch.context() as patch,
        responses.RequestsMock(assert_all_requests_are_fired=False) as mock,
    ):
        # Otherwise each call looks for a proxy among all variables, which takes a tenth of its time.
        patch.setenv("NO_PROXY", urlsplit(URL).netloc)
        for method in METHODS:
            mock.add_callback(method, re.compile(re.escape(URL)), answer, content_type=None)
        yield
