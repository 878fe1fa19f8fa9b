"""Calls that a client marks as one and the same: the first answer again, for some time."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

from .calls import Answer


class Repeats:
    """First answers by the keys that clients give their calls."""

    def __init__(self, life: timedelta) -> None:
        self._life = life
        self._kept: dict[Hashable, tuple[datetime, bytes, Answer]] = {}

    def once(
        self, key: Hashable, now: datetime, serve: Callable[[], Answer], sent: bytes = b""
    ) -> Answer | None:
        """The first answer under a key; None where what was `sent` first is another thing."""
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < self._life:
            return kept[2] if kept[1] == sent else None
        answer = serve()
        self._kept[key] = (now, sent, answer)
        return answer
