"""Serves the console, which people click: a client of the API alone, at the API's own address.

It knows no tenant and no token. Whoever calls it gets the same files; the API decides what they may see.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from files import File, Files

HERE = Path(__file__).parent
# Deployed, it is beside this module (`carried.txt`); in the project, at its root.
FOLDER = next(one for one in (HERE / "console", HERE.parents[1] / "console") if one.is_dir())
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
LASTING = "public, max-age=31536000, immutable"
Response = dict[str, Any]


def handler(event: Mapping[str, Any], context: Any) -> Response:
    """One call, as API Gateway's HTTP API hands it over."""
    path = (event.get("pathParameters") or {}).get("proxy", "")
    file = console().find(path)
    if not path and not event["rawPath"].endswith("/"):
        # Links are relative to the folder.
        query = event.get("rawQueryString")
        answer = _answer(308, {"Location": f"console/?{query}" if query else "console/"})
    elif file is None:
        answer = _not_found()
    else:
        asked = {name.lower(): str(value) for name, value in event.get("headers", {}).items()}
        answer = _sent(file, asked)
    _log(context, file.name if file else None, answer["statusCode"])
    return {**answer, "body": ""} if event["requestContext"]["http"]["method"] == "HEAD" else answer


@cache
def console() -> Files:
    """This container's files."""
    at = os.environ["SIGN_IN_URL"]
    return Files(
        FOLDER,
        {
            "client_id": os.environ["CONSOLE_CLIENT"],
            "sign_in": f"{at}/oauth2/authorize",
            "token": f"{at}/oauth2/token",
            "sign_out": f"{at}/logout",
        },
    )


def _sent(file: File, asked: Mapping[str, str]) -> Response:
    """A file, or that the browser has it already."""
    # Weak: packed or not, it says the same.
    tag = f'W/"{file.tag}"'
    headers = {"ETag": tag, "Vary": "Accept-Encoding"}
    headers["Cache-Control"] = LASTING if file.lasting else "no-cache"
    if tag in (one.strip() for one in asked.get("if-none-match", "").split(",")):
        return _answer(304, headers)
    headers["Content-Type"] = file.media
    if file.packed is None or not TAKES_GZIP.search(asked.get("accept-encoding", "")):
        return _answer(200, headers, file.content)
    return _answer(200, {**headers, "Content-Encoding": "gzip"}, file.packed)


def _log(context: Any, name: str | None, status: int) -> None:
    """A line as the other functions write it, whose logger takes longer to import; no unknown path."""
    line = {"level": "INFO", "message": "console", "service": "payrelay", "file": name, "status": status}
    sys.stdout.write(json.dumps({**line, "request_id": context.aws_request_id}) + "\n")


def _not_found() -> Response:
    """As every problem of the API is told; its table is not imported, for what comes with it takes longer."""
    problem = {
        "type": "urn:payrelay:problem:not-found",
        "title": "There is no such thing",
        "status": 404,
        "detail": "The console has no such file. It begins at console/.",
        "code": "NOT_FOUND",
    }
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    return _answer(404, headers, json.dumps(problem).encode())


def _answer(status: int, headers: Mapping[str, str], body: bytes = b"") -> Response:
    """As API Gateway takes it, with what keeps a browser from doing anything else with it."""
    return {
        "statusCode": status,
        "headers": {**_guards(), **headers},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


@cache
def _guards() -> Mapping[str, str]:
    """Only these files run, they speak to the API and to where tokens come from, and nobody frames them."""
    at = urlsplit(os.environ["SIGN_IN_URL"])
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": f"'self' {at.scheme}://{at.netloc}",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "payrelay-plot",
    }
    # On this machine nothing is encrypted, and a browser would remember to ask for it.
    local = bool(os.environ["LOCAL_ENDPOINT"])
    strict = {} if local else {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        **strict,
    }
