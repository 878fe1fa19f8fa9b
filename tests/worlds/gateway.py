"""API Gateway in this process: what `requests` sends to the API's address reaches its handler."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import responses
from requests import PreparedRequest

from tests.worlds.api import World

URL = "https://api.example"
# All that a client may send, also what the API has no route for.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY")


@contextmanager
def served(world: World) -> Iterator[None]:
    """The API of a world at URL, and nothing at any other address."""

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        place, _, query = request.path_url.partition("?")
        sent = request.body.encode() if isinstance(request.body, str) else request.body
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": place,
            "rawQueryString": query,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "requestContext": {
                "http": {"method": request.method, "path": place, "sourceIp": "192.0.2.1"},
                "stage": "$default",
                "requestId": "gateway-id",
            },
            "isBase64Encoded": bool(sent),
        }
        if sent:
            event["body"] = base64.b64encode(sent).decode()
        told = world.api.handler(event, SimpleNamespace(aws_request_id="lambda-id"))
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
