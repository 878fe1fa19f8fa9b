"""How the people of Exact Payroll Plus are joined to those of Exact Synergy: by the employee ID (EX-9)."""

from __future__ import annotations

from payrelay.domain.spelling import SIGNS, folded, trimmed

# Exact Synergy knows people by a 32-bit number.
_MOST = 2**31


def resource_id(text: str) -> int | None:
    """The id in Exact Synergy that a text is; None for a text that is none.

    Leading zeros, blanks around it and signs that nobody sees make no other number of it; a sign or a
    blank in between, a letter, or a digit of another script does.
    """
    plain = seen(text)
    if not plain.isascii() or not plain.isdigit():
        return None
    digits = plain.lstrip("0") or "0"
    number = int(digits) if len(digits) <= len(str(_MOST)) else _MOST
    return number if number < _MOST else None


def seen(text: str) -> str:
    """A text as people see it: without blanks around it, and without signs that take no room."""
    return trimmed(folded(text, (SIGNS,)))
