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
    left, right = (one or "").strip(), (other or "").strip()
    if not left or not right:
        return False
    if left.isascii() and right.isascii():
        return left.lower() == right.lower()
    return left == right
