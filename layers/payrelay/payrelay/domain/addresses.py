"""E-mail addresses: what is one, and whether two are one, where rights hang on it (REP-2, LB-12)."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def is_address(text: str) -> bool:
    """Whether a text can be an address at all: something, one @, something; and no blank within it."""
    return _ADDRESS.fullmatch(text) is not None


def same_address(one: str | None, other: str | None) -> bool:
    """Whether two addresses are one. Beyond ASCII they must be equal, letter by letter.

    A database may take `ß` for `ss`, and lower case makes `k` of the Kelvin sign: that is another person's
    address.
    """
    plain = plain_address(one or "")
    return plain != "" and plain == plain_address(other or "")


def plain_address(text: str) -> str:
    """An address as it is compared and looked up: two that are one have one text."""
    address = text.strip()
    return address.lower() if address.isascii() else address
