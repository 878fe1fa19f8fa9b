"""Whether the API answers."""

from __future__ import annotations

from call import Answer


def read() -> Answer:
    """It does; nothing else is looked at."""
    return Answer({"status": "ok"})
