"""What the rooms' OAuth endpoints have in common: forms, the client's Basic header, the way back, tokens."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from .calls import Answer, Call

FORM = "application/x-www-form-urlencoded"


def once(text: str) -> dict[str, str]:
    """The parameters of a query or form; raises ValueError when one is given twice."""
    pairs = parse_qsl(text, keep_blank_values=True)
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ValueError("a parameter is given twice")
    return given


def form_of(call: Call) -> dict[str, str]:
    """The parameters of a form; raises ValueError when none was posted."""
    media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if call.method != "POST" or media != FORM or call.query:
        raise ValueError("a form is to be posted")
    return once(call.body.decode(errors="replace"))


def basic(header: str) -> tuple[str, str]:
    """Client and secret of a Basic header; both empty when it is none."""
    scheme, _, pair = header.partition(" ")
    try:
        client, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (client, secret) if scheme == "Basic" else ("", "")


def is_absolute(uri: str) -> bool:
    """Whether a person's browser can be sent there."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def back_to(uri: str, parameters: Mapping[str, str]) -> Answer:
    """The browser is sent back to the app, which may have a query of its own in its address."""
    between = "&" if urlsplit(uri).query else "?"
    return Answer(302, b"", {"Location": f"{uri}{between}{urlencode(parameters)}"})


def jwt(claims: Mapping[str, Any], secret: str) -> str:
    """A token whose claims can be read, signed with the client's secret."""
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    said = b".".join(_in_letters(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    signed = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return b".".join((said, _in_letters(signed))).decode()


def _in_letters(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
