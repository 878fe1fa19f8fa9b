"""Taking turns: calls to a system that counts them by the second, evenly apart."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """So many seconds lie between the starts of two calls.

    The first one waits, too: another worker of the same run may have called right before. Waiting a little
    each time is quicker than being refused, which costs a whole second.
    """

    def __init__(self, spacing: float, clock: Callable[[], float]) -> None:
        self._spacing, self._clock = spacing, clock
        self._turn = clock() + spacing

    def take(self) -> float:
        """The seconds until the next turn, which is taken."""
        now = self._clock()
        turn = max(now, self._turn)
        self._turn = turn + self._spacing
        return turn - now
