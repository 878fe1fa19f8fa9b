"""What calls to outside systems have come to, by system: made, refused for now, and how long was waited."""

from __future__ import annotations

from collections import Counter
from threading import Lock

THROTTLED, BROKEN = 429, 500


class Tally:
    """Numbers by name, such as `made_xledger`; `waited_` are milliseconds. Calls are made side by side."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers: Counter[str] = Counter()

    def call(self, system: str, status: int) -> None:
        """A call was made; its status is 0 where no answer came."""
        with self._lock:
            self._numbers[f"made_{system}"] += 1
            if status in (0, THROTTLED) or status >= BROKEN:
                self._numbers[f"refused_{system}"] += 1

    def wait(self, system: str, seconds: float) -> None:
        """A system is waited for."""
        milliseconds = round(seconds * 1000)
        if milliseconds > 0:
            with self._lock:
                self._numbers[f"waited_{system}"] += milliseconds

    def take(self) -> dict[str, int]:
        """What has come together since it was taken last."""
        with self._lock:
            taken, self._numbers = dict(self._numbers), Counter()
        return taken
