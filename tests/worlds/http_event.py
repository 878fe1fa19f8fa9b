"""What API Gateway's HTTP API hands over to a function: payload 2.0."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

# Of the function's context, what is read.
CONTEXT = SimpleNamespace(aws_request_id="lambda-id")


def http_event(
    method: str, target: str, headers: Mapping[str, str], body: str | bytes | None, source: str = "192.0.2.1"
) -> dict[str, Any]:
    """The event of one call to `target`, a path with its query; a body of bytes goes in base 64."""
    path, _, query = target.partition("?")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": dict(headers),
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": source},
            "stage": "$default",
            "requestId": "gateway-id",
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return event
