"""Whether the time of a function is enough for one more of what it does over and over."""

from __future__ import annotations

from collections.abc import Callable

# What is not begun while there is less time than so many times what its like took, and so many seconds.
LONGER, SPARE_SECONDS = 1.5, 20.0


class Watch:
    """Whether there is time for one more of what takes about as long as those before."""

    def __init__(self, left: Callable[[], float]) -> None:
        self._left, self._before, self._longest = left, left(), 0.0

    def is_late(self) -> bool:
        """Asked after each of them."""
        now = self._left()
        self._longest = max(self._longest, self._before - now)
        self._before = now
        return now < SPARE_SECONDS + LONGER * self._longest
