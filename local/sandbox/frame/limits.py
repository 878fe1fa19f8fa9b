"""A sliding-window limit per key, such as a token."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable


class Window:
    """Lets `limit` calls per `seconds` through for each key; refused calls do not count."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Seconds until the next call is let through; 0 when this one was."""
        with self._lock:
            now = self._clock()
            taken = self._taken[key]
            while taken and now - taken[0] >= self._seconds:
                taken.popleft()
            if len(taken) < self._limit:
                taken.append(now)
                return 0.0
            return self._seconds - (now - taken[0])
