"""Ids that sort by the time they were made: ULIDs with a prefix (`run_01J…`)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RUN, CONNECTION, APP = "run_", "con_", "app_"
# Stands for the caller in place of a person's id.
ME = "me"

_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]|(?:^|[/\\])\.{0,2}(?:[/\\]|$)")


def ulid_at(milliseconds: int, chance: int) -> str:
    """26 characters: 48 bits of time since the epoch and 80 random bits, in Crockford's base 32."""
    number = (milliseconds << 80) | chance
    return "".join(ALPHABET[(number >> (5 * digit)) & 31] for digit in reversed(range(26)))


def first_run_id(moment: datetime, before: timedelta = timedelta()) -> str:
    """What sorts before every run id that is made at `moment`, or so long `before` it, or later."""
    seconds = max(0.0, moment.timestamp() - before.total_seconds())
    return RUN + ulid_at(int(seconds * 1000), 0)


def is_usable(text: str) -> bool:
    """Whether a text can be an id at all.

    It has something in it, no control character, and no dots that a server takes for another place of its
    own paths (`..`, `a/../b`).
    """
    return text.isalnum() or _UNUSABLE.search(text) is None
