"""A system's limits: so many calls in a time for each key, such as a token, and so many at once."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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


class Places:
    """How many calls of a key are under way."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, key: str, most: int) -> Iterator[bool]:
        """Whether a place was free; it is taken until the block is left."""
        with self._lock:
            free = self._taken[key] < most
            self._taken[key] += free
        try:
            yield free
        finally:
            with self._lock:
                self._taken[key] -= free
