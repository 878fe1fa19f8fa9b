"""Ids that sort by the time they were made: ULIDs with a prefix (`run_01J…`)."""

from __future__ import annotations

import secrets
import time
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(milliseconds: int | None = None) -> str:
    """26 characters: 48 bits of time and 80 random bits, in Crockford's base 32."""
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    return _written((moment << 80) | secrets.randbits(80))


def _written(number: int) -> str:
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(26)))


def first_run_id(moment: datetime) -> str:
    """What sorts before every run id that is made at `moment` or later."""
    return f"run_{_written(int(moment.timestamp() * 1000) << 80)}"


def run_id() -> str:
    """A new run's id."""
    return f"run_{ulid()}"


def connection_id() -> str:
    """A new connection's id."""
    return f"con_{ulid()}"
