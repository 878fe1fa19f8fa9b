"""Taking turns: calls to a system that counts them, never more than it takes within its stretch of time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

# At most so many calls within so many seconds, whenever these begin.
Rate: TypeAlias = tuple[int, float]


class Pace:
    """At most so many calls start within any stretch of so many seconds; without a rate there is no limit.

    One counts as made right before the first: another worker of the same run may have called. Waiting is
    quicker than being refused, which costs a whole stretch.
    """

    def __init__(self, rate: Rate | None, clock: Callable[[], float]) -> None:
        calls, self._seconds = rate or (1, 0.0)
        self._clock, self._lock = clock, Lock()
        self._turns = deque([clock()], maxlen=calls)

    def take(self) -> float:
        """The seconds until the next turn, which is taken."""
        with self._lock:
            now, turns = self._clock(), self._turns
            turn = max(now, turns[0] + self._seconds) if len(turns) == turns.maxlen else now
            turns.append(turn)
            return turn - now
