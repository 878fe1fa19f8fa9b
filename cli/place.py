"""Which API the tool calls, and as whom: the options, the environment, or the running local stack."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import UsageError
from .token_file import read_token

_USUAL = Path(__file__).resolve().parents[1] / ".local" / "stack.json"
# Which local stack, where it is not the one that `make up` started: the file that it wrote about itself.
STACK = Path(os.environ.get("PAYRELAY_STACK") or _USUAL)
SERVICE = "service"
ROLES = ("admin", "operator", "viewer", SERVICE)
USUAL_ROLE = "operator"
# Names another one, for a whole shell.
AS = "PAYRELAY_AS"
# What the key of an app begins with; it lasts until it is revoked, and so stands on no command line.
KEY = "prk_"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_NOBODY = "give --api and --token (PAYRELAY_API, PAYRELAY_TOKEN), or start the local stack: make up"
_KEY_SHOWN = (
    "an app's key is not given on the command line, which the list of processes shows: put it into "
    "PAYRELAY_TOKEN, or into a file of yours alone (--token-file, PAYRELAY_TOKEN_FILE)"
)


@dataclass(frozen=True)
class Place:
    """An address of the API, and the token to call it with."""

    url: str
    token: str = field(repr=False)
    local: bool = False
    # Whose of the local stack's tokens it is, if it is one.
    role: str | None = field(default=None, compare=False)
    # Which tenant is meant, by somebody who has access to several.
    tenant: str = ""


def find_place(
    *,
    api: str | None,
    token: str | None,
    role: str | None,
    environ: Mapping[str, str],
    stack: Path,
    usual: str = USUAL_ROLE,
    tenant: str = "",
    token_file: str | None = None,
) -> Place:
    """The place that is asked for.

    A token of the local stack is only ever sent to the local stack.
    """
    url = (api or environ.get("PAYRELAY_API", "")).strip().rstrip("/")
    token = _given(token, token_file, environ)
    if token and role:
        raise UsageError("--as takes a token of the local stack, but a token is given: leave out one of them")
    local = False
    if not url or not token:
        known = _running(stack)
        theirs = str(known.get("api_url", "")).rstrip("/")
        local = bool(theirs) and url in ("", theirs)
        if not local:
            raise UsageError(f"no token for {url}: {_NOBODY}" if url else f"no API is named: {_NOBODY}")
        url = theirs
        if not token:
            named = environ.get(AS, "").strip()
            role = role or (named if named in ROLES and usual == USUAL_ROLE else usual)
            token = str(known["tokens"][role])
    _check(url, token)
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", tenant):
        raise UsageError("a tenant is a single word of plain characters")
    return Place(url, token, local, role, tenant)


def _given(token: str | None, token_file: str | None, environ: Mapping[str, str]) -> str:
    """The token or key that is given: by an option, by the environment, or in a file that one names."""
    if token and token_file:
        raise UsageError("give either --token or --token-file")
    if token and KEY in token:
        raise UsageError(_KEY_SHOWN)
    if token or token_file:
        return (token or read_token(token_file or "")).strip()
    if found := environ.get("PAYRELAY_TOKEN", "").strip():
        return found
    file = environ.get("PAYRELAY_TOKEN_FILE", "").strip()
    return read_token(file) if file else ""


def facts_of(stack: Path) -> dict[str, Any]:
    """All that the running local stack wrote about itself; nothing if there is none."""
    return _told(stack, dict)


def _running(stack: Path) -> dict[str, Any]:
    """The address of the running local stack, and its tokens; nothing if there is none."""

    def named(found: Any) -> dict[str, Any]:
        theirs = {role: found["tokens"][role] for role in ROLES if role != SERVICE}
        return {"api_url": found["api_url"], "tokens": {SERVICE: "", **found["tokens"], **theirs}}

    return _told(stack, named)


def _told(stack: Path, named: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """What is looked for of what the local stack wrote about itself; nothing if there is none."""
    try:
        return named(json.loads(stack.read_text()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{stack} can't be read: start the local stack again: make up") from None


def _check(url: str, token: str) -> None:
    """An address that a token may be sent to, and a token that fits into a header."""
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        complete = False
    if not complete or "@" in parts.netloc:
        raise UsageError("the API's address must be like https://host/stage")
    if parts.query or parts.fragment:
        raise UsageError("the API's address must end with its path")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise UsageError(f"a token is not sent to {parts.hostname} without https")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("the token is not one: it must be a single word of plain characters")
