"""What the rooms' OAuth endpoints have in common: forms, the client's Basic header, the way back."""

import base64
import binascii
from collections.abc import Mapping
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
