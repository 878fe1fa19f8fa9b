"""A message of the login hook: whose it is, and that its sender has signed it, before it is parsed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.webhooks import Form, SignatureRefused, SignatureUnreadable, Signed, check, check_form
from payrelay.runtime.observability import logger
from payrelay.runtime.problems import Problem

if TYPE_CHECKING:
    from payrelay.runtime.container import Container

BODY_LIMIT = 64 * 1024
CONNECTION_ID = re.compile(r"con_[0-7][0-9A-HJKMNP-TV-Z]{25}")


class Message(Struct, frozen=True):
    """A signed message to one tenant's connection; its id is in the body where `message_id` is None."""

    tenant: str
    connection_id: str
    form: Form
    message_id: str | None
    body: bytes


def received(container: Container, event: Mapping[str, Any]) -> Message:
    """The message of an event of API Gateway; Problem if its sender is not the one that we know."""
    connection_id = str(event.get("pathParameters", {}).get("connection_id", ""))
    body = _body(event)
    if not CONNECTION_ID.fullmatch(connection_id):
        raise Problem("NOT_FOUND", "There is no connection with this id.")
    logger.append_keys(connection_id=connection_id)
    headers = {name.lower(): str(value) for name, value in event.get("headers", {}).items()}
    now = container.engine.now
    try:
        tenant, signed = _checked(container, connection_id, headers, body, now)
    except SignatureRefused as error:
        raise Problem("SIGNATURE_REFUSED", f"The message is not accepted: {error}.") from error
    except SignatureUnreadable as error:
        raise Problem("BAD_REQUEST", f"The message can't be read: {error}.") from error
    logger.append_keys(tenant=tenant)
    return Message(tenant, connection_id, signed.form, signed.message_id, body)


def _checked(
    container: Container, connection_id: str, headers: Mapping[str, str], body: bytes, now: int
) -> tuple[str, Signed]:
    """The tenant and the signature; a secret that was made a moment ago may not have been read yet."""
    check_form(headers, now)
    known = container.hook_keys.of(connection_id)
    if known is not None:
        try:
            return known.tenant, check(headers, body, known.keys, now)
        except SignatureRefused:
            known = container.hook_keys.of(connection_id, afresh=True)
    if known is None:
        raise Problem("NOT_FOUND", "There is no connection with this id that a login is told to.")
    return known.tenant, check(headers, body, known.keys, now)


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    try:
        raw = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Problem("BAD_REQUEST", "The body can't be decoded.") from error
    if len(raw) > BODY_LIMIT:
        raise Problem("BODY_TOO_LARGE", f"A message may have {BODY_LIMIT // 1024} kB at most.")
    return raw
