"""Xero's limits: calls at a time, a minute and a day for each tenant, and a minute for the whole app."""

import threading
from collections import Counter
from collections.abc import Callable
from math import ceil
from typing import NamedTuple
from zlib import crc32

AT_A_TIME, A_MINUTE, A_DAY, APP_A_MINUTE = 5, 60, 5000, 10_000
_MINUTE, _DAY = 60, 86_400
_APP = "app"


class Refusal(NamedTuple):
    """Which limit is used up, and the seconds until it is new; None where Xero names no time."""

    problem: str
    retry_after: int | None


class Limits:
    """Counts in fixed windows that begin at another second for each tenant. Refused calls do not count."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._running: Counter[str] = Counter()
        self._taken: Counter[tuple[str, int, int]] = Counter()
        self._lock = threading.Lock()

    def enter(self, tenant: str, day_limit: int, *, only_day: bool = False) -> Refusal | None:
        """Let a call in, or say why not; who was let in has to `leave`."""
        with self._lock:
            if self._running[tenant] >= AT_A_TIME and not only_day:
                return Refusal("concurrent", None)
            for problem, key, seconds, limit in _limits(tenant, day_limit):
                if only_day and problem != "day":
                    continue
                if self._taken[self._window(key, seconds)] >= limit:
                    return Refusal(problem, self._left(key, seconds))
            self._running[tenant] += 1
            for _, key, seconds, _ in _limits(tenant, day_limit):
                self._taken[self._window(key, seconds)] += 1
            return None

    def leave(self, tenant: str) -> None:
        """A call has ended."""
        with self._lock:
            self._running[tenant] -= 1

    def headers(self, tenant: str, day_limit: int) -> dict[str, str]:
        """What is left, as every answer tells it."""
        names = {
            "minute": "X-MinLimit-Remaining",
            "day": "X-DayLimit-Remaining",
            "appminute": "X-AppMinLimit-Remaining",
        }
        with self._lock:
            return {
                names[problem]: str(max(0, limit - self._taken[self._window(key, seconds)]))
                for problem, key, seconds, limit in _limits(tenant, day_limit)
            }

    def _window(self, key: str, seconds: int) -> tuple[str, int, int]:
        return key, seconds, int((self._clock() + _shift(key)) // seconds)

    def _left(self, key: str, seconds: int) -> int:
        return max(1, ceil(seconds - (self._clock() + _shift(key)) % seconds))


def _limits(tenant: str, day_limit: int) -> tuple[tuple[str, str, int, int], ...]:
    return (
        ("minute", tenant, _MINUTE, A_MINUTE),
        ("day", tenant, _DAY, day_limit),
        ("appminute", _APP, _MINUTE, APP_A_MINUTE),
    )


def _shift(key: str) -> int:
    return crc32(key.encode()) % _DAY
