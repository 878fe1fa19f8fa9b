"""What is pinned of a note (TOY-1)."""

from __future__ import annotations


def pinned(text: str) -> str | None:
    """What a note's pin says: its text without blanks around it; None for an empty note, which gets none."""
    return text.strip() or None
