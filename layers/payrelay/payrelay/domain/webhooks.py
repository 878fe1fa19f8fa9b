"""Signed messages: Standard Webhooks, and Express Leave's own form (TRG-3).

Both sign the raw body together with the time at which it was sent; nothing of it is parsed before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

# How far the sender's clock and ours may be apart, in seconds, and how long a message may be on its way.
TOLERANCE = 300
PREFIX = "whsec_"
_KEY_BYTES = 32
_LONGEST_ID = 255


class Form(StrEnum):
    """Who has signed."""

    STANDARD = "standard"
    EXPRESS_LEAVE = "express_leave"


class Signed(Struct, frozen=True):
    """A message whose signature is good; `message_id` is None where the body has the id."""

    form: Form
    message_id: str | None


class SignatureRefused(Exception):
    """The message is not one of the sender's: unsigned, signed otherwise, or too old."""


class SignatureUnreadable(Exception):
    """The headers of the signature are not as they have to be."""


def new_key() -> str:
    """A new secret to sign with: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def check_form(headers: Mapping[str, str], now: int) -> None:
    """Refuse what no sender of ours sends, before anything is read for it: unsigned, or of another time.

    SignatureRefused, or SignatureUnreadable, says why.
    """
    _read(headers, now)


def check(headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: int) -> Signed:
    """The message, if it was signed with one of `keys` within the last five minutes.

    `headers` have lower-case names. SignatureRefused, or SignatureUnreadable, says why not.
    """
    form, message_id, moment = _read(headers, now)
    if form is Form.EXPRESS_LEAVE:
        given = [headers["x-expressleave-signature"].strip()]
        signed = f"{moment}.".encode() + body
        expected = [f"sha256={_hmac(key, signed).hex()}" for secret in keys for key in _keys_of(secret)]
    else:
        given = headers["webhook-signature"].split()
        signed = f"{message_id}.{moment}.".encode() + body
        expected = [f"v1,{base64.b64encode(_hmac(_decoded(secret), signed)).decode()}" for secret in keys]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in given for other in expected):
        raise SignatureRefused("its signature is not right")
    return Signed(form, message_id)


def _read(headers: Mapping[str, str], now: int) -> tuple[Form, str | None, str]:
    """In which form a message is signed, its id where the headers have it, and its time, which is of now."""
    if "x-expressleave-signature" in headers:
        form, message_id = Form.EXPRESS_LEAVE, None
        moment = _moment(headers.get("x-expressleave-timestamp", ""), "X-ExpressLeave-Timestamp")
    elif "webhook-signature" in headers:
        form, message_id = Form.STANDARD, headers.get("webhook-id", "")
        if not 0 < len(message_id) <= _LONGEST_ID or not message_id.isprintable():
            raise SignatureUnreadable("the header webhook-id must have 1 to 255 characters")
        moment = _moment(headers.get("webhook-timestamp", ""), "webhook-timestamp")
    else:
        raise SignatureRefused("it is not signed")
    if abs(now - int(moment)) > TOLERANCE:
        raise SignatureRefused(f"it was sent more than {TOLERANCE // 60} minutes from now")
    return form, message_id, moment


def sign(secret: str, message_id: str, moment: int, body: bytes) -> dict[str, str]:
    """The headers of a message in the standard form."""
    digest = _hmac(_decoded(secret), f"{message_id}.{moment}.".encode() + body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _moment(text: str, header: str) -> str:
    if not text:
        raise SignatureRefused(f"it has no {header}")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise SignatureUnreadable(f"the header {header} must be seconds since 1970")
    return text


def _decoded(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a key of webhooks is base64 after its prefix") from error


def _keys_of(secret: str) -> tuple[bytes, bytes]:
    """Express Leave's form does not say whether the text is the key or what it stands for."""
    return secret.encode(), _decoded(secret)


def _hmac(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()
